"""Predictions as money: gains of each row by what was true and what was said, the threshold that earns most
on out-of-fold predictions, and what that earns beside acting on all rows, on none, and by lot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.value import PolicyName, PolicyValue, ValueFacts, ValuePoint
from fullcycle.core.features.errors import ExpressionError
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import KIND_OF, Kind, Node, columns_of
from fullcycle.core.project.claims import ValueSettings
from fullcycle.core.project.settings_file import line_of

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Key = tuple[str | int, ...]

OUTCOMES = {"tp": (1, 1), "fp": (0, 1), "fn": (1, 0), "tn": (0, 0)}  # true and answered class
CURVE_POINTS = 100
SURE = 1.0  # above it no row is acted on


def broken_value(project: Project, value: ValueSettings) -> Iterator[tuple[Key, str, str, str]]:
    """What `value` names and the contract doesn't have. UserError for an expression that can't be read."""
    contract = project.contract
    if contract.task is Task.regression:
        yield ("value",), "value, and the target is a number", "a target of classes", "take it out"
        return
    if value.gain is not None and contract.task is not Task.binary:
        key: Key = ("value", "gain")
        yield key, "gain, and there are more than two classes", "gains, by true and answered class", ""
    classes = contract.classes or ()
    for true, row in (value.gains or {}).items():
        for name in (true, *row):
            if name not in classes:
                yield ("value", "gains", true), f"the class {name!r}", f"one of {', '.join(classes)}", ""
    for place, gain in _cells(value, classes):
        if isinstance(gain, str):
            _parsed(gain, contract, _where(project, value, place, classes))


def _cells(value: ValueSettings, classes: Sequence[str]) -> Iterator[tuple[tuple[int, int], float | str]]:
    """Each gain by (true, answered) positions of classes."""
    if value.gain is not None:
        for name, place in OUTCOMES.items():
            yield place, getattr(value.gain, name)
    for true, row in (value.gains or {}).items():
        for said, gain in row.items():
            if true in classes and said in classes:
                yield (classes.index(true), classes.index(said)), gain


def _where(project: Project, value: ValueSettings, place: tuple[int, int], classes: Sequence[str]) -> str:
    if value.gain is not None:
        return line_of(project, ("value", "gain", next(n for n, p in OUTCOMES.items() if p == place)))
    return line_of(project, ("value", "gains", classes[place[0]], classes[place[1]]))


def _parsed(text: str, contract: Contract, where: str) -> Node:
    """An expression of a gain: it may read any column but the target, as it never reaches a model."""
    kinds = {
        column.name: KIND_OF[column.type]
        for column in contract.columns
        if column.type in KIND_OF and column is not contract.target
    }
    hidden = {contract.target.name: "the target: what was true is what the gains are listed by"}
    try:
        tree = parse(text, Vocabulary(kinds, hidden=hidden))
    except ExpressionError as error:
        raise error.at(where) from error
    if tree.kind is not Kind.number:
        raise UserError(
            where=where, found=f"{text!r}, a {tree.kind}", expected="a number, an amount of money"
        )
    return tree


def read_gains(project: Project, path: Path, index: pd.Index) -> Floats:
    """Gains of shape (n, k, k): of each row by true, then answered class, in the order of `index`.

    Raises UserError where a gain can't be computed for some row.
    """
    value, contract = project.settings.value, project.contract
    assert value is not None  # asked for only where there is one
    classes = contract.classes or ()
    gains = np.zeros((len(index), len(classes), len(classes)))
    for place, gain in _cells(value, classes):
        if isinstance(gain, str):
            where = _where(project, value, place, classes)
            tree = _parsed(gain, contract, where)
            gains[:, place[0], place[1]] = _amounts(tree, gain, path, index, where)
        else:
            gains[:, place[0], place[1]] = gain
    return gains


def _amounts(tree: Node, text: str, path: Path, index: pd.Index, where: str) -> Floats:
    from fullcycle.core.engines.tables import ROW, connect, from_arrow
    from fullcycle.core.features.compile import with_features

    absent = sorted(set(columns_of(tree)) - set(pq.read_schema(path).names))
    if absent:
        raise UserError(
            where=where,
            found=f"column {absent[0]}, which {path.parent.name}/{path.name} doesn't have",
            expected="a column that clean keeps: one whose role is not ignore",
            hint="give it the role feature, group or identifier in contract.yaml",
        )
    table = from_arrow(pq.read_table(path, columns=[ROW, *columns_of(tree)]))
    made = connect().to_pyarrow(with_features(table, {"_gain": tree}, {}).select(ROW, "_gain"))
    amounts: pd.Series[Any] = pd.Series(made["_gain"].to_numpy(), index=made[ROW].to_numpy()).loc[index]
    if amounts.isna().any():
        raise UserError(
            where=where,
            found=f"{text!r}, which is missing in {int(amounts.isna().sum())} of {len(index)} rows",
            expected="an amount for every row",
            hint="coalesce(column, 0) says what a missing value is worth",
        )
    return amounts.to_numpy(dtype=np.float64)


def gains_of(gains: Floats, truth: Codes, said: Codes) -> Floats:
    """What each row earned, shape (n,)."""
    earned: Floats = gains[np.arange(len(truth)), truth, said]
    return earned


def best_threshold(probability: Floats, truth: Codes, gains: Floats) -> float:
    """The threshold for the last of two classes that earns most, half-way between two answers.

    Of equally good ones the highest: it acts on the fewest rows. All of them act on a row that is sure.
    """
    order, steps, totals = _cumulated(probability, truth, gains)
    ranked = probability[order]
    sure = int(ranked[0] >= SURE)
    best = sure + int(np.argmax(totals[sure:]))
    acted = steps[best]
    above = SURE if acted == 0 else float(ranked[acted - 1])
    below = float(ranked[acted]) if acted < len(ranked) else 0.0
    return (above + below) / 2


def _cumulated(probability: Floats, truth: Codes, gains: Floats) -> tuple[Codes, Codes, Floats]:
    """Rows from the most probable down, numbers of rows that a threshold may act on, and totals at each."""
    rows = np.arange(len(truth))
    order = np.argsort(-probability, kind="stable")
    act, leave = gains[rows, truth, 1], gains[rows, truth, 0]
    ranked = probability[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    steps = np.append(0, last_of_tie + 1)
    won = np.append(0.0, np.cumsum((act - leave)[order]))
    return order, steps, leave.sum() + won[steps]


def value_curve(probability: Floats, truth: Codes, gains: Floats) -> tuple[ValuePoint, ...]:
    """At most 100 points from acting on nothing to acting on every row."""
    order, steps, totals = _cumulated(probability, truth, gains)
    kept = np.unique(np.linspace(0, len(steps) - 1, min(CURVE_POINTS, len(steps))).round().astype(int))
    ranked = probability[order]
    found = np.append(0, np.cumsum(truth[order] == 1))
    return tuple(_point(int(steps[at]), float(totals[at]), ranked, found) for at in kept)


def _point(acted: int, total: float, ranked: Floats, found: Codes) -> ValuePoint:
    rows, positives = len(ranked), max(1, int(found[-1]))
    hits = int(found[acted])
    return ValuePoint(
        share=acted / rows,
        threshold=float(ranked[acted - 1]) if acted else SURE,
        value=total,
        captured=hits / positives,
        lift=(hits / acted) / (positives / rows) if acted else 1.0,
    )


def value_facts(
    unit: str,
    gains: Floats,
    truth: Codes,
    said: Codes,
    *,
    classes: Sequence[str],
    probabilities: Floats,
    threshold: float | None,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> ValueFacts:
    """What the answers `said` earn beside the trivial ways to act, with bootstrap intervals of the totals."""
    earned, answers = _policies(gains, truth, said)
    names = list(earned)
    rows = np.column_stack([earned[name] for name in names])
    trivial = [name for name in ("all", "none", "random") if name in earned]
    rival = max(trivial, key=lambda name: float(earned[name].sum()))
    drawn = _drawn(np.column_stack([rows, earned["model"] - earned[rival]]), resamples, seed)
    bounds = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    intervals = [
        Interval(value=float(value), low=float(low), high=float(high), confidence=confidence)
        for value, low, high in zip(
            [*rows.sum(axis=0), (earned["model"] - earned[rival]).sum()], *bounds, strict=True
        )
    ]
    binary = len(classes) == 2
    curve = value_curve(probabilities[:, 1], truth, gains) if binary else ()
    return ValueFacts(
        unit=unit,
        rows=len(truth),
        threshold=threshold,
        policies=tuple(
            PolicyValue(
                policy=name,
                total=interval,
                per_row=(interval.value or 0.0) / len(truth),
                answer=classes[answers[name]] if name in answers else "",
            )
            for name, interval in zip(names, intervals, strict=False)
        ),
        rival=rival,
        advantage=intervals[-1],
        chosen=_chosen(truth, said, float(earned["model"].sum()), threshold) if binary else None,
        curve=curve,
    )


def _policies(
    gains: Floats, truth: Codes, said: Codes
) -> tuple[dict[PolicyName, Floats], Mapping[PolicyName, int]]:
    """What each way to act earns on each row, and the constant answers among them."""
    rows = np.arange(len(truth))
    by_answer = gains[rows, truth]
    earned: dict[PolicyName, Floats] = {"model": by_answer[rows, said]}
    if gains.shape[1] == 2:
        share = float((said == 1).mean())
        earned |= {"all": by_answer[:, 1], "none": by_answer[:, 0]}
        earned["random"] = share * by_answer[:, 1] + (1 - share) * by_answer[:, 0]
        answers: dict[PolicyName, int] = {}
    else:
        best = int(np.argmax(by_answer.sum(axis=0)))
        earned["all"] = by_answer[:, best]
        shares = np.bincount(said, minlength=gains.shape[1]) / len(said)
        earned["random"] = by_answer @ shares
        answers = {"all": best}
    earned["perfect"] = by_answer.max(axis=1)
    return earned, answers


def _drawn(rows: Floats, resamples: int, seed: int) -> Floats:
    """Totals of each column over rows drawn again, shape (resamples, columns)."""
    random = np.random.default_rng(seed)
    totals = np.empty((resamples, rows.shape[1]))
    for number in range(resamples):
        weights = np.bincount(random.integers(0, len(rows), len(rows)), minlength=len(rows))
        totals[number] = (rows * weights[:, None]).sum(axis=0)
    return totals


def _chosen(truth: Codes, said: Codes, total: float, threshold: float | None) -> ValuePoint:
    acted = said == 1
    positives, hits = max(1, int((truth == 1).sum())), int((truth[acted] == 1).sum())
    number = int(acted.sum())
    return ValuePoint(
        share=number / len(truth),
        threshold=SURE if threshold is None else threshold,
        value=total,
        captured=hits / positives,
        lift=(hits / number) / (positives / len(truth)) if number else 1.0,
    )


def difference_of(earned: Floats, other: Floats, *, resamples: int = 1000, seed: int = 0) -> Interval:
    """How much more one way to answer earns than another on the same rows, with its 95% interval."""
    gap = (earned - other)[:, None]
    low, high = np.quantile(_drawn(gap, resamples, seed), [0.025, 0.975])
    return Interval(value=float(gap.sum()), low=float(low), high=float(high))
