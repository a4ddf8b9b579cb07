"""The command that answers a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import Caller, JsonOption, project_here, say, show_json, shown
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE

if TYPE_CHECKING:
    from fullcycle.live.score.joining import Joins
    from fullcycle.live.score.run import Scored

COLUMNS_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    source: Annotated[str, typer.Argument(metavar="SRC", help="A file, glob or URI, as data.source.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="A .parquet or .csv file.")],
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="DIR", help="A bundle; by default what is released, else bundle/."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a scoring that was interrupted.")
    ] = False,
    answers_only: Annotated[
        bool, typer.Option("--answers-only", help="Row numbers and identifiers instead of all columns.")
    ] = False,
    table: Annotated[
        str | None, typer.Option("--table", help="Table of a database, or sheet of an Excel file.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", metavar="SQL", help="SELECT of a database.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer every row of a table, as the API does.

    Rows that break the contract go to OUT.rejected.*, with reasons. Exit 1 if no row was answered.
    """
    from fullcycle.core.project.settings import DataSettings
    from fullcycle.live.score.run import Asked, score

    here = Caller.folder or Path.cwd()
    asked = Asked(
        data=DataSettings(source=source, table=table, query=query),
        root=here,
        bundle=here / bundle if bundle is not None else _answering(),
        out=here / out,
        resume=resume,
        answers_only=answers_only,
        joins=_joins() if bundle is None else None,
    )
    done = score(asked)
    if as_json:
        show_json(done.as_dict())
    else:
        typer.echo("\n".join(_told(done)))
        for line in _noted(done):
            say(line)
    raise typer.Exit(EXIT_FINE if done.answered else EXIT_CHECK_FAILED)


def _answering() -> Path:
    """What is released, or what was verified last."""
    from fullcycle.core.routes.store import Deploy, answering

    paths = project_here().paths
    return answering(Deploy(paths.deploy), paths.bundle)


def _joins() -> Joins | None:
    """What the project puts beside its rows; a bundle that is named answers rows as they are."""
    from fullcycle.live.score.joining import Joins

    project = project_here()
    settings = project.settings.data
    return Joins(settings, project.root, project.contract) if settings.joins else None


def _told(done: Scored) -> Iterator[str]:
    yield f"{done.answered:,} rows answered by {done.version}, in {shown(done.out)}"
    if done.rejected_file is not None:
        yield f"{done.rejected:,} rows break the contract, with reasons in {shown(done.rejected_file)}"


def _noted(done: Scored) -> Iterator[str]:
    if done.resumed:
        yield f"{done.resumed} parts were there from the scoring that was interrupted"
    for name, rows in sorted(done.unexpected.items(), key=lambda item: -item[1])[:COLUMNS_SHOWN]:
        yield f"{name}: {rows:,} values that no training row had; they are answered all the same"
