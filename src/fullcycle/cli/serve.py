"""Commands that answer with a bundle: the API, and a row or a few on the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, say, show_json
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import ServeSettings
    from fullcycle.live.routes.follower import Source

CONTRIBUTIONS_SHOWN = 10

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", metavar="DIR", help="A bundle; the project's by default.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(predict)


def serve(
    *,
    bundle: BundleOption = None,
    host: Annotated[str | None, typer.Option(help="Address; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 8000 by default, 0 takes a free one.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that answer.")] = None,
    without_key: Annotated[
        bool,
        typer.Option("--without-key", help="Ask nobody for a key, though other machines may ask."),
    ] = False,
) -> None:
    """Answer requests with what is released, else with bundle/."""
    from fullcycle.live.serve import serve as answer

    source, settings = _source_and_settings(bundle)
    if without_key:
        settings = settings.model_copy(update={"without_key": True})
    answer(
        source,
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        workers=settings.workers if workers is None else workers,
    )


def predict(
    values: Annotated[list[str] | None, typer.Argument(metavar="[COLUMN=VALUE]...", help="One row.")] = None,
    *,
    json_row: Annotated[
        str | None,
        typer.Option("--json-row", metavar="JSON", help="A row as a JSON object, or a list of rows."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Rows in a .json or .csv file; - reads JSON from stdin."),
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a made-up row to start from.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="What each column contributes to the answer.")
    ] = False,
    bundle: BundleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one row or a few, as the API does."""
    from fullcycle.live.predict import example_of, predict_rows

    folder = bundle if bundle is not None else project_here().paths.bundle
    if example:
        show_json(example_of(folder))
        return
    answers = predict_rows(folder, _rows(values or [], json_row, file), explain=explain)
    if as_json:
        show_json(answers)
        return
    for number, answer in enumerate(answers):
        typer.echo(_told(answer))
        for line in _explained(answer):
            typer.echo(line)
        for mark in _marks(number, answer):
            say(mark)


def _source_and_settings(bundle: Path | None) -> tuple[Source, ServeSettings]:
    """A bundle that is named answers as it is; a project's routes are followed, and its answers logged."""
    from fullcycle.core.project.settings import ServeSettings
    from fullcycle.core.routes.store import Deploy
    from fullcycle.live.log.writer import LogPlace
    from fullcycle.live.routes.follower import Source

    if bundle is not None:
        return Source(bundle), ServeSettings()
    project = project_here()
    log = LogPlace(project.paths.predictions, project.settings.log) if project.settings.log.enabled else None
    source = Source(project.paths.bundle, Deploy(project.paths.deploy), project.settings.release.canary, log)
    return source, _completed(project)


def _completed(project: Project) -> ServeSettings:
    """What the settings leave to the project: where its keys are, or will be, and the name of its model."""
    settings = project.settings.serve
    name = settings.model_name or project.settings.release.name or project.settings.name
    file = project.root / (settings.keys_file or "keys.txt")
    if settings.keys_file is not None and not file.exists():
        raise UserError(
            where=f"serve.keys_file, {file}",
            found="no such file",
            expected="one that `fullcycle keys new` has written",
        )
    return settings.model_copy(
        update={
            "model_name": re.sub(r"[^A-Za-z0-9._-]+", "-", name),
            "keys_file": str(file),
        }
    )


def _rows(values: Sequence[str], json_row: str | None, file: Path | None) -> list[dict[str, Any]]:
    from fullcycle.live.predict import EXAMPLE, rows_from_arguments, rows_from_file, rows_from_json

    given = sum((bool(values), json_row is not None, file is not None))
    if given != 1:
        raise UserError(
            where="fullcycle predict",
            found="no row" if given == 0 else "rows given in more than one way",
            expected="COLUMN=VALUE ..., or --json-row JSON, or --file FILE",
            hint=EXAMPLE,
        )
    if json_row is not None:
        return rows_from_json(json_row)
    if file is None:
        return rows_from_arguments(values)
    return rows_from_json(sys.stdin.read(), where="stdin") if str(file) == "-" else rows_from_file(file)


def _told(answer: Mapping[str, Any]) -> str:
    chances = answer.get("probabilities") or {}
    beside = ", ".join(f"{name} {chance:.3f}" for name, chance in chances.items())
    prediction = answer["prediction"]
    told = f"{prediction:.6g}" if isinstance(prediction, float) else str(prediction)
    if "prediction_low" in answer:
        beside = f"{answer['prediction_low']:.6g} to {answer['prediction_high']:.6g}"
    return f"{told}    ({beside})" if beside else told


def _explained(answer: Mapping[str, Any]) -> Iterator[str]:
    """The largest contributions, a line each, and how they add up."""
    explanation = answer.get("explanation")
    if explanation is None:
        return
    parts = [part for part in explanation["contributions"] if part["contribution"]]
    scale = "value" if explanation["of"] is None else f"log-odds of {explanation['of']}"
    yield f"  {explanation['baseline']:+9.3f}  the usual row ({scale})"
    for part in parts[:CONTRIBUTIONS_SHOWN]:
        beside = f"{_cell(part['value'])} instead of {_cell(part['baseline'])}"
        yield f"  {part['contribution']:+9.3f}  {part['column']}: {beside}"
    rest = parts[CONTRIBUTIONS_SHOWN:]
    if rest:
        yield f"  {sum(part['contribution'] for part in rest):+9.3f}  {len(rest)} more columns"
    yield f"  {explanation['total']:+9.3f}  this row"


def _cell(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _marks(number: int, answer: Mapping[str, Any]) -> Iterator[str]:
    for mark in answer.get("unexpected") or ():
        yield f"row {number}, column {mark['column']}: found {mark['value']!r}, expected {mark['expected']}"
