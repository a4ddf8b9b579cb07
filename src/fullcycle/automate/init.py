"""`fullcycle init`: from a table to a project whose contract a person can review.

Everything that may fail is done before the first file is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.project import Project
from fullcycle.core.project.scaffold import commit, ensure_dvc, ensure_git, people_files, write_companions
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.project.settings_yaml import settings_to_yaml

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Finding
    from fullcycle.core.sources.source import Facts

COMMITTED = (
    ".dvc/.gitignore",
    ".dvc/config",
    ".dvcignore",
    ".fullcycle/fullcycle.schema.json",
    ".gitignore",
    "README.md",
    "contract.yaml",
    "dvc.yaml",
    "experiment.lock.json",
    "fullcycle.yaml",
)
ORDERED = (ColumnType.datetime, ColumnType.numeric)


@dataclass(frozen=True)
class NewProject:
    """What a person said about a project to be. `source` is any source; a path is relative to the caller.

    `reading` holds settings of `data` that were given rather than left to be found out; `own_repository`
    asks for a git repository even inside another one; `also_commit` names further files of the first commit.
    """

    directory: Path
    source: Path | str
    target: str
    task: Task | None = None
    time: str | None = None
    group: str | None = None
    identifier: str | None = None
    name: str | None = None
    force: bool = False
    reading: dict[str, Any] = field(default_factory=dict)
    own_repository: bool = False
    also_commit: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposed:
    """What init proposes for a table, before anything of it is written."""

    settings: Settings
    contract: Contract
    facts: Facts
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Initialized:
    """The project, what its source turned out to be, and what inference wants a person to look at."""

    project: Project
    facts: Facts
    findings: tuple[Finding, ...]
    committed: bool


def init_project(wanted: NewProject) -> Initialized:
    """Read the table, learn its contract, write the project; UserError before anything is written."""
    proposed = propose(wanted)
    project = Project(_absolute(wanted.directory))
    made = _write(project, wanted, proposed.settings, proposed.contract)
    return Initialized(project, proposed.facts, proposed.findings, committed=made)


def propose(wanted: NewProject) -> Proposed:
    """Read the table and learn what init would write; nothing is written."""
    root = _free_folder(wanted)
    _check_source(wanted)
    settings = _settings(wanted, root)
    contract, facts, findings = _learn(wanted)
    return Proposed(settings, contract, facts, findings)


def stored_source(source: Path | str, root: Path) -> str:
    """How fullcycle.yaml names the table: a path relative to the project if inside it, else absolute.

    Whatever isn't on this machine is named as it was written.
    """
    from fullcycle.core.sources.credentials import has_variables
    from fullcycle.core.sources.kinds import FILE_KINDS, scheme_of

    written = str(source)
    scheme = scheme_of(written)
    if has_variables(written) or not (scheme is None or scheme in FILE_KINDS):
        return written
    if scheme is not None:
        path = written.removeprefix(f"{scheme}:").removeprefix("//")
        return f"{scheme}:{_stored_path(Path(path), root)}"
    return _stored_path(Path(source), root)


def _stored_path(source: Path, root: Path) -> str:
    # Not resolved first: a link inside the project to a table elsewhere is a file of the project.
    for path, folder in ((_absolute(source), _absolute(root)), (source.resolve(), root.resolve())):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return str(_absolute(source))


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`


def _free_folder(wanted: NewProject) -> Path:
    root = wanted.directory
    if root.exists() and not root.is_dir():
        raise UserError(where=str(root), found="a file", expected="a folder, or a name that is free")
    there = people_files(root)
    if there and not wanted.force:
        raise UserError(
            where=str(root),
            found=f"a project that is there already ({', '.join(there)})",
            expected="a folder without one",
            hint=f"`fullcycle -C {root} run` goes on with it; `--force` writes {' and '.join(there)} anew",
        )
    return _absolute(root)


def _check_source(wanted: NewProject) -> None:
    """What can be known to be wrong before anything is fetched, told as `--data` was typed."""
    from fullcycle.core.sources.kinds import check_source

    try:
        check_source(_as_typed(wanted), Path())
    except UserError as error:
        raise _as_option(error, wanted) from error


def _as_option(error: UserError, wanted: NewProject) -> UserError:
    hint = error.hint
    if close := re.match(r"did you mean `(.*)`\?$", hint):
        hint = f"did you mean `--data {Path(wanted.source).parent / close[1]}`?"
    elif error.found == "no such file":
        hint = "give the path of a table, relative to the folder you are in"
    where = f"--data {wanted.source}" if error.where == str(wanted.source) else error.where
    error.where, error.hint = where.replace("data.source", "--data"), hint
    return error


def _as_typed(wanted: NewProject) -> DataSettings:
    return DataSettings(source=str(wanted.source), **wanted.reading)


def _settings(wanted: NewProject, root: Path) -> Settings:
    source = stored_source(wanted.source, root)
    return Settings(
        name=wanted.name or root.name or "project", data=DataSettings(source=source, **wanted.reading)
    )


def _learn(wanted: NewProject) -> tuple[Contract, Facts, tuple[Finding, ...]]:
    from fullcycle.core.contract.infer import infer_contract
    from fullcycle.core.engines.tables import ROW
    from fullcycle.core.sources.source import open_source

    # Errors name the source as the person typed it.
    with open_source(_as_typed(wanted), Path()) as source:
        columns = [name for name in source.table.columns if name != ROW]
        _check_names(wanted, columns)
        learned = infer_contract(
            source.table, wanted.target, decimal=source.decimal, task=wanted.task, time=wanted.time
        )
        contract = _with_roles(learned.contract, wanted, learned.fractional)
        return contract, source.facts, (*source.findings, *learned.findings)


def _check_names(wanted: NewProject, columns: Sequence[str]) -> None:
    asked = {
        "--target": wanted.target,
        "--time": wanted.time,
        "--group": wanted.group,
        "--id": wanted.identifier,
    }
    taken: dict[str, str] = {}
    for option, name in asked.items():
        if name is None:
            continue
        if name not in columns:
            raise _no_column(option, name, columns, wanted.source)
        if name in taken:
            raise UserError(
                where=option,
                found=f"column {name!r}, which is {taken[name]} too",
                expected="a column for each of them: a column has one role",
            )
        taken[name] = option


def _no_column(option: str, name: str, columns: Sequence[str], source: Path | str) -> UserError:
    folded = {column.casefold(): column for column in columns}
    close = get_close_matches(name.casefold(), list(folded), n=1)
    shown = ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
    return UserError(
        where=f"{option} {name}",
        found=f"no such column in {source}",
        expected=f"one of {shown}",
        hint=f"did you mean `{option} {_quoted(folded[close[0]])}`?"
        if close
        else f"give {option} one of these",
    )


def _quoted(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else f"'{name}'"


def _with_roles(contract: Contract, wanted: NewProject, fractional: Collection[str]) -> Contract:
    roles = {wanted.time: Role.time, wanted.group: Role.group, wanted.identifier: Role.identifier}
    roles.pop(None, None)
    changed = tuple(
        column.model_copy(update={"role": roles[column.name]}) if column.name in roles else column
        for column in contract.columns
    )
    for column in changed:
        if column.role is Role.time and column.type not in ORDERED:
            raise _no_time(column)
        if column.role is Role.time and column.type is ColumnType.numeric and column.name in fractional:
            raise _no_order(column)
    return Contract.model_validate({**contract.model_dump(), "columns": [c.model_dump() for c in changed]})


def _no_time(column: Column) -> UserError:
    return UserError(
        where=f"--time {column.name}",
        found=f"a {column.type} column",
        expected="dates, or numbers that grow with time",
        hint="choose another column, or write its dates in one form, such as 2024-05-31",
    )


def _no_order(column: Column) -> UserError:
    low, high = column.range or (0.0, 0.0)
    return UserError(
        where=f"--time {column.name}",
        found=f"numbers with fractions, {low:g} to {high:g}",
        expected="dates, or whole numbers that grow with time: a year, seconds since 1970, a running number",
        hint="choose another column, or leave --time out; a moment with a fraction of a second is written "
        "as 2024-05-31 12:00:00.25",
    )


def _write(project: Project, wanted: NewProject, settings: Settings, contract: Contract) -> bool:
    """Write everything; True if it was committed, which happens only in a repository of its own."""
    from fullcycle.automate.graph import write_graph
    from fullcycle.core.contract.yaml_file import write_contract

    root = project.root
    root.mkdir(parents=True, exist_ok=True)
    made = ensure_git(root, own=wanted.own_repository)
    ensure_dvc(root)
    write_companions(
        root, name=settings.name, target=wanted.target, task=contract.task.value, source=settings.data.source
    )
    write_contract(project.paths.contract, contract)
    write_text_atomically(project.paths.settings, settings_to_yaml(settings))
    write_graph(project)
    if made:
        commit(root, (*COMMITTED, *wanted.also_commit), f"Start {settings.name} with fullcycle")
    return made
