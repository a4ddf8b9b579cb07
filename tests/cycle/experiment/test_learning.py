"""More rows and other parameters: what is said of them is what was planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, table_of

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.findings import Code
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.cycle.experiment.effects import parameter_effects
from fullcycle.cycle.experiment.search import Searched, Tried
from fullcycle.cycle.experiment.stage import run

ROC_AUC = METRICS["roc_auc"]


def many_corners(rows: int) -> pd.DataFrame:
    """A target that depends on which of 40 bands of age a row is in: each must be seen to be known."""
    random = np.random.default_rng(3)
    age, plan = random.uniform(0, 99, rows), random.choice(["basic", "gold"], rows)
    high = np.sin(np.floor(age / 2.5) * 12.9898) * 43758.5453 % 1 > 0.5
    target = np.where(random.random(rows) < 0.1, ~high, high)
    return pd.DataFrame(
        {
            "_row": np.arange(rows) * 2 + 100,
            "age": age,
            "plan": plan,
            "target": np.where(target, "yes", "no"),
        }
    )


@pytest.mark.usefixtures("no_tracking")
def test_a_target_of_many_corners_asks_for_more_rows_and_a_plain_one_does_not(
    make_cleaned: MakeCleaned,
) -> None:
    search: Any = {"trials": 2, "folds": 3, "models": ["lightgbm"]}
    steep = run(make_cleaned(Task.binary, many_corners(600), name="steep", **search))
    assert Code.more_rows_help in {each.code for each in steep.findings}
    assert [each.rows for each in steep.learning] == [50, 100, 200, 400]
    scores = [each.score.value for each in steep.learning]
    assert scores[-1] == max(scores)  # type: ignore[type-var]
    plain = table_of(Task.binary, rows=600, noise=3.0)
    flat = run(make_cleaned(Task.binary, plain, name="flat", **(search | {"models": ["linear"]})))
    assert Code.more_rows_do_not_help in {each.code for each in flat.findings}


@pytest.mark.usefixtures("no_tracking")
def test_no_curve_is_measured_where_nobody_wants_one(make_cleaned: MakeCleaned) -> None:
    assert run(make_cleaned(Task.binary, learning_curve=False, trials=2)).learning == ()


def test_the_parameter_that_was_planted_explains_most_and_its_best_values_are_told() -> None:
    random = np.random.default_rng(0)
    codes = np.arange(10) % 2
    own = OutOfFold(np.zeros((10, 2)), codes, codes)
    trials = []
    for number in range(24):
        leaves, penalty = int(random.integers(3, 60)), float(10 ** random.uniform(-1, 2))
        score = 0.8 - 0.1 * abs(leaves - 20) / 40 + 0.001 * random.normal()
        parameters: dict[str, Any] = {"leaves": leaves, "penalty": penalty, "fixed": 3}
        trials.append(Tried(number, "lightgbm", parameters, own, score))
    effects = parameter_effects(Searched(tuple(trials), "trials"), ROC_AUC, 0)
    assert effects[0].parameter == "leaves"
    assert effects[0].share > 0.6
    assert effects[0].best_low is not None
    assert effects[0].best_high is not None
    assert 5 < effects[0].best_low < 20 < effects[0].best_high < 40
    assert "fixed" not in {each.parameter for each in effects}
    assert parameter_effects(Searched(tuple(trials[:5]), "trials"), ROC_AUC, 0) == ()
