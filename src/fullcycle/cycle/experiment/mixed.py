"""Folds that mix groups: rows of one thing learn and are judged, because the contract names no group.

A column names things where many values stand in a few rows each and rows of one value share the target. Less
of that is enough where the features tell the thing as well: then a model knows it again without the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.models.evaluate import Rows
from fullcycle.core.models.folds import Folds
from fullcycle.core.models.frame import ROW, as_coerced
from fullcycle.core.models.groups import (
    ALIKE,
    NO_NAMES,
    Floats,
    Whole,
    alike_within,
    answers_of,
    is_smooth,
    number_in,
    repeats,
)
from fullcycle.core.models.material import Material

MIXED_SHARE = 0.2  # of judged rows: below, little of a score can come from it
LESS = 0.5  # of ALIKE, where the features tell the thing
KEPT = 0.9  # of the rows' likeness in a feature that chance doesn't give
NEAR = 0.01  # standard deviations between numbers that are said to be alike
TOLD = 0.5  # of the groups have values of their own in the features that they keep
NAMED = 5


def mixed_groups(material: Material, contract: Contract, train: Path) -> Iterator[Finding]:
    """A finding for each column that looks like a group that the folds tear apart.

    Where rows are in time, later rows of a thing are judged by its earlier ones, as they will be.
    """
    if contract.group is not None or material.kind in ("group", "time"):
        return
    rows = material.rows
    answers = answers_of(rows.codes, contract.task, len(contract.classes or ()))
    for name, values in _names_of_things(rows, contract, train):
        codes = pd.factorize(values)[0].astype(np.int64)
        known = codes >= 0
        if not repeats(codes[known]):
            continue
        alike, needed = alike_within(codes[known], answers[known]), ALIKE[contract.task]
        by = _told_by(codes, rows.features.drop(columns=name, errors="ignore")) if alike < needed else []
        if alike < needed and not (alike >= LESS * needed and by):
            continue
        mixed = mixed_share(codes, rows.folds)
        if mixed >= MIXED_SHARE and not is_smooth(_order(values)[known], codes[known], answers[known], alike):
            facts = {"groups": int(codes.max()) + 1, "mixed": mixed, "alike": alike}
            yield finding(Code.folds_mix_groups, Severity.warning, name, **facts, by=list(by[:NAMED]))


def mixed_share(codes: Whole, folds: Folds) -> float:
    """The share of judged rows that a row of their group has taught; missing values are no group."""
    judged = taught = 0
    for train, valid in folds:
        seen = np.zeros(int(codes.max(initial=-1)) + 2, dtype=bool)
        seen[codes[train]] = True
        seen[-1] = False  # the place of missing values
        judged += len(valid)
        taught += int(seen[codes[valid]].sum())
    return taught / judged if judged else 0.0


def _names_of_things(rows: Rows, contract: Contract, train: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """Columns that may name things, with their values in the rows of the search."""
    columns = [column for column in contract.columns if _may_name(column)]
    stored = set(pq.read_schema(train).names)
    aside = [each for each in columns if each.name not in rows.features and each.name in stored]
    table = pq.read_table(train, columns=[ROW, *(each.name for each in aside)]) if aside else None
    for column in columns:
        if column.name in rows.features:
            values = rows.features[column.name].to_numpy()
        elif table is not None and column in aside:
            whole = pd.Series(as_coerced(table[column.name], column), index=table[ROW].to_numpy())
            values = whole.loc[rows.features.index].to_numpy()
        else:
            continue
        if column.type is not ColumnType.numeric or _are_whole(values):
            yield column.name, values


def _may_name(column: Column) -> bool:
    """What a person has decided about is decided."""
    named = column.role in (Role.feature, Role.identifier)
    return named and column.leak is None and column.type not in NO_NAMES


def _are_whole(values: NDArray[Any]) -> bool:
    known = values[np.isfinite(values)]
    return bool(np.all(known == np.floor(known)))


def _order(values: NDArray[Any]) -> Floats:
    return values.astype(np.float64) if values.dtype.kind == "f" else number_in(values)


def _told_by(codes: Whole, features: pd.DataFrame) -> list[str]:
    """Features in which rows of a group are alike, if these tell at least half of the groups apart."""
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    same = codes[order[1:]] == codes[order[:-1]]
    one, other = order[:-1][same], order[1:][same]
    by_chance = np.roll(order, len(order) // 2)
    places = {str(name): _places(features[name]) for name in features.columns}
    kept = []
    for name, place in places.items():
        chance = _alike_share(place[order], place[by_chance])
        if chance < 1 and (_alike_share(place[one], place[other]) - chance) / (1 - chance) >= KEPT:
            kept.append(name)
    if not kept:
        return []
    first = order[np.append(True, ~same)]  # a row of each group
    together = np.round(np.stack([places[name][first] for name in kept], axis=1))
    return kept if len(np.unique(together, axis=0)) >= TOLD * len(first) else []


def _places(values: pd.Series[Any]) -> Floats:
    """As numbers that are alike within 1: categories by their codes, numbers in steps; missing is a value."""
    if values.dtype.kind not in "fM":
        return 2.0 * pd.factorize(values)[0].astype(np.float64)
    numbers = values.to_numpy()
    if values.dtype.kind == "M":
        numbers = np.where(np.isnat(numbers), np.nan, numbers.astype(np.int64))
    spread = float(np.nanstd(numbers)) if np.isfinite(numbers).any() else 0.0
    steps = numbers / (NEAR * spread) if spread else numbers * 0.0
    return np.where(np.isfinite(steps), steps, np.nanmin(steps, initial=0.0) - 10.0)


def _alike_share(one: Floats, other: Floats) -> float:
    return float((np.abs(one - other) <= 1).mean()) if len(one) else 0.0
