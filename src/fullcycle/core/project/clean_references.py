"""What `clean.columns` of fullcycle.yaml refers to: features of the contract, and what suits their type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.project.clean_settings import ColumnCleanSettings

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

Broken = tuple[tuple[str | int, ...], str, str, str]  # key, found, expected, hint

MISSING = {
    ColumnType.numeric: ("model", "median", "most_frequent", "constant"),
    ColumnType.boolean: ("model", "median", "most_frequent", "constant"),
    ColumnType.datetime: ("model", "median"),
    ColumnType.categorical: ("own_category", "most_frequent", "constant"),
}
ONLY_FOR = {
    "outliers": (ColumnType.numeric,),
    "outlier_rule": (ColumnType.numeric,),
    "outlier_factor": (ColumnType.numeric,),
    "scaling": (ColumnType.numeric, ColumnType.boolean, ColumnType.datetime),
    "rare_share": (ColumnType.categorical,),
}


def broken_policies(project: Project) -> Iterator[Broken]:
    """Columns that no feature is called like, and what does not fit a column or lacks a part."""
    yield from broken_columns(("clean", "columns"), project.settings.clean.columns, project.contract)


def broken_columns(
    above: tuple[str | int, ...], columns: Mapping[str, ColumnCleanSettings], contract: Contract
) -> Iterator[Broken]:
    """The same for policies that stand below the key `above`."""
    for name, own in columns.items():
        key = (*above, name)
        unknown = _unknown(name, contract)
        if unknown is not None:
            yield (key, *unknown)
            continue
        column = contract.column(name)
        yield from _not_for_type(key, column, own)
        yield from _fills(key, column, own)


def _unknown(name: str, contract: Contract) -> tuple[str, str, str] | None:
    features = [column.name for column in contract.features]
    if name in features:
        return None
    expected = "a feature of contract.yaml"
    known = {column.name: column.role.value for column in contract.columns}
    if name in known:
        return (
            f"{name!r}, which is no feature that a model sees (its role is {known[name]})",
            expected,
            "take it out: a policy is about features",
        )
    close = get_close_matches(name, features, n=1, cutoff=0.5)
    hint = f"did you mean `{close[0]}`?" if close else f"the features are {', '.join(features[:10])}"
    return f"{name!r}, and the contract has no such column", expected, hint


def _not_for_type(key: tuple[str | int, ...], column: Column, own: ColumnCleanSettings) -> Iterator[Broken]:
    for field, kinds in ONLY_FOR.items():
        if getattr(own, field) is not None and column.type not in kinds:
            yield (
                (*key, field),
                f"{field} for {column.name!r}, a {column.type} column",
                f"{field} only for a {' or '.join(kinds)} column",
                "take the line out, or mend the column's type in contract.yaml",
            )
    suitable = MISSING.get(column.type, ())
    if own.missing is not None and own.missing not in suitable:
        yield (
            (*key, "missing"),
            f"{own.missing!r} for {column.name!r}, a {column.type} column",
            f"one of {', '.join(suitable)}",
            "",
        )


def _fills(key: tuple[str | int, ...], column: Column, own: ColumnCleanSettings) -> Iterator[Broken]:
    """`missing: constant` and `fill` need each other, and the fill must be a value of the column's type."""
    if own.missing == "constant" and own.fill is None:
        yield (*key, "missing"), "'constant' without a fill", "the value beside it", "such as `fill: 0`"
    if own.fill is not None and own.missing != "constant":
        yield (*key, "fill"), "a fill without `missing: constant`", "both or none", "add `missing: constant`"
    if own.fill is None or own.missing != "constant":
        return
    if column.type is ColumnType.categorical:
        if not str(own.fill):
            yield (*key, "fill"), "an empty text", "a category", "an empty text is what is missing"
    elif not _is_number(own.fill):
        yield (*key, "fill"), f"{own.fill!r} for {column.name!r}, a {column.type} column", "a number", ""


def _is_number(value: str | float) -> bool:
    """Whether float32 holds it, as the graph will."""
    try:
        return abs(float(value)) <= float(np.finfo(np.float32).max)
    except ValueError:
        return False
