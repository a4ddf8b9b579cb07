"""A reference of fullcycle.yaml that leads nowhere is told by line before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.project import references
from fullcycle.core.project.project import Project

COLUMNS = (
    Column(name="when", type=ColumnType.datetime, role=Role.time),
    Column(name="tenure", type=ColumnType.numeric),
    Column(name="churn", type=ColumnType.categorical, role=Role.target),
)
CHURN = Contract(task=Task.binary, classes=("No", "Yes"), columns=COLUMNS)
PRICE = Contract(task=Task.regression, columns=COLUMNS)


class Written(Project):
    """A project whose contract is given, not read."""

    contract = CHURN


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "churn.csv").write_text("a\n1\n")

    def project(rest: str, contract: Contract = CHURN, source: str = "churn.csv") -> Project:
        (tmp_path / "fullcycle.yaml").write_text(f"name: churn\ndata:\n  source: {source}\n{rest}")
        made = Written(tmp_path)
        made.__dict__["contract"] = contract
        return made

    return project


def error_of(project: Project) -> str:
    with pytest.raises(UserError) as caught:
        references.check_references(project)
    return str(caught.value)


def test_settings_whose_references_hold_pass(project) -> None:
    references.check_references(project("split: {kind: time}\ngates: [{metric: roc_auc, at_least: 0.8}]\n"))


def test_a_source_that_is_not_there_gets_the_nearest_file(project) -> None:
    assert error_of(project("", source="chrun.csv")) == (
        "fullcycle.yaml, line 3, key data.source: found 'chrun.csv', and there is no such file\n"
        "expected: the path of a table, absolute or relative to the project\n"
        "hint: did you mean `churn.csv`?"
    )


def test_a_test_file_that_is_not_there_is_told_by_its_key(project) -> None:
    assert "line 4, key split.test: found 'holdout.parquet'" in error_of(
        project("split: {test: holdout.parquet}\n")
    )


def test_a_split_by_group_needs_a_group_column(project) -> None:
    text = error_of(project("split:\n  kind: group\n"))
    assert text.startswith(
        "fullcycle.yaml, line 5, key split.kind: found 'group', and no column of contract.yaml"
    )


def test_a_split_by_time_needs_a_time_column(project) -> None:
    contract = Contract(task=Task.binary, classes=("No", "Yes"), columns=COLUMNS[1:])
    assert "`role: time`" in error_of(project("split: {kind: time}\n", contract))


def test_a_number_cannot_be_stratified(project) -> None:
    assert "the target is a number" in error_of(project("split: {kind: stratified}\n", PRICE))


def test_a_gate_on_a_metric_of_another_task_is_refused(project) -> None:
    text = error_of(project("gates:\n  - {metric: mae, at_most: 2}\n"))
    assert text.startswith("fullcycle.yaml, line 5, key gates[0].metric: found 'mae', and the task is binary")
    assert "r2" in error_of(project("experiment: {metric: roc_auc}\n", PRICE))


def test_a_gate_without_a_bound_is_refused(project) -> None:
    assert "key gates[0]: found a gate without a bound" in error_of(
        project("gates:\n  - {metric: roc_auc}\n")
    )


def test_metrics_of_tasks_are_those_that_can_be_computed() -> None:
    from fullcycle.core.metrics import METRICS

    for name, metric in METRICS.items():
        assert (name in references.NUMBER_METRICS) == (Task.regression in metric.tasks)
        assert (name in references.CLASS_METRICS) == (Task.binary in metric.tasks)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("tenur: {outliers: clip}", "'tenur', and the contract has no such column"),
        ("churn: {missing: median}", "which is no feature that a model sees (its role is target)"),
        ("plan: {outliers: clip}", "outliers for 'plan', a categorical column"),
        ("plan: {scaling: robust}", "expected: scaling only for a numeric or boolean or datetime column"),
        ("plan: {missing: median}", "expected: one of own_category, most_frequent, constant"),
        ("tenure: {rare_share: 0.1}", "rare_share for 'tenure', a numeric column"),
        ("tenure: {missing: own_category}", "expected: one of model, median, most_frequent, constant"),
        ("tenure: {missing: constant}", "'constant' without a fill"),
        ("tenure: {missing: constant, fill: many}", "'many' for 'tenure', a numeric column"),
        ("tenure: {missing: constant, fill: 1e300}", "1e+300"),
        ("tenure: {missing: median, fill: 3}", "a fill without `missing: constant`"),
    ],
)
def test_a_policy_that_suits_no_column_is_told_by_line(project, policy: str, told: str) -> None:
    plan = Column(name="plan", type=ColumnType.categorical)
    contract = CHURN.model_copy(update={"columns": (*COLUMNS, plan)})
    text = error_of(project(f"clean:\n  columns:\n    {policy}\n", contract))
    assert told in text
    assert "fullcycle.yaml, line 6" in text


def test_an_unknown_column_of_a_policy_gets_the_nearest_name(project) -> None:
    text = error_of(project("clean: {columns: {tenur: {missing: median}}}\n"))
    assert text.endswith("hint: did you mean `tenure`?")


def test_policies_that_suit_their_columns_pass(project) -> None:
    plan = Column(name="plan", type=ColumnType.categorical)
    policies = "tenure: {outliers: null, missing: constant, fill: -1}, plan: {rare_share: 0.1}"
    contract = CHURN.model_copy(update={"columns": (*COLUMNS, plan)})
    references.check_references(project(f"clean: {{columns: {{{policies}}}}}\n", contract))


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("champion: champion", "key verify.champion: found 'champion', and there is no bundle"),
        ("champion: bundle", "key verify.champion: found 'bundle', which verify writes itself"),
        ("fairness: [tenur]", "key verify.fairness[0]: found 'tenur', and the contract has no such column"),
        ("fairness: [tenure]", "key verify.fairness[0]: found 'tenure', a numeric column"),
        ("fairness: [churn]", "key verify.fairness[0]: found 'churn', the target"),
        ("behaviour: other.yaml", "key verify.behaviour: found 'other.yaml', and there is no such file"),
        ("slices: {new: tenur < 6}", "key verify.slices.new: found 'tenur', which no column is called"),
        ("slices: {new: tenure + 6}", "key verify.slices.new: found 'tenure + 6', which gives a number"),
    ],
)
def test_what_verify_refers_to_is_checked_before_anything_runs(project, setting: str, told: str) -> None:
    assert f"fullcycle.yaml, line 5, {told}" in error_of(project(f"verify:\n  {setting}\n"))


def test_slices_and_groups_that_the_contract_knows_pass(project) -> None:
    columns = (*COLUMNS, Column(name="plan", type=ColumnType.categorical))
    contract = CHURN.model_copy(update={"columns": columns})
    rest = "verify:\n  slices: {new: tenure < 6, plan: plan}\n  fairness: [plan]\n"
    references.check_references(project(rest, contract))
