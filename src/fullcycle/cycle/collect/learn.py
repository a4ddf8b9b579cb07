"""`fullcycle contract learn`: columns that the contract lacks, learned from the snapshot, added to its file.

What a person wrote stays as it is, to the byte: new lines are put below the last column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from fullcycle.core.contract.infer import infer_contract
from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.contract.yaml_file import contract_to_yaml, read_contract
from fullcycle.core.engines.tables import ROW, read_snapshot
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.files import scratch_folder, write_text_atomically

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Finding
    from fullcycle.core.project.project import Project

WRITTEN_INDENT = 2  # of a column's name, as contract_to_yaml writes it
NAME_LINE = re.compile(r"^  (?P<name>\S.*):$")


@dataclass(frozen=True)
class Learned:
    """The columns that were added, in the snapshot's order, and what a person should look at."""

    columns: tuple[Column, ...]
    findings: tuple[Finding, ...] = ()


def learn_columns(project: Project) -> Learned:
    """Add to contract.yaml what the snapshot has and the contract doesn't know.

    Raises UserError where there is no snapshot, or where columns stand in braces on one line.
    """
    table, contract = read_snapshot(project.paths.raw), project.contract
    known = {ROW, *(column.name for column in contract.columns)}
    lacking = [name for name in table.columns if name not in known]
    if not lacking:
        return Learned(())
    told = read_evidence(project.paths.evidence, CollectEvidence)
    narrow = table.select(*lacking, contract.target.name, ROW)
    learned = infer_contract(narrow, contract.target.name, decimal=told.decimal or ".", task=contract.task)
    columns = tuple(learned.contract.column(name) for name in lacking)
    add_columns(project.paths.contract, contract, columns)
    findings = (found for found in learned.findings if set(found.columns) <= set(lacking))
    return Learned(columns, tuple(findings))


def add_columns(path: Path, contract: Contract, columns: tuple[Column, ...]) -> None:
    """Put columns below those of the file, whose contract is `contract`; everything else stays as written."""
    wanted = contract.model_copy(update={"columns": (*contract.columns, *columns)})
    text = with_columns(path.read_text(encoding="utf-8-sig"), contract, columns)
    with scratch_folder(path.parent / ".fullcycle") as scratch:
        aside = scratch / path.name
        aside.write_text(text, encoding="utf-8")
        if read_contract(aside) != wanted:
            raise _laid_out_otherwise(path)
    write_text_atomically(path, text)


def with_columns(text: str, contract: Contract, columns: tuple[Column, ...]) -> str:
    """The file's text with columns below the last one, in the form that the others have."""
    lines = text.splitlines()
    keys = YAML().compose(StringIO(text)).value
    at, (_key, node) = next((at, pair) for at, pair in enumerate(keys) if pair[0].value == "columns")
    if node.flow_style or not node.value:
        raise _laid_out_otherwise(Path("contract.yaml"))
    end = keys[at + 1][0].start_mark.line if at + 1 < len(keys) else len(lines)
    indent = node.start_mark.column
    while _belongs_below(lines[end - 1], indent):
        end -= 1
    listed = node.id == "sequence"
    return "\n".join([*lines[:end], *_written(contract, columns, indent, listed=listed), *lines[end:]]) + "\n"


def _belongs_below(line: str, indent: int) -> bool:
    """An empty line, or a remark that is no part of the last column."""
    bare = line.lstrip()
    return not bare or (bare.startswith("#") and len(line) - len(bare) <= indent)


def _written(contract: Contract, columns: tuple[Column, ...], indent: int, *, listed: bool) -> list[str]:
    alone = contract.model_copy(update={"columns": (contract.target, *columns)})
    text = contract_to_yaml(alone)
    nodes: Any = {key.value: node for key, node in YAML().compose(StringIO(text)).value}
    first = nodes["columns"].value[1][0].start_mark.line
    lines = text.splitlines()[first:]
    if listed:
        lines = [NAME_LINE.sub(r"  - name: \g<name>", line) for line in lines]
    return [_moved(line, indent - WRITTEN_INDENT) for line in lines]


def _moved(line: str, by: int) -> str:
    return " " * by + line if by >= 0 else line[-by:]


def _laid_out_otherwise(path: Path) -> UserError:
    return UserError(
        where=f"{path.name}, key columns",
        found="columns in a form that lines can't be added to",
        expected="each column below its name, on lines of its own",
        hint="`fullcycle contract show` lists the columns; write them so, then run the same command again",
    )
