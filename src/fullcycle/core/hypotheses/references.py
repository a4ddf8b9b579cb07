"""What `hypotheses` of fullcycle.yaml refer to: metrics of the task, columns, features, moments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from fullcycle.core.contract.model import ColumnType, Contract, Task
from fullcycle.core.hypotheses.arms import arm_contract, moment
from fullcycle.core.project.claims import Arm, Hypothesis, Window
from fullcycle.core.project.clean_references import Broken, broken_columns
from fullcycle.core.project.project import Project

NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
MADE_BY_SEARCH = ("ensemble",)  # what only a search can put together
Key = tuple[str | int, ...]


def broken_hypotheses(project: Project, metrics: Sequence[str]) -> Iterator[Broken]:
    """What leads nowhere, with its key; `metrics` are those that suit the task."""
    for name, hypothesis in project.settings.hypotheses.items():
        key: Key = ("hypotheses", name)
        if not NAME.fullmatch(name):
            yield key, f"the name {name!r}", "a name of letters, digits, '_', '-' and '.'", ""
        yield from _claim(key, hypothesis, project.contract.task, metrics)
        for side in ("control", "treatment"):
            yield from _arm(project, name, side, getattr(hypothesis, side))


def _claim(key: Key, hypothesis: Hypothesis, task: Task, metrics: Sequence[str]) -> Iterator[Broken]:
    if hypothesis.metric not in metrics:
        yield (
            (*key, "metric"),
            f"{hypothesis.metric!r}, and the task is {task}",
            f"one of {', '.join(metrics)}",
            "",
        )
    if hypothesis.control == hypothesis.treatment:
        yield (
            (*key, "treatment"),
            "the same as the control",
            "a treatment that differs: model, parameters, features, without, clean, window or seed",
            "say what the treatment does otherwise, such as `treatment: {model: linear}`",
        )


def _arm(project: Project, name: str, side: str, arm: Arm) -> Iterator[Broken]:
    key: Key = ("hypotheses", name, side)
    if arm.model in MADE_BY_SEARCH:
        yield (
            (*key, "model"),
            f"{arm.model!r}, which a search puts together",
            "a model that is fitted by itself",
            "compare its members, such as `model: linear`",
        )
    wrong = [*_features(project, key, arm), *_without(project, key, arm), *_clean(project, key, arm)]
    yield from wrong
    if arm.window is not None:
        yield from _window((*key, "window"), arm.window, project.contract)
    if not wrong:
        arm_contract(project, name, side, arm)  # a UserError of its own points at the character


def _features(project: Project, key: Key, arm: Arm) -> Iterator[Broken]:
    known = project.settings.features
    for feature, text in arm.features.items():
        if text is None and feature not in known:
            yield (
                (*key, "features", feature),
                "null for a feature that the project doesn't have",
                f"one of {', '.join(known)}" if known else "an expression, such as `amount / days`",
                _near(feature, list(known)),
            )


def _without(project: Project, key: Key, arm: Arm) -> Iterator[Broken]:
    contract = project.contract
    made = {*(each.name for each in contract.derived), *(n for n, text in arm.features.items() if text)}
    seen = [*(column.name for column in contract.modelled if column.name not in made), *sorted(made)]
    for place, name in enumerate(arm.without):
        if name not in seen:
            yield (
                (*key, "without", place),
                f"{name!r}, which no model sees anyway",
                "a feature of contract.yaml or fullcycle.yaml",
                _near(name, seen) or f"they are {', '.join(seen[:10])}",
            )
    texts = {**project.settings.features, **arm.features}
    for name in made & set(arm.without):
        users = [n for n, t in texts.items() if n not in arm.without and t and re.search(rf"\b{name}\b", t)]
        if users:
            yield (
                (*key, "without"),
                f"{name!r}, which {users[0]} is made of",
                "no feature that another one needs",
                f"put {users[0]} into `without` too",
            )


def _clean(project: Project, key: Key, arm: Arm) -> Iterator[Broken]:
    yield from broken_columns((*key, "clean", "columns"), arm.clean.columns, project.contract)
    told = project.settings.clean
    asked = {arm.clean.outliers, *(own.outliers for own in arm.clean.columns.values())} - {None}
    dropped = "drop_row" in (told.outliers, *(own.outliers for own in told.columns.values()))
    if dropped and asked:
        yield (
            (*key, "clean"),
            "another treatment of outliers, and the project's clean drops their rows",
            "rows that are still there",
            "set `outliers: keep` in clean and `drop_row` in one arm, then `fullcycle run clean`",
        )


def _window(key: Key, window: Window, contract: Contract) -> Iterator[Broken]:
    times = [column.name for column in contract.columns if column.type is ColumnType.datetime]
    if window.since is None and window.until is None:
        yield key, "a window without an end", "since, until or both", "such as `since: 2024-01-01`"
    if window.column is None and contract.time is None:
        yield (
            key,
            "a window, and no column of contract.yaml has role time",
            f"`column`, one of {', '.join(times)}" if times else "a datetime column in contract.yaml",
            "",
        )
    if window.column is not None and window.column not in times:
        yield (
            (*key, "column"),
            f"{window.column!r}, which is no datetime column",
            f"one of {', '.join(times)}" if times else "a datetime column in contract.yaml",
            _near(window.column, times),
        )
    yield from _moments(key, window)


def _moments(key: Key, window: Window) -> Iterator[Broken]:
    ends = {}
    for name in ("since", "until"):
        text = getattr(window, name)
        if text is None:
            continue
        try:
            ends[name] = moment(text)
        except ValueError:
            yield (*key, name), f"{text!r}", "a moment such as 2024-01-31 or 2024-01-31T12:00:00", ""
    if len(ends) == 2 and ends["since"] >= ends["until"]:
        yield (*key, "until"), f"{window.until}, not later than since", "a later moment", ""


def _near(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else ""
