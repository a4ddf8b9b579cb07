"""Which segments moved: values of a column, or ranges of it, whose share or mean score changed.

Of all events that can be seen in the columns, none is more surprising than the one that decided which rows
come (data processing inequality of Kullback and Leibler), so segments are ordered by the surprise of their
new share. The change of the mean score is parted into what shares and what means do (Kitagawa 1955).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.reference import Reference
from fullcycle.core.evidence.causes import SegmentCause
from fullcycle.live.monitor.cause.cells import Cells, Floats, Truths, cells_of, place

LISTED = 10
MOVED_AT_LEAST = 0.005  # of the share: less is nobody's concern


@dataclass(frozen=True)
class Scored:
    """Rows by column, as `values_of` gives them, and their scores, all of one length."""

    columns: Mapping[str, NDArray[Any]]
    scores: Floats


@dataclass(frozen=True)
class _Event:
    """Cells from `first` to before `last` of one column."""

    column: str
    first: int
    last: int


def segments_since(
    reference: Reference,
    columns: Mapping[str, NDArray[Any]],
    scores: Floats,
    *,
    training: Scored | None = None,
    listed: int = LISTED,
) -> tuple[SegmentCause, ...]:
    """The segments that moved most since the reference, the most surprising first.

    `columns` are values by name, as `values_of` gives them, and `scores` the rows' scores, both of shape
    (n,). What the mean score of a segment was is known where `training` rows are there with their scores.
    """
    found: list[SegmentCause] = []
    means = [float(scores.mean()), *([] if training is None else [float(training.scores.mean())])]
    for column in reference.columns:
        values = columns[column.name]
        cells = cells_of(column, values)
        if cells is None:
            continue
        placed = place(column, cells, values)
        before = None if training is None else place(column, cells, training.columns[column.name])
        for event in _events(column.name, cells):
            was = None if training is None or before is None else training.scores[_within(before, event)]
            now = scores[_within(placed, event)]
            found.append(_segment(event, cells, now, was, sum(means) / len(means)))
    return _most_surprising(found, listed)


def surprise(before: float, now: float, least: float) -> float:
    """Kullback-Leibler divergence of two shares in nats; what was never seen had the share `least`.

    >>> round(surprise(0.1, 0.2, 0.001), 4)
    0.0444
    """
    expected = min(max(before, least), 1 - least)
    return sum(
        share * float(np.log(share / other))
        for share, other in ((now, expected), (1 - now, 1 - expected))
        if share > 0
    )


def _events(column: str, cells: Cells) -> Iterator[_Event]:
    """Each category, each range of neighbouring cells of numbers, what is not whole, and what is missing."""
    between = max(len(cells.bounds) - 1, 0)  # cells that lie beside each other
    for first in range(between):
        for last in range(first + 1, between + (first > 0)):
            yield _Event(column, first, last)
    yield from (_Event(column, at, at + 1) for at in range(between, len(cells.now)))


def _within(placed: NDArray[np.int64], event: _Event) -> Truths:
    return np.asarray((placed >= event.first) & (placed < event.last))


def _segment(event: _Event, cells: Cells, now: Floats, was: Floats | None, mean: float) -> SegmentCause:
    """Kitagawa: a change of share at the mean of both means, a change of mean at the mean of both shares."""
    shares = [float(each[event.first : event.last].sum()) for each in (cells.before, cells.now)]
    score_now = float(now.mean()) if len(now) else None
    score_before = float(was.mean()) if was is not None and len(was) else None
    known = [each for each in (score_before, score_now) if each is not None]
    by_mean = None
    if score_before is not None and score_now is not None:
        by_mean = sum(shares) / 2 * (score_now - score_before)
    low, high = _bounds(event, cells)
    return SegmentCause(
        column=event.column,
        value=(cells.names[event.first] or None) if cells.names else None,
        low=low,
        high=high,
        share_before=shares[0],
        share_now=shares[1],
        score_before=score_before,
        score_now=score_now,
        gain=surprise(shares[0], shares[1], cells.known_to),
        by_share=(shares[1] - shares[0]) * (sum(known) / len(known) - mean) if known else 0.0,
        by_mean=by_mean,
    )


def _bounds(event: _Event, cells: Cells) -> tuple[float | None, float | None]:
    """Above the first, up to and with the second; None where a range has no end, or is none."""
    if event.last >= len(cells.bounds):
        return None, None
    return _finite(cells.bounds[event.first]), _finite(cells.bounds[event.last])


def _finite(bound: float) -> float | None:
    return bound if np.isfinite(bound) else None


def _most_surprising(found: list[SegmentCause], listed: int) -> tuple[SegmentCause, ...]:
    """One for each column at most: neighbouring ranges of a column tell the same."""
    moved = [each for each in found if abs(each.share_now - each.share_before) >= MOVED_AT_LEAST]
    best: dict[str, SegmentCause] = {}
    for each in sorted(moved, key=lambda each: (-each.gain, each.column, each.value or "")):
        best.setdefault(each.column, each)
    return tuple(best.values())[:listed]
