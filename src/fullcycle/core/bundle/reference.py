"""What training rows looked like, as aggregates: golden rows are drawn from it, monitoring compares with it.

Never raw rows. A column marked `personal` leaves its missing rate and nothing else, and categories of fewer
than five rows are pooled: a name that occurs once is a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import DATETIME_MISSING, as_moments, as_numbers, as_strings
from fullcycle.core.bundle.model import BUNDLE_VERSION, Coerced, Piece
from fullcycle.core.bundle.variation import Periods, Places, binned_numbers, binned_texts, cuts_of, rho_of
from fullcycle.core.contract.model import Column, ColumnType, Contract

QUANTILES = 101  # every percent, both extremes among them
BINS = 20
CATEGORIES_AT_MOST = 1000
RARE_ROWS = 5


class Shape(Piece):
    """A distribution: `quantiles` (101,) at every percent, and `counts` (20,) between `edges` (21,).

    `at_most` (101,) are the rows up to and with each quantile: exact, where several rows have one value.
    """

    mean: float
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    at_most: tuple[int, ...] = ()  # since version 3


class ColumnReference(Piece):
    """One feature. Datetimes are microseconds since 1970 UTC; booleans are the categories true and false.

    `other` are rows of categories too rare to be listed. `typical` is the median or mode: the row of these is
    the baseline of contributions.
    """

    name: str
    type: ColumnType
    rows: int
    missing: int
    shape: Shape | None = None
    whole: bool = False
    categories: dict[str, int] | None = None
    other: int = 0
    typical: Coerced = None

    @property
    def missing_rate(self) -> float:
        """Share of missing values, 0 where there are no rows."""
        return self.missing / self.rows if self.rows else 0.0


class Reference(Piece):
    """reference.json. `scores` holds the probabilities of each class, or `prediction` in regression.

    `periods` say how far days or weeks of the training rows lie apart, where rows have a time.
    """

    version: int = BUNDLE_VERSION
    rows: int
    columns: tuple[ColumnReference, ...]
    scores: dict[str, Shape]
    periods: tuple[Periods, ...] = ()  # since version 3


def learn_reference(
    contract: Contract,
    columns: Mapping[str, Any],
    *,
    probabilities: NDArray[Any] | None = None,
    predictions: NDArray[Any] | None = None,
    times: Any = None,
) -> Reference:
    """The reference of coerced training columns (a pandas frame will do) and the model's answers on them.

    `probabilities` have shape (N, k) in the order of `contract.classes`; `predictions` (N,), in regression;
    `times` (N,) are the moments of the rows, if they have any.
    """
    references = tuple(_learn_column(column, columns[column.name]) for column in contract.features)
    if probabilities is not None:
        answers = {name: as_numbers(probabilities[:, at]) for at, name in enumerate(contract.classes or ())}
    else:
        answers = {} if predictions is None else {"prediction": as_numbers(predictions)}
    scores = {name: _shape(numbers) for name, numbers in answers.items()}
    rows = references[0].rows if references else 0
    known = {name: shape for name, shape in scores.items() if shape is not None}
    periods = () if times is None else tuple(_periods(contract, columns, references, answers, times))
    return Reference(rows=rows, columns=references, scores=known, periods=periods)


def _periods(
    contract: Contract,
    columns: Mapping[str, Any],
    references: Sequence[ColumnReference],
    answers: Mapping[str, NDArray[np.float64]],
    times: Any,
) -> Iterator[Periods]:
    """Each column is put into its bins once, and counted for each length of period."""
    cuts = list(cuts_of(times))
    if not cuts:
        return
    kinds = dict(zip((column.name for column in references), references, strict=True))
    placed = {c.name: _placed(c, columns[c.name], kinds[c.name]) for c in contract.features}
    said = {name: binned_numbers(numbers, np.isnan(numbers)) for name, numbers in answers.items()}
    for cut in cuts:
        yield Periods(
            seconds=cut.seconds,
            number=len(cut.sizes),
            rows=cut.rows,
            columns={
                name: rho_of(places, cut, ordered=kinds[name].shape is not None)
                for name, places in placed.items()
            },
            scores={name: rho_of(places, cut, ordered=True) for name, places in said.items()},
        )


def _placed(column: Column, values: Any, reference: ColumnReference) -> Places:
    """Each row's bin; of a personal column no more than whether there is a value."""
    match column.type:
        case ColumnType.numeric:
            numbers = as_numbers(values)
            places = binned_numbers(numbers, np.isnan(numbers))
        case ColumnType.datetime:
            moments = as_moments(values)
            places = binned_numbers(moments.astype(np.float64), moments == DATETIME_MISSING)
        case ColumnType.boolean:
            flags = as_numbers(values)
            places = np.where(np.isnan(flags), -1, flags).astype(np.int64)
        case _:
            places = binned_texts(as_strings(values), reference.categories or {})
    return np.minimum(places, 0) if column.personal else places


def _learn_column(column: Column, values: Any) -> ColumnReference:
    match column.type:
        case ColumnType.numeric:
            numbers = as_numbers(values)
            learned = _learn_numbers(column, numbers, np.isnan(numbers))
        case ColumnType.datetime:
            moments = as_moments(values)
            learned = _learn_numbers(column, moments.astype(np.float64), moments == DATETIME_MISSING)
        case ColumnType.boolean:
            flags = as_numbers(values)
            texts = np.where(np.isnan(flags), "", np.where(flags == 1, "true", "false"))
            learned = _learn_categories(column, texts.astype(object))
        case _:
            learned = _learn_categories(column, as_strings(values))
    if column.personal:
        return ColumnReference(name=column.name, type=column.type, rows=learned.rows, missing=learned.missing)
    return learned


def _learn_numbers(
    column: Column, numbers: NDArray[np.float64], missing: NDArray[np.bool_]
) -> ColumnReference:
    present = numbers[~missing]
    shape = _shape(present)
    whole = bool(len(present)) and bool(np.all(present == np.round(present)))
    typical: Coerced = None
    if shape is not None:
        median = shape.quantiles[QUANTILES // 2]
        typical = int(median) if column.type is ColumnType.datetime else median
    return ColumnReference(
        name=column.name,
        type=column.type,
        rows=len(numbers),
        missing=int(missing.sum()),
        shape=shape,
        whole=whole,
        typical=typical,
    )


def _learn_categories(column: Column, texts: NDArray[np.object_]) -> ColumnReference:
    counts = Counter(texts.tolist())
    missing = counts.pop("", 0)
    # By count, then by name: equal counts must not depend on the order of rows.
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = dict([item for item in ordered if item[1] >= RARE_ROWS][:CATEGORIES_AT_MOST])
    typical: Coerced = next(iter(listed), None)
    if column.type is ColumnType.boolean and typical is not None:
        typical = typical == "true"
    return ColumnReference(
        name=column.name,
        type=column.type,
        rows=len(texts),
        missing=missing,
        categories=listed,
        other=sum(counts.values()) - sum(listed.values()),
        typical=typical,
    )


def _shape(values: NDArray[np.float64]) -> Shape | None:
    """The distribution of finite values, or None where there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    edges = _edges(float(finite.min()), float(finite.max()))
    counts, _ = np.histogram(finite, bins=edges)
    quantiles = np.quantile(finite, np.linspace(0, 1, QUANTILES))
    return Shape(
        mean=float(np.sum(finite / len(finite))),  # in this order, the sum can't overflow
        quantiles=tuple(quantiles.tolist()),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        at_most=tuple(np.searchsorted(np.sort(finite), quantiles, side="right").tolist()),
    )


def _edges(low: float, high: float) -> NDArray[np.float64]:
    """Equal widths; a constant, or a range that float64 can't part into bins, gets one bin around it."""
    edges = np.array([low * (1 - k / BINS) + high * (k / BINS) for k in range(BINS + 1)])
    edges[0], edges[-1] = low, high
    if np.all(np.diff(edges) > 0):
        return edges
    return np.array([np.nextafter(low, -np.inf), np.nextafter(high, np.inf)])
