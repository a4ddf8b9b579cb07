"""Commands about past bundles: which there are, and bringing one back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, coloured, project_here, say, show_json, to_type
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE

if TYPE_CHECKING:
    from fullcycle.automate.checkout import CheckedOut
    from fullcycle.automate.history import Past
    from fullcycle.automate.rebuild import Rebuilt
    from fullcycle.core.project.project import Project

SHORT = 7  # digits of a commit or a hash, as git shows them


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of `--help`."""
    app.command()(versions)
    app.command()(checkout)


def versions(as_json: JsonOption = False) -> None:
    """List every bundle with its commit, data, metric and route."""
    from fullcycle.automate.history import past_bundles

    found = past_bundles(project_here())
    if as_json:
        show_json([each.as_dict() for each in found])
        return
    typer.echo("\n".join(_told(found)))
    if not all(each.recorded for each in found):
        say("* no commit holds its evidence and dvc.lock: commit after a run, and it can be brought back")
    say(f"\nbring one back: {to_type('checkout VERSION')}" if found else f"next: {to_type('run')}")


def checkout(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A bundle, a branch, or - for where you were before.")
    ],
    rebuild: Annotated[
        bool, typer.Option("--rebuild/--no-rebuild", help="Make the bundle again and compare.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Bring back a past bundle, its code and data; make it again."""
    from fullcycle.automate.checkout import checkout

    project = project_here()
    with redirect_stdout(StringIO()):  # DVC tells what it does where an answer belongs
        done = checkout(project, version)
    if not as_json:
        typer.echo("\n".join(_told_checkout(done)))
    again = _rebuilt(project, done.bundle) if rebuild and done.bundle is not None else None
    if as_json:
        show_json(_as_dict(done, again))
    elif again is not None:
        typer.echo("\n".join(_told_rebuilt(again)))
    raise typer.Exit(EXIT_FINE if again is None or again.equal else EXIT_CHECK_FAILED)


def _rebuilt(project: Project, past: Past) -> Rebuilt:
    from fullcycle.automate.rebuild import rebuild
    from fullcycle.cli.handover import handed_over
    from fullcycle.cli.warm import warm_stages

    say("making it again in a clean clone ...")
    with redirect_stdout(StringIO()), warm_stages():
        return rebuild(project, past, handed_over)


def _told(found: Sequence[Past]) -> Iterator[str]:
    if not found:
        yield "no bundle was made yet"
        return
    yield f"{'version':16}  {'made (UTC)':16}  {'route':10}  {'commit':8}  {'data':7}  {'model':10}  metric"
    for each in found:
        commit = (each.recorded or each.commit or "none")[:SHORT]
        mark = "" if each.recorded else "*"
        metric = "" if each.value is None else f"{each.headline} {each.value:.4f}"
        failed = "" if each.passed is not False else "  a gate failed"
        yield (
            f"{each.version}  {each.created[:16]:16}  {each.role or '-':10}  {commit + mark:8}  "
            f"{each.data_sha256[:SHORT]:7}  {each.model:10}  {metric}{failed}"
        ).rstrip()


def _told_checkout(done: CheckedOut) -> Iterator[str]:
    if done.bundle is not None:
        yield coloured(f"bundle {done.bundle.version} is back", bold=True) + (
            f": code of commit {done.commit[:SHORT]}, data {done.bundle.data_sha256[:SHORT]}, "
            f"{done.golden_rows} golden rows proven"
        )
    else:
        yield coloured(f"back at commit {done.commit[:SHORT]}", bold=True)
    yield f"back: {to_type(f'checkout {done.back}')}, or {to_type('checkout -')}"


def _told_rebuilt(again: Rebuilt) -> Iterator[str]:
    rows = f"{again.golden_rows} golden rows and {again.test_rows:,} test rows"
    if again.equal:
        yield coloured("made again and equal", fg="green") + f": {rows} get exactly the same answers"
    else:
        yield coloured("made again and different", fg="red") + (
            f": {again.golden_differing} of {again.golden_rows} golden rows and {again.test_differing:,} of "
            f"{again.test_rows:,} test rows get other answers"
        )
    parts = {"tables": again.same_tables, "graph": again.same_graph}
    yield ", ".join(f"{name} {'equal byte by byte' if same else 'not equal'}" for name, same in parts.items())
    for difference in again.settings:
        yield f"the commit has other settings than the run: {difference}"
    for name, (then, now) in again.environment.items():
        yield f"made with {name} {then}, made again with {now}"


def _as_dict(done: CheckedOut, again: Rebuilt | None) -> dict[str, Any]:
    return {
        "commit": done.commit,
        "bundle": None if done.bundle is None else done.bundle.as_dict(),
        "golden_rows": done.golden_rows,
        "back": done.back,
        "rebuilt": None if again is None else again.as_dict(),
    }
