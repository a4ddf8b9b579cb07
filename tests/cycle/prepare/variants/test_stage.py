"""prepare measures variants, deploys the one that the budget asks for, and says so."""

from __future__ import annotations

import json

import pytest
from tests.cycle.prepare.test_stage import MakeProject

from fullcycle.core.contract.model import Role, Task
from fullcycle.core.evidence.prepare import PrepareEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.project.settings import PrepareSettings
from fullcycle.cycle.prepare.stage import run


@pytest.mark.parametrize(("task", "model"), [(Task.binary, "ensemble"), (Task.regression, "lightgbm")])
def test_the_smallest_form_within_the_loss_is_built(
    make_project: MakeProject, task: Task, model: str
) -> None:
    project = make_project(task, model, budget=PrepareSettings(quality_loss_at_most=1.0))
    evidence = run(project)
    assert evidence.choice is not None
    assert evidence.choice.reason == "smallest_within_loss"
    taken = evidence.variants[evidence.choice.place]
    assert taken.bytes == min(each.bytes for each in evidence.variants)
    assert (evidence.model, evidence.parameters) == (taken.model, taken.parameters)
    assert evidence.variants[0].kind == "champion"
    assert evidence.variants[0].loss.value == 0
    assert read_evidence(project.paths.evidence, PrepareEvidence) == evidence
    if taken.kind != "champion":
        told = next(each for each in evidence.findings if each.code == "FC504")
        assert told.facts["bytes"] == taken.bytes
    assert evidence.files[0].bytes == pytest.approx(taken.bytes, rel=0.2)


def test_a_model_on_fewer_columns_asks_for_no_more_than_these(make_project: MakeProject) -> None:
    project = make_project(
        Task.binary,
        "lightgbm",
        budget=PrepareSettings(size_mb=0.0001),  # nothing is so small
    )
    evidence = run(project)
    assert evidence.choice is not None
    assert evidence.choice.reason == "nothing_in_budget"
    [missed] = [each for each in evidence.findings if each.code == "FC503"]
    assert missed.facts["size_mb"] == 0.0001
    assert missed.facts["size_mb_found"] == evidence.files[0].bytes / 1e6  # of what was proven
    facts = json.loads((project.paths.build / "contract.json").read_text())
    inputs = [each["name"] for each in facts["inputs"]]
    kept = evidence.columns or tuple(column.name for column in project.contract.modelled)
    assert inputs == list(kept)
    roles = {each["name"]: each["role"] for each in facts["contract"]["columns"]}
    for column in project.contract.features:
        assert roles[column.name] == (Role.feature if column.name in kept else Role.ignore)


def test_what_is_deployed_is_held_to_the_budget_though_no_form_was_measured(
    make_project: MakeProject,
) -> None:
    """Before, `variants: false` let any budget pass in silence."""
    budget = PrepareSettings(variants=False, size_mb=0.0001, latency_p99_ms=1e6, quality_loss_at_most=0.0)
    evidence = run(make_project(Task.binary, "linear", budget=budget))
    assert {line.key: line.kept for line in evidence.budget_lines} == {
        "latency_p99_ms": True,
        "size_mb": False,
        "quality_loss_at_most": True,
    }
    [missed] = [each for each in evidence.findings if each.code == "FC503"]
    assert set(missed.facts) == {"variant", "size_mb", "size_mb_found"}


@pytest.mark.nightly
def test_two_runs_measure_the_same_but_for_speed(make_project: MakeProject) -> None:
    project = make_project(Task.binary, "linear", budget=PrepareSettings())
    first, second = run(project), run(project)
    measured = {"run": True, "speed": True, "variants": {"__all__": {"speed"}}}
    assert first.model_dump(exclude=measured) == second.model_dump(exclude=measured)
