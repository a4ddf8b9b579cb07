"""The command that makes a project from a table."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, say, show_json
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.automate.init import Initialized
    from fullcycle.core.contract.model import Contract, Task

TASKS = ("binary", "multiclass", "regression")
SHOWN_NAMES = 8
# Where the reader of tables names keys of fullcycle.yaml, there is none yet: an option of init does it.
OPTION_OF_KEY = {
    f"data.{key}": f"--{key.replace('_', '-')}"
    for key in ("encoding", "separator", "decimal", "columns_at_most", "table", "query")
}
OPTION_OF_KEY["data.source"] = "--data"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new project.")],
    *,
    data: Annotated[str, typer.Option(metavar="SOURCE", help="The table: a path, a glob or a URI.")],
    target: Annotated[str, typer.Option(metavar="COLUMN", help="The column to predict.")],
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="binary, multiclass or regression; found out by default."),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="When a row happened: training is earlier than testing."),
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Whose rows stay together in every split.")
    ] = None,
    identifier: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The key of a row.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What reports call it; the folder's name by default.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of a text file; found out by default.")
    ] = None,
    separator: Annotated[
        str | None, typer.Option(help="Separator of a text file; found out by default.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help='Decimal mark, "." or ","; found out by default.')
    ] = None,
    table: Annotated[str | None, typer.Option(help="Table of a database, or sheet of an Excel file.")] = None,
    query: Annotated[str | None, typer.Option(help="SELECT that a database answers.")] = None,
    columns_at_most: Annotated[int | None, typer.Option(min=1, help="Refuse more columns than this.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write fullcycle.yaml and contract.yaml anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a project from a table: learn its contract."""
    from fullcycle.automate.init import NewProject, init_project

    reading = {
        "encoding": encoding,
        "separator": separator,
        "decimal": _one_of("--decimal", decimal, (".", ",")),
        "columns_at_most": columns_at_most,
        "table": table,
        "query": query,
    }
    wanted = NewProject(
        directory=directory,
        source=data,
        target=target,
        task=_task(task),
        time=time,
        group=group,
        identifier=identifier,
        name=name,
        force=force,
        reading={key: value for key, value in reading.items() if value is not None},
    )
    with _options_in_hints():
        made = init_project(wanted)
    if as_json:
        show_json(_as_dict(made))
        return
    typer.echo("\n".join(describe(made)))
    say("\n".join(next_steps(made, directory)))


class _options_in_hints:  # noqa: N801 - reads as a `with` statement
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UserError):
            error.where = _with_options(error.where.removeprefix("fullcycle.yaml, key "))
            error.found, error.expected = _with_options(error.found), _with_options(error.expected)
            error.hint = _with_options(error.hint)


def _with_options(text: str) -> str:
    for key, option in OPTION_OF_KEY.items():
        for written in (f"set {key} in fullcycle.yaml", f"set {key}"):
            text = text.replace(written, f"give {option}")
        text = text.replace(key, option)
    return text.replace("`encoding: auto` finds", "`--encoding auto` finds").replace(
        "`separator: auto` finds", "`--separator auto` finds"
    )


def _one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is None or value in allowed:
        return value
    from difflib import get_close_matches

    close = get_close_matches(value, allowed, n=1)
    raise UserError(
        where=option,
        found=repr(value),
        expected=f"one of {' '.join(allowed)}",
        hint=f"did you mean `{option} {close[0]}`?" if close else "",
    )


def _task(value: str | None) -> Task | None:
    from fullcycle.core.contract.model import Task

    known = _one_of("--task", value, TASKS)
    return None if known is None else Task(known)


def describe(made: Initialized) -> Iterator[str]:
    """What was inferred, in a few lines."""
    contract, facts = made.project.contract, made.facts
    source = made.project.settings.data.source
    yield f"{made.project.root.name}: {facts.rows:,} rows, {len(facts.columns):,} columns in {source}"
    yield ""
    yield f"  predicts   {_target(contract)}"
    yield f"  from       {_features(contract)}"
    for role, columns in _other_roles(contract).items():
        yield f"  {role:10} {_names(columns)}"
    yield from _missing(contract)


def _target(contract: Contract) -> str:
    classes = contract.classes
    if classes is None:
        return f"{contract.target.name}: a number (regression)"
    if len(classes) == 2:
        return f"{contract.target.name}: {classes[1]} against {classes[0]} (binary)"
    return f"{contract.target.name}: one of {_names(list(classes))} (multiclass)"


def _features(contract: Contract) -> str:
    kinds = Counter(column.type.value for column in contract.features)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return f"{len(contract.features)} columns: {counted}"


def _other_roles(contract: Contract) -> dict[str, list[str]]:
    used = {column.name for column in contract.features} | {contract.target.name}
    others: dict[str, list[str]] = {}
    for column in contract.columns:
        if column.name not in used:
            label = "text" if column.role.value == "feature" else column.role.value
            others.setdefault(label, []).append(column.name)
    return others


def _missing(contract: Contract) -> Iterator[str]:
    tokens = {column.name: column.missing for column in contract.columns if column.missing}
    if tokens:
        shown = [f"{', '.join(map(repr, texts))} in {name}" for name, texts in tokens.items()]
        yield f"  missing    {_names(shown)}"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def next_steps(made: Initialized, directory: Path) -> Iterator[str]:
    """What to look at, and what to type."""
    from fullcycle.cli.summaries import finding_lines

    if made.findings:
        yield ""
        yield "Please look at:"
        yield from finding_lines(made.findings)
    folder = shlex.quote(str(directory))
    yield ""
    yield "Next:"
    yield f"  review {folder}/contract.yaml    # roles, types and missing values, as they were inferred"
    if not made.committed:
        yield f"  git -C {folder} add . && git -C {folder} commit    # the repository around it is yours"
    yield f"  fullcycle -C {folder} run"


def _as_dict(made: Initialized) -> dict[str, Any]:
    return {
        "project": str(made.project.root),
        "source": made.project.settings.data.source,
        "rows": made.facts.rows,
        "columns": len(made.facts.columns),
        "contract": made.project.contract.model_dump(mode="json"),
        "findings": [finding.model_dump(mode="json") for finding in made.findings],
        "committed": made.committed,
    }
