"""A person's own estimator competes by its import path, and is refused where its export can't be proven."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cycle.experiment.conftest import MakeCleaned

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.cycle.experiment.stage import run

MODULE = """
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

number = 7

def bayes(task, seed):
    return GaussianNB() if task != "regression" else LinearRegression()

def calibrated(task, seed):
    forest = RandomForestClassifier(20, min_samples_leaf=5, random_state=seed)
    return CalibratedClassifierCV(forest, method="isotonic", cv=3)

def boosted(task, seed):
    return HistGradientBoostingClassifier(max_iter=3)

def nothing(task, seed):
    return "a string"
"""


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the folder of the project, as `-C DIR` leaves us there."""
    (tmp_path / "my_models.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_models", raising=False)
    return "my_models"


@pytest.mark.usefixtures("no_tracking")
@pytest.mark.parametrize("task", [Task.multiclass, Task.regression])
def test_an_own_estimator_competes_with_the_others(
    make_cleaned: MakeCleaned, own_module: str, task: Task
) -> None:
    evidence = run(make_cleaned(task, models=["linear", f"{own_module}:bayes", "ensemble"], trials=3))
    assert f"{own_module}:bayes" in {each.model for each in evidence.candidates}


@pytest.mark.usefixtures("no_tracking")
@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("calibrated", CheckFailed, "ONNX Runtime answers differently"),
        ("boosted", UserError, "no conversion by skl2onnx"),
        ("nothing", UserError, "a str without fit, get_params or predict_proba"),
        ("absent", UserError, "no function absent in my_models"),
        ("number", UserError, "no function number in my_models"),
    ],
)
def test_an_estimator_that_cannot_be_proven_is_refused_before_the_search(
    make_cleaned: MakeCleaned, own_module: str, name: str, kind: type[UserError], message: str
) -> None:
    with pytest.raises(kind) as refused:
        run(make_cleaned(Task.binary, models=[f"{own_module}:{name}"]))
    assert f"experiment.models, my_models:{name}" in str(refused.value)
    assert message in str(refused.value)
    assert refused.value.hint


@pytest.mark.usefixtures("no_tracking", "own_module")
def test_a_module_that_is_not_there_is_said_with_its_reason(make_cleaned: MakeCleaned) -> None:
    with pytest.raises(UserError, match="No module named 'nowhere'"):
        run(make_cleaned(Task.binary, models=["nowhere.models:build"]))
