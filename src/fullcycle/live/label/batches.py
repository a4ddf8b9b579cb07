"""The folder `labels/`: each import as it came, and the one file of decided labels that follows from all.

Everything here is small text in git. `labels.csv` is what `data.labels` names and collect applies; it is made
anew from the imports each time, so that taking the last one back is making it without that one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fullcycle.core.contract.model import Contract
from fullcycle.core.errors import UserError
from fullcycle.core.labels import FINGERPRINT, ROW_COLUMN, label_key
from fullcycle.core.project.files import write_text_atomically
from fullcycle.live.label.sheet import ANNOTATOR, LABEL

if TYPE_CHECKING:
    from fullcycle.core.labels import Placed
    from fullcycle.core.project.project import Project

FOLDER = "labels"
FILE = f"{FOLDER}/labels.csv"
EXPORTED = f"{FOLDER}/exported.csv"
NAME = re.compile(r"(\d{4})\.csv")


class Said(NamedTuple):
    """One label of one person, placed; `name` is the key, or number and fingerprint, of the row."""

    name: tuple[str, ...]
    annotator: str
    label: str


def name_columns(contract: Contract) -> tuple[str, ...]:
    """What names a row in our files."""
    key = label_key(contract)
    return (key.name,) if key else (ROW_COLUMN, FINGERPRINT)


def name_of_row(placed: Placed, contract: Contract) -> tuple[str, ...]:
    """The values of these columns."""
    if label_key(contract):
        return (placed.key or "",)
    return str(placed.row), placed.fingerprint or ""


def batch_paths(project: Project) -> list[Path]:
    """Imports so far, the oldest first."""
    folder = project.root / FOLDER / "imports"
    return sorted(path for path in folder.glob("*.csv") if NAME.fullmatch(path.name))


def write_batch(project: Project, said: Sequence[Said]) -> None:
    """Keep one import as it came; the same labels again are no new import."""
    paths = batch_paths(project)
    if any(_read_batch(path, project) == list(said) for path in paths):
        return
    number = int(paths[-1].stem) + 1 if paths else 1
    path = project.root / FOLDER / "imports" / f"{number:04}.csv"
    columns = name_columns(project.contract)
    lines = [
        dict(zip(columns, each.name, strict=True)) | {ANNOTATOR: each.annotator, LABEL: each.label}
        for each in said
    ]
    write_lines(path, [*columns, ANNOTATOR, LABEL], lines)


def read_batches(project: Project) -> list[Said]:
    """The labels of all imports; where a person labelled a row again, the later label counts."""
    latest: dict[tuple[tuple[str, ...], str], Said] = {}
    for path in batch_paths(project):
        for said in _read_batch(path, project):
            latest[said.name, said.annotator] = said
    return list(latest.values())


def _read_batch(path: Path, project: Project) -> list[Said]:
    columns = name_columns(project.contract)
    needed = [*columns, ANNOTATOR, LABEL]
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        if list(reader.fieldnames or ()) != needed:
            raise UserError(
                where=f"{FOLDER}/imports/{path.name}",
                found=", ".join(reader.fieldnames or ()) or "an empty file",
                expected=f"the columns {', '.join(needed)}",
                hint="the contract's key has changed since; bring it back, or remove this file",
            )
        return [Said(tuple(line[name] for name in columns), line[ANNOTATOR], line[LABEL]) for line in reader]


def names_taken(project: Project) -> set[str]:
    """Keys (or fingerprints) of rows that were imported or handed out already."""
    taken = {said.name[-1] for said in read_batches(project)}
    path = project.root / EXPORTED
    if path.exists():
        with path.open(encoding="utf-8", newline="") as handle:
            taken |= {line[0] for line in csv.reader(handle) if line}
    return taken


def remember_exported(project: Project, names: Iterable[str]) -> None:
    """Add rows to those that were handed out."""
    path = project.root / EXPORTED
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([name] for name in names)
    write_text_atomically(path, before + text.getvalue())


def write_lines(path: Path, columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> None:
    """A CSV, replaced whole."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_text_atomically(path, text.getvalue())
