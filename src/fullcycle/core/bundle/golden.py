"""Golden rows: synthetic questions whose answers every runtime must repeat (DECISIONS 25).

Ordinary ones are drawn column by column from training marginals, so no row is a person's; adversarial ones
are listed here. Columns marked `personal` are missing in the ordinary rows and carry listed extremes, never
a person's value, in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from fullcycle.core.bundle.model import Coerced, Golden, GoldenRow, Question, Raw
from fullcycle.core.bundle.reference import QUANTILES, ColumnReference, Reference, Shape
from fullcycle.core.contract.epochs import PER_S
from fullcycle.core.contract.grammar import US_PER_S
from fullcycle.core.contract.model import Column, ColumnType, Contract

ORDINARY_ROWS = 48
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAY_US = 86_400_000_000
MICROSECOND = timedelta(microseconds=1)
WRITTEN_MOMENTS = {
    "dmy": "{day:02}.{month:02}.{year:04}",
    "mdy": "{month:02}/{day:02}/{year:04}",
    "ymd": "{year:04}/{month:02}/{day:02}",
    "dmy2": "{day:02}.{month:02}.{short:02}",
    "mdy2": "{month:02}/{day:02}/{short:02}",
    "dmy_name": "{day} {name} {year:04}",
    "mdy_name": "{name} {day}, {year:04}",
}
FLOAT32_MAX = 3.4028234663852886e38
UNKNOWN = "no such category"
EDGES_OF_TIME = {
    "first_moment": "0001-01-01T00:00:00",
    "before_1970": "1969-12-31T23:59:59",
    "epoch": "1970-01-01T00:00:00",
    "leap_day": "2000-02-29T12:00:00",
    "after_2038": "2038-01-19T03:14:08",
    "last_moment": "9999-12-31T23:59:59",
}
EXTREME_NUMBERS = {
    "zero": 0.0,
    "negative_zero": -0.0,
    "minus_one": -1.0,
    "float32_max": FLOAT32_MAX,
    "float32_min": -FLOAT32_MAX,
    "beyond_float32": 1e300,
    "beyond_float32_below": -1e300,
    "smallest": 1e-45,
    "beyond_exact_float32": 2.0**24 + 1,
}
ODD_TEXTS = {
    "unknown_category": UNKNOWN,
    "unicode": "Ёлка 🦊 e\u0301",
    "long_text": "x" * 1000,
    "quotes": "'\"; DROP TABLE <b>&amp;</b> --",
    "zero_inside": "a\u0001b",
}


def adversarial_rows(contract: Contract) -> list[Question]:
    """The rows that converters and runtimes get wrong. What a strict contract rejects is left out."""
    columns = contract.features
    rows: list[tuple[str, dict[str, Raw]]] = [
        ("all_missing", _row(columns, lambda column: None)),
        ("empty_strings", _row(columns, lambda column: "")),
        ("blank_strings", _row(columns, lambda column: " \t ")),
        ("missing_tokens", _row(columns, lambda column: next(iter(column.missing), None))),
        ("typical", _row(columns, _typical)),
        ("every_second_missing", _alternating(columns, 0)),
        ("every_other_missing", _alternating(columns, 1)),
        ("true", _row(columns, lambda column: column.type is ColumnType.boolean or _typical(column))),
    ]
    rows += [(kind, _row(columns, _number(value))) for kind, value in EXTREME_NUMBERS.items()]
    rows += [(kind, _row(columns, _at_range(where))) for kind, where in RANGE_POINTS.items()]
    rows += [(kind, _row(columns, _text(value))) for kind, value in ODD_TEXTS.items()]
    rows += [(kind, _row(columns, _moment(value))) for kind, value in EDGES_OF_TIME.items()]
    return _questions(contract, rows)


def golden_rows(
    contract: Contract, reference: Reference, seed: int, ordinary: int = ORDINARY_ROWS
) -> list[Question]:
    """Ordinary rows drawn from the marginals, then the adversarial ones; equal for an equal seed."""
    random = np.random.default_rng(seed)
    drawn = {
        column.name: _draw(column, _of(reference, column), random, ordinary) for column in contract.features
    }
    rows = [("ordinary", {name: values[at] for name, values in drawn.items()}) for at in range(ordinary)]
    return [*_questions(contract, rows), *adversarial_rows(contract)]


def columns_of(contract: Contract, questions: Sequence[Question]) -> dict[str, list[Coerced]]:
    """Questions as columns of coerced values by name: what `feeds` takes, and a data frame is made from."""
    return {
        column.name: [question.values[at] for question in questions]
        for at, column in enumerate(contract.features)
    }


def answered(
    questions: Sequence[Question],
    predictions: Iterable[Any],
    probabilities: Any = None,
    *,
    interval: Any = None,
    made_with: dict[str, str],
) -> Golden:
    """Golden rows with the fitted pipeline's answers: predictions (N,), probabilities (N, k) or None,
    interval (N, 2) or None.

    `made_with` holds at least the version of `onnxruntime` that repeated these answers.
    """
    shares = (
        [None] * len(questions) if probabilities is None else np.asarray(probabilities, dtype=float).tolist()
    )
    bounds = [None] * len(questions) if interval is None else np.asarray(interval, dtype=float).tolist()
    said = np.asarray(list(predictions)).reshape(-1).tolist()
    rows = tuple(
        GoldenRow(
            kind=question.kind,
            row=question.row,
            values=question.values,
            prediction=prediction,
            probabilities=None if share is None else tuple(share),
            interval=None if bound is None else tuple(bound),
        )
        for question, prediction, share, bound in zip(questions, said, shares, bounds, strict=True)
    )
    return Golden(made_with=made_with, rows=rows)


def _questions(contract: Contract, rows: Iterable[tuple[str, dict[str, Raw]]]) -> list[Question]:
    """Rows as the contract reads them, each different from those before it."""
    from fullcycle.core.contract.row import RowRejected, compile_row

    read = compile_row(contract)
    questions: dict[str, Question] = {}
    for kind, row in rows:
        try:
            values = read(row).values
        except RowRejected:
            continue  # strict columns reject it at every border, so no graph will ever see it
        # By repr, because True, 1 and 1.0 are different questions, as null and "" are.
        questions.setdefault(repr(row), Question(kind=kind, row=row, values=values))
    return list(questions.values())


def _row(columns: Sequence[Column], value: Callable[[Column], Raw]) -> dict[str, Raw]:
    return {column.name: value(column) for column in columns}


def _typical(column: Column) -> Raw:
    """An unremarkable value from the contract alone."""
    match column.type:
        case ColumnType.numeric:
            return _between(_range(column), 0.5)
        case ColumnType.boolean:
            return False
        case ColumnType.datetime:
            return moment_text(EDGES_OF_TIME["leap_day"], column)
        case _:
            return column.allowed[0] if column.allowed and not column.personal else UNKNOWN


def _alternating(columns: Sequence[Column], parity: int) -> dict[str, Raw]:
    return {column.name: None if at % 2 == parity else _typical(column) for at, column in enumerate(columns)}


def _number(value: float) -> Callable[[Column], Raw]:
    return lambda column: value if column.type is ColumnType.numeric else _typical(column)


# Where in the learned range: 0 is its lowest value, 1 the highest; "far" is ten widths outside.
RANGE_POINTS = {"range_low": 0.0, "range_high": 1.0, "far_below": -10.0, "far_above": 11.0}


def _at_range(where: float) -> Callable[[Column], Raw]:
    def choose(column: Column) -> Raw:
        return _between(_range(column), where) if column.type is ColumnType.numeric else _last(column)

    return choose


def _range(column: Column) -> tuple[float, float] | None:
    return None if column.personal else column.range  # its ends are values that somebody has


def _between(limits: tuple[float, float] | None, where: float) -> float:
    low, high = limits or (0.0, 1.0)
    value = low * (1 - where) + high * where
    return value if np.isfinite(value) else float(np.clip(value, low, high))


def _last(column: Column) -> Raw:
    """The last known category: the rarest or latest, where `typical` takes the first."""
    if column.type is ColumnType.categorical and column.allowed and not column.personal:
        return column.allowed[-1]
    return _typical(column)


def _text(value: str) -> Callable[[Column], Raw]:
    def choose(column: Column) -> Raw:
        if column.type is not ColumnType.categorical or (column.strict and column.allowed):
            return _typical(column)
        return value

    return choose


def _moment(iso: str) -> Callable[[Column], Raw]:
    return lambda column: moment_text(iso, column) if column.type is ColumnType.datetime else _typical(column)


def moment_text(iso: str, column: Column) -> Raw:
    """A moment in the first form that the column knows."""
    moment, form = datetime.fromisoformat(iso), next(iter(column.formats), "iso")
    if form in PER_S:
        return (moment.replace(tzinfo=UTC) - EPOCH) // MICROSECOND * PER_S[form] // US_PER_S
    if form not in WRITTEN_MOMENTS:
        return iso
    return WRITTEN_MOMENTS[form].format(
        day=moment.day,
        month=moment.month,
        name=MONTHS[moment.month - 1],
        year=moment.year,
        short=moment.year % 100,
    )


def _of(reference: Reference, column: Column) -> ColumnReference:
    return next(known for known in reference.columns if known.name == column.name)


def _draw(column: Column, known: ColumnReference, random: np.random.Generator, rows: int) -> list[Raw]:
    """Values drawn from one marginal, independently of every other column."""
    missing = random.random(rows) < known.missing_rate
    uniform = random.random(rows)
    if known.categories:
        drawn = _draw_categories(column, known.categories, uniform)
    elif known.shape is not None:
        drawn = _draw_numbers(column, known.shape, known.whole, uniform)
    else:
        return [None] * rows  # personal, or nothing but missing values
    return [None if gone else value for gone, value in zip(missing, drawn, strict=True)]


def _draw_categories(column: Column, counts: dict[str, int], uniform: Any) -> list[Raw]:
    names, shares = list(counts), np.cumsum(list(counts.values())) / sum(counts.values())
    chosen = [names[min(int(at), len(names) - 1)] for at in np.searchsorted(shares, uniform, side="right")]
    return [name == "true" for name in chosen] if column.type is ColumnType.boolean else list(chosen)


def _draw_numbers(column: Column, shape: Shape, whole: bool, uniform: Any) -> list[Raw]:
    """Inverse of the distribution function: between two percentiles, so seldom a value that somebody had."""
    values = np.interp(uniform * (QUANTILES - 1), np.arange(QUANTILES), shape.quantiles)
    if column.type is ColumnType.datetime:
        return [_drawn_moment(float(value), column) for value in values]
    if whole:
        return [float(value) for value in np.round(values)]
    # Six digits are enough for a golden row, and a person can read them.
    low, high = shape.quantiles[0], shape.quantiles[-1]
    return [min(max(float(f"{value:.6g}"), low), high) for value in values]


def _drawn_moment(microseconds: float, column: Column) -> Raw:
    moment = EPOCH + timedelta(seconds=round(microseconds / 1e6))
    return moment_text(moment.replace(tzinfo=None).isoformat(), column)
