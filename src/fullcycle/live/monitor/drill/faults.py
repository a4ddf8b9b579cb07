"""What the drill breaks, and which alarms should say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.findings import Code
from fullcycle.live.monitor.drill.traffic import Day, Random, Traffic

if TYPE_CHECKING:
    from fullcycle.core.contract.model import Column

Kind = Literal[
    "missing_column", "unit", "renamed_category", "stale_model", "slow_model", "late_labels", "label_shift"
]
FACTOR, SLOWER = 100.0, 4.0
DRIFT = (Code.column_drifted, Code.contract_broken)
OUTCOMES = (Code.concept_drifted, Code.performance_fell, Code.out_of_control)


@dataclass(frozen=True)
class Fault:
    """`breaks` changes a day in place; `expected` are the alarms of which one should ring. `column` is
    where."""

    kind: Kind
    expected: tuple[Code, ...]
    breaks: Callable[[Day, Random], None]
    column: str | None = None


def faults_of(traffic: Traffic, weightiest: list[str]) -> list[Fault]:
    """The faults that these rows can have; columns are the weightiest for the model, where it is known."""
    columns = _by_weight(traffic, weightiest)
    number = next((each.name for each in columns if each.type is ColumnType.numeric), None)
    text = next((each.name for each in columns if each.type is ColumnType.categorical), None)
    found = [Fault("missing_column", (Code.missing_rate_moved,), _emptied(columns[0].name), columns[0].name)]
    if number is not None:
        found.append(Fault("unit", DRIFT, _multiplied(number), number))
    if text is not None:
        found.append(Fault("renamed_category", DRIFT, _renamed(text, traffic.columns[text]), text))
    if traffic.bundle.classes is not None:
        found.append(Fault("stale_model", OUTCOMES, _others(traffic)))
    found += [
        Fault("slow_model", (Code.out_of_control,), _slowed),
        Fault("late_labels", (Code.outcomes_late,), _silent),
    ]
    if traffic.bundle.classes is not None:
        found.append(Fault("label_shift", (Code.score_drifted, *OUTCOMES), _shifted(traffic)))
    return found


def _by_weight(traffic: Traffic, weightiest: list[str]) -> list[Column]:
    place = {name: at for at, name in enumerate(weightiest)}
    features = [column for column in traffic.bundle.contract.features if not column.personal]
    return sorted(features, key=lambda column: place.get(column.name, len(place)))


def _emptied(name: str) -> Callable[[Day, Random], None]:
    def breaks(day: Day, _: Random) -> None:
        day.columns[name] = [None] * len(day.outcomes)

    return breaks


def _multiplied(name: str) -> Callable[[Day, Random], None]:
    def breaks(day: Day, _: Random) -> None:
        day.columns[name] = [None if value is None else value * FACTOR for value in day.columns[name]]

    return breaks


def _renamed(name: str, values: list[Any]) -> Callable[[Day, Random], None]:
    """The most frequent category gets another name."""
    there = [value for value in values if value is not None]
    usual = max(set(there), key=there.count) if there else None

    def breaks(day: Day, _: Random) -> None:
        day.columns[name] = [f"{usual} (new)" if value == usual else value for value in day.columns[name]]

    return breaks


def _others(traffic: Traffic) -> Callable[[Day, Random], None]:
    """Outcomes that no longer follow inputs: those of other rows."""

    def breaks(day: Day, random: Random) -> None:
        chosen = random.integers(0, len(traffic), len(day.outcomes))
        classes = traffic.bundle.classes or ()
        day.outcomes = [_next_class(traffic.outcomes[at], classes) for at in chosen]

    return breaks


def _next_class(outcome: Any, classes: tuple[str, ...]) -> str:
    """Another class than the log has: the world turned, and the model did not."""
    place = classes.index(str(outcome)) if str(outcome) in classes else 0
    return classes[(place + 1) % len(classes)]


def _slowed(day: Day, _: Random) -> None:
    day.latencies_ms = [each * SLOWER for each in day.latencies_ms]


def _silent(day: Day, _: Random) -> None:
    day.delays_s = [None] * len(day.delays_s)


def _shifted(traffic: Traffic) -> Callable[[Day, Random], None]:
    """Three quarters of the rows have the outcome that is rare; what they look like follows from it as
    before."""
    outcomes = np.array([str(each) for each in traffic.outcomes])
    names, counts = np.unique(outcomes, return_counts=True)
    rare = np.flatnonzero(outcomes == names[counts.argmin()])

    def breaks(day: Day, random: Random) -> None:
        for at in np.flatnonzero(random.random(len(day.outcomes)) < 0.75):
            source = int(random.choice(rare))
            day.outcomes[at] = traffic.outcomes[source]
            for name, values in traffic.columns.items():
                day.columns[name][at] = values[source]

    return breaks
