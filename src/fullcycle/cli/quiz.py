"""The command that asks a learner."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fullcycle.cli.common import Caller, JsonOption, say, show_json, wrapped

SEEDS = 10**6
DEFAULT_QUESTIONS = 10


class Language(StrEnum):
    """`--lang`."""

    en = "en"
    ru = "ru"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(quiz)


def quiz(
    lang: Annotated[Language, typer.Option("--lang", help="Language of the questions.")] = Language.en,
    questions: Annotated[
        int, typer.Option("--questions", min=1, metavar="N", help="How many, drawn by lot.")
    ] = DEFAULT_QUESTIONS,
    *,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0.01, help="Time for all of them; default: no limit.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The same number draws the same attempt again.")
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="LETTERS", help="Grade these (abcd-...) instead of asking."),
    ] = None,
    bank: Annotated[
        Path | None, typer.Option("--bank", metavar="FILE", help="A bank of questions of your own, YAML.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the graded attempt as JSON.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer questions about ML in production; graded, explained.

    With --json and no --answers the questions are printed and nothing is asked.
    """
    from fullcycle.people.quiz.attempt import Graded, as_asked, draw, read_answers
    from fullcycle.people.quiz.bank import own_bank, read_bank
    from fullcycle.people.quiz.terminal import take, told
    from fullcycle.people.report.words import Words

    here, words = Caller.folder or Path.cwd(), Words(lang.value)
    number = secrets.randbelow(SEEDS) if seed is None else seed
    asked = draw(read_bank(here / bank) if bank else own_bank(), questions, number)
    if as_json and answers is None:
        show_json(
            {"seed": number, "language": lang.value, "questions": [as_asked(e, lang.value) for e in asked]}
        )
        return
    if answers is None:
        graded = take(asked, number, words, _line(say), _read_line, minutes=minutes)
    else:
        graded = Graded(number, lang.value, asked, read_answers(answers, len(asked)), minutes)
    if out is not None:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        _write(here / out, {**graded.as_dict(), "taken": moment})
    if as_json:
        show_json(graded.as_dict())
    else:
        typer.echo("\n" + "\n".join(_fitted(line) for line in told(graded, words)))
        say(f"--seed {number}")


def _line(show: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: show(_fitted(text))


def _fitted(text: str) -> str:
    """Within the terminal's width, further lines under the text of the first."""
    indent = len(text) - len(text.lstrip())
    return wrapped(text.lstrip(), " " * indent, " " * (indent + 3)) if text.strip() else ""


def _read_line(prompt: str) -> str:
    """What is typed; the end of the input is an empty line for each question that is left."""
    typer.echo(prompt, nl=False, err=True)
    try:
        return input()
    except EOFError:
        return ""


def _write(path: Path, attempt: dict[str, Any]) -> None:
    import json

    from fullcycle.core.project.files import write_text_atomically

    write_text_atomically(path, json.dumps(attempt, ensure_ascii=False, indent=2) + "\n")
