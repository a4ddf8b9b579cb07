"""The champion fitted with and without a proposal, on the same folds."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Derived
from fullcycle.core.engines.trials import TrialEngine
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.metrics import Metric, answer_for
from fullcycle.core.models.candidates import build_candidate
from fullcycle.core.models.evaluate import answer_of
from fullcycle.core.models.folds import Folds, Indices
from fullcycle.core.models.keys import NO_KEYS, Keys

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judge:
    """Whoever fits the champion: its model and parameters, the rows, the metric.

    `features` hold the project's columns and every proposal's; `codes` are class codes or numbers.
    """

    model: str
    parameters: Mapping[str, Scalar]
    contract: Contract
    policies: Sequence[ColumnPolicy]
    features: pd.DataFrame
    target: pd.Series
    codes: NDArray[Any]
    metric: Metric
    engine: TrialEngine
    seed: int
    keys: Keys = NO_KEYS

    def scores(self, sets: Sequence[Sequence[Derived]], folds: Folds) -> Floats:
        """Shape (sets, folds): the metric with each set of features, signed so that more is better.

        NaN where a fold doesn't define it, as an AUC on rows of one class.
        """
        work = [partial(self._score, own, *fold) for own in sets for fold in folds]
        return np.array(self.engine.run(work)).reshape(len(sets), len(folds))

    def residuals(self, folds: Folds) -> tuple[Indices, Floats]:
        """Judged rows, and of each what the champion without a proposal left over: shape (rows, outputs)."""
        answers = self.engine.run([partial(self._answer, (), *fold) for fold in folds])
        judged = np.concatenate([valid for _, valid in folds])
        answer, codes = np.concatenate(answers), self.codes[judged]
        if answer.ndim == 1:
            return judged, (codes - answer)[:, None]
        truth = np.eye(answer.shape[1])[codes]
        # Two classes say the same with the other sign.
        return judged, (truth - answer)[:, 1:] if answer.shape[1] == 2 else truth - answer

    def _score(self, own: Sequence[Derived], train: Indices, valid: Indices) -> float:
        answer = answer_for(self.metric, self._answer(own, train, valid))
        score = self.metric.function(self.codes[valid], answer)
        return score if self.metric.higher_is_better else -score

    def _answer(self, own: Sequence[Derived], train: Indices, valid: Indices) -> Floats:
        contract = self.contract.model_copy(update={"derived": (*self.contract.derived, *own)})
        pipeline = build_candidate(self.model, self.parameters, contract, self.policies, self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unseen categories and weak penalties, as in the search
            learned = self.target.iloc[train]
            keyed = self.keys.fit_params(pipeline, learned.index)
            pipeline.fit(self.features.iloc[train], learned.to_numpy(), **keyed)
            return answer_of(pipeline, self.features.iloc[valid], contract)
