"""What the field's libraries say of a few made-up tables of labels, for tests/live/label/data/peers.json.

Run in an environment of `requirements.txt`: `python answers.py > ../../../tests/live/label/data/peers.json`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import krippendorff
import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from crowdkit.aggregation import DawidSkene
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

LIBRARIES = ("cleanlab", "crowd-kit", "krippendorff", "scikit-learn", "statsmodels")


def ratings_of(seed: int, items: int, annotators: int, classes: int, gaps: float) -> np.ndarray:
    """Annotators of different skill; NaN where one said nothing."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, items)
    skill = random.uniform(0.5, 0.95, annotators)
    right = random.random((items, annotators)) < skill
    said = np.where(right, truth[:, None], random.integers(0, classes, (items, annotators))).astype(float)
    hidden = random.random((items, annotators)) < gaps
    hidden[np.arange(items), random.integers(0, annotators, items)] = False
    said[hidden] = np.nan
    return said


def agreement(seed: int, classes: int, gaps: float) -> dict:
    ratings = ratings_of(seed, 60, 4, classes, gaps)
    numbers = np.round(ratings + np.random.default_rng(seed).normal(0, 0.3, ratings.shape), 3)
    counts = np.stack([(ratings == code).sum(axis=1) for code in range(classes)], axis=1)
    both = ~np.isnan(ratings[:, 0]) & ~np.isnan(ratings[:, 1])
    return {
        "classes": classes,
        "ratings": as_lists(ratings),
        "numbers": as_lists(numbers),
        "cohen": cohen_kappa_score(ratings[both, 0], ratings[both, 1]),
        "fleiss": None if gaps else fleiss_kappa(counts),
        "alpha_nominal": krippendorff.alpha(ratings.T, level_of_measurement="nominal"),
        "alpha_interval": krippendorff.alpha(numbers.T, level_of_measurement="interval"),
        "dawid_skene": posterior(ratings, classes),
    }


def posterior(ratings: np.ndarray, classes: int) -> list:
    lines = [
        {"task": item, "worker": annotator, "label": int(label)}
        for (item, annotator), label in np.ndenumerate(ratings)
        if not np.isnan(label)
    ]
    fitted = DawidSkene(n_iter=1000, tol=1e-9).fit(pd.DataFrame(lines))
    return fitted.probas_.reindex(columns=range(classes)).fillna(0).to_numpy().round(6).tolist()


def confident(seed: int, classes: int) -> dict:
    random = np.random.default_rng(seed)
    given = random.integers(0, classes, 200)
    logits = random.normal(0, 1, (200, classes))
    logits[np.arange(200), np.where(random.random(200) < 0.85, given, random.integers(0, classes, 200))] += 2
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    shares = shares.round(6)
    shares[:, -1] = 1 - shares[:, :-1].sum(axis=1)
    found = find_label_issues(given, shares, filter_by="confident_learning", n_jobs=1)
    return {
        "given": given.tolist(),
        "probabilities": shares.tolist(),
        "off_diagonal": np.flatnonzero(found).tolist(),
        "self_confidence": get_label_quality_scores(given, shares, method="self_confidence").tolist(),
    }


def as_lists(matrix: np.ndarray) -> list:
    return [[None if np.isnan(value) else value for value in row] for row in matrix.tolist()]


if __name__ == "__main__":
    answers = {
        "versions": {name: version(name) for name in LIBRARIES},
        "agreement": [agreement(0, 2, 0.0), agreement(1, 3, 0.0), agreement(2, 3, 0.4), agreement(3, 2, 0.3)],
        "confident": [confident(0, 2), confident(1, 4)],
    }
    json.dump(answers, sys.stdout)
