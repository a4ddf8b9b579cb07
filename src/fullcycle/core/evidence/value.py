"""What answers are worth in money."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Facts, Interval

PolicyName = Literal["model", "all", "none", "random", "perfect"]


class PolicyValue(Facts):
    """What a way to act earns on these rows: the model's labels, all, none, as many by lot, or all right.

    For more than two classes `all` is the one answer that earns most where every row gets it (`answer`).
    """

    policy: PolicyName
    total: Interval
    per_row: float
    answer: str = ""


class ValuePoint(Facts):
    """Rows acted on from the most probable down to `threshold`: their share, the value, the share of all
    positives among them, and how many times more frequent positives are there than on average."""

    share: float
    threshold: float
    value: float
    captured: float
    lift: float


class ValueFacts(Facts):
    """The value of the answers on some rows. `advantage` is the model's less that of the best trivial policy
    (`rival`), row by row; `chosen` is the point of the curve that the threshold stands at."""

    unit: str = ""
    rows: int
    threshold: float | None = None
    policies: tuple[PolicyValue, ...]
    rival: PolicyName
    advantage: Interval
    chosen: ValuePoint | None = None
    curve: tuple[ValuePoint, ...] = ()
