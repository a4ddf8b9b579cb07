"""From a claim in fullcycle.yaml to a verdict: fixed before, decided once, and never quietly changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, contract_of, table_of

from fullcycle.core.contract.model import Column, ColumnType, Role, Task
from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.hypotheses import Claim
from fullcycle.core.hypotheses.ledger import read_ledger
from fullcycle.core.hypotheses.standing import refresh
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.hypotheses import run as runner
from fullcycle.cycle.experiment.hypotheses.compare import compare, read_ground, sides
from fullcycle.cycle.experiment.hypotheses.run import run

PLAN = {
    "claim": "the plan says something",
    "metric": "roc_auc",
    "control": {"model": "linear", "without": ["plan"]},
    "treatment": {"model": "linear"},
    "minimum_effect": 0.02,
    "repeats": 2,
}


class Recorder:
    """Stands for MLflow: keeps what it was told, with what was on record by then."""

    told: list[Any] = []
    events: list[list[str]] = []
    project: Project

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None: ...

    def write(self, runs: Any) -> list[str]:
        Recorder.told.append(runs)
        Recorder.events.append([each.event for each in read_ledger(Recorder.project.paths.evidence)])
        return [f"run-{place}" for place in range(len(runs))]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    Recorder.told, Recorder.events = [], []
    monkeypatch.setattr(runner, "Tracker", Recorder)


@pytest.fixture
def claimed(make_cleaned: MakeCleaned):
    def make(claims: dict[str, Any], **more: Any) -> Project:
        project = make_cleaned(sections={"hypotheses": claims}, **more)
        Recorder.project = project
        return project

    return make


def of(project: Project, name: str = "plan") -> Claim:
    evidence = refresh(project)
    assert evidence is not None
    return next(each for each in evidence.claims if each.id == name)


def test_a_claim_is_fixed_then_run_then_decided(claimed) -> None:
    project = claimed({"plan": PLAN})
    assert of(project).state == "undecided"
    claim = run(project, ["plan"]).claims[0]
    assert [each.event for each in read_ledger(project.paths.evidence)] == ["fixed", "decided"]
    assert claim.result is not None
    assert claim.result.verdict == "supported"
    assert len(claim.result.gains) == 6  # three folds, drawn twice
    assert claim.hash == read_ledger(project.paths.evidence)[0].hash


def test_mlflow_has_the_hash_before_any_result_and_the_arms_below_it_after(claimed) -> None:
    project = claimed({"plan": PLAN})
    claim = run(project, ["plan"]).claims[0]
    assert Recorder.events == [["fixed"], ["fixed", "decided"]]
    (opened,), (result, *arms) = Recorder.told
    assert opened.tags["hypothesis_sha256"] == claim.hash
    assert opened.metrics == {}
    assert result.run_id == "run-0"
    assert {each.tags["arm"]: each.parent for each in arms} == {"control": "run-0", "treatment": "run-0"}


def test_a_decided_claim_is_not_decided_again_and_one_of_other_data_is(claimed) -> None:
    project = claimed({"plan": PLAN})
    first = run(project, ["plan"]).claims[0]
    assert run(project, ["plan"]).claims[0] == first
    again = claimed({"plan": PLAN}, table=table_of(Task.binary, seed=5))
    second = run(again, ["plan"]).claims[0]
    assert second.hash != first.hash
    assert [(each.other, each.verdict) for each in second.earlier] == [("data", "supported")]
    assert second.changed == "no"


def test_a_claim_changed_after_its_result_is_shown_as_such_even_when_it_is_changed_back(claimed) -> None:
    project = claimed({"plan": PLAN})
    run(project, ["plan"])
    changed = of(claimed({"plan": {**PLAN, "minimum_effect": 0.3}}))
    assert (changed.changed, changed.state) == ("after_result", "undecided")
    assert changed.earlier[0].verdict == "supported"
    back = of(claimed({"plan": PLAN}))
    assert (back.changed, back.state) == ("after_result", "decided")
    gone = of(claimed({"other": PLAN}))
    assert not gone.declared
    assert gone.changed == "after_result"


def test_a_claim_changed_before_any_result_says_that(claimed, monkeypatch: pytest.MonkeyPatch) -> None:
    project = claimed({"plan": PLAN})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(runner, "compare", killed)
        with pytest.raises(KeyboardInterrupt):
            run(project, ["plan"])
    assert of(project).state == "fixed"
    other = claimed({"plan": {**PLAN, "minimum_effect": 0.3}})
    assert run(other, ["plan"]).claims[0].changed == "before_result"


def test_an_interrupted_claim_is_decided_without_being_fixed_twice(
    claimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = claimed({"plan": PLAN})
    with monkeypatch.context() as broken:
        broken.setattr(runner, "compare", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(project, ["plan"])
    run(project, ["plan"])
    assert [each.event for each in read_ledger(project.paths.evidence)] == ["fixed", "decided"]


def test_claims_share_alpha_with_all_that_are_declared(claimed) -> None:
    null = {**PLAN, "control": {"model": "lightgbm"}, "treatment": {"seed": 1}, "claim": "luck"}
    project = claimed({"plan": PLAN, "luck": null})
    alone = run(project, ["plan"]).claims[0].result
    assert alone is not None
    assert (alone.level, alone.among) == (0.025, 2)


def test_an_unknown_name_and_an_unknown_parameter_are_told_with_the_nearest(claimed, tmp_path) -> None:
    wrong = {**PLAN, "treatment": {"model": "linear", "parameters": {"c": 1.0}}}
    project = claimed({"plan": wrong})
    project.paths.settings.write_text("hypotheses:\n  plan:\n    treatment: {model: linear}\n")
    with pytest.raises(UserError, match="did you mean `--hypothesis plan`"):
        run(project, ["plam"])
    with pytest.raises(UserError, match=r"'c', which the model linear doesn't have"):
        run(project, ["plan"])
    assert read_ledger(project.paths.evidence) == []  # nothing is fixed that can't be run


def with_time(rows: int = 240) -> pd.DataFrame:
    table = table_of(Task.binary, rows=rows)
    table["day"] = pd.date_range("2024-01-01", periods=rows).astype("datetime64[us]")
    return table


def test_a_window_keeps_an_arm_from_rows_outside_it_and_judges_the_same_rows(claimed) -> None:
    day = Column(name="day", type=ColumnType.datetime, role=Role.ignore)
    claim = {
        **PLAN,
        "control": {"model": "linear"},
        "treatment": {"model": "linear", "window": {"since": "2024-04-01", "column": "day"}},
    }
    project = claimed({"plan": claim}, table=with_time(), contract=contract_of(Task.binary, day))
    seen: list[tuple[int, int]] = []
    hypothesis = project.settings.hypotheses["plan"]
    ground = read_ground(project, 1)
    pair = sides(project, "plan", hypothesis, (), ground)

    from fullcycle.cycle.experiment.hypotheses import compare as module

    real = module.Evaluator

    class Spy(real):  # type: ignore[misc, valid-type]
        def out_of_fold(self, trials: Any) -> Any:
            days = pd.Series(pd.date_range("2024-01-01", periods=240))
            seen.append(
                (
                    min(days.iloc[train].min() for train, _ in self.rows.folds),
                    sum(len(valid) for _, valid in self.rows.folds),
                )
            )
            return super().out_of_fold(trials)

    module.Evaluator = Spy  # type: ignore[misc]
    try:
        found = compare(project, pair, ground, ThreadEngine(1), lambda: None)
    finally:
        module.Evaluator = real  # type: ignore[misc]
    assert seen[0][0] == pd.Timestamp("2024-01-01")
    assert seen[1][0] >= pd.Timestamp("2024-04-01")
    assert seen[0][1] == seen[1][1] == 240
    assert np.array_equal(found.control[0].codes, found.treatment[0].codes)


def test_rows_of_outliers_are_dropped_from_training_alone(claimed) -> None:
    table = table_of(Task.binary)
    table.loc[:11, "age"] = 100_000.0
    claim = {
        **PLAN,
        "control": {"model": "linear"},
        "treatment": {"model": "linear", "clean": {"columns": {"age": {"outliers": "drop_row"}}}},
    }
    project = claimed({"plan": claim}, table=table)
    from fullcycle.core.evidence.clean import ColumnPolicy
    from fullcycle.cycle.experiment.hypotheses.compare import _own_folds

    policies = (ColumnPolicy(column="age", missing="median"),)
    ground = read_ground(project, 1)
    control, treatment = sides(project, "plan", project.settings.hypotheses["plan"], policies, ground)
    frame = pd.DataFrame({"age": table["age"], "plan": table["plan"]})
    for side, kept in ((control, True), (treatment, False)):
        for train, valid in _own_folds(side, frame, ground.repeats[0], None):
            assert bool(set(train) & set(range(12))) is kept
            assert len(valid) == 80
