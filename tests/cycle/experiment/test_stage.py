"""The stage: from training rows to a champion, the same again, and clear words where nothing is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, SilentTracker, contract_of, table_of

from fullcycle.core.contract.model import Column, ColumnType, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.metrics import METRICS
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment import stage
from fullcycle.cycle.experiment.stage import run

pytestmark = pytest.mark.usefixtures("no_tracking")


def results(project: Project) -> tuple[bytes, bytes, dict[str, Any]]:
    """What must be equal in two runs: the bytes of data, and evidence but for `run`."""
    evidence = read_evidence(project.paths.evidence, ExperimentEvidence)
    return (
        project.paths.oof.read_bytes(),
        project.paths.search_lock.read_bytes(),
        evidence.model_dump(exclude={"run"}),
    )


@pytest.mark.parametrize("task", list(Task))
def test_the_champion_beats_the_baseline_and_its_answers_score_what_evidence_says(
    make_cleaned: MakeCleaned, task: Task
) -> None:
    project = make_cleaned(task)
    evidence = run(project)
    champion = next(each for each in evidence.candidates if each.model == evidence.champion)
    metric = METRICS[evidence.metric]
    assert champion.score.value is not None
    assert metric.better(champion.score.value, evidence.baseline)
    assert [each.model for each in evidence.candidates][:3] == ["linear", "lightgbm", "mlp"]
    oof = pq.read_table(project.paths.oof).to_pandas()
    truth = table_of(task).set_index("_row").loc[oof["_row"], "target"]
    if task is Task.regression:
        assert list(oof) == ["_row", "fold", "prediction"]
        found = metric.function(truth.to_numpy(), oof["prediction"].to_numpy())
    else:
        classes = list(project.contract.classes or ())
        names = [f"p_{code}" for code in range(len(classes))]
        assert list(oof) == ["_row", "fold", *names]
        found = metric.function(truth.map(classes.index).to_numpy(), oof[names].to_numpy())
    assert found == champion.score.value
    assert oof["_row"].is_monotonic_increasing
    assert read_evidence(project.paths.evidence, ExperimentEvidence) == evidence


def test_two_runs_are_equal_to_the_byte_whatever_the_workers(make_cleaned: MakeCleaned) -> None:
    first, second = make_cleaned(name="one", workers=1), make_cleaned(name="two", workers=3)
    run(first)
    run(second)
    assert results(first) == results(second)


def test_a_repeated_run_gives_the_same_and_says_nothing_of_a_replay(make_cleaned: MakeCleaned) -> None:
    project = make_cleaned()
    run(project)
    before = results(project)
    assert not any(trial.replayed for trial in run(project).trials)
    assert results(project) == before


def test_a_search_that_time_ended_is_replayed_with_the_same_trials(
    make_cleaned: MakeCleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_cleaned(trials=12, batch=2, time_budget_s=1e-9)
    first = run(project)
    assert first.ended_by == "time"
    assert len(first.trials) == 2
    assert Code.search_ended_by_time in {each.code for each in first.findings}
    oof = project.paths.oof.read_bytes()
    monkeypatch.setattr(stage, "search", None)  # a second search would fail
    again = run(project)
    assert again.ended_by == "time"
    assert all(trial.replayed for trial in again.trials)
    assert [(each.model, each.parameters, each.score) for each in again.trials] == [
        (each.model, each.parameters, each.score) for each in first.trials
    ]
    assert project.paths.oof.read_bytes() == oof


def test_other_data_are_searched_anew(make_cleaned: MakeCleaned) -> None:
    run(make_cleaned(trials=12, batch=2, time_budget_s=1e-9))
    other = make_cleaned(table=table_of(Task.binary, seed=1), trials=12, batch=2, time_budget_s=1e-9)
    assert not any(trial.replayed for trial in run(other).trials)


def test_a_seed_changes_folds(make_cleaned: MakeCleaned) -> None:
    first = make_cleaned(name="one")
    second = make_cleaned(name="two", sections={"seed": 1})
    run(first)
    run(second)
    folds = [pq.read_table(each.paths.oof)["fold"].to_pylist() for each in (first, second)]
    assert folds[0] != folds[1]


def test_rows_in_time_are_searched_on_the_latest_and_judged_after_what_they_learned(
    make_cleaned: MakeCleaned,
) -> None:
    at = Column(name="at", type=ColumnType.datetime, role=Role.time)
    table = table_of(Task.binary, rows=400)
    days = np.random.default_rng(5).permutation(400)
    table["at"] = pd.to_datetime(days, unit="D").astype("datetime64[us]")
    project = make_cleaned(
        Task.binary, table, contract=contract_of(Task.binary, at), rows_at_most=120, trials=2, folds=3
    )
    evidence = run(project)
    assert (evidence.fold_kind, evidence.rows, evidence.folds) == ("time", 120, 3)
    facts = next(each.facts for each in evidence.findings if each.code == Code.search_on_sample)
    assert facts == {"rows": 120, "of": 400}
    oof = pq.read_table(project.paths.oof).to_pandas()
    moments = pd.Series(days, index=table["_row"])
    assert len(oof) == 90  # the first of four blocks only trains
    assert moments.loc[oof["_row"]].min() == 310
    first, last = (moments.loc[oof.loc[oof["fold"] == fold, "_row"]] for fold in (0, 2))
    assert first.max() < last.min()


def test_rows_of_a_group_are_judged_together(make_cleaned: MakeCleaned) -> None:
    group = Column(name="household", type=ColumnType.categorical, role=Role.group)
    table = table_of(Task.binary)
    table["household"] = [f"h{row // 8}" for row in range(len(table))]
    project = make_cleaned(Task.binary, table, contract=contract_of(Task.binary, group), trials=2)
    assert run(project).fold_kind == "group"
    oof = pq.read_table(project.paths.oof).to_pandas()
    households = table.set_index("_row").loc[oof["_row"], "household"].to_numpy()
    assert (oof.groupby(households)["fold"].nunique() == 1).all()


def test_noise_is_said_to_be_no_better_than_the_baseline(make_cleaned: MakeCleaned) -> None:
    table = table_of(Task.binary)
    table["target"] = np.random.default_rng(3).permutation(table["target"])
    codes = {each.code for each in run(make_cleaned(table=table)).findings}
    assert Code.no_better_than_baseline in codes


def test_a_person_chooses_the_metric_and_the_models(make_cleaned: MakeCleaned) -> None:
    evidence = run(make_cleaned(metric="log_loss", models=["linear"], trials=3))
    assert evidence.metric == "log_loss"
    assert not evidence.higher_is_better
    assert evidence.champion == "linear"
    assert len(evidence.trials) == 3


def test_every_trial_the_ensemble_and_the_champion_are_logged(
    make_cleaned: MakeCleaned, no_tracking: type[SilentTracker]
) -> None:
    project = make_cleaned()
    evidence = run(project)
    names = [each.name for each in no_tracking.told]
    assert names == ["experiment", *(f"{each.model} {each.number}" for each in evidence.trials), "ensemble"]
    assert all(each.tags["data_sha256"] for each in no_tracking.told)


@pytest.mark.parametrize(("task", "value"), [(Task.regression, 5.0), (Task.binary, "no")])
def test_a_target_of_one_value_is_a_clear_error(make_cleaned: MakeCleaned, task: Task, value: object) -> None:
    table = table_of(task)
    table["target"] = value
    with pytest.raises(UserError) as caught:
        run(make_cleaned(task, table))
    assert str(value) in caught.value.found
    assert "column target" in caught.value.where


def test_an_empty_training_table_is_a_clear_error(make_cleaned: MakeCleaned) -> None:
    with pytest.raises(UserError, match="no rows"):
        run(make_cleaned(table=table_of(Task.binary).head(0).astype({"plan": object, "target": object})))


def test_an_interrupted_search_leaves_the_previous_result_whole(
    make_cleaned: MakeCleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(make_cleaned())
    project = make_cleaned(sections={"seed": 7})
    before = results(project)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "search", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project)
    assert results(project) == before


def test_six_rows_are_enough_for_an_answer(make_cleaned: MakeCleaned) -> None:
    evidence = run(make_cleaned(table=table_of(Task.binary, rows=6)))
    assert evidence.folds == 3
    assert evidence.rows == 6
