"""Metrics of a run one by one, as every tracking store takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def points(metrics: Mapping[str, float | Sequence[float] | None]) -> Iterator[tuple[str, float, int]]:
    """(name, value, step) of each value; what is undefined is left out.

    >>> list(points({"auc": 0.8, "auc_fold": [0.7, 0.9], "r2": None}))
    [('auc', 0.8, 0), ('auc_fold', 0.7, 0), ('auc_fold', 0.9, 1)]
    """
    for name, value in metrics.items():
        if isinstance(value, Sequence):
            yield from ((name, each, step) for step, each in enumerate(value))
        elif value is not None:
            yield name, value, 0
