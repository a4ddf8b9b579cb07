"""Is there anything to learn? Errors for targets that no model can be made of, before and after the split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.measures import as_label
from fullcycle.core.engines.tables import to_arrow
from fullcycle.core.engines.tall import fetch, row_count
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import ibis

ROWS_AT_LEAST = 20  # folds of the default five need a few rows each
CLASS_AT_LEAST = 3  # one to judge by, and two so that every fold can learn from one
CLASS_SMALL = 20  # fewer in train: a warning


def class_counts(table: ibis.Table, contract: Contract) -> dict[str, int]:
    """Rows by class, the contract's classes first and in its order; empty in regression."""
    if contract.task is Task.regression:
        return {}
    labelled = table.select(label=as_label(table[contract.target.name]))
    counted = to_arrow(labelled.group_by("label").aggregate(n=labelled.count()).order_by("label"))
    found = {row["label"]: row["n"] for row in counted.to_pylist() if row["label"] is not None}
    known = {name: found.pop(name, 0) for name in contract.classes or ()}
    return known | found


def check_features(contract: Contract) -> None:
    """UserError where no column is left that could tell anything."""
    if not contract.features:
        raise UserError(
            where="contract.yaml",
            found="no column with role feature that a model can use",
            expected="at least one numeric, categorical, boolean or datetime feature",
            hint="give a column `role: feature`, then run the same command again",
        )


def check_before_split(table: ibis.Table, contract: Contract, rows_in: int) -> None:
    """UserError where the rows with a target are too few, or all say the same."""
    target = contract.target.name
    rows = row_count(table)
    if rows == 0:
        raise UserError(
            where=f"column {target} (the target)",
            found=f"no value in any of {rows_in} rows",
            expected=f"a {contract.target.type.value} value in most rows",
            hint="check its name, type and missing tokens in contract.yaml",
        )
    if rows < ROWS_AT_LEAST:
        of = f" and not alike, of {rows_in}" if rows_in > rows else ""
        raise UserError(
            where="the source",
            found=f"{rows} row{'s' * (rows > 1)} with a target{of}",
            expected=f"at least {ROWS_AT_LEAST}, to learn from and to judge by",
            hint="collect more rows; for a first try `fullcycle demo` brings its own",
        )
    if contract.task is Task.regression:
        _check_number(table, target, rows)
    else:
        _check_classes(class_counts(table, contract), contract)


def _check_number(table: ibis.Table, target: str, rows: int) -> None:
    [found] = fetch(table.aggregate(n=table[target].nunique(), value=table[target].min()))
    if found["n"] == 1:
        value = float(found["value"])
        raise UserError(
            where=f"column {target} (the target)",
            found=f"the same value, {value:g}, in all {rows} rows",
            expected="values that differ: a constant needs no model",
            hint="predict another column, or collect rows in which it differs",
        )


def _check_known(counts: dict[str, int], contract: Contract, where: str) -> None:
    unknown = [name for name in counts if name not in (contract.classes or ())]
    if unknown:
        target = contract.target.name
        raise UserError(
            where=where,
            found=f"{counts[unknown[0]]} row{'s' * (counts[unknown[0]] != 1)} of class {unknown[0]!r}",
            expected="one of the contract's classes: " + ", ".join(contract.classes or ()),
            hint=f"add it to `classes` in contract.yaml, or to {target}.missing to leave those rows out",
        )


def _check_classes(counts: dict[str, int], contract: Contract) -> None:
    target = contract.target.name
    _check_known(counts, contract, f"column {target} (the target)")
    there = {name: rows for name, rows in counts.items() if rows}
    if len(there) < 2:
        raise UserError(
            where=f"column {target} (the target)",
            found=f"one class, {next(iter(there))!r}, in all rows",
            expected="at least two classes",
            hint="collect rows of the other class, or predict another column",
        )
    smallest = min(counts, key=lambda name: counts[name])
    if counts[smallest] < CLASS_AT_LEAST:
        raise UserError(
            where=f"column {target} (the target)",
            found=f"{counts[smallest]} row{'s' * (counts[smallest] != 1)} of class {smallest!r}",
            expected=f"at least {CLASS_AT_LEAST} rows of each class: two to learn from, one to judge by",
            hint=f"collect more of it, or leave it out: in contract.yaml add it to {target}.missing and take "
            "it from `classes`",
        )


def check_after_split(train: ibis.Table, test: ibis.Table, contract: Contract) -> dict[str, int]:
    """Classes in train, or a UserError where a part can't do its work."""
    for name, part in (("train", train), ("test", test)):
        if row_count(part) < 2:
            raise _empty_part(name)
    counts = class_counts(train, contract)
    for name, rows in counts.items():
        if rows < CLASS_AT_LEAST - 1:
            raise _lopsided(f"{rows} training rows of class {name!r}", "at least two of each class")
    if contract.task is Task.regression:
        [found] = fetch(train.aggregate(n=train[contract.target.name].nunique()))
        if found["n"] < 2:
            raise _lopsided("one value of the target in the training rows", "values that differ")
    else:
        judged = class_counts(test, contract)
        _check_known(judged, contract, "the test rows")
        if sum(rows > 0 for rows in judged.values()) < 2:
            raise _lopsided("one class in the test rows", "at least two classes to tell apart")
    return counts


def _empty_part(name: str) -> UserError:
    return UserError(
        where=f"data/{name}.parquet",
        found="fewer than two rows",
        expected="rows to learn from and rows to judge by",
        hint="change split.test_share in fullcycle.yaml, or collect more rows",
    )


def _lopsided(found: str, expected: str) -> UserError:
    return UserError(
        where="the split",
        found=found,
        expected=expected,
        hint="change split.kind or split.test_share in fullcycle.yaml, then run `fullcycle run clean`",
    )
