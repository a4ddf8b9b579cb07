"""Which commands a CI service really runs: what a comment, an `echo` or a switched-off job says is none.

A command counts if it fails the job when it fails, and if something other than a person starts the job.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

Command = tuple[str, ...]

# A dispatch by hand or by another workflow is no automation of its own.
STARTS_ITSELF = {
    "push",
    "pull_request",
    "pull_request_target",
    "merge_group",
    "schedule",
    "repository_dispatch",
    "workflow_run",
}
NEVER = re.compile(r"^(\$\{\{)?\s*false\s*(\}\})?$", re.IGNORECASE)
RUNNERS = (("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("python", "-m"), ("python3", "-m"))
BEFORE = {"time", "nice", "exec", "env", "command", "then", "do", "else", "!", "{"}
ASSIGNMENT = re.compile(r"^\w+=")
HERE_DOCUMENT = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
ENDS = {";", "&&", "||", "|", "&", "(", ")", ";;", "|&"}
GROOVY_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*|\s//\s[^\n]*", re.DOTALL | re.MULTILINE)
GROOVY_SHELL = re.compile(
    r"\b(?:sh|bat)\s*\(?\s*(?:script\s*:\s*)?"
    r"(\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)


def runs(commands: Sequence[Command], wanted: str) -> bool:
    """Whether one of the commands is `wanted`, with whatever options.

    >>> runs([("fullcycle", "run", "--budget")], "fullcycle run")
    True
    >>> runs([("fullcycle", "run", "clean")], "fullcycle run verify")
    False
    """
    words = tuple(wanted.split())
    return any(command[: len(words)] == words for command in commands)


def commands_of_workflow(workflow: Any, folder: str) -> Iterator[Command]:
    """Commands that a workflow of GitHub runs in a folder of the repository ("" is its root)."""
    if not isinstance(workflow, Mapping) or not _starts_itself(workflow):
        return
    for job in _mapping(workflow.get("jobs")).values():
        if not isinstance(job, Mapping) or _switched_off(job):
            continue
        for step in job.get("steps") or ():
            if isinstance(step, Mapping) and not _switched_off(step) and isinstance(step.get("run"), str):
                where = _working_directory(step, job, workflow)
                yield from _in_folder(commands_of_shell(step["run"]), where, folder)


def _starts_itself(workflow: Mapping[Any, Any]) -> bool:
    on = workflow.get("on", workflow.get(True))  # YAML 1.1 reads the key `on` as true
    names = {on} if isinstance(on, str) else set(on) if isinstance(on, list | Mapping) else set()
    return bool(names & STARTS_ITSELF)


def _switched_off(part: Mapping[Any, Any]) -> bool:
    return part.get("continue-on-error") is True or bool(NEVER.match(str(part.get("if", ""))))


def _working_directory(step: Mapping[Any, Any], *above: Mapping[Any, Any]) -> str:
    told = [step.get("working-directory")]
    told += [_mapping(_mapping(each.get("defaults")).get("run")).get("working-directory") for each in above]
    return next((str(each) for each in told if each), "")


def _in_folder(commands: Iterator[Command], where: str, folder: str) -> Iterator[Command]:
    """Without the `-C DIR` before the command's name, those that work in the folder."""
    here = PurePosixPath(where)
    for name, *options in commands:
        if name == "cd" and len(options) == 1:
            here = here / options[0]
        elif name == "fullcycle" and options[:1] == ["-C"]:
            if _same(here / "".join(options[1:2]), folder):
                yield (name, *options[2:])
        elif _same(here, folder):
            yield (name, *options)


def _same(path: PurePosixPath, folder: str) -> bool:
    return path.parts == PurePosixPath(folder).parts


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def commands_of_jenkinsfile(text: str) -> Iterator[Command]:
    """Commands of the `sh` steps of a Jenkinsfile."""
    for quoted in GROOVY_SHELL.findall(GROOVY_COMMENT.sub("", text)):
        marks = 3 if quoted[:3] in ('"""', "'''") else 1
        yield from commands_of_shell(quoted[marks:-marks])


def commands_of_shell(script: str) -> Iterator[Command]:
    """Simple commands of a shell script that end it where they fail.

    >>> list(commands_of_shell("A=1 uv run fullcycle run && echo done # fullcycle monitor"))
    [('fullcycle', 'run'), ('echo', 'done')]
    >>> list(commands_of_shell("fullcycle run || true"))
    [('true',)]
    """
    for line in _lines(script):
        try:
            lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()")
            lexer.whitespace_split = True
            tokens = list(lexer)
        except ValueError:  # a quote that another line ends
            continue
        command: list[str] = []
        for token in (*tokens, ";"):
            if token not in ENDS:
                command.append(token)
                continue
            named = _named(command)
            if named and token not in ("||", "&") and not {"--help", "--version"} & set(named):
                yield named
            command = []


def _lines(script: str) -> Iterator[str]:
    """Lines with their continuations, without what a here-document holds."""
    until: str | None = None
    for line in script.replace("\\\n", " ").splitlines():
        if until is not None:
            until = None if line.strip() == until else until
            continue
        found = HERE_DOCUMENT.search(line)
        until = found[1] if found else None
        yield line


def _named(words: Sequence[str]) -> Command:
    """The command without what stands before its name."""
    rest = list(words)
    while rest:
        if ASSIGNMENT.match(rest[0]) or rest[0] in BEFORE or rest[0].startswith("-"):
            del rest[0]
        elif (PurePosixPath(rest[0]).name, *rest[1:2]) in RUNNERS:
            del rest[:2]
        else:
            return (PurePosixPath(rest[0]).name, *rest[1:])
    return ()
