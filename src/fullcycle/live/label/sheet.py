"""Rows written out for people: who may see which column, and a CSV that `label import` reads back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.labels import FINGERPRINT, ROW_COLUMN, fingerprint, label_key
from fullcycle.core.project.files import write_text_atomically
from fullcycle.live.label.logged import REQUEST_ID, REQUEST_ROW, is_logged

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.project.project import Project

LABEL, ANNOTATOR = "label", "annotator"
DATA = "{} (data)"  # a column of the table whose name is one of ours

Cells = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row of the table as texts: what names it, and the columns that people may see."""

    number: int
    names: Cells
    cells: Cells

    @property
    def remembered(self) -> str:
        """What says later that it was handed out."""
        if REQUEST_ID in self.names and REQUEST_ROW in self.names:
            return f"{self.names[REQUEST_ID]}#{self.names[REQUEST_ROW]}"
        return str([*self.names.values()][-1])


def read_rows(
    table: ibis.Table, numbers: Sequence[int], contract: Contract, *, with_personal: bool = False
) -> list[Row]:
    """These rows of a table, in the order of `numbers`."""
    import pyarrow as pa

    from fullcycle.core.engines.tables import from_arrow

    key = label_key(contract)
    named = key is not None and key.name in table.columns
    seen = visible_columns(table.columns, contract, with_personal=with_personal)
    wanted = from_arrow(pa.table({"_wanted": pa.array(numbers, pa.int64())}))
    picked = table.inner_join(wanted, table[ROW] == wanted["_wanted"])
    names = {key.name: picked[key.name]} if key and named else {FINGERPRINT: fingerprint(picked, contract)}
    numbered = not is_logged(table)
    if not numbered:  # a number would be that of a row of the source
        names = {name: picked[name] for name in (REQUEST_ID, REQUEST_ROW)}
    read: Any = picked.select(
        picked[ROW],
        **{f"n{at}": value.cast("string") for at, value in enumerate(names.values())},
        **{f"c{at}": picked[name].cast("string") for at, name in enumerate(seen)},
    )
    rows = {
        line[ROW]: Row(
            line[ROW],
            ({ROW_COLUMN: line[ROW]} if numbered else {})
            | {name: line[f"n{at}"] for at, name in enumerate(names)},
            {name: line[f"c{at}"] for at, name in enumerate(seen)},
        )
        for line in read.to_pyarrow().to_pylist()
    }
    return [rows[number] for number in numbers if number in rows]


def keys_of(table: ibis.Table, numbers: Sequence[int], contract: Contract) -> dict[int, str | None]:
    """The key of each of these rows; empty where the table has none, or it is about persons."""
    key = label_key(contract)
    if key is None or key.name not in table.columns:
        return {}
    rows: Any = table.filter(table[ROW].isin(list(numbers))).select(ROW, key=table[key.name].cast("string"))
    return {line[ROW]: line["key"] for line in rows.to_pyarrow().to_pylist()}


def shown_file(project: Project, path: Path) -> str:
    """A file as evidence names it: within the project, or by its name."""
    return str(path.relative_to(project.root)) if path.is_relative_to(project.root) else path.name


def visible_columns(names: Sequence[str], contract: Contract, *, with_personal: bool = False) -> list[str]:
    """Columns of the contract that the table has, less the target, the key and what is about persons."""
    key = label_key(contract)
    hidden = {contract.target.name, *([key.name] if key else [])}
    return [
        column.name
        for column in contract.columns
        if column.name in names and column.name not in hidden and (with_personal or not column.personal)
    ]


def sheet_text(rows: Sequence[Row], answers: Sequence[Mapping[str, Any]]) -> str:
    """A CSV: what names the row, empty cells for label and annotator, our answers, then the row's columns."""
    own = [*(rows[0].names if rows else (ROW_COLUMN,)), LABEL, ANNOTATOR, *(answers[0] if answers else ())]
    lines = [
        {
            **row.names,
            LABEL: "",
            ANNOTATOR: "",
            **answer,
            **{DATA.format(name) if name in own else name: value for name, value in row.cells.items()},
        }
        for row, answer in zip(rows, answers, strict=True)
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]) if lines else own, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def write_sheet(path: Path, text: str, *, force: bool = False) -> None:
    """Write a file for people to fill in."""
    refuse_existing(path, force=force)
    write_text_atomically(path, text)


def refuse_existing(path: Path, *, force: bool) -> None:
    """A file that is there may hold hours of work, and stays."""
    if path.exists() and not force:
        raise UserError(
            where=str(path),
            found="a file that is there already; labels may stand in it",
            expected="a name that is free",
            hint="`fullcycle label import` it first, then choose another name (--out); --force replaces it",
        )
