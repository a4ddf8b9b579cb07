"""Slices of the test rows: those that people declare, and weak ones that are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.verify import Slice, SliceSearch
from fullcycle.core.metrics import bootstrap_interval
from fullcycle.cycle.verify.judged import Judged
from fullcycle.cycle.verify.parts import Part, cut_rows
from fullcycle.cycle.verify.weak import Ranked, rank_parts, statistic_of, weak_parts

ROWS_SEARCHED = 20_000
PARTS_AT_MOST = 3_000
COLUMNS_PAIRED = 10
ROWS_AT_LEAST, SHARE_AT_LEAST = 30, 0.02
RESAMPLES = (60, 300)
ROWS_RESAMPLED = 1_500_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Declared:
    """A slice that a person declared: an expression, or one value of it."""

    name: str
    expression: str
    value: str
    rows: NDArray[np.bool_]


def search_slices(judged: Judged, declared: Sequence[Declared], by_importance: Sequence[str]) -> SliceSearch:
    """Declared slices are a family of tests of their own; the found ones are corrected for all looked at."""
    least = max(ROWS_AT_LEAST, int(SHARE_AT_LEAST * len(judged.frame)))
    rows = _searched(judged)
    parts = _parts(judged, rows, by_importance)
    found, looked_at = _found(judged, rows, parts, least)
    return SliceSearch(
        loss="mae" if judged.is_regression else "brier",
        declared=tuple(_declared(judged, rows, declared)),
        found=tuple(found),
        looked_at=looked_at,
        rows_at_least=least,
        false_alarms=judged.settings.false_alarms,
    )


def _searched(judged: Judged) -> NDArray[np.int64]:
    """All rows, or a sample of them."""
    rows = len(judged.frame)
    if rows <= ROWS_SEARCHED:
        return np.arange(rows)
    return np.sort(np.random.default_rng(judged.seed).choice(rows, ROWS_SEARCHED, replace=False))


def _parts(judged: Judged, rows: NDArray[np.int64], by_importance: Sequence[str]) -> list[Part]:
    """Pairs are made of the columns that matter most in training, so that test labels have no say in it."""
    columns = [column for column in judged.bundle.contract.features if not column.personal]
    least = max(ROWS_AT_LEAST, int(SHARE_AT_LEAST * len(rows)))
    names = [*by_importance, *(column.name for column in columns)]
    paired = list(dict.fromkeys(names))[:COLUMNS_PAIRED]
    return cut_rows(judged.frame.iloc[rows], columns, paired, least)[:PARTS_AT_MOST]


def _found(
    judged: Judged, rows: NDArray[np.int64], parts: Sequence[Part], least: int
) -> tuple[list[Slice], int]:
    loss, settings = judged.loss[rows], judged.settings
    ranked = rank_parts(loss, parts, settings.false_alarms, judged.seed)
    told = weak_parts(loss, parts, ranked, settings.false_alarms, least)
    slices = []
    for at in told:
        chosen = np.zeros(len(judged.frame), dtype=bool)
        chosen[rows] = parts[at].rows
        others = np.zeros(len(judged.frame), dtype=bool)
        others[rows] = ~parts[at].rows
        slices.append(_slice(judged, chosen, others, ranked, at, weak=True, conditions=parts[at].conditions))
    return slices, len(parts)


def _declared(judged: Judged, rows: NDArray[np.int64], declared: Sequence[Declared]) -> Iterator[Slice]:
    """Tested on the rows that are searched, measured on all of them."""
    usable = [each for each in declared if 1 < each.rows[rows].sum() < len(rows) - 1]
    parts = [Part((), each.rows[rows]) for each in usable]
    ranked = rank_parts(judged.loss[rows], parts, judged.settings.false_alarms, judged.seed)
    for at, each in enumerate(usable):
        weak = bool(ranked.p_values[at] <= judged.settings.false_alarms)
        found = _slice(judged, each.rows, ~each.rows, ranked, at, weak=weak)
        named = {"name": each.name, "value": each.value, "expression": each.expression}
        yield found.model_copy(update=named)


def _slice(
    judged: Judged,
    rows: NDArray[np.bool_],
    others: NDArray[np.bool_],
    ranked: Ranked,
    at: int,
    *,
    weak: bool,
    conditions: tuple[Condition, ...] = (),
) -> Slice:
    loss, expected = judged.loss, judged.expected_loss
    inside = np.flatnonzero(rows)
    metric = bootstrap_interval(
        judged.headline,
        judged.truth[inside],
        judged.said.take(inside).for_metric(judged.headline),
        resamples=_resamples(judged, len(inside)),
        confidence=judged.settings.confidence,
        seed=judged.seed,
    )
    outside = np.flatnonzero(others)
    return Slice(
        conditions=conditions,
        rows=len(inside),
        loss=float(loss[rows].mean()),
        rest=float(loss[others].mean()),
        difference=_difference(loss[rows], loss[others], judged.settings.confidence),
        expected=None if expected is None else float(expected[rows].mean()),
        p_value=float(ranked.p_values[at]),
        weak=weak,
        surprising=weak and _is_surprising(loss, expected, rows, ranked.border),
        metric=metric,
        metric_rest=judged.score(judged.said.take(outside), outside),
    )


def _resamples(judged: Judged, rows: int) -> int:
    """Fewer where a slice has many rows: their interval is narrow anyway."""
    affordable = int(np.clip(ROWS_RESAMPLED // max(rows, 1), *RESAMPLES))
    return min(judged.settings.bootstrap, affordable)


def _difference(inside: Floats, outside: Floats, confidence: float) -> Interval:
    """Of two means, with Welch's standard error."""
    value = float(inside.mean() - outside.mean())
    error = float(np.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside)))
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Interval(value=value, low=value - reach, high=value + reach, confidence=confidence)


def _is_surprising(loss: Floats, expected: Floats | None, rows: NDArray[np.bool_], border: float) -> bool:
    """Beyond what the model's own probabilities foresee for these rows, by the same border as the search.

    Without it a part with a rate near one half would always be told: there, any model errs more often.
    """
    if expected is None:
        return True
    excess = loss - expected
    return statistic_of(excess, rows) >= border


def declared_slices(values: Mapping[str, Sequence[Any]], expressions: Mapping[str, str]) -> list[Declared]:
    """`values` has what each expression gives, in the order of the test rows: true and false, or texts."""
    found: list[Declared] = []
    for name, expression in expressions.items():
        column = np.array([*values[name], None], dtype=object)[:-1]
        if all(value is None or isinstance(value, bool) for value in column):
            found.append(Declared(name, expression, "", np.array([value is True for value in column])))
            continue
        for value in sorted({each for each in column if each is not None}):
            found.append(Declared(name, expression, str(value), np.asarray(column == value)))
    return found
