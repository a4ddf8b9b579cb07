"""What holds rows together and what orders them, for models that part the rows they learn from once more.

Folds respect it when they part the rows (`folds`); early stopping cuts off a part of its own, inside a fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract
from fullcycle.core.models.folds import fold_kind, group_codes, sortable
from fullcycle.core.models.frame import ROW, as_coerced
from fullcycle.core.models.stopping import stopping_params
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import Settings


@dataclass(frozen=True)
class Keys:
    """Codes of groups and moments as numbers, by source row number; None where folds don't respect them."""

    groups: pd.Series[Any] | None = None
    times: pd.Series[Any] | None = None

    def fit_params(self, candidate: Any, index: pd.Index[Any]) -> dict[str, NDArray[Any]]:
        """What `candidate.fit` takes beside the rows of `index`; nothing where it parts no rows.

        A row that stands there twice, as in a bootstrap sample, is kept together with itself.
        """
        groups, times = (
            None if each is None else each.loc[index].to_numpy() for each in (self.groups, self.times)
        )
        if groups is None and index.has_duplicates:
            groups = index.to_numpy()
        return stopping_params(candidate, groups, times)


NO_KEYS = Keys()


def keys_of(
    contract: Contract, settings: Settings, groups: pd.Series[Any] | None, times: pd.Series[Any] | None
) -> Keys:
    """As folds take them: groups stay together whatever else is asked for, time counts in folds by time."""
    ordered = times if fold_kind(contract, settings) == "time" else None
    return Keys(
        None if groups is None else pd.Series(group_codes(groups), index=groups.index),
        None if ordered is None else pd.Series(sortable(ordered), index=ordered.index),
    )


def read_keys(project: Project) -> Keys:
    """Of the training rows."""
    contract = project.contract
    columns = [contract.group, contract.time]
    names = [column.name for column in columns if column is not None]
    if not names:
        return NO_KEYS
    table = pq.read_table(project.paths.train, columns=[ROW, *names])
    index = pd.Index(table[ROW].to_numpy().astype(np.int64), name=ROW)
    groups, times = (
        None if column is None else pd.Series(as_coerced(table[column.name], column), index=index)
        for column in columns
    )
    return keys_of(contract, project.settings, groups, times)
