"""What was claimed before, and what came out."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from fullcycle.core.evidence.base import Evidence, Facts, Interval

Verdict = Literal["supported", "refuted", "inconclusive"]
Changed = Literal["no", "before_result", "after_result"]


class ClaimResult(Facts):
    """The decision. `gain` is positive where the treatment is better, whatever the metric's direction; its
    interval has the confidence that decided, 1 - `level`.

    `level` is this claim's share of alpha, `among` the number of claims that shared it. `power` is the chance
    to find the minimum effect on these rows, `rows_needed` how many training rows 80% of it would take.
    """

    verdict: Verdict
    control: float
    treatment: float
    gain: Interval
    p_value: float
    level: float
    among: int
    power: float
    rows: int
    rows_needed: int | None
    folds: int
    repeats: int
    fold_kind: Literal["stratified", "random", "group", "time"]
    gains: tuple[float, ...] = Field((), description="By fold, repeat after repeat")
    decided: str = Field("", description="ISO 8601, UTC")


class EarlierClaim(Facts):
    """What was claimed under the same name before, or of other data, with its result if it got one."""

    claim: str
    text: str
    fixed: str
    verdict: Verdict | None = None
    gain: Interval | None = None
    other: Literal["text", "data"] = "text"


class Claim(Facts):
    """One hypothesis as it stands. `fixed` is when its hash went on record, None before that."""

    id: str
    claim: str
    metric: str
    higher_is_better: bool
    control: dict[str, Any]
    treatment: dict[str, Any]
    minimum_effect: float
    alpha: float
    test: Literal["corrected_t", "paired_bootstrap"]
    declared: bool = True
    state: Literal["undecided", "fixed", "decided"]
    changed: Changed = "no"
    text: str
    hash: str | None = None
    fixed: str | None = None
    result: ClaimResult | None = None
    earlier: tuple[EarlierClaim, ...] = ()


class HypothesesEvidence(Evidence):
    """Every hypothesis that is declared or ever was fixed, in the order of the file."""

    stage: ClassVar[str] = "hypotheses"
    claims: tuple[Claim, ...] = ()
