"""What a candidate answers on rows it did not see: each fold fitted on the rest, preprocessing included."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.trials import TrialEngine
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.metrics import Metric, answer_for, scores_of
from fullcycle.core.models.candidates import columns_key, kind_of, on_log_target
from fullcycle.core.models.folds import Folds
from fullcycle.core.models.keys import NO_KEYS, Keys

Parameters = Mapping[str, Scalar]
Floats = NDArray[np.float64]

# Prepared folds are kept while they fit; beyond, each trial prepares its own. Sums are equal either way.
PREPARED_BYTES_AT_MOST = 1 << 30


@dataclass(frozen=True)
class Rows:
    """What the search sees. `codes` are class codes or numbers (n,); models are fitted on `target`."""

    features: pd.DataFrame
    target: pd.Series
    codes: NDArray[Any]
    folds: Folds
    keys: Keys = NO_KEYS

    @property
    def fold_of(self) -> NDArray[np.int64]:
        """The fold that judges each row, -1 for rows that only train."""
        numbers = np.full(len(self.codes), -1, dtype=np.int64)
        for number, (_, valid) in enumerate(self.folds):
            numbers[valid] = number
        return numbers


@dataclass(frozen=True)
class OutOfFold:
    """Answers for the judged rows in the order of the table: probabilities (n, k), or values (n,).

    `seconds` is the work of all fits, on one worker.
    """

    answer: Floats
    codes: NDArray[Any]
    folds: NDArray[np.int64]
    seconds: float = 0.0

    def score(self, metric: Metric) -> float:
        """The metric over all folds together."""
        return metric.function(self.codes, answer_for(metric, self.answer))

    def fold_scores(self, metric: Metric) -> tuple[float, ...]:
        """The metric of each fold where it is defined: an AUC needs rows of two classes."""
        answer = answer_for(metric, self.answer)
        parts = [self.folds == number for number in np.unique(self.folds)]
        scores = (metric.function(self.codes[part], answer[part]) for part in parts)
        return tuple(score for score in scores if np.isfinite(score))

    def scores(self, task: Task) -> dict[str, float | None]:
        """Every metric of the task; None where it is undefined."""
        return {
            name: score if np.isfinite(score) else None
            for name, score in scores_of(task, self.codes, self.answer).items()
        }


@dataclass
class Evaluator:
    """Fits candidates fold by fold on an engine; trials with equal columns share what was prepared."""

    contract: Contract
    policies: Sequence[ColumnPolicy]
    rows: Rows
    engine: TrialEngine
    seed: int
    _prepared: dict[Any, tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=dict)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def out_of_fold(self, trials: Sequence[tuple[str, Parameters]]) -> list[OutOfFold]:
        """Answers of each (model, parameters). All folds of all trials are one queue, so no worker waits."""
        return list(self.stream(trials))

    def stream(self, trials: Sequence[tuple[str, Parameters]]) -> Iterator[OutOfFold]:
        """The same, each as soon as its last fold is answered."""
        if self.engine.shares_memory:
            self._prepare(trials)
        numbers = range(len(self.rows.folds))
        work = [
            partial(answer_fold, self, model, parameters, number)
            for model, parameters in trials
            for number in numbers
        ]
        fits: list[tuple[Floats, float]] = []
        for fit in self.engine.stream(work):
            fits.append(fit)
            if len(fits) == len(numbers):
                yield self._pooled(fits)
                fits = []

    def _pooled(self, fits: Sequence[tuple[Floats, float]]) -> OutOfFold:
        answers, seconds = zip(*fits, strict=True)
        return pooled(self.rows, answers, sum(seconds))

    def _prepare(self, trials: Sequence[tuple[str, Parameters]]) -> None:
        """Preprocessing of folds that these trials need, once for each kind of columns."""
        needed = {
            (columns_key(*trial), number): trial for trial in trials for number in range(len(self.rows.folds))
        }
        missing = [
            (number, trial) for (key, number), trial in needed.items() if (key, number) not in self._prepared
        ]
        self.engine.run([partial(self._matrices, *trial, number) for number, trial in missing])

    def _matrices(self, model: str, parameters: Parameters, number: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Training and validation rows of a fold as the model sees them, learned on the training rows."""
        key = (columns_key(model, parameters), number)
        if key in self._prepared:
            return self._prepared[key]
        train, valid = self.rows.folds[number]
        columns = kind_of(model).columns(parameters, self.contract, self.policies)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unseen categories are what the encoder's settings are for
            learned = np.asarray(columns.fit_transform(self.rows.features.iloc[train]))
            matrices = learned, np.asarray(columns.transform(self.rows.features.iloc[valid]))
        self._keep(key, matrices)
        return matrices

    def _keep(self, key: Any, matrices: tuple[NDArray[Any], NDArray[Any]]) -> None:
        size = sum(matrix.nbytes for matrix in matrices)
        with self._lock:
            if self._bytes + size <= PREPARED_BYTES_AT_MOST:
                self._prepared[key] = matrices
                self._bytes += size

    def __getstate__(self) -> dict[str, Any]:
        """As it travels to another process: what was prepared, and the engine, stay here."""
        return {**self.__dict__, "engine": None, "_prepared": {}, "_bytes": 0, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def answer(self, model: str, parameters: Parameters, number: int) -> tuple[Floats, float]:
        """One fit, its answers for the fold's validation rows, and the seconds it took."""
        started = time.perf_counter()
        train, valid = self._matrices(model, parameters, number)
        learned = self.rows.target.iloc[self.rows.folds[number][0]]
        estimator = kind_of(model).model(parameters, self.contract, self.seed)
        if parameters.get("log_target"):
            estimator = on_log_target(estimator)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a weak penalty may not converge; its score says what that costs
            estimator.fit(train, learned.to_numpy(), **self.rows.keys.fit_params(estimator, learned.index))
            answer = answer_of(estimator, valid, self.contract)
        return answer, time.perf_counter() - started


def answer_fold(
    evaluator: Evaluator, model: str, parameters: Parameters, number: int
) -> tuple[Floats, float]:
    """A piece of work that can travel: the evaluator is sent once to each process that works for it."""
    return evaluator.answer(model, parameters, number)


def pooled(rows: Rows, answers: Sequence[Floats], seconds: float = 0.0) -> OutOfFold:
    """The answers of every fold's judged rows, in the order of the table."""
    judged = np.concatenate([valid for _, valid in rows.folds])
    order = np.argsort(judged, kind="stable")
    places = judged[order]
    return OutOfFold(np.concatenate(answers)[order], rows.codes[places], rows.fold_of[places], seconds)


def answer_of(fitted: Any, features: Any, contract: Contract) -> Floats:
    """Probabilities (n, k) in the contract's order of classes, 0 for one that training lacked; or values."""
    if contract.task is Task.regression:
        return np.asarray(fitted.predict(features), dtype=np.float64)
    known = [str(name) for name in fitted.classes_]
    answers = np.asarray(fitted.predict_proba(features), dtype=np.float64)
    spread = np.zeros((len(answers), len(contract.classes or ())))
    spread[:, [(contract.classes or ()).index(name) for name in known]] = answers
    return spread


def codes_of(target: pd.Series, contract: Contract) -> NDArray[Any]:
    """Positions in the contract's classes, or the numbers as they are."""
    if contract.task is Task.regression:
        return target.to_numpy(dtype=np.float64)
    positions = {name: place for place, name in enumerate(contract.classes or ())}
    return target.map(positions).to_numpy(dtype=np.int64)
