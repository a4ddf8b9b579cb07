"""The suite beyond the gates: each test is measured on test rows, judged by its bound, and told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.prepare import (
    Budget,
    ModelFile,
    PrepareEvidence,
    Speed,
    VariantChoice,
    VariantFacts,
    VariantSpeed,
)
from fullcycle.core.evidence.store import read_evidence, write_evidence
from fullcycle.core.evidence.verify import GateResult, VerifyEvidence
from fullcycle.core.project.project import Project
from fullcycle.cycle.verify import stage
from fullcycle.cycle.verify.calibration import calibration_summary

MakeProject = Callable[..., Project]


def result(evidence: VerifyEvidence, kind: str, about: str = "") -> GateResult:
    both = (*evidence.gates, *evidence.checks)
    return next(each for each in both if each.id == kind and about in each.about)


def codes(evidence: VerifyEvidence) -> list[str]:
    return [finding.code for finding in evidence.findings]


def behaviour(project: Project, text: str) -> None:
    path = project.root / "tests/behaviour.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("task", list(Task))
def test_every_test_stands_in_the_bundle_with_its_severity(make_project: MakeProject, task: Task) -> None:
    project = make_project(task)
    evidence = stage.run(project)
    tests = read_bundle(project.paths.bundle).tests
    assert tests.checks == evidence.checks
    kinds = {check.id for check in tests.checks}
    assert kinds >= {
        "weak_slices",
        "noise",
        "missing",
        "unit",
        "unseen",
        "rows_apart",
        "stability",
        "size_mb",
    }
    assert ("calibration_error" in kinds) == (task is not Task.regression)
    assert all(check.severity != "gate" for check in tests.checks)
    assert evidence.importance[0].column == "age"
    assert evidence.partial[0].column == "age"
    assert len(evidence.refits) == 2


def test_what_the_settings_call_a_gate_decides(make_project: MakeProject) -> None:
    limits = {"missing": 0.0}
    warned = make_project(verify={"limits": limits})
    assert stage.run(warned).passed
    shutil.rmtree(warned.root)
    closed = stage.run(make_project(verify={"limits": limits, "severity": {"robustness": "gate"}}))
    assert not closed.passed
    assert [gate.id for gate in closed.gates if not gate.passed] == ["missing"]
    assert {"FC601", "FC608"} <= set(codes(closed))


def with_budget(project: Project, **lines: float) -> Project:
    """As prepare leaves it where `prepare:` set a budget: the loss is of the form that was chosen."""
    form: dict[str, Any] = {
        "model": "linear",
        "parameters": {},
        "columns": 3,
        "score": Interval(value=0.9),
        "bytes": 1,
        "speed": VariantSpeed(single_row_p50_us=1, single_row_p99_us=1, start_ms=1, batch_rows_per_s=1),
    }
    prepared = read_evidence(project.paths.evidence, PrepareEvidence).model_copy(
        update={
            "budget": Budget(**lines),
            "speed": Speed(single_row_p50_us=50, single_row_p99_us=200, start_ms=1, batch_rows_per_s=1),
            "files": (ModelFile(format="onnx", path="build/model.onnx", bytes=8_000),),
            "variants": (
                VariantFacts(kind="champion", loss=Interval(value=0.0), **form),
                VariantFacts(kind="distilled", loss=Interval(value=0.003), **form),
            ),
            "choice": VariantChoice(place=1, reason="best_in_budget"),
        }
    )
    write_evidence(project.paths.evidence, prepared)
    return project


@pytest.mark.parametrize(
    ("budget", "failed"),
    [
        ({"latency_p99_ms": 0.2, "size_mb": 0.008, "quality_loss_at_most": 0.003}, []),
        ({"latency_p99_ms": 0.1}, ["budget_latency_p99_ms"]),
        ({"size_mb": 0.005, "quality_loss_at_most": 1.0}, ["budget_size_mb"]),
        ({"quality_loss_at_most": 0.002}, ["budget_quality_loss_at_most"]),
    ],
)
def test_what_prepare_measured_is_held_to_its_budget(
    make_project: MakeProject, budget: dict[str, float], failed: list[str]
) -> None:
    project = with_budget(make_project(), **budget)
    evidence = stage.run(project)
    asked = [gate.id for gate in evidence.gates if gate.id.startswith("budget_")]
    assert asked == [f"budget_{key}" for key in budget]
    assert [gate.id for gate in evidence.gates if not gate.passed] == failed
    assert evidence.passed == (not failed)
    assert read_bundle(project.paths.bundle).tests.passed == (not failed)


def test_a_budget_may_be_declared_a_warning(make_project: MakeProject) -> None:
    project = make_project(verify={"severity": {"budget": "warning"}})
    evidence = stage.run(with_budget(project, size_mb=0.005))
    assert evidence.passed
    [missed] = [check for check in evidence.checks if check.id == "budget_size_mb"]
    assert (missed.passed, missed.severity, missed.found, missed.bound) == (
        False,
        "warning",
        "0.008",
        "0.005",
    )


def test_the_card_names_what_does_not_hold(make_project: MakeProject) -> None:
    project = make_project(verify={"limits": {"missing": 0.0}})
    stage.run(project)
    card = (project.paths.bundle / "card.md").read_text(encoding="utf-8")
    assert "Does not hold: no single column that is missing moves answers much: `age`" in card
    assert "Not fit for release" not in card


def test_a_column_that_says_most_moves_answers_most_when_it_is_missing(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(signal=4.0))
    moved = {each.columns[0]: each for each in evidence.disturbances if each.kind == "missing"}
    assert max(moved, key=lambda name: moved[name].moved) == "age"
    assert moved["refund"].moved < 0.05
    assert moved["age"].metric is not None
    assert moved["age"].metric < 0.75
    slip = next(d for d in evidence.disturbances if d.kind == "unit" and d.columns == ("age",))
    assert slip.noticed is not None
    assert slip.noticed > 0.9  # the contract knows the range
    assert result(evidence, "unit").passed
    assert result(evidence, "noise").passed


def test_a_champion_is_compared_on_the_same_rows(make_project: MakeProject) -> None:
    project = make_project()
    stage.run(project)
    shutil.copytree(project.paths.bundle, project.root / "champion")
    verify = project.settings.verify.model_copy(update={"champion": "champion"})
    project.__dict__["settings"] = project.settings.model_copy(update={"verify": verify})
    evidence = stage.run(project)
    assert evidence.champion is not None
    assert evidence.champion.same_test_rows
    assert {each.difference.value for each in evidence.champion.metrics} == {0.0}
    assert result(evidence, "not_worse_than_champion").passed


def test_a_better_champion_is_a_warning_and_one_of_another_target_is_not_compared(
    make_project: MakeProject,
) -> None:
    project = make_project(signal=3.0)
    stage.run(project)
    kept = project.root.parent / "champion"
    shutil.copytree(project.paths.bundle, kept)
    shutil.rmtree(project.root)
    without_age = {"age": {"leak": "drop"}}
    worse = make_project(signal=3.0, leaks=without_age, verify={"champion": str(kept)})
    evidence = stage.run(worse)
    assert evidence.champion is not None
    assert evidence.champion.same_test_rows
    assert not result(evidence, "not_worse_than_champion").passed
    assert "FC604" in codes(evidence)
    shutil.rmtree(worse.root)
    other = stage.run(make_project(Task.regression, verify={"champion": str(kept)}))
    assert other.champion is not None
    assert other.champion.reason == "other_target"
    assert "FC605" in codes(other)


def unsealed(project: Project) -> None:
    from fullcycle.core.evidence.clean import CleanEvidence
    from fullcycle.core.evidence.store import read_evidence, write_evidence

    clean = read_evidence(project.paths.evidence, CleanEvidence)
    split = clean.split.model_copy(update={"test_sha256": None})
    write_evidence(project.paths.evidence, clean.model_copy(update={"split": split}))


def test_declared_slices_are_tests_by_name_and_a_column_is_a_slice_for_each_value(
    make_project: MakeProject,
) -> None:
    project = make_project(verify={"slices": {"older": "age > 0.5", "by plan": "plan"}})
    evidence = stage.run(project)
    assert evidence.slices is not None
    declared = {(each.name, each.value): each for each in evidence.slices.declared}
    assert set(declared) == {("older", ""), ("by plan", "basic"), ("by plan", "premium")}
    table = pq.read_table(project.paths.test).to_pandas()
    assert declared["older", ""].rows == int((table["age"] > 0.5).sum())
    assert declared["by plan", "basic"].rows == int((table["plan"] == "basic").sum())
    assert result(evidence, "declared_slice", "older").severity == "warning"


def test_a_slice_where_the_model_is_wrong_is_a_warning(make_project: MakeProject) -> None:
    project = make_project(signal=4.0)
    table = pq.read_table(project.paths.test)
    frame = table.to_pandas()
    wrong = frame["plan"] == "premium"
    turned = np.where(wrong, np.where(frame["left"] == "yes", "no", "yes"), frame["left"])
    at = table.column_names.index("left")
    pq.write_table(table.set_column(at, "left", [turned.astype(str)]), project.paths.test)
    unsealed(project)
    evidence = stage.run(project)
    assert evidence.slices is not None
    worst = evidence.slices.found[0]
    assert [(c.column, c.label) for c in worst.conditions] == [("plan", "premium")]
    assert worst.surprising
    assert worst.difference.low is not None
    assert worst.difference.low > 0
    assert not result(evidence, "weak_slices").passed
    assert "FC603" in codes(evidence)


def test_groups_that_get_other_rates_are_told_with_intervals(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(signal=1.0, verify={"fairness": ["plan"]}))
    [found] = evidence.fairness
    assert [group.group for group in found.groups] == ["basic", "premium"]
    gaps = {gap.rate: gap for gap in found.gaps}
    assert set(gaps) == {"selection", "true_positive", "false_positive", "accuracy"}
    selection = gaps["selection"]
    assert (selection.lowest, selection.highest) == ("basic", "premium")
    basic, premium = (group.rates["selection"].value or 0 for group in found.groups)
    assert selection.ratio.value == pytest.approx(basic / premium)
    assert selection.difference.value == pytest.approx(premium - basic)
    assert selection.ratio.low is not None
    assert selection.ratio.high is not None
    assert selection.ratio.low < basic / premium < selection.ratio.high
    assert not result(evidence, "fairness_ratio", "plan").passed
    assert "FC607" in codes(evidence)


@pytest.mark.parametrize(
    ("task", "rates"),
    [(Task.multiclass, {"accuracy"}), (Task.regression, {"mean_error", "absolute_error"})],
)
def test_fairness_of_other_tasks(make_project: MakeProject, task: Task, rates: set[str]) -> None:
    [found] = stage.run(make_project(task, verify={"fairness": ["plan"]})).fairness
    assert {gap.rate for gap in found.gaps} == rates


RULES = """
invariance:
  - {name: refunds don't matter, column: refund, values: [-2, 2], at_most: 0.1}
  - {name: plans don't matter, column: plan, at_most: 0.001, severity: warning}
direction:
  - {name: the older leave, column: age, raise_by: 1, must: not_fall}
  - {name: the older stay, column: age, raise_by: 1, must: not_rise, share: 0.9, severity: info}
examples:
  - {name: an old one leaves, row: {age: 3, plan: premium}, answer: "yes", at_least: 0.9}
  - {name: a young one leaves, row: {age: -3}, of: "yes", at_least: 0.5}
"""


def test_behaviour_is_checked_by_the_file_and_each_test_has_its_weight(make_project: MakeProject) -> None:
    project = make_project()
    behaviour(project, RULES)
    evidence = stage.run(project)
    passed = {each.name: each.passed for each in evidence.behaviour}
    assert passed == {
        "refunds don't matter": True,
        "plans don't matter": False,
        "the older leave": True,
        "the older stay": False,
        "an old one leaves": True,
        "a young one leaves": False,
    }
    assert [gate.about for gate in evidence.gates if not gate.passed] == ["a young one leaves"]
    assert result(evidence, "behaviour", "plans").severity == "warning"
    assert result(evidence, "behaviour", "the older stay").severity == "info"
    assert {each.line for each in evidence.behaviour} == {3, 4, 6, 7, 9, 10}
    [told] = [f for f in evidence.findings if f.code == "FC609" and f.facts["name"] == "a young one leaves"]
    assert told.facts["wanted"] == "≥ 0.5"


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (
            "invariance: [{name: a, column: agee, at_most: 1, values: [1]}]",
            r"invariance\[0\]\.column",
            "agee",
        ),
        ("invariance: [{name: a, column: age, at_most: 1}]", r"invariance\[0\]\.column", "without values"),
        ("invariance: [{name: a, column: age, at_most: 1, values: [x]}]", r"values\[0\]", "x"),
        (
            "direction: [{name: a, column: plan, raise_by: 1, must: not_fall}]",
            "column",
            "a categorical column",
        ),
        ("direction: [{name: a, column: age, raise_by: 1, must: not_fal}]", "must", "not_fal"),
        ("direction: [{name: a, column: age, raise_by: 1, must: not_fall, of: maybe}]", "of", "maybe"),
        ("examples: [{name: a, row: {age: 1}}]", "examples", "expects nothing"),
        ("examples: [{name: a, row: {age: old}, answer: 'yes'}]", r"row\.age", "old"),
        ("examples: [{name: a, row: {agee: 1}, answer: 'yes'}]", r"row\.agee", "agee"),
        ("examples: [{name: a, row: {age: 1}, answer: maybe}]", "answer", "maybe"),
        ("exampels: []", "exampels", "did you mean `examples`"),
    ],
)
def test_a_mistake_in_the_file_names_line_and_key_before_the_test_set_is_opened(
    make_project: MakeProject, text: str, where: str, found: str
) -> None:
    project = make_project()
    behaviour(project, f"# tests\n{text}\n")
    with pytest.raises(UserError, match=rf"behaviour\.yaml, line 2, key .*{where}") as refusal:
        stage.run(project)
    assert found in str(refusal.value)
    assert not project.paths.openings.exists()


def test_test_rows_that_are_training_rows_are_found_again(make_project: MakeProject) -> None:
    project = make_project()
    train = pq.read_table(project.paths.train)
    pq.write_table(train.slice(0, 150), project.paths.test)
    unsealed(project)
    evidence = stage.run(project)
    assert result(evidence, "rows_apart").found == "150"
    assert "FC611" in codes(evidence)


def test_without_refits_nothing_is_said_of_stability(make_project: MakeProject) -> None:
    evidence = stage.run(make_project(verify={"refits": 0}))
    assert evidence.refits == ()
    assert "stability" not in {check.id for check in evidence.checks}


def test_true_probabilities_are_calibrated_and_stretched_ones_are_not() -> None:
    random = np.random.default_rng(7)
    probability = random.random(3000)
    happened = random.random(3000) < probability
    right = calibration_summary(happened, probability, seed=0)
    assert right.error < right.error_by_chance
    wrong = calibration_summary(happened, probability**3, seed=0)
    assert wrong.error > 2 * wrong.error_by_chance
    for summary in (right, wrong):
        parts = summary.reliability - summary.resolution + summary.uncertainty
        assert parts == pytest.approx(summary.brier, abs=0.01)


def test_chance_alone_seldom_passes_the_border_of_calibration() -> None:
    random = np.random.default_rng(1)
    beyond = 0
    for seed in range(100):
        probability = random.beta(1, 3, 400)
        summary = calibration_summary(random.random(400) < probability, probability, seed)
        beyond += summary.error > summary.error_by_chance
    assert beyond <= 12  # the 99% bound of a binomial of 100 at 5%


def describe(evidence: VerifyEvidence) -> dict[str, Any]:
    return evidence.model_dump(exclude={"run"})


def test_the_suite_gives_the_same_twice(make_project: MakeProject) -> None:
    project = make_project(verify={"fairness": ["plan"], "slices": {"older": "age > 0"}})
    assert describe(stage.run(project)) == describe(stage.run(project))


def test_a_wide_table_costs_no_more_than_a_narrow_one() -> None:
    """Rows times columns asked for one kind of disturbance stay within their bound."""
    from types import SimpleNamespace

    from fullcycle.core.contract.model import Column, ColumnType
    from fullcycle.cycle.verify.robustness import CELLS_AT_MOST, COLUMNS_AT_LEAST, _looked_at

    for columns in (20, 200, 900):
        features = [Column(name=f"c{at}", type=ColumnType.numeric) for at in range(columns)]
        contract = SimpleNamespace(features=features)
        judged: Any = SimpleNamespace(bundle=SimpleNamespace(contract=contract), asked=range(1000))
        seen = _looked_at(judged, ["c7", "gone"])
        assert seen[0].name == "c7"
        asked = len(seen) * 1000 * columns
        assert asked <= max(CELLS_AT_MOST, COLUMNS_AT_LEAST * 1000 * columns)
        assert len(seen) == min(columns, max(COLUMNS_AT_LEAST, CELLS_AT_MOST // (1000 * columns)))
