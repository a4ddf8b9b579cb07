"""Commands about the API's keys: the file holds hashes, a key itself is shown once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json, shown
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.live.serve.keys import Key, Role

keys = typer.Typer(help="API keys: make, list, remove.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(keys, name="keys")


@keys.command()
def new(
    name: Annotated[str, typer.Argument(help="Who gets it: letters, digits, dots and dashes.")],
    *,
    role: Annotated[list[str], typer.Option("--role", help="predict, feedback or admin; may be repeated.")],
    as_json: JsonOption = False,
) -> None:
    """Make a key, print it once, and keep its hash."""
    from fullcycle.live.serve.keys import NAME, ROLES, new_key

    unknown = next((each for each in role if each not in ROLES), None)
    if unknown is not None:
        raise UserError(where="--role", found=unknown, expected=f"one of {', '.join(ROLES)}")
    if not NAME.fullmatch(name):
        raise UserError(where="NAME", found=repr(name), expected="letters, digits, dots and dashes")
    path, known = _kept()
    if any(key.name == name for key in known):
        raise UserError(
            where=str(path),
            found=f"a key {name}",
            expected="a new name",
            hint=f"`fullcycle keys remove {name}`",
        )
    secret, key = new_key(name, cast("list[Role]", role))
    _keep(path, (*known, key))
    if as_json:
        show_json({"name": name, "roles": list(key.roles), "key": secret})
        return
    typer.echo(secret)
    say(f"shown once; its hash is in {shown(path)}. A server that runs takes it within a second")
    say(f"send it as `authorization: Bearer {secret[:8]}...`")


@keys.command("list")
def listed(as_json: JsonOption = False) -> None:
    """Names and roles of the keys."""
    path, known = _kept()
    if as_json:
        show_json([{"name": key.name, "roles": list(key.roles)} for key in known])
        return
    for key in known:
        typer.echo(f"{key.name}  {', '.join(key.roles)}")
    if not known:
        say(f"no key in {shown(path)}: `fullcycle keys new NAME --role predict`")


@keys.command()
def remove(name: Annotated[str, typer.Argument(help="As `fullcycle keys list` has it.")]) -> None:
    """Take a key back; a server that runs refuses it within a second."""
    path, known = _kept()
    left = tuple(key for key in known if key.name != name)
    if len(left) == len(known):
        raise UserError(where=str(path), found=f"no key {name}", hint="`fullcycle keys list`")
    _keep(path, left)
    say(f"removed {name} from {shown(path)}")


def _kept() -> tuple[Path, tuple[Key, ...]]:
    from fullcycle.live.serve.keys import parse_keys

    project = project_here()
    path = project.root / (project.settings.serve.keys_file or "keys.txt")
    return path, parse_keys(path.read_text(encoding="utf-8"), str(path)) if path.exists() else ()


def _keep(path: Path, known: tuple[Key, ...]) -> None:
    from fullcycle.core.project.files import write_text_atomically

    write_text_atomically(path, "".join(f"{key.as_line()}\n" for key in known))
