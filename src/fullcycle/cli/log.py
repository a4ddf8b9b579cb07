"""Commands about the prediction log: what it holds, and making it small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, shown, to_type

if TYPE_CHECKING:
    from fullcycle.live.log.show import Shown

log_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(log_app, name="log", help="The log of answered predictions.")


@log_app.command()
def show(
    *,
    records: Annotated[
        int, typer.Option("--records", "-n", min=0, metavar="N", help="Show the last N answers too.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Count answers and outcomes, by day, route and version."""
    from fullcycle.live.log.show import look

    folder = project_here().paths.predictions
    found = look(folder, records)
    if as_json:
        show_json(found.as_dict())
        return
    typer.echo("\n".join(_told(found)))
    if found.torn:
        say(f"{found.torn} records were torn by a kill or a full disk; none of them was acknowledged")
    if found.files:
        say(f"{found.files} files lie in {shown(folder)} as they were written; `{to_type('log compact')}`")


@log_app.command()
def compact(*, as_json: JsonOption = False) -> None:
    """Turn what was written into Parquet by day, and remove days that are not kept (log.keep_days)."""
    from fullcycle.live.log.compact import compact

    project = project_here()
    done = compact(project.paths.predictions, project.settings.log)
    if as_json:
        show_json(done.as_dict())
        return
    typer.echo(f"{done.records} records of {done.files} files are in Parquet now, {done.parts} days")
    if done.removed:
        typer.echo(f"{done.removed} files of days before the ones that are kept were removed")
    if done.torn:
        say(f"{done.torn} records were torn by a kill or a full disk, and are left out")
    if done.waiting:
        say(f"{done.waiting} files are still written to; they follow when their day or size is over")


def _told(found: Shown) -> Iterator[str]:
    yield (
        f"{found.answers} answers, {found.outcomes} with a known outcome, "
        f"{found.orphans} outcomes of no answer"
    )
    for each in found.groups:
        known = f", {each['outcomes']} outcomes" if each["outcomes"] else ""
        yield (
            f"{each['day']}  {each['route']:10} {each['version']}  {each['answers']} answers, "
            f"p50 {each['latency_p50_ms']:.3f} ms, p99 {each['latency_p99_ms']:.3f} ms{known}"
        )
    for record in found.records:
        yield f"{str(record['time'])[:19]}  {record['request_id']} {record['row']}  {_said(record)}"


def _said(record: dict[str, Any]) -> str:
    outcome = "" if record["outcome"] is None else f", turned out {record['outcome']}"
    return f"{record['route']} said {record['prediction']}{outcome}"
