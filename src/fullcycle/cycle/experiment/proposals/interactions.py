"""Which columns matter, and which matter together: what one forest of boosted trees splits on.

A split below another one on the path of a tree is taken in its light, so the gain of a child counts for the
pair (as Lundberg's and Friedman's measures do, and XGBFI by counting; here once, to leave pairs out).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, ColumnType, Contract, Task

TREES = 100
LEAVES = 16
Pair = tuple[str, str]


@dataclass(frozen=True)
class Weights:
    """Gain by column and by pair of columns; a column that no tree used is absent."""

    columns: Mapping[str, float]
    pairs: Mapping[Pair, float]

    def strongest(self, names: Sequence[str], at_most: int) -> list[str]:
        """Those of `names` with the most gain, then the others, each in the order given."""
        return sorted(names, key=lambda name: -self.columns.get(name, 0.0))[:at_most]

    def best_pairs(self, names: Sequence[str], *, among: int, interacting: int) -> list[Pair]:
        """All pairs of the strongest columns, and the pairs that interact most, the most gain first."""
        known = {pair: gain for pair, gain in self.pairs.items() if set(pair) <= set(names)}
        chosen = [tuple(sorted(pair)) for pair in combinations(self.strongest(names, among), 2)]
        chosen += sorted(known, key=lambda pair: (-known[pair], pair))[:interacting]
        unique = dict.fromkeys((first, second) for first, second in chosen)
        return sorted(unique, key=lambda pair: (-known.get(pair, 0.0), pair))


def weigh(
    columns: Sequence[Column], features: pd.DataFrame, codes: NDArray[Any], contract: Contract, seed: int
) -> Weights:
    """Gains on these rows; categories are told apart by how common they are."""
    booster = _fitted(columns, features, codes, contract, seed)
    names = dict(zip(booster.feature_name(), (column.name for column in columns), strict=True))
    return _weights(booster.trees_to_dataframe(), names)


def _fitted(
    columns: Sequence[Column], features: pd.DataFrame, codes: NDArray[Any], contract: Contract, seed: int
) -> Any:
    import lightgbm

    regression, classes = contract.task is Task.regression, len(contract.classes or ())
    objective = {"objective": "regression"} if regression else {"objective": "binary"}
    if not regression and classes > 2:
        objective = {"objective": "multiclass", "num_class": str(classes)}
    matrix = np.column_stack([as_number(features[column.name], column.type) for column in columns])
    parameters = {
        **objective,
        "num_leaves": LEAVES,
        "learning_rate": 0.1,
        "min_data_in_leaf": int(np.clip(len(codes) // 50, 3, 20)),
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    # Names of our own: LightGBM refuses some characters that a column may have.
    data = lightgbm.Dataset(matrix, codes, feature_name=[f"c{at}" for at in range(len(columns))])
    trees = TREES if classes <= 2 else max(20, TREES // classes)
    return lightgbm.train(parameters, data, num_boost_round=trees)


def _weights(nodes: pd.DataFrame, names: Mapping[str, str]) -> Weights:
    if "split_feature" not in nodes or nodes["split_feature"].isna().all():
        return Weights({}, {})
    splits = nodes.dropna(subset=["split_feature"])
    feature_of = dict(zip(splits["node_index"], splits["split_feature"], strict=True))
    columns: dict[str, float] = defaultdict(float)
    pairs: dict[Pair, float] = defaultdict(float)
    for feature, parent, gain in zip(
        splits["split_feature"], splits["parent_index"], splits["split_gain"], strict=True
    ):
        columns[names[feature]] += gain
        above = feature_of.get(parent)
        if above is not None and above != feature:
            first, second = sorted((names[feature], names[above]))
            pairs[first, second] += gain
    return Weights(dict(columns), dict(pairs))


def as_number(values: pd.Series, kind: ColumnType) -> NDArray[np.float64]:
    """A coerced column as float64 with NaN; categories by how many rows have them, the commonest first."""
    match kind:
        case ColumnType.numeric:
            return values.to_numpy(dtype=np.float64)
        case ColumnType.datetime:
            micros = values.to_numpy().astype("datetime64[us]").astype(np.int64)
            return np.where(micros == np.iinfo(np.int64).min, np.nan, micros / 1e6)
        case ColumnType.boolean:
            return pd.to_numeric(values.astype("boolean").astype("Float64")).to_numpy(
                dtype=np.float64, na_value=np.nan
            )
    counts = values.value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    return values.map({name: place for place, name in enumerate(order)}).to_numpy(dtype=np.float64)
