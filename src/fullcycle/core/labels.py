"""Labels that people gave, put over the target of a table: annotations become a new version of the data.

`data.labels` names a CSV in git with one line for each labelled row. A row is known by the contract's key,
or, where there is none that may be written down, by its number together with a fingerprint of its other
cells, so that a label never lands on another row after the source was sorted anew.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import ibis

from fullcycle.core.contract.cells import physical_type, read_columns
from fullcycle.core.contract.grammar import text_of_number
from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.collect import LabelFacts

if TYPE_CHECKING:
    import pyarrow as pa

ROW_COLUMN = "row"
FINGERPRINT = "fingerprint"
FINGERPRINT_CHARACTERS = 12
CELL_END, NO_CELL = "\x1f", "\x00"  # no cell of a table holds them
IMPORT_AGAIN = "`fullcycle label import` writes this file"
SHOWN = 5


class Entry(NamedTuple):
    """A label as someone wrote it, and the row that it is for: by key, or by number."""

    where: str  # file and line, for errors
    label: str
    key: str | None = None
    row: int | None = None
    fingerprint: str | None = None


class Placed(NamedTuple):
    """A label in its row: as the contract writes it, beside the one that the table had."""

    row: int
    key: str | None
    fingerprint: str | None  # None where rows are known by key
    label: str
    before: str | None


class Applied(NamedTuple):
    """The table with the labels in its target, and what that changed."""

    table: ibis.Table
    facts: LabelFacts


def label_key(contract: Contract) -> Column | None:
    """The column that names a row in files of labels: the key, unless it is about a person."""
    key = contract.key
    return None if key is None or key.personal else key


def apply_labels(table: ibis.Table, path: Path, contract: Contract, where: str | None = None) -> Applied:
    """The table, whose target holds the file's labels; other rows keep theirs.

    `table` has the row number. Raises UserError for a file that isn't one of labels, labels that the contract
    doesn't know, and rows that are absent, named twice or no longer what they were.
    """
    where = where or str(path)
    entries = read_labels(path, contract, where)
    placed = place_labels(table, entries, contract)
    twice = [row for row, times in Counter(item.row for item in placed).items() if times > 1]
    if twice:
        raise UserError(
            where=where,
            found=f"{len(twice)} rows with two labels (source row {twice[0]})",
            expected="one line for each row",
            hint=IMPORT_AGAIN,
        )
    return Applied(_with_labels(table, placed, contract), _facts(path, placed, where))


def read_labels(path: Path, contract: Contract, where: str) -> list[Entry]:
    """The lines of `labels/labels.csv`."""
    if not path.is_file():
        hint = f"{IMPORT_AGAIN}; or take `data.labels` out of fullcycle.yaml"
        raise UserError(where=where, found="no such file", expected="a CSV with labels", hint=hint)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        key, target = label_key(contract), contract.target.name
        needed = [key.name if key else ROW_COLUMN, target]
        absent = [name for name in needed if name not in (reader.fieldnames or ())]
        if absent:
            raise UserError(
                where=where,
                found=f"no column {absent[0]!r}",
                expected=f"the columns {' and '.join(needed)}",
                hint=IMPORT_AGAIN,
            )
        return [_entry(line, f"{where}, line {reader.line_num}", key, target) for line in reader]


def _entry(line: Mapping[str, str | None], where: str, key: Column | None, target: str) -> Entry:
    label = line[target] or ""
    if key is not None:
        return Entry(where, label, key=line[key.name] or "")
    return Entry(where, label, row=as_row(line[ROW_COLUMN] or "", where), fingerprint=line.get(FINGERPRINT))


def as_row(text: str, where: str) -> int:
    """A row number, or a UserError."""
    digits = text.strip().removesuffix(".0")  # spreadsheets make floats of whole columns
    if not (digits.isascii() and digits.isdigit()):
        raise UserError(where=where, found=f"row {text!r}", expected="the number of a row, from 0")
    return int(digits)


def place_labels(table: ibis.Table, entries: Sequence[Entry], contract: Contract) -> list[Placed]:
    """The row of each label, in the order of `entries`, which may name a row several times.

    Raises UserError for the first label or row that can't be placed, with the place where it was written.
    """
    if not entries:
        return []
    key = label_key(contract)
    by_key = key if all(entry.key is not None for entry in entries) else None
    found = _joined(table, entries, by_key, contract)
    _check_rows(entries, found, by_key)
    lines = [found[at][0] for at in range(len(entries))]
    _check_labels(entries, lines, contract)
    _check_fingerprints(entries, lines)
    return [
        Placed(
            line[ROW], line["key"], line["fingerprint"], _text(line["label"]), _text_or_none(line["before"])
        )
        for line in lines
    ]


def _joined(
    table: ibis.Table, entries: Sequence[Entry], key: Column | None, contract: Contract
) -> dict[int, list[dict[str, Any]]]:
    """Rows of the table by the position of the entry that names them."""
    rows, written = _rows(table, key, contract), _written(entries, key, contract)
    found: Any = written.inner_join(rows, "match").order_by(["at", ROW])
    by_entry: dict[int, list[dict[str, Any]]] = {}
    for line in found.to_pyarrow().to_pylist():
        by_entry.setdefault(line["at"], []).append(line)
    return by_entry


def _rows(table: ibis.Table, key: Column | None, contract: Contract) -> ibis.Table:
    """Row number, what a label is matched by, the key, the fingerprint and the label that is there."""
    target = contract.target if contract.target.name in table.columns else None
    shown = label_key(contract)
    if shown is not None and shown.name not in table.columns:
        shown = None
    named = table.mutate(
        _fingerprint=ibis.null("string") if key else fingerprint(table, contract),
        _key=table[shown.name].cast("string") if shown else ibis.null("string"),
    )
    read = [column for column in (target, key) if column is not None]
    parsed, values = read_columns(named, read, keep=[ROW, "_fingerprint", "_key"])
    by_name = {column.name: value.value for column, value in zip(read, values, strict=True)}
    return parsed.select(
        match=(by_name[key.name] if key else parsed[ROW]).cast("string"),
        **{ROW: parsed[ROW]},
        fingerprint=parsed["_fingerprint"],
        key=parsed["_key"],
        before=(by_name[target.name] if target else ibis.null("string")).cast("string"),
    )


def _written(entries: Sequence[Entry], key: Column | None, contract: Contract) -> ibis.Table:
    import pyarrow as pa

    texts = [entry.key if key else str(entry.row) for entry in entries]
    name = key.name if key else "match"
    written = from_arrow(
        pa.table(
            {
                "_at": pa.array(range(len(entries)), pa.int64()),
                name: pa.array(texts, pa.string()),
                contract.target.name: pa.array([entry.label for entry in entries], pa.string()),
            }
        )
    )
    # A person writes 3.5 in a file of ours, whatever mark the source has.
    target = contract.target.model_copy(update={"decimal": "."})
    parsed, reads = read_columns(
        written, [target, *([key] if key else [])], keep=["_at", *([] if key else [name])]
    )
    return parsed.select(
        at=parsed["_at"],
        match=(reads[1].value if key else parsed[name]).cast("string"),
        label=reads[0].value.cast("string"),
    )


def fingerprint(table: ibis.Table, contract: Contract) -> Any:
    """What tells whether a row is still the same: a hash of its cells, without the target."""
    cells = [
        ibis.coalesce(table[column.name].cast("string"), ibis.literal(NO_CELL))
        for column in contract.columns
        if column.name in table.columns and column.name != contract.target.name
    ]
    whole = ibis.literal(CELL_END).join(cells) if cells else ibis.literal("")
    # A letter first: spreadsheets take 12e456789012 for a number and write it back as another one.
    return ibis.literal("f").concat(whole.hexdigest("md5").substr(0, FINGERPRINT_CHARACTERS))


def _check_rows(entries: Sequence[Entry], found: Mapping[int, Sequence[Any]], key: Column | None) -> None:
    absent = [entry for at, entry in enumerate(entries) if at not in found]
    if absent:
        names = list(dict.fromkeys(_name(entry, key) for entry in absent))
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise UserError(
            where=absent[0].where,
            found=f"labels of rows that the source lacks: {', '.join(names[:SHOWN])}{more}",
            expected="rows of data.source, by " + (key.name if key else "their number, from 0"),
            hint="add these rows to the source and run `fullcycle run collect`, or drop their labels",
        )
    many = next((at for at in range(len(entries)) if len(found[at]) > 1), None)
    if many is not None:
        raise UserError(
            where=entries[many].where,
            found=f"{_name(entries[many], key)}, which stands for {len(found[many])} rows of the source",
            expected="a key that each row has for itself",
            hint="mend the keys in the source, or label by row number: give the column another role than "
            "identifier in contract.yaml",
        )


def _check_labels(entries: Sequence[Entry], lines: Sequence[Mapping[str, Any]], contract: Contract) -> None:
    for entry, line in zip(entries, lines, strict=True):
        if line["label"] is None or (contract.classes and line["label"] not in contract.classes):
            raise UserError(
                where=entry.where,
                found=f"label {entry.label!r}",
                expected=f"one of {', '.join(contract.classes)}"
                if contract.classes
                else "a number, such as 12.5",
                hint="correct it there; a new class belongs into contract.yaml first",
            )


def _check_fingerprints(entries: Sequence[Entry], lines: Sequence[Mapping[str, Any]]) -> None:
    moved = [
        entry
        for entry, line in zip(entries, lines, strict=True)
        if entry.fingerprint and entry.fingerprint != line["fingerprint"]
    ]
    if moved:
        raise UserError(
            where=moved[0].where,
            found=f"row {moved[0].row}, which was another row when it was labelled"
            + (f" (so were {len(moved) - 1} more)" if len(moved) > 1 else ""),
            expected="a source whose rows stay where they were; new ones follow at its end",
            hint="give rows a key (`role: identifier` in contract.yaml), and label by it",
        )


def _name(entry: Entry, key: Column | None) -> str:
    return f"{key.name} {entry.key!r}" if key else f"row {entry.row}"


def _with_labels(table: ibis.Table, placed: Sequence[Placed], contract: Contract) -> ibis.Table:
    """The table with labels in its target, each in the type that the source holds the target in."""
    target = contract.target
    given = _as_table(placed)
    joined = table.left_join(given, table[ROW] == given["_labelled"])
    if target.name not in table.columns:
        return joined.select(*(joined[name] for name in table.columns), joined["_label"].name(target.name))
    kind = table[target.name].type()
    label: Any = joined["_label"]
    if physical_type(kind) == "text":
        label = label.replace(".", target.decimal) if not contract.classes else label
        before = joined[target.name]
    elif contract.classes or physical_type(kind) == "float":
        label, before = label.cast(kind), joined[target.name]
    else:  # a label of 3.5 must not become 4
        label, before = label.cast("float64"), joined[target.name].cast("float64")
    filled = ibis.coalesce(label, before).name(target.name)
    return joined.select(*(filled if name == target.name else joined[name] for name in table.columns))


def _as_table(placed: Sequence[Placed]) -> ibis.Table:
    import pyarrow as pa

    columns: dict[str, pa.Array] = {
        "_labelled": pa.array([item.row for item in placed], pa.int64()),
        "_label": pa.array([item.label for item in placed], pa.string()),
    }
    return from_arrow(pa.table(columns))


def _facts(path: Path, placed: Sequence[Placed], where: str) -> LabelFacts:
    before = list(_befores(placed))
    return LabelFacts(
        file=where,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        rows=len(placed),
        added=sum(was is None for _, was in before),
        changed=sum(was is not None and was != now for now, was in before),
    )


def _befores(placed: Sequence[Placed]) -> Iterator[tuple[str, str | None]]:
    for item in placed:
        yield item.label, item.before


def _text(value: str) -> str:
    """Whole numbers without ".0"; the engine writes a float of 3 as 3.0."""
    try:
        return text_of_number(float(value)) if value.endswith(".0") else value
    except ValueError:
        return value


def _text_or_none(value: str | None) -> str | None:
    return None if value is None else _text(value)
