"""What `fullcycle.yaml` refers to: files that exist, columns of the contract, metrics that suit the task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.clean_references import broken_policies
from fullcycle.core.project.settings_file import line_of
from fullcycle.core.project.verify_references import broken_verdicts

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import DataSettings, Settings

Key = tuple[str | int, ...]

CLASS_METRICS = ("roc_auc", "log_loss", "average_precision", "accuracy", "f1_macro")
NUMBER_METRICS = ("r2", "rmse", "mae")


def check_references(project: Project) -> None:
    """Raise UserError for the first reference of the settings that leads nowhere, by file, line and key."""
    for key, found, expected, hint in _broken(project):
        raise UserError(where=line_of(project, key), found=found, expected=expected, hint=hint)


def _broken(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    yield from _files(project)
    yield from _columns(project)
    yield from _metrics(project)
    yield from broken_policies(project)
    yield from broken_verdicts(project)
    if project.settings.value is not None:
        from fullcycle.core.models.value import broken_value

        yield from broken_value(project, project.settings.value)
    if project.settings.hypotheses:
        from fullcycle.core.hypotheses.references import broken_hypotheses

        yield from broken_hypotheses(project, _suitable(project.contract.task))


def _suitable(task: Task) -> tuple[str, ...]:
    return NUMBER_METRICS if task is Task.regression else CLASS_METRICS


def _files(project: Project) -> Iterator[tuple[Key, str, str, str]]:
    for key, data in _sources(project.settings):
        yield from _broken_source(project, key, data)


def _sources(settings: Settings) -> Iterator[tuple[Key, DataSettings]]:
    """Every table that the settings name, each with the settings that read it."""
    data = settings.data
    yield ("data", "source"), data
    for place, join in enumerate(data.joins):
        joined = {"source": join.source, "table": join.table, "query": join.query}
        yield ("data", "joins", place, "source"), data.model_copy(update=joined)
    alone = {("data", "labels"): data.labels, ("split", "test"): settings.split.test}
    for key, name in alone.items():
        if name is not None:
            yield key, data.model_copy(update={"source": name, "table": None, "query": None})


def _broken_source(project: Project, key: Key, data: DataSettings) -> Iterator[tuple[Key, str, str, str]]:
    """What can be known of a source without the network."""
    from fullcycle.core.sources.credentials import masked
    from fullcycle.core.sources.kinds import check_source, is_local

    try:
        check_source(data, project.root)
    except UserError as error:
        shown = masked(data.source)
        found = error.found if shown in error.found else f"{shown!r}, and there is {error.found}"
        absent = error.found == "no such file" and is_local(data.source)
        expected = "the path of a table, absolute or relative to the project" if absent else error.expected
        yield key, found, expected, error.hint


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
    suitable = _suitable(task)
    asked: dict[Key, str | None] = {("experiment", "metric"): settings.experiment.metric}
    asked |= {(*key, "metric"): gate.metric for key, gate in settings.criteria.items()}
    for key, metric in asked.items():
        if metric is not None and metric not in suitable:
            yield key, f"{metric!r}, and the task is {task}", f"one of {', '.join(suitable)}", ""
    for key, gate in settings.criteria.items():
        if gate.at_least is None and gate.at_most is None:
            yield key, "a gate without a bound", "at_least or at_most", "such as `at_least: 0.8`"
        if gate.value is not None and settings.value is None:
            yield (
                (*key, "value"),
                "a value, and fullcycle.yaml has no section `value`",
                "what answers are worth",
                "such as `value: {gain: {tp: 40, fp: -5}}`",
            )
        if gate.loss_against is not None and settings.verify.champion is None:
            yield (
                (*key, "loss_against"),
                "the champion, and verify.champion names no bundle",
                "the folder of the bundle in production",
                "such as `champion: ../production/bundle` under verify",
            )
