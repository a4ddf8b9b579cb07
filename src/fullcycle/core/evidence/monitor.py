"""What monitoring measured: how each window differs from the reference, which alarms rang, what they cost.

Fields with a default came later: evidence without them stays readable.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from fullcycle.core.evidence.base import Evidence, Facts, Finding, Histogram
from fullcycle.core.evidence.causes import CauseFacts
from fullcycle.core.evidence.performance import PerformanceFacts
from fullcycle.core.evidence.retrain import RetrainFacts
from fullcycle.core.evidence.skew import SkewFacts

# "ks" and "anderson_darling", which tested the order of numbers, are no longer written and still read.
TestKind = Literal[
    "van_der_waerden",
    "klotz",
    "chi_squared",
    "missing",
    "unreadable",
    "unexpected",
    "constant",
    "anderson_darling",
    "ks",
]
Why = Literal[
    "level", "spread", "shape", "categories", "many_categories", "share", "border", "one_value", "ordered"
]
Status = Literal["compared", "nothing_there", "personal", "vanished", "no_reference", "too_few", "later"]
RiskKind = Literal["leak", "weak_slice", "one_column", "drift", "no_other_answer", "one_worker"]
Variation = Literal["blocks", "windows", "assumed"]


class DriftTest(Facts):
    """One test of one column. `effect` lies between 0 and 1 and must reach `limit`; `p` is the chance of such
    a difference where nothing changed, natural variation included."""

    kind: TestKind
    why: Why
    statistic: float
    effect: float
    limit: float
    p: float


class ColumnDrift(Facts):
    """One column of one window. `p` is that of all its tests together, `p_adjusted` after Benjamini and
    Hochberg over all columns; `decided_by` is the test with the smallest p, and `drifted` the verdict.

    Numbers of a long window are put between edges by a sample: `sample_rows` of its rows with a value.
    The distances are told for people; the tests decide. `wasserstein` is in units of the column's range from
    the 5th to the 95th percentile.
    """

    name: str
    part: Literal["input", "feature", "score"]
    type: str
    status: Status
    rows: int
    sample_rows: int | None = None
    missing_rate: float | None = None
    reference_missing_rate: float | None = None
    tests: tuple[DriftTest, ...] = ()
    p: float | None = None
    p_adjusted: float | None = None
    decided_by: TestKind | None = None
    drifted: bool = False
    effect: float | None = None
    psi: float | None = None
    jensen_shannon: float | None = None
    wasserstein: float | None = None
    variation: Variation | None = None
    reference: Histogram | None = None
    current: Histogram | None = None
    categories: tuple[str, ...] = ()
    reference_shares: tuple[float, ...] = ()  # of `categories`, then of all others
    current_shares: tuple[float, ...] = ()


class WindowFacts(Facts):
    """One window. `start` and `end` are moments (ISO 8601, UTC), or None where rows have none; a window of a
    source without time is told by row numbers."""

    key: str
    start: str | None = None
    end: str | None = None
    first_row: int | None = None
    rows: int
    score_rows: int = 0
    judged: bool
    columns: tuple[ColumnDrift, ...] = ()
    findings: tuple[Finding, ...] = ()


class BudgetFacts(Facts):
    """What was promised and what it leaves: the chance of a false alarm that one look may spend, and each
    part's share of it."""

    count: float
    per: str
    look_s: float
    alpha_per_look: float
    shares: dict[str, float] = Field(default_factory=dict)


class AlarmFacts(Facts):
    """An alarm, from the first window that rang it to the last. `state` is open, acknowledged or over."""

    id: str
    finding: Finding
    state: Literal["open", "acknowledged", "over"]
    first_window: str
    last_window: str
    windows: int = 1
    acknowledged_by: str | None = None
    note: str | None = None


class JointFacts(Facts):
    """All columns together: how well a classifier tells current rows from reference rows, and the chance of
    that where there is no difference (a permutation test)."""

    ran: bool
    why_not: Literal["no_reference_rows", "too_few_rows"] | None = None
    auc: float | None = None
    p: float | None = None
    permutations: int = 0
    rows: int = 0
    columns: tuple[str, ...] = ()


class ControlSignal(Facts):
    """A chart that rang at a window; `since` is where the change seems to have begun; both are places."""

    chart: Literal["shewhart", "ewma", "cusum"]
    at: int
    since: int
    side: Literal["above", "below"]


class ControlFacts(Facts):
    """A metric of the log by window on three control charts, each of one length; scores are standard normal
    while nothing changes, and None where too little is known. `patterns` are Nelson's, at their last window.
    """

    metric: Literal["latency", "fallbacks", "score", "outcome"]
    windows: tuple[str, ...]
    values: tuple[float | None, ...]
    scores: tuple[float | None, ...]
    ewma: tuple[float, ...]
    ewma_limit: tuple[float, ...]
    cusum_above: tuple[float, ...]
    cusum_below: tuple[float, ...]
    shewhart_limit: float
    cusum_limit: float
    weekly: bool
    signals: tuple[ControlSignal, ...] = ()
    patterns: dict[str, tuple[int, ...]] = Field(default_factory=dict)


class RiskFacts(Facts):
    """A line of the register of risks. What people declared in fullcycle.yaml is in their words; of what is
    proposed, `kind` and `about` say what evidence shows."""

    name: str
    declared: bool
    kind: RiskKind | None = None
    about: str = ""
    failure: str = ""
    detection: str = ""
    response: str = ""
    owner: str = ""


class MonitorEvidence(Evidence):
    """`windows` come in order, the newest last; alarms the gravest first. `causes` are those of the newest
    judged window, `performance` that of the newest one with enough outcomes (`performance_of`)."""

    stage: ClassVar[str] = "monitor"
    source: str
    kind: Literal["log", "source"]
    bundle: str
    reference_rows: int
    window: str
    budget: BudgetFacts
    variation: Variation
    windows: tuple[WindowFacts, ...] = ()
    alarms: tuple[AlarmFacts, ...] = ()
    together: JointFacts | None = None
    causes: CauseFacts | None = None
    performance: PerformanceFacts | None = None
    performance_of: str | None = None
    control: tuple[ControlFacts, ...] = ()
    skew: SkewFacts | None = None
    retrain: RetrainFacts | None = None
    risks: tuple[RiskFacts, ...] = ()

    @property
    def ringing(self) -> tuple[AlarmFacts, ...]:
        """Alarms that nobody has acknowledged."""
        return tuple(alarm for alarm in self.alarms if alarm.state == "open")
