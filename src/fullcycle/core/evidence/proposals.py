"""Which features were proposed, how they were chosen, and what each gained on rows that had no say."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Interval, Scalar

ProposalKind = Literal[
    "date_part", "date_difference", "ratio", "difference", "sum", "product", "joined", "log", "missing"
]


class KindTried(Facts):
    """How many proposals of one kind there were."""

    kind: ProposalKind
    expressions: int


class ProposedFeature(Facts):
    """A proposal that came as far as the test.

    `gain` is the mean change of the metric over folds when the champion gets this feature alone, positive is
    better; `p_value` is one-sided and `p_adjusted` after Holm, among all that were planned to be tested. All
    are null where time ended before. `shortlist_gain` was measured on the rows that chose it.
    """

    name: str
    expression: str
    kind: ProposalKind
    columns: tuple[str, ...]
    shortlist_gain: float
    gain: Interval | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    earned: bool = False
    suggested: bool = False


class ProposalsEvidence(Evidence):
    """Proposals by kind, those that were tested, and what all suggestions together gain.

    `choosing_rows` chose the proposals; `judging_rows` are others, and judged them.
    """

    stage: ClassVar[str] = "proposals"
    metric: str
    higher_is_better: bool
    model: str
    parameters: dict[str, Scalar]
    fold_kind: Literal["stratified", "random", "group", "time"]
    rows: int
    available_rows: int
    choosing_rows: int
    judging_rows: int
    folds: int
    repeats: int
    confidence: float
    baseline: float | None
    tried: tuple[KindTried, ...]
    shortlisted: int
    excluded: tuple[str, ...] = ()
    tested: tuple[ProposedFeature, ...]
    together: Interval | None = None
    ended_by: Literal["done", "time"]
    time_budget_s: float
