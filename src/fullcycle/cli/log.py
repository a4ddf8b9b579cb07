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
        say(f"{_counted(found.torn, 'line')} torn by a kill or a full disk; none of them was acknowledged")
    if found.files:
        say(f"{_counted(found.files, 'file')} in {shown(folder)} not compacted: `{to_type('log compact')}`")


@log_app.command()
def compact(*, as_json: JsonOption = False) -> None:
    """Turn what was written into Parquet by day, and remove days that are not kept (log.keep_days)."""
    from fullcycle.live.log.compact import compact

    project = project_here()
    done = compact(project.paths.predictions, project.settings.log)
    if as_json:
        show_json(done.as_dict())
        return
    told = [_counted(done.records, "record"), _counted(done.files, "file"), _counted(done.parts, "day")]
    typer.echo("put into Parquet: {} of {}, {}".format(*told))
    if done.removed:
        typer.echo(f"removed: {_counted(done.removed, 'file')} of days before the ones that are kept")
    if done.torn:
        say(f"left out: {_counted(done.torn, 'line')} torn by a kill or a full disk")
    if done.waiting:
        say(f"still written to: {_counted(done.waiting, 'file')}, until the day or log.file_mb is over")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


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
