"""The page of commands, from the tree that parses them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from fullcycle.cli.main import app

HEAD = """# Commands

Every command with its arguments and options, as `fullcycle COMMAND --help` shows them. `-C DIR` before the
command works in another folder, as in git. `--json` prints for programs; data goes to stdout, progress and
hints to stderr. Exit codes: 0 fine, 1 a gate or check failed, 2 wrong usage or input, 130 stopped by Ctrl-C.
Written by `make reference` from the code.
"""
HIDDEN = ("help", "install_completion", "show_completion")


def commands_page() -> str:
    """The whole page: what there is, then each command."""
    root: Any = typer.main.get_command(app)
    leaves = list(_leaves(root, "fullcycle"))
    listed = [f"| [`{name}`](#{_anchor(name)}) | {_told(command)} |" for name, command in leaves]
    parts = [line for name, command in leaves for line in _section(name, command)]
    return "\n".join([HEAD, "| command | what it does |", "| --- | --- |", *listed, "", *parts])


def _leaves(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if command.hidden:
            continue
        full = f"{name} {word}"
        if getattr(command, "invoke_without_command", False) or not hasattr(command, "commands"):
            yield full, command
        if hasattr(command, "commands"):
            yield from _leaves(command, full)


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _told(command: Any) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


def _section(name: str, command: Any) -> Iterator[str]:
    asked = [each for each in command.params if each.name not in HIDDEN]
    arguments = [_metavar(each) for each in asked if each.param_type_name == "argument"]
    options = ["[OPTIONS]"] if len(asked) > len(arguments) else []
    yield f"## {name}\n"
    yield "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n")) + "\n"
    yield f"```text\n{' '.join([name, *options, *arguments])}\n```\n"
    if asked:
        yield "| | default | meaning |\n| --- | --- | --- |"
        yield from (_parameter(each) for each in asked)
        yield ""


def _metavar(parameter: Any) -> str:
    written = parameter.metavar or parameter.name.upper()
    if parameter.param_type_name == "argument" and not parameter.required and not written.startswith("["):
        return f"[{written}]"
    return str(written)


def _parameter(parameter: Any) -> str:
    names = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        names = f"`{_metavar(parameter)}`"
    elif not parameter.is_flag:
        names += f" `{_metavar(parameter)}`" + (", again for more" if parameter.multiple else "")
    return f"| {names} | {_default(parameter)} | {_plain(parameter.help or '')} |"


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value is False or value in ((), [], ""):
        return ""
    return f"`{value}`"


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
