"""What moved, and what that did to the scores: parts of monitoring."""

from __future__ import annotations

from typing import Literal

from fullcycle.core.evidence.base import Facts

MoveKind = Literal["constant", "missing", "factor", "renamed", "unseen", "shares", "shape"]


class ColumnCause(Facts):
    """A column that moved. `moved` is the Jensen-Shannon distance of its distributions, 0 to 1, chance taken
    off. `contribution` is its part of the change of the mean score; `impact` is how far it moves the score
    of a row on average, whichever way.

    `kind` is what it looks like: one value only, more or fewer missing, all values times `factor`, a category
    (`before`) under another name (`now`), values that were never seen, other shares, or another shape.
    """

    column: str
    moved: float
    contribution: float
    impact: float
    kind: MoveKind
    missing_before: float
    missing_now: float
    factor: float | None = None
    before: str | None = None
    now: str | None = None


class SegmentCause(Facts):
    """Rows with one value of a column (`value`; None with no bounds is missing), or between two bounds.
    `gain` is how surprising the new share is, in nats a row (Kullback and Leibler). `by_share` is what the
    change of its share does to the mean score, `by_mean` what the change of its own mean score does, where
    it is known from before.
    """

    column: str
    value: str | None = None
    low: float | None = None
    high: float | None = None
    share_before: float
    share_now: float
    score_before: float | None = None
    score_now: float | None = None
    gain: float
    by_share: float
    by_mean: float | None = None


class CauseFacts(Facts):
    """`score_now - score_before` is the sum of the columns' contributions and of `together`: columns that go
    together otherwise than they did, and what samples leave.

    `of` is the class whose probability is the score; None in regression.
    """

    of: str | None
    rows: int
    score_before: float
    score_now: float
    columns: tuple[ColumnCause, ...]
    together: float
    segments: tuple[SegmentCause, ...] = ()
