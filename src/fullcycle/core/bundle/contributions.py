"""What each column contributes to a single answer: Shapley values by permutations (DECISIONS 32).

The row is walked to from a baseline row (medians and modes of training), a column at a time, in several
orders; a column's contribution is what its step changes on average (Castro, Gómez and Tejada 2009), each
order taken there and back (Mitchell et al. 2022). The steps of an order make up the whole way, so that
contributions add up to f(row) - f(baseline) exactly. Asked of the graph itself, with NumPy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import compile_feeds
from fullcycle.core.contract.model import Column, ColumnType

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Answers, Bundle
    from fullcycle.core.bundle.model import Coerced

ORDERS = 8  # there and back: on 200 rows of telco 0.003 of log-odds from 64 orders on average, 0.09 at most
ASKED_AT_MOST = 20_000  # rows for one answer: with hundreds of columns there are fewer orders
SEED = 20170707
PROBABILITY_FLOOR = 1e-7  # what float32 tells apart from 0: the log-odds stay within 16
EPOCH = datetime(1970, 1, 1)  # without a zone, as tables have it

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contribution:
    """`amount` is in units of `Contributions.scale`; `value` is the row's, `usual` the baseline row's."""

    column: str
    amount: float
    value: Coerced
    usual: Coerced


@dataclass(frozen=True)
class Contributions:
    """`baseline` + the sum of amounts = `total`, largest amounts first.

    `scale` is log_odds of class `of`, or value in regression.
    """

    scale: Literal["log_odds", "value"]
    of: str | None
    baseline: float
    total: float
    parts: tuple[Contribution, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "scale": self.scale,
            "of": self.of,
            "baseline": self.baseline,
            "total": self.total,
            "contributions": [
                {
                    "column": part.column,
                    "contribution": part.amount,
                    "value": part.value,
                    "baseline": part.usual,
                }
                for part in self.parts
            ],
        }


def contributions(
    bundle: Bundle, values: Sequence[Any], *, of: str | None = None, orders: int = ORDERS
) -> Contributions:
    """Of one coerced row (`bundle.coerce(row).values`) for class `of`: by default the one that is said, of
    two classes the last. Equal for equal arguments; a column with its usual value contributes 0."""
    names = [column.name for column in bundle.contract.features]
    row, usual = tuple(values), baseline_row(bundle)
    ask = _Asked(bundle, names, row, of)
    changed = [at for at in range(len(names)) if row[at] != usual[at]]
    steps = _steps(len(changed), orders)
    answers = ask([_mixed(usual, row, changed, step) for step in _visited(steps)])
    amounts = _mean_changes(steps, answers)
    by_column = dict(zip(changed, amounts.tolist(), strict=True))
    baseline, total = float(answers[0]), float(answers[len(changed)])
    parts = [
        Contribution(
            column.name, by_column.get(at, 0.0), _readable(column, row[at]), _readable(column, usual[at])
        )
        for at, column in enumerate(bundle.contract.features)
    ]
    ordered = tuple(sorted(parts, key=lambda part: (-abs(part.amount), part.column)))
    return Contributions("value" if ask.at is None else "log_odds", ask.of, baseline, total, ordered)


def _readable(column: Column, value: Any) -> Coerced:
    """A coerced value as a person writes it: moments by ISO 8601."""
    if value is None:
        return None
    if column.type is ColumnType.boolean:
        return bool(value)
    if column.type is ColumnType.datetime:
        return str((EPOCH + timedelta(microseconds=int(value))).isoformat())
    return value  # type: ignore[no-any-return]


def baseline_row(bundle: Bundle) -> tuple[Coerced, ...]:
    """Medians and modes of training; missing where a column is personal or has no common value."""
    usual = {column.name: column.typical for column in bundle.reference.columns}
    return tuple(usual.get(column.name) for column in bundle.contract.features)


class _Asked:
    """The graph as one number for a row: the log-odds of a class, or the value."""

    def __init__(self, bundle: Bundle, names: list[str], row: tuple[Any, ...], of: str | None) -> None:
        self.bundle, self.feeds = bundle, compile_feeds(bundle.inputs, names)
        self.of = self._class(row) if of is None else of
        self.at = None if bundle.classes is None or self.of is None else bundle.classes.index(self.of)

    def __call__(self, rows: list[tuple[Any, ...]]) -> Floats:
        return self._number(self.bundle.run(self.feeds(rows)))

    def _class(self, row: tuple[Any, ...]) -> str | None:
        classes = self.bundle.classes
        if classes is None or len(classes) == 2:
            return None if classes is None else classes[-1]
        return str(self.bundle.run(self.feeds([row])).prediction[0])

    def _number(self, answers: Answers) -> Floats:
        if self.at is None or answers.probabilities is None:
            return answers.prediction.astype(np.float64)
        return log_odds(answers.probabilities[:, self.at].astype(np.float64))


def log_odds(probability: Floats) -> Floats:
    """Natural logarithm of p / (1 - p), with p kept within 1e-7 of both ends."""
    kept = np.clip(probability, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def _steps(columns: int, orders: int) -> NDArray[np.int64]:
    """Orders of columns, each followed by its reverse: shape (2 x orders, columns)."""
    random = np.random.default_rng(SEED)
    affordable = max(1, min(orders, ASKED_AT_MOST // (2 * (columns + 1))))
    forward = np.array([random.permutation(columns) for _ in range(affordable)], dtype=np.int64)
    return np.concatenate([forward, forward[:, ::-1]])


def _visited(steps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which columns have the row's own value at each stop: (orders x (columns + 1), columns)."""
    orders, columns = steps.shape
    taken = np.zeros((orders, columns + 1, columns), dtype=bool)
    for order, step in enumerate(steps):
        for stop, column in enumerate(step):
            taken[order, stop + 1 :, column] = True
    return taken.reshape(orders * (columns + 1), columns)


def _mixed(
    usual: tuple[Any, ...], row: tuple[Any, ...], changed: list[int], taken: NDArray[np.bool_]
) -> tuple[Any, ...]:
    mixed = list(usual)
    for at, own in zip(changed, taken.tolist(), strict=True):
        if own:
            mixed[at] = row[at]
    return tuple(mixed)


def _mean_changes(steps: NDArray[np.int64], answers: Floats) -> Floats:
    """What each column's step changes, in the mean of all orders."""
    orders, columns = steps.shape
    changes = np.diff(answers.reshape(orders, columns + 1), axis=1)
    by_column = np.empty_like(changes)
    np.put_along_axis(by_column, steps, changes, axis=1)
    return np.asarray(by_column.mean(axis=0))
