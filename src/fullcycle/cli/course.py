"""The teacher's commands: grades of a course, the form for marks, a course file to begin with."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fullcycle.cli.common import JsonOption, say, show_json, shown, to_type, wrapped
from fullcycle.core.errors import EXIT_CHECK_FAILED, EXIT_FINE, UserError

if TYPE_CHECKING:
    from fullcycle.people.course.course_file import Place
    from fullcycle.people.course.works import Result

course_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
NAME_AT_MOST = 28  # columns of the table in the terminal
FileOption = Annotated[
    Path, typer.Option("--file", "-f", metavar="FILE", help="The course file; paths in it start there.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--lang", metavar="en|ru", help="Instead of the languages in the course file.")
]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="What counts as today for deadlines.")
]
DEFAULT = Path("course.yaml")


def register(app: typer.Typer) -> None:
    """Add the group below `assess`."""
    app.add_typer(course_app, name="course")


@course_app.callback()
def course(
    context: typer.Context,
    *,
    file: FileOption = DEFAULT,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Default: gradebook, beside the course file."),
    ] = None,
    lang: LanguageOption = None,
    on: OnOption = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make each project again, with limits: this runs learners' code."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Grade every learner: gradebook as XLSX and CSV, feedback for each as HTML and Markdown.

    Projects are read and never run. Exit 1 if a final grade is below `minimum` of the course file.
    """
    if context.invoked_subcommand is not None:
        return
    from fullcycle.people.course.assess_course import as_dict, assess_course, write_results

    place, language = _course(file), _language(lang)
    results = assess_course(
        place, _today(place, on), rebuild=rebuild, told=lambda text: say(f"rebuild {text}")
    )
    folder = out.resolve() if out else place.folder / "gradebook"
    written = write_results(folder, place.course, results, language)
    if as_json:
        show_json({**as_dict(place.course, results), "files": [str(path) for path in written]})
    else:
        typer.echo("\n".join(_table(place, results)))
        say(f"\n{shown(written[0])}, {written[1].name}; feedback in {shown(folder / 'feedback')}")
    raise typer.Exit(EXIT_CHECK_FAILED if _below(place, results) else EXIT_FINE)


@course_app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="With a folder for each learner.")],
) -> None:
    """Propose DIR/course.yaml from the projects, homework and quizzes that lie in DIR."""
    from fullcycle.core.project.files import write_text_atomically
    from fullcycle.people.course.course_file import COURSE_FILE, read_course
    from fullcycle.people.course.propose import propose

    path = folder / COURSE_FILE
    if path.exists():
        raise UserError(
            where=str(path), found="a course file", expected="a folder without one",
            hint="edit it, or move it aside and run the same command again",
        )  # fmt: skip
    write_text_atomically(path, propose(folder))
    learners = read_course(path).course.learners
    typer.echo(f"{shown(path.resolve())}: {len(learners)} learners; look through it, then")
    for command in ("assess course form", "assess course"):
        typer.echo(f"  {to_type(f'{command} --file {shlex.quote(str(path))}')}")


@course_app.command("form")
def form(
    file: FileOption = DEFAULT,
    lang: LanguageOption = None,
) -> None:
    """Write the form for the teacher's marks (`marks` in the course file); marks that are there are kept."""
    from fullcycle.people.course.assess_course import assess_course
    from fullcycle.people.course.form import write_form
    from fullcycle.people.report.words import Words

    place, language = _course(file), _language(lang)
    results = assess_course(place, _today(place, None))
    path = place.folder / place.course.marks
    write_form(path, results, Words(language or place.course.language))
    items = [item for each in results for work in each.works for item in work.items]
    waiting = sum(item.state == "unmarked" for item in items)
    typer.echo(f"{shown(path)}: {len(items)} rows, {waiting} wait for a mark")


def _course(file: Path) -> Place:
    from fullcycle.people.course.course_file import read_course

    return read_course(file)


def _language(lang: str | None) -> str | None:
    if lang not in (None, "en", "ru"):
        raise UserError(where="--lang", found=repr(lang), expected="en or ru")
    return lang


def _today(place: Place, on: str | None) -> date:
    if on is None:
        return datetime.now(UTC).astimezone(place.course.zone).date()
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        raise UserError(where="--on", found=repr(on), expected="a date, such as 2026-09-30") from error


def _below(place: Place, results: Sequence[Result]) -> list[Result]:
    minimum = place.course.minimum
    return [each for each in results if minimum is not None and each.grade and each.grade.ten < minimum]


def _table(place: Place, results: Sequence[Result]) -> Iterator[str]:
    """A line for each learner, and what must be known of the work below it."""
    from fullcycle.people.course.gradebook import notes, rules_text
    from fullcycle.people.course.said import CREDIT, points_text
    from fullcycle.people.report.words import Words

    words = Words("en")
    width = min(NAME_AT_MOST, max(len(each.learner.name) for each in results))
    yield f"{'':{width}}  homework  project     quiz    final  of 5"
    for each in results:
        means = (each.homework_mean, each.project_mean, each.quiz.counted)
        name = each.learner.name[:width]
        final = (
            f"{each.grade.ten:>7}  {each.grade.five:>4}  {CREDIT[each.grade.passed]}"
            if each.grade
            else "   open"
        )
        yield f"{name:{width}}  {'  '.join(f'{points_text(words, mean):>7}' for mean in means)}  {final}"
        told = notes(place.course, each, words)
        if told:
            yield wrapped(told, "    ", "    ")
    for each in _below(place, results):
        yield f"{each.learner.name}: below {place.course.minimum:g}, the minimum of the course file"
    rules = list(rules_text(place.course, words))
    yield ""
    yield wrapped(f"{rules[0]} {rules[2]}", "", "")
