"""Commands about the contract: show it, add columns that it lacks, hold a table against it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import Caller, JsonOption, project_here, say, show_json, to_type, wrapped
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE

if TYPE_CHECKING:
    from fullcycle.core.contract.model import Column, Contract
    from fullcycle.core.project.project import Project
    from fullcycle.cycle.collect.check import Checked

SHOWN_VALUES = 6


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        help="Show, learn and check what a row must be.",
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    group.command("show")(show)
    group.command("learn")(learn)
    group.command("check")(check)
    app.add_typer(group, name="contract")


def show(as_json: JsonOption = False) -> None:
    """List the columns: role, type, what was seen of them."""
    contract = project_here().contract
    if as_json:
        show_json(contract.model_dump(mode="json"))
    else:
        typer.echo("\n".join(_listed(contract)))


def learn(as_json: JsonOption = False) -> None:
    """Add columns of the data that contract.yaml lacks; what stands there stays."""
    from fullcycle.cli.summaries import finding_lines
    from fullcycle.cycle.collect.learn import learn_columns

    project = project_here()
    _collect(project)
    learned = learn_columns(project)
    if as_json:
        show_json(
            {
                "added": [column.model_dump(mode="json") for column in learned.columns],
                "findings": [found.model_dump(mode="json") for found in learned.findings],
            }
        )
        return
    if not learned.columns:
        typer.echo("contract.yaml knows every column of the data already")
        return
    typer.echo(f"{len(learned.columns)} columns added to contract.yaml:")
    typer.echo("\n".join([*_lines(learned.columns), *finding_lines(learned.findings)]))
    say(f"\nNext:\n  review contract.yaml\n  {to_type('run')}")


def check(
    source: Annotated[
        str, typer.Argument(metavar="SRC", help="A table, as `fullcycle init --data` takes it.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Count what breaks the contract in a table; exit 1 if a row of it would be rejected."""
    from fullcycle.cycle.collect.check import check_source

    checked = check_source(project_here(), _from_caller(source))
    if as_json:
        show_json(_as_dict(checked))
    else:
        typer.echo("\n".join(_told(checked)))
    raise typer.Exit(EXIT_FINE if checked.passed else EXIT_CHECK_FAILED)


def _collect(project: Project) -> None:
    """The snapshot as settings and sources are now; nothing is done where nothing changed."""
    from fullcycle.automate.running import run_graph
    from fullcycle.cli.handover import handed_over

    with redirect_stdout(StringIO()), handed_over(project.root):
        run_graph(project, "collect")


def _from_caller(source: str) -> str:
    """A path is relative to the folder that the person is in; a URI stays as it is."""
    path = os.path.abspath((Caller.folder or Path.cwd()) / source)  # noqa: PTH100 - a link stays a link
    return path if Path(path).exists() or ":" not in source else source


def _listed(contract: Contract) -> Iterator[str]:
    classes = f": {', '.join(contract.classes)}" if contract.classes else ""
    yield f"predicts {contract.target.name} ({contract.task.value}{classes})"
    yield from _lines(contract.columns)


def _lines(columns: tuple[Column, ...]) -> Iterator[str]:
    longest = max(len(column.name) for column in columns)
    for column in columns:
        line = f"  {column.name:{longest}}  {column.role.value:10}  {column.type.value:11}  {_seen(column)}"
        yield line.rstrip()


def _seen(column: Column) -> str:
    parts = []
    if column.range is not None:
        parts.append("{:g} to {:g}".format(*column.range))
    if column.allowed and not column.personal:
        more = f" and {len(column.allowed) - SHOWN_VALUES} more" * (len(column.allowed) > SHOWN_VALUES)
        parts.append(", ".join(column.allowed[:SHOWN_VALUES]) + more)
    if column.missing:
        parts.append(f"missing: {', '.join(map(repr, column.missing))}")
    marks = {"strict": column.strict, "personal": column.personal, "may be absent": not column.required}
    return "; ".join([*parts, *(mark for mark, holds in marks.items() if holds)])


def _told(checked: Checked) -> Iterator[str]:
    from fullcycle.cycle.collect.check import is_refused

    verdict = "has values that the contract doesn't expect" if checked.violations else "keeps the contract"
    verdict = verdict if checked.passed else "breaks the contract"
    yield f"{checked.source}: {checked.rows:,} rows; the table {verdict}"
    for violation in checked.violations:
        mark = "x" if is_refused(violation) else "!"
        shown = f": {', '.join(map(repr, violation.examples))}" if violation.examples else ""
        kind = violation.kind.replace("_", " ")
        yield wrapped(f"{violation.column}, {violation.rows:,} rows, {kind}{shown}", f"  {mark} ", "      ")
    if checked.unknown:
        yield wrapped(f"the contract doesn't know {', '.join(checked.unknown)}", "  - ", "      ")


def _as_dict(checked: Checked) -> dict[str, Any]:
    from fullcycle.cycle.collect.check import is_refused

    return {
        "source": checked.source,
        "rows": checked.rows,
        "passed": checked.passed,
        "violations": [
            {**violation._asdict(), "rejected": is_refused(violation)} for violation in checked.violations
        ],
        "unknown": list(checked.unknown),
    }
