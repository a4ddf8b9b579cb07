"""How steady the model is: fitted again with other seeds and on bootstrap samples of the training rows."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.trials import single_threaded
from fullcycle.core.evidence.verify import Refit
from fullcycle.core.models.keys import Keys
from fullcycle.core.models.parity import in_order_of
from fullcycle.cycle.verify.judged import Judged, Said, flipped, movements
from fullcycle.cycle.verify.score import class_codes

ROWS_AT_MOST = 20_000  # of training: a large table would be fitted for minutes
SEEDS_BELOW = 2**31


def refits(
    judged: Judged, pipeline: Any, frame: pd.DataFrame, target: pd.Series[Any], keys: Keys
) -> tuple[Refit, ...]:
    """As many fits as the settings ask for, on bootstrap samples and, every other one, on all rows with
    another seed. `frame` and `target` are the training rows; calibration and threshold stay as they are."""
    random = np.random.default_rng(judged.seed)
    found = []
    for turn in range(judged.settings.refits):
        kind = "seed" if turn % 2 else "bootstrap"
        rows = _rows(len(frame), kind, random)
        seed = int(random.integers(SEEDS_BELOW))
        again = refit(pipeline, frame.iloc[rows], target.iloc[rows], seed, keys)
        said = _said(again, judged.frame.iloc[judged.asked], judged.bundle.contract)
        found.append(
            Refit(
                kind="seed" if turn % 2 else "bootstrap",
                moved=float(movements(judged.usual, said).mean()),
                flipped=flipped(judged.usual, said),
                metric=judged.score(said),
            )
        )
    return tuple(found)


def _rows(available: int, kind: str, random: np.random.Generator) -> NDArray[np.int64]:
    count = min(available, ROWS_AT_MOST)
    if kind == "bootstrap":
        return np.sort(random.integers(0, available, count))
    return np.sort(random.permutation(available)[:count])


def refit(pipeline: Any, frame: pd.DataFrame, target: pd.Series[Any], seed: int, keys: Keys) -> Any:
    """A copy of a fitted pipeline, learned anew; what wraps it (calibration) is kept as it was."""
    from sklearn.base import clone

    if hasattr(pipeline, "fitted"):
        again = copy.copy(pipeline)
        again.fitted = refit(pipeline.fitted, frame, target, seed, keys)
        return again
    fresh = clone(pipeline)
    _reseed(fresh, seed)
    with single_threaded():
        return fresh.fit(frame, target.to_numpy(), **keys.fit_params(fresh, frame.index))


def _reseed(part: Any, seed: int) -> None:
    """Another seed for everything that takes one, members of a blend and steps of a pipeline too."""
    if isinstance(part, list | tuple):
        for each in part:
            _reseed(each, seed)
    elif hasattr(part, "get_params"):
        own = part.get_params(deep=False)
        if "random_state" in own:
            part.set_params(random_state=seed)
        _reseed(list(own.values()), seed)


def _said(fitted: Any, frame: pd.DataFrame, contract: Contract) -> Said:
    if contract.task is Task.regression:
        return Said(values=np.asarray(fitted.predict(frame), dtype=np.float64))
    classes = contract.classes or ()
    labels = class_codes(pd.Series(np.asarray(fitted.predict(frame))), classes)
    return Said(shares=in_order_of(classes, fitted, fitted.predict_proba(frame)), labels=labels)
