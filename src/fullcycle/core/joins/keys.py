"""Keys of two tables in one canonical form: a key of a CSV is text, that of a Parquet file may be a number.

Cells are read as the contract reads them (DECISIONS 12): trimmed, normal form C, whole numbers without ".0",
moments in UTC. "007" stays a text and matches no 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ibis

from fullcycle.core.contract.cells import physical_type, read_columns
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError

Kind = Literal["text", "integer", "number", "truth", "moment"]
NUMBERS = ("integer", "float", "decimal")
MOMENTS = ("date", "timestamp")
DATE_FORMS = ("iso", "ymd")  # of texts whose column the contract doesn't know; others may be ambiguous
EXAMPLES = 3


@dataclass(frozen=True)
class Keys:
    """Two tables whose keys are compared; `source` and `where` name the joined one and the join in errors."""

    table: ibis.Table
    joined: ibis.Table
    contract: Contract
    source: str
    where: str

    def read(self, on: Mapping[str, str], moment: tuple[str, str] | None) -> tuple[ibis.Table, ibis.Table]:
        """Both tables as their row number, k0, k1, ... in the order of `on`, and `moment` if there is one.

        Raises UserError for two columns that have no form in common, and for texts that are no moments.
        """
        compared = [(left, right, self._kind(left, right)) for left, right in on.items()]
        names = [f"k{at}" for at in range(len(compared))]
        if moment:
            compared.append((*moment, self._moment_kind(*moment)))
            names.append("moment")
        columns = [(_as_column(left, kind, self.contract), kind) for left, _right, kind in compared]
        renamed = [
            (column.model_copy(update={"name": right}), kind)
            for (column, kind), (_left, right, _kind) in zip(columns, compared, strict=True)
        ]
        return (
            _read(self.table, columns, names, f"{self.where}, the table so far"),
            _read(self.joined, renamed, names, f"{self.where}, {self.source}"),
        )

    def _kind(self, left: str, right: str) -> Kind:
        """The form that suits both columns."""
        both = self._physical(left, right)
        if both == {"text"} and _declared(self.contract, left) is ColumnType.datetime:
            return "moment"
        if both == {"integer"}:
            return "integer"
        if both <= {"text", *NUMBERS}:
            return "text"
        if both <= {"text", *MOMENTS}:
            return "moment"
        if both <= {"text", "boolean"}:
            return "truth"
        raise self._unlike(left, right, "two columns of texts, numbers, truth values or moments")

    def _moment_kind(self, left: str, right: str) -> Kind:
        both = self._physical(left, right)
        if both <= {"text", *MOMENTS}:
            return "moment"
        if both <= set(NUMBERS):
            return "number"
        raise self._unlike(left, right, "two columns of moments, or two of numbers that grow with time")

    def _physical(self, left: str, right: str) -> set[str]:
        return {physical_type(self.table[left].type()), physical_type(self.joined[right].type())}

    def _unlike(self, left: str, right: str, expected: str) -> UserError:
        kinds = self.table[left].type(), self.joined[right].type()
        return UserError(
            where=self.where,
            found=f"{left!r}, which is of type {kinds[0]}, and {right!r}, which is of type {kinds[1]}",
            expected=expected,
            hint="write one of them in the other's form first",
        )


def _declared(contract: Contract, name: str) -> ColumnType | None:
    return next((column.type for column in contract.columns if column.name == name), None)


def _as_column(name: str, kind: Kind, contract: Contract) -> Column:
    """How both columns are read: by what the contract says of the first table's."""
    declared = next((column for column in contract.columns if column.name == name), None)
    types = {
        "moment": ColumnType.datetime,
        "truth": ColumnType.boolean,
        "number": ColumnType.numeric,
    }
    wanted = types.get(kind, ColumnType.categorical)
    told = {} if declared is None else declared.model_dump(include={"missing", "strip", "lower", "spelling"})
    forms = declared.formats if declared and declared.type is wanted else ()
    return Column(name=name, type=wanted, formats=forms or DATE_FORMS, **told)


def _read(table: ibis.Table, columns: list[tuple[Column, Kind]], names: list[str], where: str) -> ibis.Table:
    plain = [column for column, kind in columns if kind != "integer"]
    kept = [ROW, *dict.fromkeys(column.name for column, _kind in columns)]
    parsed, reads = read_columns(table, plain, keep=kept)
    waiting = iter(reads)
    values: dict[str, Any] = {}
    for name, (column, kind) in zip(names, columns, strict=True):
        if kind == "integer":
            values[name] = parsed[column.name].cast("int64")
            continue
        read = next(waiting)
        values[name] = read.value
        if kind in ("moment", "truth") and parsed[column.name].type().is_string():
            _refuse_unread(parsed, column, read.out_of_type, where)
    return parsed.select(parsed[ROW], **values)


def _refuse_unread(parsed: ibis.Table, column: Column, unread: Any, where: str) -> None:
    broken = parsed.filter(unread.fill_null(False)).select(text=parsed[column.name])
    rows = int(connect().to_pyarrow(broken.count()).as_py())
    if not rows:
        return
    counted = broken.group_by("text").aggregate(n=broken.count())
    most = counted.order_by([ibis.desc("n"), "text"]).limit(EXAMPLES)
    texts = [] if column.personal else connect().to_pyarrow(most)["text"].to_pylist()
    what = "moments" if column.type is ColumnType.datetime else "truth values"
    raise UserError(
        where=where,
        found=f"{rows:,} texts in column {column.name!r} that are no {what}"
        + (f", such as {', '.join(map(repr, texts))}" if texts else ""),
        expected=f"{what}, as the other column of the key has them"
        + (", such as 2013-01-31 or 2013-01-31T10:15:00Z" if what == "moments" else ""),
        hint=f"say in contract.yaml how {column.name} is written (`formats`), or write it anew",
    )
