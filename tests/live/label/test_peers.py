"""Our few lines say what the libraries of the field say (`benchmarks/peers/labels/answers.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullcycle.live.label.aggregate import class_counts, class_probabilities
from fullcycle.live.label.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from fullcycle.live.label.confident import confident_classes, doubt_labels

PEERS = json.loads((Path(__file__).parent / "data/peers.json").read_text(encoding="utf-8"))


def matrix(rows: list[list[float | None]]) -> Any:
    return np.array(rows, dtype=np.float64)


@pytest.mark.parametrize("case", PEERS["agreement"])
def test_agreement_is_what_krippendorff_scikit_learn_and_statsmodels_compute(case: dict[str, Any]) -> None:
    ratings = matrix(case["ratings"])
    assert krippendorff_alpha(ratings) == pytest.approx(case["alpha_nominal"], abs=1e-9)
    assert krippendorff_alpha(matrix(case["numbers"]), "interval") == pytest.approx(
        case["alpha_interval"], abs=1e-9
    )
    assert cohen_kappa(ratings[:, 0], ratings[:, 1]) == pytest.approx(case["cohen"], abs=1e-9)
    fleiss = fleiss_kappa(class_counts(ratings, case["classes"]))
    assert fleiss == (None if case["fleiss"] is None else pytest.approx(case["fleiss"], abs=1e-9))


@pytest.mark.parametrize("case", PEERS["agreement"])
def test_dawid_skene_ends_where_crowd_kit_ends(case: dict[str, Any]) -> None:
    found = class_probabilities(matrix(case["ratings"]), case["classes"])
    assert np.abs(found - np.array(case["dawid_skene"])).max() < 0.01


@pytest.mark.parametrize("case", PEERS["confident"])
def test_confident_learning_names_the_rows_that_cleanlab_names(case: dict[str, Any]) -> None:
    given, probabilities = np.array(case["given"]), np.array(case["probabilities"])
    confident = confident_classes(given, probabilities)
    off = (confident >= 0) & (confident != given) & (probabilities.argmax(axis=1) != given)
    assert np.flatnonzero(off).tolist() == case["off_diagonal"]
    doubt = doubt_labels(given, probabilities)
    assert doubt.score == pytest.approx(case["self_confidence"])
    assert set(np.flatnonzero(doubt.suspect)) <= set(case["off_diagonal"])
