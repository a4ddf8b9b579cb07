"""Which columns carry the answer: by the gain of boosted trees on a plain matrix of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import ColumnType, Contract, Task
from fullcycle.core.models.derived import derived_features

GAIN_KEPT = 0.95  # of all gain
RARE_ROWS = 10  # categories of fewer rows are one: else a name of each row would gain most
TREES = 100


def strongest_columns(
    contract: Contract, frame: pd.DataFrame, target: pd.Series[Any], seed: int
) -> tuple[str, ...]:
    """The fewest columns that carry 95% of the gain, in the contract's order; what is derived stays."""
    names = [column.name for column in contract.modelled]
    gains = _gains(contract, frame, target, seed)
    order = np.argsort(-gains, kind="stable")
    needed = int(np.searchsorted(np.cumsum(gains[order]), GAIN_KEPT * gains.sum())) + 1
    kept = {names[place] for place in order[: max(1, needed)]}
    return tuple(name for name in names if name in kept)


def _gains(contract: Contract, frame: pd.DataFrame, target: pd.Series[Any], seed: int) -> NDArray[np.float64]:
    """Gain by modelled column."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind: Any = LGBMRegressor if contract.task is Task.regression else LGBMClassifier
    trees = kind(
        n_estimators=TREES,
        num_leaves=15,
        min_child_samples=max(3, min(20, len(frame) // 50)),
        importance_type="gain",
        random_state=seed,
        deterministic=True,
        force_row_wise=True,
        num_threads=1,
        verbose=-1,
    )
    trees.fit(_matrix(contract, frame), target.to_numpy())
    return np.asarray(trees.feature_importances_, dtype=np.float64)


def _matrix(contract: Contract, frame: pd.DataFrame) -> NDArray[np.float64]:
    derived = derived_features(contract)
    made = frame if derived is None else derived.transform(frame)
    return np.column_stack([_numbers(made[column.name], column.type) for column in contract.modelled])


def _numbers(values: pd.Series[Any], kind: ColumnType) -> NDArray[np.float64]:
    """A column as numbers: categories by their place among the frequent, the rare as one, missing as NaN."""
    if kind is ColumnType.categorical:
        counts = values.value_counts()
        frequent = sorted(counts[counts >= RARE_ROWS].index, key=lambda name: (-counts[name], name))
        places = values.map({name: float(place) for place, name in enumerate(frequent)})
        return places.where(places.notna() | values.isna(), float(len(frequent))).to_numpy(dtype=np.float64)
    if kind is ColumnType.datetime:
        moments = pd.to_datetime(values).astype("datetime64[us]")
        return np.where(moments.isna(), np.nan, moments.to_numpy().astype("int64").astype(np.float64))
    return pd.to_numeric(values.astype("Float64")).to_numpy(dtype=np.float64, na_value=np.nan)
