"""Reading what annotators wrote: CSV with a line a label or a column a person, and Label Studio JSON.

A row is named by the contract's key, or by its number; empty labels are rows that nobody got to.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.core.labels import FINGERPRINT, ROW_COLUMN, Entry, as_row, label_key
from fullcycle.live.label.sheet import ANNOTATOR, DATA, LABEL

SEPARATORS = ",;\t"
OWN_COLUMNS = {
    ROW_COLUMN,
    FINGERPRINT,
    LABEL,
    ANNOTATOR,
    "given",
    "suggested",
    "score",
    "suspect",
    "prediction",
    "uncertainty",
}
OWN_PREFIX = "probability_"
LABEL_STUDIO_COLUMNS = {
    "id",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "inner_id",
    "total_annotations",
    "project",
}


class Annotation(NamedTuple):
    """What one person said about one row."""

    annotator: str
    entry: Entry


def read_annotations(path: Path, contract: Contract, annotator: str | None = None) -> list[Annotation]:
    """All labels of a file. `annotator` stands in where a line names nobody; else the file's name does.

    Raises UserError for a file that is neither, with the line.
    """
    someone = annotator or path.stem
    text = _read_text(path)
    if path.suffix.lower() == ".json":
        found = list(_from_json(text, path.name, contract, someone))
    else:
        found = list(_from_csv(text, path.name, contract, someone))
    if not found:
        raise UserError(
            where=str(path),
            found="no label in any line",
            expected=f"labels of {contract.target.name} in the column {LABEL}",
            hint="fill them in first; empty ones are skipped",
        )
    return found


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            where=f"{path}, byte {error.start}",
            found="a byte that is no UTF-8",
            expected="UTF-8",
            hint="save it as 'CSV UTF-8'",
        ) from error
    except OSError as error:
        raise UserError(
            where=str(path),
            found=error.strerror or str(error),
            expected="a CSV, or the JSON that Label Studio exports",
            hint="`fullcycle label next` writes a sheet to fill in",
        ) from error


def _from_csv(text: str, name: str, contract: Contract, someone: str) -> Iterator[Annotation]:
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    columns = [column.strip() for column in reader.fieldnames or ()]
    reader.fieldnames = columns
    _check_header(name, columns, contract)
    people = [] if LABEL in columns else people_of(columns, contract)
    if LABEL not in columns and not people:
        raise UserError(
            where=f"{name}, header",
            found=", ".join(columns[:8]),
            expected=f"a column {LABEL}, or a column for each annotator",
            hint="`fullcycle label next` writes a sheet to fill in",
        )
    for line in reader:
        where = f"{name}, line {reader.line_num}"
        if None in line.values() or None in line:
            raise UserError(where=where, found="another number of cells", expected=f"{len(columns)} cells")
        said = {person: line[person] for person in people} or {(line.get(ANNOTATOR) or someone): line[LABEL]}
        for person, label in said.items():
            if label.strip():
                yield Annotation(person.strip(), _entry(line, label.strip(), where, contract))


def _check_header(name: str, columns: Sequence[str], contract: Contract) -> None:
    key = label_key(contract)
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise UserError(where=f"{name}, header", found=f"column {twice!r} twice", expected="each column once")
    if ROW_COLUMN not in columns and (key is None or key.name not in columns):
        named = f"{key.name} (the key) or {ROW_COLUMN}" if key else ROW_COLUMN
        raise UserError(
            where=f"{name}, header",
            found=", ".join(columns[:8]) or "an empty file",
            expected=f"a column {named} that says which row each label is for",
            hint="`fullcycle label next` writes a sheet that has it",
        )


def people_of(columns: Sequence[str], contract: Contract) -> list[str]:
    """In a wide file: the columns that are neither the table's nor ours."""
    known = {column.name for column in contract.columns} | OWN_COLUMNS
    known |= {DATA.format(column.name) for column in contract.columns}
    return [name for name in columns if name and name not in known and not name.startswith(OWN_PREFIX)]


def _entry(line: Mapping[str, Any], label: str, where: str, contract: Contract) -> Entry:
    key = label_key(contract)
    if key is not None and line.get(key.name) not in (None, ""):
        return Entry(where, label, key=str(line[key.name]).strip())
    if line.get(ROW_COLUMN) in (None, ""):
        raise UserError(where=where, found="a label without a row", expected="the key or the number of a row")
    row = as_row(str(line[ROW_COLUMN]), where)
    return Entry(where, label, row=row, fingerprint=line.get(FINGERPRINT) or None)


def _from_json(text: str, name: str, contract: Contract, someone: str) -> Iterator[Annotation]:
    try:
        tasks = json.loads(text)
    except ValueError as error:
        raise UserError(
            where=name, found=f"no JSON ({error})", expected="what Label Studio exports as JSON"
        ) from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise UserError(where=name, found="no list of tasks", expected="what Label Studio exports as JSON")
    for number, task in enumerate(tasks):
        where = f"{name}, task {task.get('id', number)}"
        if "annotations" in task or "completions" in task:
            yield from _from_task(task, where, contract, someone)
        elif task.get(LABEL) not in (None, ""):  # JSON-MIN
            person = _person(task.get(ANNOTATOR), someone)
            yield Annotation(person, _entry(task, _scalar(task[LABEL], where), where, contract))


def _from_task(task: Mapping[str, Any], where: str, contract: Contract, someone: str) -> Iterator[Annotation]:
    data = task.get("data")
    if not isinstance(data, dict):
        raise UserError(where=where, found="no `data`", expected="a task that `fullcycle label next` wrote")
    for given in task.get("annotations") or task.get("completions") or ():
        if given.get("was_cancelled"):
            continue
        for result in given.get("result") or ():
            if result.get("from_name") == LABEL:
                person = _person(given.get("completed_by"), someone)
                label = _scalar(result.get("value"), where)
                yield Annotation(person, _entry(data, label, where, contract))


def _person(completed_by: Any, someone: str) -> str:
    """An id, or an object with id and e-mail, of which the id is what may stand in a file in git."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id", completed_by.get("email"))
    return someone if completed_by in (None, "") else str(completed_by)


def _scalar(value: Any, where: str) -> str:
    """`{"choices": ["yes"]}`, `{"number": 3}`, `{"text": ["3"]}`, or the bare value."""
    if isinstance(value, dict):
        value = next((value[kind] for kind in ("choices", "number", "text", "rating") if kind in value), None)
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    if value is None or isinstance(value, dict | bool):
        raise UserError(where=where, found="no single label", expected="one choice, or one number")
    return str(value)
