"""Commands that keep a project in order: gc (space, and one person's rows) and migrate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import JsonOption, coloured, project_here, say, show_json, to_type
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.automate.forget import Person
    from fullcycle.automate.migrate import Change
    from fullcycle.automate.space import Space
    from fullcycle.core.project.project import Project
    from fullcycle.live.log.forget import Forgotten

DIFF_SHOWN = 60  # lines of each file: the schema alone has hundreds, and `--json` has them all
COLOURS = {"+": "green", "-": "red"}


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of `--help`."""
    app.command()(migrate)
    app.command()(gc)


def migrate(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the diff; change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring an older project to today's forms, with a diff."""
    from fullcycle.automate.migrate import changes, migrate
    from fullcycle.core.project.lock import run_lock

    project = project_here()
    with run_lock(project.paths):
        found = (changes if dry_run else migrate)(project)
    if as_json:
        listed = [{"file": each.name, "why": each.why, "diff": each.diff} for each in found]
        show_json({"written": bool(found) and not dry_run, "changes": listed})
        return
    typer.echo("\n".join(_told_changes(found)))
    if found:
        after = f"write it: {to_type('migrate')}" if dry_run else f"look at `git diff`, then {to_type('run')}"
        say(f"\n{after}")


def _told_changes(found: Sequence[Change]) -> Iterator[str]:
    if not found:
        yield "nothing to do: every file has today's form"
    for each in found:
        yield coloured(each.name, bold=True) + (f": {'; '.join(each.why)}" if each.why else "")
        lines = each.diff.splitlines()
        yield from (coloured(line, fg=COLOURS.get(line[:1])) for line in lines[:DIFF_SHOWN])
        if len(lines) > DIFF_SHOWN:
            yield f"... {len(lines) - DIFF_SHOWN} more lines"


def gc(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is only shown.")] = False,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="KEY=VALUE",
            help="Remove one person's rows, from data, log and lookups.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show and free what caches, old bundles and runs take."""
    project = project_here()
    if person is not None:
        _forget(project, person, yes=yes, as_json=as_json)
        return
    from fullcycle.automate.space import free, survey

    with redirect_stdout(StringIO()):
        found = (free if yes else survey)(project, _in_use(project))
    if as_json:
        show_json({"freed": yes, "space": [each.as_dict() for each in found]})
        return
    typer.echo("\n".join(_told_space(found, freed=yes)))
    if not yes and any(each.free for each in found):
        say(f"\nfree it: {to_type('gc --yes')}")


def _in_use(project: Project) -> list[str]:
    """Bundles that running servers have open."""
    from fullcycle.core.routes.store import Deploy
    from fullcycle.live.routes.said import told

    alive = [each.content for each in told(Deploy(project.paths.deploy)) if each.alive]
    return [str(content["version"]) for content in alive if content.get("version")]


def _told_space(found: Sequence[Space], *, freed: bool) -> Iterator[str]:
    word = "freed" if freed else "to free"
    for each in found:
        counted = f"{_size(each.bytes)} in {each.count:,}"
        rest = f"{word} {_size(each.free_bytes)} in {len(each.free):,}"
        yield f"{each.kind:10}  {each.note or counted:28}  {rest}"
    yield f"{'together':10}  {_size(sum(each.bytes for each in found)):28}  " + coloured(
        f"{word} {_size(sum(each.free_bytes for each in found))}", bold=True
    )


def _size(number: int) -> str:
    if number < 1e6:
        return f"{number / 1e3:.0f} kB"
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"


def _forget(project: Project, person: str, *, yes: bool, as_json: bool) -> None:
    from fullcycle.automate.forget import forget_in_tables, record_forgetting
    from fullcycle.core.project.lock import run_lock
    from fullcycle.core.routes.store import person as author
    from fullcycle.live.log.forget import forget_in_log
    from fullcycle.live.log.personal import hashed, project_salt

    key, value = _key_and_value(person)
    log = project.paths.predictions
    log.mkdir(exist_ok=True)
    salt = project_salt(log)
    with run_lock(project.paths), redirect_stdout(StringIO()):
        found = forget_in_tables(project, key, value, really=False)
        logged = forget_in_log(log, key, value, salt, really=False)
        if yes:
            told = {"tables": found.as_dict()["tables"], "cached": len(found.cached), "log": logged.records}
            digest, who = str(hashed(person, salt)), author(project.root)
            record_forgetting(project, key, digest, {"state": "begun", **told}, who)
            forget_in_tables(project, key, value, really=True)
            logged = forget_in_log(log, key, value, salt, really=True)
            record_forgetting(project, key, digest, {"state": "done", **told}, who)
    if as_json:
        show_json({"removed": yes, **found.as_dict(), "log": logged.__dict__})
    else:
        typer.echo("\n".join(_told_person(found, logged, key, removed=yes)))


def _key_and_value(person: str) -> tuple[str, str]:
    key, equals, value = person.partition("=")
    if key and equals and value:
        return key, value
    raise UserError(
        where="--person",
        found="no key and value",
        expected="KEY=VALUE: a column that names people, and whose rows to remove",
        hint=f"`{to_type('gc --person customer_id=17')}` shows what would go; `--yes` removes it",
    )


def _told_person(found: Person, logged: Forgotten, key: str, *, removed: bool) -> Iterator[str]:
    word = "removed" if removed else "to remove"
    for table in found.tables:
        yield f"{word}: {_counted(table.rows, 'row')} of {table.name}"
    if logged.records:
        yield f"{word}: {_counted(logged.records, 'record')} of the prediction log"
    if found.cached:
        yield f"{word}: {_counted(len(found.cached), 'table')} of DVC's cache"
        yield "bundles made of them stay, and can't be made again"
    if not found.rows and not logged.records and not found.cached:
        yield f"nothing with that {key} in sources, data/, lookups or log"
    for name in (*found.elsewhere, *logged.held):
        yield coloured(f"left to you: {name}", fg="yellow")
    if removed:
        yield "on record in evidence/forgotten.jsonl (a salted hash, not the key): commit it"
        yield f"next: {to_type('run')}, which trains without the person"
    elif found.rows or logged.records or found.cached:
        yield "only shown: `--yes` removes them, and there is no way back"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
