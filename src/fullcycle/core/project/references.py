"""What `fullcycle.yaml` refers to: files that exist, columns of the contract, metrics that suit the task."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.clean_references import broken_policies

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

Key = tuple[str | int, ...]

CLASS_METRICS = ("roc_auc", "log_loss", "average_precision", "accuracy", "f1_macro")
NUMBER_METRICS = ("r2", "rmse", "mae")


def check_references(project: Project) -> None:
    """Raise UserError for the first reference of the settings that leads nowhere, by file, line and key."""
    for key, found, expected, hint in _broken(project):
        raise UserError(where=_where(project, key), found=found, expected=expected, hint=hint)


def _broken(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    yield from _files(project)
    yield from _columns(project)
    yield from _metrics(project)
    yield from broken_policies(project)


def _files(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    settings = project.settings
    files: dict[Key, str | None] = {
        ("data", "source"): settings.data.source,
        ("split", "test"): settings.split.test,
    }
    for key, name in files.items():
        if name is not None and not (project.root / name).is_file():
            yield (
                key,
                f"{name!r}, and there is no such file",
                "the path of a table, absolute or relative to the project",
                _nearest_file(project.root / name),
            )


def _nearest_file(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"put it there, or mend the path (looked at {path})"


def _columns(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    kind, contract = project.settings.split.kind, project.contract
    column = {"group": contract.group, "time": contract.time}.get(kind, contract.target)
    if column is None:
        yield (
            ("split", "kind"),
            f"{kind!r}, and no column of contract.yaml has role {kind}",
            f"a column with `role: {kind}` in contract.yaml",
            f"give one column `role: {kind}`, or choose another kind of split",
        )
    if kind == "stratified" and contract.task is Task.regression:
        yield ("split", "kind"), "'stratified', and the target is a number", "auto, random, group or time", ""


def _metrics(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    settings, task = project.settings, project.contract.task
    suitable = NUMBER_METRICS if task is Task.regression else CLASS_METRICS
    asked: dict[Key, str | None] = {("experiment", "metric"): settings.experiment.metric}
    asked |= {("gates", place, "metric"): gate.metric for place, gate in enumerate(settings.gates)}
    for key, metric in asked.items():
        if metric is not None and metric not in suitable:
            yield key, f"{metric!r}, and the task is {task}", f"one of {', '.join(suitable)}", ""
    for place, gate in enumerate(settings.gates):
        if gate.at_least is None and gate.at_most is None:
            yield (
                ("gates", place),
                "a gate without a bound",
                "at_least or at_most",
                "such as `at_least: 0.8`",
            )


def _where(project: Project, key: Key) -> str:
    from fullcycle.core.project.settings_file import HINT
    from fullcycle.core.project.yaml_document import read_document

    return read_document(project.paths.settings, hint=HINT).where(key)
