"""Challenger and champion on the newest rows with outcomes, which neither was trained on, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.predict import answer_table, coerce
from fullcycle.core.evidence.retrain import Beside
from fullcycle.core.evidence.verify import ChampionMetric
from fullcycle.core.metrics import Metric, answer_for, bootstrap_difference, metrics_of
from fullcycle.live.monitor.current import VALUE
from fullcycle.live.monitor.performance.realised import ROWS_AT_LEAST

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle

RESAMPLES, SEED = 1000, 2026
BATCH_ROWS = 8_192


def compare(newest: Path, challenger: Bundle, champion: Bundle) -> tuple[ChampionMetric, ...]:
    """Every metric of both; none where fewer than 30 rows are there, where they answer different questions,
    or where one of them asks for a column that the log does not keep."""
    import pyarrow.parquet as pq

    rows = pq.read_table(newest)
    asked = {column.name for each in (challenger, champion) for column in each.contract.features}
    comparable = _question(challenger) == _question(champion) and asked <= {*rows.column_names}
    if rows.num_rows < ROWS_AT_LEAST or not comparable:
        return ()
    truth = _truth(rows, challenger)
    ours, theirs = _said(challenger, rows), _said(champion, rows)
    if champion.classes is not None:
        theirs = theirs[:, [champion.classes.index(name) for name in challenger.classes or ()]]
    pairs = (ours, challenger.threshold), (theirs, champion.threshold)
    return tuple(_compared(metric, truth, *pairs) for metric in metrics_of(challenger.contract.task))


def beside(metrics: tuple[ChampionMetric, ...], headline: str) -> Beside:
    """What the interval of the headline metric's difference shows."""
    found = next((each for each in metrics if each.metric == headline), None)
    if found is None or found.difference.low is None or found.difference.high is None:
        return "unknown"
    sign = 1 if found.higher_is_better else -1
    low, high = sorted((sign * found.difference.low, sign * found.difference.high))
    return "better" if low > 0 else "worse" if high < 0 else "equal"


def _question(bundle: Bundle) -> tuple[object, ...]:
    contract = bundle.contract
    return contract.task, contract.target.name, frozenset(bundle.classes or ())


def _said(bundle: Bundle, rows: pa.Table) -> NDArray[np.float64]:
    answers = answer_table(bundle, coerce(rows, bundle.contract), batch_rows=BATCH_ROWS)
    if bundle.classes is None:
        return np.asarray(answers[VALUE].to_numpy(), dtype=np.float64)
    shares = [answers[f"probability_{name}"].to_numpy() for name in bundle.classes]
    return np.column_stack(shares).astype(np.float64)


def _truth(rows: pa.Table, bundle: Bundle) -> NDArray[Any]:
    target = bundle.contract.target
    outcomes = rows[target.name].to_pylist()
    if bundle.classes is None:
        return np.array([float(each.replace(target.decimal, ".")) for each in outcomes])
    codes = {name: code for code, name in enumerate(bundle.classes)}
    return np.array([codes[each] for each in outcomes], dtype=np.int64)


Said = tuple[NDArray[np.float64], float | None]


def _compared(metric: Metric, truth: NDArray[Any], ours: Said, theirs: Said) -> ChampionMetric:
    first, second = (
        answer_for(metric, said) if threshold is None else answer_for(metric, said, threshold)
        for said, threshold in (ours, theirs)
    )
    return ChampionMetric(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        ours=metric.function(truth, first),
        champion=metric.function(truth, second),
        difference=bootstrap_difference(metric, truth, first, second, resamples=RESAMPLES, seed=SEED),
    )
