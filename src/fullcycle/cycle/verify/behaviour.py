"""Tests of behaviour, asked of the graph: invariance, direction, and examples with the answers they must get
(the checklist of Ribeiro et al. 2020, for tables)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.contributions import baseline_row
from fullcycle.core.bundle.feeds import as_input, feeds
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.verify import BehaviourResult
from fullcycle.cycle.verify.behaviour_file import Direction, Example, Invariance, Placed, coerced_value
from fullcycle.cycle.verify.judged import Floats, Judged, Said, movements

VALUES_TRIED = 20
ROUNDING = 1e-6  # float32 answers of equal rows in other batches


def check_behaviour(judged: Judged, tests: Sequence[Placed]) -> tuple[BehaviourResult, ...]:
    """Each test on the rows that are asked again; an example on its own row."""
    return tuple(_checked(judged, placed) for placed in tests)


def _checked(judged: Judged, placed: Placed) -> BehaviourResult:
    match placed.test:
        case Invariance() as test:
            return _invariance(judged, test, placed.line)
        case Direction() as test:
            return _direction(judged, test, placed.line)
        case Example() as test:
            return _example(judged, test, placed.line)


def _invariance(judged: Judged, test: Invariance, line: int) -> BehaviourResult:
    """The farthest that any of the values moves each row."""
    column = _column(judged, test.column)
    farthest = np.zeros(len(judged.asked))
    for value in _tried(test, column):
        said = judged.ask({**judged.feeds, column.name: _constant(judged, column, value)})
        farthest = np.maximum(farthest, movements(judged.usual, said))
    obeys = farthest <= test.at_most + ROUNDING
    return _result(test, line, obeys, float(farthest.max(initial=0.0)))


def _tried(test: Invariance, column: Column) -> Sequence[Any]:
    if test.values is not None:
        return test.values
    return (True, False) if column.type is ColumnType.boolean else (column.allowed or ())[:VALUES_TRIED]


def _constant(judged: Judged, column: Column, raw: Any) -> NDArray[Any]:
    value = coerced_value(raw, column, judged.bundle.contract)
    given = next(each for each in judged.bundle.inputs if each.name == column.name)
    return np.repeat(as_input(given, [value]), len(judged.asked)).reshape(-1, 1)


def _direction(judged: Judged, test: Direction, line: int) -> BehaviourResult:
    """Rows whose number is missing have nothing to raise, and are left out."""
    before = judged.feeds[test.column]
    known = np.isfinite(before.astype(np.float64)).ravel()
    raised = (before.astype(np.float64) + test.raise_by).astype(before.dtype)
    at = None if test.of is None else (judged.bundle.classes or ()).index(test.of)
    after = judged.ask({**judged.feeds, test.column: raised}).numbers(at)
    change = (after - judged.usual.numbers(at))[known]
    against = change if test.must == "not_rise" else -change
    obeys = against <= test.tolerance + ROUNDING
    return _result(test, line, obeys, float(against.max(initial=0.0)))


def _result(
    test: Invariance | Direction, line: int, obeys: NDArray[np.bool_], worst: float
) -> BehaviourResult:
    share = float(obeys.mean()) if len(obeys) else 1.0
    return BehaviourResult(
        kind="invariance" if isinstance(test, Invariance) else "direction",
        name=test.name,
        columns=(test.column,),
        passed=share >= test.share,
        rows=len(obeys),
        found=f"{share:.6g}",
        wanted=f"{test.share:.6g}",
        line=line,
        worst=worst,
    )


def _example(judged: Judged, test: Example, line: int) -> BehaviourResult:
    bundle = judged.bundle
    values = list(baseline_row(bundle))
    for at, column in enumerate(bundle.contract.features):
        if column.name in test.row:
            values[at] = coerced_value(test.row[column.name], column, bundle.contract)
    names = [column.name for column in bundle.contract.features]
    said = judged.ask(feeds(bundle.inputs, {name: [own] for name, own in zip(names, values, strict=True)}))
    passed, found, wanted = _compared(test, said, bundle.classes)
    return BehaviourResult(
        kind="example",
        name=test.name,
        columns=tuple(test.row),
        passed=passed,
        rows=1,
        found=found,
        wanted=wanted,
        line=line,
    )


def _compared(test: Example, said: Said, classes: tuple[str, ...] | None) -> tuple[bool, str, str]:
    passed, found, wanted = True, [], []
    if test.answer is not None and classes is not None and said.labels is not None:
        label = classes[int(said.labels[0])]
        passed, found, wanted = label == test.answer, [label], [test.answer]
    number = _number(test, said, classes)
    low = -np.inf if test.at_least is None else test.at_least
    high = np.inf if test.at_most is None else test.at_most
    if test.at_least is not None or test.at_most is not None:
        passed = passed and bool(low <= number[0] <= high)
        found.append(f"{number[0]:.4g}")
        wanted += [f"≥ {low:g}"] if test.at_least is not None else []
        wanted += [f"≤ {high:g}"] if test.at_most is not None else []
    return passed, ", ".join(found), ", ".join(wanted)


def _number(test: Example, said: Said, classes: tuple[str, ...] | None) -> Floats:
    """The probability of the class that is asked for (of the answer, or of two the last), or the value."""
    of = test.of or test.answer
    return said.numbers(None if of is None or classes is None else classes.index(of))


def _column(judged: Judged, name: str) -> Column:
    return next(column for column in judged.bundle.contract.features if column.name == name)
