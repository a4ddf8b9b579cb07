"""Permutation importance through ONNX Runtime (Breiman 2001): what is deployed is what is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.feeds import Feeds
from fullcycle.core.bundle.runtime import Session
from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.prepare import Importance
from fullcycle.core.metrics import METRICS, Metric

ASKED_AT_MOST = 150_000  # rows asked in all: Ames with its 73 columns takes 2 s, 900 columns stay under 30 s
ROWS = (200, 2000)
SHUFFLES_AT_MOST = 3

Score = Callable[[dict[str, NDArray[Any]]], float]


def permutation_importance(session: Session, fed: Feeds, score: Score, seed: int) -> tuple[Importance, ...]:
    """How much the score falls when a column is shuffled, in the mean of up to three shuffles, largest first.

    `score` takes the graph's answers by name and is the better the higher.
    """
    rows = len(next(iter(fed.values())))
    shuffles = int(np.clip(ASKED_AT_MOST // (rows * len(fed)), 1, SHUFFLES_AT_MOST))
    names = [output.name for output in session.get_outputs()]

    def ask(columns: Feeds) -> float:
        return score(dict(zip(names, session.run(names, columns), strict=True)))

    random = np.random.default_rng(seed)
    whole = ask(fed)
    falls = {name: whole - _shuffled_score(ask, fed, name, random, shuffles) for name in fed}
    ordered = sorted(falls.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Importance(column=name, fall=float(fall)) for name, fall in ordered)


def rows_for(columns: int) -> int:
    """How many rows to ask, so that many columns don't take for ever."""
    return int(np.clip(ASKED_AT_MOST // columns, *ROWS))


def _shuffled_score(
    ask: Callable[[Feeds], float], fed: Feeds, name: str, random: np.random.Generator, shuffles: int
) -> float:
    scores = [ask({**fed, name: random.permutation(fed[name])}) for _ in range(shuffles)]
    return float(np.mean(scores))


def score_of(metric_name: str, target: NDArray[Any], contract: Contract) -> Score:
    """The experiment's metric as a function of the graph's answers, turned so that higher is better."""
    metric = METRICS[metric_name]
    sign = 1.0 if metric.higher_is_better else -1.0
    truth = _truth(target, contract)

    def score(answers: dict[str, NDArray[Any]]) -> float:
        return sign * metric.function(truth, _answer(metric, answers, contract))

    return score


def _truth(target: NDArray[Any], contract: Contract) -> NDArray[Any]:
    """Class codes by position in the contract's classes, or numbers."""
    if contract.classes is None:
        return np.asarray(target, dtype=np.float64)
    position = {name: code for code, name in enumerate(contract.classes)}
    return np.array([position[str(name)] for name in target], dtype=np.int64)


def _answer(metric: Metric, answers: dict[str, NDArray[Any]], contract: Contract) -> NDArray[Any]:
    if contract.classes is None:
        return answers["prediction"].ravel().astype(np.float64)
    if metric.needs == "labels":
        return _truth(answers["label"], contract)
    return answers["probabilities"].astype(np.float64)
