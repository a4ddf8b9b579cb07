"""Every column of the training rows: statistics, charts, frequent values, relation to the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.engines.measures import Moments, Spread
from fullcycle.core.evidence.explore import ColumnProfile
from fullcycle.cycle.explore.coded import count
from fullcycle.cycle.explore.information import column_information
from fullcycle.cycle.explore.looked import Number, Tables, Text, look_at_numbers, look_at_texts
from fullcycle.cycle.explore.relations import Told, relate
from fullcycle.cycle.explore.target import Target

QUANTILES_SHOWN = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
VALUES_SHOWN = 20
LABEL_CHARACTERS = 60  # of a category in evidence: a cell may have megabytes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Analysed:
    """All profiles in the contract's order, what each feature says about the target, and what columns look
    like."""

    tables: Tables
    profiles: dict[str, ColumnProfile]
    told: dict[str, Told]
    numbers: Mapping[str, Number]
    texts: Mapping[str, Text]


def analyse(
    tables: Tables, contract: Contract, target: Target, bins: int, texts: Mapping[str, Spread]
) -> Analysed:
    """Measure every column; relations are of columns whose role is feature, decided leaks among them.

    `target` is of the held rows; `texts` has counts of columns that the tables leave out.
    """
    numbers, words = look_at_numbers(tables, contract, target, bins), look_at_texts(tables, contract)
    told = _relations(contract, target, numbers, words)
    counted = {
        **texts,
        **{name: word.spread for name, word in words.items()},
        **{name: number.spread for name, number in numbers.items()},
    }
    profiles = {
        column.name: _profile(
            column,
            counted.get(column.name, Spread(0, 0, 0)),
            numbers.get(column.name),
            words.get(column.name),
            told.get(column.name),
        )
        for column in contract.columns
    }
    return Analysed(tables, profiles, told, numbers, words)


def _relations(
    contract: Contract, target: Target, numbers: Mapping[str, Number], texts: Mapping[str, Text]
) -> dict[str, Told]:
    found = {}
    for column in contract.columns:
        name = column.name
        if column.role is not Role.feature or (name not in numbers and name not in texts):
            continue
        counted = count((numbers.get(name) or texts[name]).coded, target)
        labels = _labels(list(texts[name].top), personal=column.personal) if name in texts else None
        told = relate(counted, labels, target)
        if told is not None:
            information = column_information(counted, texts=name in texts)
            found[name] = replace(told, information=information)
    return found


def _labels(values: Sequence[str], *, personal: bool) -> list[str]:
    """How categories are called in evidence, which must not hold the values of a personal column."""
    return [f"#{place}" if personal else _short(value) for place, value in enumerate(values, 1)]


def _profile(
    column: Column, spread: Spread, number: Number | None, text: Text | None, told: Told | None
) -> ColumnProfile:
    return ColumnProfile(
        name=column.name,
        type=column.type,
        role=column.role,
        **_statistics(column, spread, number.shape.moments if number else None),
        histogram=number.shape.histogram if number else None,
        box=number.shape.box if number else None,
        box_by_class=dict(number.by_class) if number else {},
        top=_shown(text.top) if text and not column.personal else {},
        relation=told.relation if told else None,
        mutual_information=told.information if told else None,
    )


def _statistics(column: Column, spread: Spread, middle: Moments | None) -> dict[str, Any]:
    counts = {"rows": spread.rows, "missing": spread.missing, "distinct": spread.distinct}
    if column.type is ColumnType.datetime:
        return {**counts, "first": _iso(spread.min), "last": _iso(spread.max)}
    if middle is None:
        return counts
    quantiles = spread.quantiles or {}
    return {
        **counts,
        "mean": _digits(middle.mean),
        "median": spread.median,
        "std": _digits(middle.std),
        "skew": _digits(middle.skew),
        "kurtosis": _digits(middle.kurtosis),
        "zeros": spread.zeros,
        "negative": spread.negative,
        "min": spread.min,
        "max": spread.max,
        "quantiles": {str(share): quantiles[share] for share in QUANTILES_SHOWN if share in quantiles},
    }


def _digits(value: float | None) -> float | None:
    """Nine digits that count: the rest is the noise of summing."""
    return None if value is None or not isfinite(value) else float(f"{value:.9g}")


def _iso(moment_us: float | None) -> str | None:
    return None if moment_us is None else (EPOCH + timedelta(microseconds=moment_us)).isoformat()


def _shown(top: Mapping[str, int]) -> dict[str, int]:
    shown: dict[str, int] = {}
    for value, rows in list(top.items())[:VALUES_SHOWN]:
        label = _short(value)
        shown[label] = shown.get(label, 0) + rows
    return shown


def _short(value: str) -> str:
    return value if len(value) <= LABEL_CHARACTERS else value[: LABEL_CHARACTERS - 1] + "…"
