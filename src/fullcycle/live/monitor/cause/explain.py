"""Root causes of one window against the reference: columns by what they do, segments by their surprise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING, feeds
from fullcycle.core.bundle.reference import ColumnReference, Reference
from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.causes import CauseFacts, ColumnCause
from fullcycle.live.monitor.cause.cells import Cells, Floats, cells_of, values_of
from fullcycle.live.monitor.cause.kinds import move_of
from fullcycle.live.monitor.cause.moved import Distance, distance
from fullcycle.live.monitor.cause.pairs import paired
from fullcycle.live.monitor.cause.segments import Scored, segments_since
from fullcycle.live.monitor.cause.swap import Columns, Score, Swapped, swap

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle

ROWS = 2000  # that are swapped: a mean score to 0.01 of its spread
MOVED_AT_LEAST = (
    0.05  # Jensen-Shannon distance: 6 of 100 rows that change from one of two equal cells to the other
)
BY_CHANCE = 0.001
SEED = 7


def causes(
    bundle: Bundle,
    columns: Mapping[str, Any],
    *,
    moved: Collection[str] | None = None,
    of: str | None = None,
    training: Mapping[str, Any] | None = None,
) -> CauseFacts:
    """Of the current rows, given as coerced values by column: sequences or arrays of one length, 1 at least.

    `moved` are the columns that drifted, by whoever decided it; by default those at a distance of 0.1 or
    more. `of` is the class whose probability is explained: by default the last of two, of more the one whose
    mean moved most. `training` are rows that the bundle was made of, if they are here: segments then have the
    mean score of before, too.
    """
    reference = bundle.reference
    now = _sample({column.name: values_of(column, columns[column.name]) for column in reference.columns})
    explained = of or _class(bundle, now)
    score, scored = score_of(bundle, explained), None
    if training is not None:
        before = {column.name: values_of(column, training[column.name]) for column in reference.columns}
        scored = Scored(before, score(before))
    return explain(reference, now, score, moved=moved, of=explained, training=scored)


def explain(
    reference: Reference,
    now: Columns,
    score: Score,
    *,
    moved: Collection[str] | None = None,
    of: str | None = None,
    training: Scored | None = None,
) -> CauseFacts:
    """The same for any model and for values as `values_of` gives them."""
    scores = score(now)
    moves = [move for column in reference.columns if (move := _moved(column, now[column.name])) is not None]
    chosen = [move for move in moves if _is_chosen(move, moved)]
    before = {**now, **{move.column.name: paired(move.column, now[move.column.name]) for move in chosen}}
    swapped = swap(score, before, now, [move.column.name for move in chosen])
    score_before, score_now = _mean_before(reference, of, swapped), float(scores.mean())
    told = sum(swapped.contribution.values())
    return CauseFacts(
        of=of,
        rows=len(scores),
        score_before=score_before,
        score_now=score_now,
        columns=tuple(sorted((_told(move, now, swapped) for move in chosen), key=_furthest_first)),
        together=score_now - score_before - told,
        segments=segments_since(reference, now, scores, training=training),
    )


def score_of(bundle: Bundle, of: str | None) -> Score:
    """The probability of a class, or the value, asked of the graph."""
    kinds = {column.name: column.type for column in bundle.contract.features}
    place = None if of is None or bundle.classes is None else bundle.classes.index(of)

    def score(columns: Columns) -> Floats:
        fed = feeds(bundle.inputs, {name: _as_fed(kinds[name], columns[name]) for name in kinds})
        answers = bundle.run(fed)
        if place is None or answers.probabilities is None:
            return answers.prediction.astype(np.float64)
        return answers.probabilities[:, place].astype(np.float64)

    return score


@dataclass(frozen=True)
class _Move:
    column: ColumnReference
    cells: Cells
    distance: Distance


def _moved(column: ColumnReference, values: NDArray[Any]) -> _Move | None:
    cells = cells_of(column, values)
    return None if cells is None else _Move(column, cells, distance(cells, column.rows, len(values)))


def _is_chosen(move: _Move, moved: Collection[str] | None) -> bool:
    if moved is not None:
        return move.column.name in moved
    return move.distance.value >= MOVED_AT_LEAST and move.distance.p < BY_CHANCE


def _told(move: _Move, now: Columns, swapped: Swapped) -> ColumnCause:
    name = move.column.name
    what = move_of(move.column, now[name], move.cells)
    return ColumnCause(
        column=name,
        moved=move.distance.value,
        contribution=swapped.contribution[name],
        impact=swapped.impact[name],
        kind=what.kind,
        missing_before=float(move.cells.before[-1]),
        missing_now=float(move.cells.now[-1]),
        factor=what.factor,
        before=what.before,
        now=what.now,
    )


def _furthest_first(cause: ColumnCause) -> tuple[float, float, str]:
    return (-cause.moved, -cause.impact, cause.column)


def _mean_before(reference: Reference, of: str | None, swapped: Swapped) -> float:
    """Of training rows, as the bundle keeps it."""
    known = reference.scores.get(of or "prediction")
    return swapped.before if known is None else known.mean


def _class(bundle: Bundle, now: Columns) -> str | None:
    classes = bundle.classes
    if classes is None or len(classes) == 2:
        return None if classes is None else classes[-1]
    means = {name: float(score_of(bundle, name)(now).mean()) for name in classes}
    known = bundle.reference.scores
    return max(classes, key=lambda name: abs(means[name] - known[name].mean) if name in known else 0.0)


def _sample(columns: Columns) -> Columns:
    rows = len(next(iter(columns.values())))
    if rows <= ROWS:
        return columns
    chosen = np.sort(np.random.default_rng(SEED).choice(rows, ROWS, replace=False))
    return {name: values[chosen] for name, values in columns.items()}


def _as_fed(kind: ColumnType, values: NDArray[Any]) -> NDArray[Any]:
    """Back from the compared form: truth values are numbers, moments whole microseconds."""
    if kind is ColumnType.boolean:
        return np.array([{"true": 1.0, "false": 0.0}.get(value, np.nan) for value in values])
    if kind is ColumnType.datetime:
        gone = np.isnan(values)
        return np.where(gone, DATETIME_MISSING, np.where(gone, 0, values).astype(np.int64))
    return values
