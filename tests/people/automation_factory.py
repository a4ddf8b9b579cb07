"""Evidence of what runs by itself, as a project with targets would have it."""

from __future__ import annotations

from fullcycle.core.evidence.automation import ComparedMetric, Comparison
from fullcycle.core.evidence.base import Interval


def around(value: float, half: float) -> Interval:
    return Interval(value=value, low=value - half, high=value + half)


def comparison(*, known: bool = True, same_rows: bool = True) -> Comparison:
    """A change that raises one metric beyond chance, lowers another within it, and leaves a third."""
    theirs = (around(0.849, 0.01), around(0.806, 0.02), around(0.411, 0.03))
    ours = (around(0.893, 0.01), around(0.801, 0.02), around(0.411, 0.03))
    names = (("roc_auc", True), ("accuracy", True), ("log_loss", False))
    return Comparison(
        against="origin/main",
        commit="a" * 40,
        their_commit="b" * 40,
        headline="roc_auc",
        metrics=tuple(
            ComparedMetric(
                metric=name, higher_is_better=higher, ours=one, theirs=other if known else None, baseline=0.5
            )
            for (name, higher), one, other in zip(names, ours, theirs, strict=True)
        ),
        model="lightgbm",
        their_model="linear" if known else None,
        rows=1_404,
        their_rows=1_404 if known else None,
        same_test_rows=same_rows if known else None,
        training_s=61.2,
        their_training_s=64.8 if known else None,
        single_row_p99_us=88.0,
        their_single_row_p99_us=41.0 if known else None,
        graph_bytes=311_000,
        their_graph_bytes=12_000 if known else None,
        within_budget=known,
        importance=(("contract|type", 0.081), ("tenure", 0.044)),
    )
