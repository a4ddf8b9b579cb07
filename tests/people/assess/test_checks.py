"""Every practice earns its own points, nothing else does, and what can't be proven gives none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from fullcycle.core.evidence.assess import AssessEvidence, Seen
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.people.assess.assess import assess, badge, measure
from fullcycle.people.assess.checks import CRITERIA
from fullcycle.people.assess.ml_test_score import SECTIONS
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.pages.assess_parts.said import CHECKS, TESTS
from fullcycle.people.report.pages.assess_parts.seen import SEEN
from fullcycle.people.report.records import Records
from tests.people.assess.made import READY, every, ready, with_stage

Loss = Callable[[Records, Repository], tuple[Records, Repository]]


def without(stage: str, **changes: Any) -> Loss:
    """A project whose evidence of a stage says otherwise."""
    return lambda records, repository: (with_stage(records, stage, **changes), repository)


def of_each(stage: str, field: str, **changes: Any) -> Loss:
    """The same for each item of a field."""
    return lambda records, repository: (
        with_stage(records, stage, **{field: every(getattr(getattr(records, stage), field), **changes)}),
        repository,
    )


def in_git(**changes: Any) -> Loss:
    """A project whose repository says otherwise."""
    return lambda records, repository: (records, replace(repository, **changes))


def first(stage: str, field: str, number: int) -> Loss:
    """Only so many items of a field."""
    return lambda records, repository: (
        with_stage(records, stage, **{field: getattr(getattr(records, stage), field)[:number]}),
        repository,
    )


def inner(stage: str, field: str, **changes: Any) -> Loss:
    """A part of the evidence that says otherwise."""
    return lambda records, repository: (
        with_stage(
            records, stage, **{field: getattr(getattr(records, stage), field).model_copy(update=changes)}
        ),
        repository,
    )


def suspect(**told: Any) -> Loss:
    return without("explore", suspects=(LeakSuspect(column="tenure", kind="value", strength=0.99, **told),))


def calls(*names: str) -> Loss:
    """CI that runs other commands alone."""
    return in_git(ci=tuple(tuple(name.split()) for name in names))


def uncommitted(name: str) -> Loss:
    return in_git(committed=READY.committed - {name})


# Ways to lose a check, and no other: the plain one first, then how it might be gamed.
LOSSES: dict[str, list[Loss]] = {
    "contract_reviewed": [in_git(contract_changed=False), in_git(contract_changed=None)],
    "source_recorded": [without("collect", source_sha256=""), without("collect", source_sha256="x" * 64),
                        without("collect", rows=0)],
    "cleaning_explained": [of_each("clean", "decisions", reason=" ")],
    "gaps_and_outliers": [without("clean", policies=()), first("clean", "policies", 1)],
    "test_set_sealed": [inner("clean", "split", test_sha256=None), inner("clean", "split", test_rows=0),
                        inner("clean", "split", test_sha256="sealed")],
    "statistics": [of_each("explore", "columns", mean=None), of_each("explore", "columns", std=None)],
    "charts": [of_each("explore", "columns", histogram=None)],
    "relations": [of_each("explore", "columns", relation=None)],
    "leaks_decided": [suspect(), suspect(decision="keep"), suspect(decision="keep", reason=" ")],
    "conclusions": [in_git(notes={}), in_git(notes={"explore": 5}), in_git(notes={"clean": 50})],
    "hypothesis_fixed": [of_each("hypotheses", "claims", changed="after_result"),
                         of_each("hypotheses", "claims", fixed=None)],
    "hypothesis_decided": [of_each("hypotheses", "claims", result=None)],
    "runs_tracked": [without("experiment", tracking={}), in_git(tracked_runs=0)],
    "settings_compared": [first("experiment", "trials", 1),
                          of_each("experiment", "trials", model="linear", parameters={"C": 1.0})],
    "intervals": [without("experiment", candidates=())],
    "forms_compared": [without("prepare", variants=()), first("prepare", "variants", 1),
                       without("prepare", choice=None)],
    "exchange_format": [of_each("prepare", "files", format="pickle"), of_each("prepare", "files", bytes=0),
                        without("prepare", files=())],
    "export_proven": [of_each("prepare", "parity", passed=False), first("prepare", "parity", 1),
                      of_each("prepare", "parity", largest_error=0.5), of_each("prepare", "parity", rows=0),
                      of_each("prepare", "parity", labels_differ=3)],
    "gates_passed": [without("verify", passed=False), without("verify", gates=()),
                     of_each("verify", "gates", passed=False)],
    "api_answers": [without("automation", smoke=()), of_each("automation", "smoke", bundle="another"),
                    of_each("automation", "smoke", golden_rows=0),
                    of_each("automation", "smoke", broken_rows=0)],
    "pipeline_in_ci": [calls("make test"), calls("fullcycle runs"), calls("fullcycle status")],
    "data_versioned": [uncommitted("dvc.lock"), in_git(lock_committed=False)],
    "history": [in_git(commits=1)],
    "documented": [uncommitted("README.md"), in_git(readme_words=3)],
    "released": [in_git(answering=None)],
}  # fmt: skip

# The same of the ML Test Score. Some tests rest on evidence of a check above, so others may go, too.
TEST_LOSSES: dict[str, list[Loss]] = {
    "schema": [uncommitted("contract.yaml"), without("collect", columns=())],
    "beneficial": [without("prepare", importance=()), of_each("prepare", "importance", fall=0.0)],
    "feature_code": [first("prepare", "parity", 1)],
    "offline_online": [of_each("abtest", "analyses", versions={}),
                       of_each("abtest", "analyses", decisions=()),
                       of_each("abtest", "analyses", versions={"A": "x", "B": "y"})],
    "tuned": [first("experiment", "trials", 3), of_each("experiment", "trials", parameters={})],
    "simpler": [of_each("verify", "metrics", baseline=0.99), of_each("verify", "metrics", baseline=None),
                without("verify", metrics=())],
    "slices": [without("verify", slices=None), inner("verify", "slices", declared=())],
    "inclusion": [without("verify", fairness=()), of_each("verify", "fairness", gaps=())],
    "unit_tested": [without("verify", behaviour=()), of_each("verify", "behaviour", passed=False)],
    "integration": [without("automation", smoke=())],
    "validated": [without("verify", passed=False)],
    "canary": [without("automation", deployments=()), of_each("automation", "deployments", ended="released")],
    "rollback": [of_each("automation", "deployments", ended="promoted")],
    "invariants": [without("monitor", windows=()), of_each("monitor", "windows", judged=False)],
    "skew": [without("monitor", skew=None), inner("monitor", "skew", different=1),
             inner("monitor", "skew", rows=0)],
    "speed": [without("automation", comparison=None),
              inner("automation", "comparison", single_row_p99_us=900.0),
              inner("automation", "comparison", their_single_row_p99_us=None)],
    "quality": [without("monitor", performance=None), inner("monitor", "performance", concept=None),
                inner("monitor", "performance", realised=())],
}  # fmt: skip

checks = pytest.mark.parametrize("name", [check.id for each in CRITERIA.values() for check in each])
provable = pytest.mark.parametrize(
    "name", [test.id for each in SECTIONS.values() for test in each if test.look]
)


def earned(evidence: AssessEvidence) -> dict[str, float]:
    return {check.id: check.points for each in evidence.criteria for check in each.checks}


def by_test(evidence: AssessEvidence) -> dict[str, float]:
    return {test.id: test.points for each in evidence.sections for test in each.tests}


def test_a_project_with_every_practice_has_all_points() -> None:
    result = assess(ready(), READY)
    points = {check["id"]: check["points"] for each in result["criteria"] for check in each["checks"]}
    assert {name for name, given in points.items() if not given} == set()
    assert (result["points"], result["of"]) == (100, 100)
    assert [each["weight"] for each in result["criteria"]] == [20] * 5


def test_a_project_without_evidence_has_none_and_each_check_says_what_would_earn_it() -> None:
    result = assess(Records(), Repository())
    assert (result["points"], result["ml_test_score"]["score"]) == (0, 0)
    assert all(check["earn"] and check["found"] for each in result["criteria"] for check in each["checks"])


@checks
def test_taking_a_practice_away_lowers_its_own_item_and_no_other(name: str) -> None:
    before = earned(measure(ready(), READY))
    for loss in LOSSES[name]:
        after = earned(measure(*loss(ready(), READY)))
        assert {each for each in before if before[each] != after[each]} == {name}


@provable
def test_taking_a_practice_away_lowers_its_own_test_of_the_ml_test_score(name: str) -> None:
    before = by_test(measure(ready(), READY))
    for loss in TEST_LOSSES[name]:
        after = by_test(measure(*loss(ready(), READY)))
        assert (before[name], after[name]) == (1.0, 0.0)
        assert {each for each in before if before[each] != after[each]} <= {name, *TOGETHER.get(name, ())}


TOGETHER = {"canary": ("rollback",)}  # a canary that sent a bundle back is a way back, too


@pytest.mark.parametrize(
    "stage", ["collect", "clean", "explore", "experiment", "prepare", "verify", "monitor"]
)
def test_evidence_that_is_not_believed_gives_nothing_and_says_why(stage: str) -> None:
    doubt = Seen(code="edited", facts={"file": f"evidence/{stage}.json"})
    doubted = measure(ready(), replace(READY, doubts={stage: doubt}))
    lost = [check for each in doubted.criteria for check in each.checks if not check.earned]
    rest = {check.id for each in CRITERIA.values() for check in each if check.rests_on == stage}
    assert {check.id for check in lost} == rest
    assert all(check.seen == doubt for check in lost)
    tests = {test.id for each in SECTIONS.values() for test in each if stage in test.rests_on}
    assert tests == {name for name, points in by_test(doubted).items() if points == 0 and name in TEST_LOSSES}


def test_the_ml_test_score_is_the_lowest_of_four_sections_of_seven() -> None:
    score = assess(ready(), READY)["ml_test_score"]
    assert [len(tests) for tests in SECTIONS.values()] == [7] * 4
    assert score["score"] == min(each["points"] for each in score["sections"]) > 0


def test_what_is_made_by_hand_gives_half_a_point_and_what_nothing_proves_none() -> None:
    by_ci, by_hand = (by_test(measure(ready(), each)) for each in (READY, replace(READY, ci=())))
    assert {name: points / 2 for name, points in by_ci.items()} == by_hand
    assert {name for name, points in by_ci.items() if points == 0} == set(by_ci) - set(TEST_LOSSES)


def test_everything_that_can_be_found_has_its_words() -> None:
    assert set(CHECKS) == {check.id for each in CRITERIA.values() for check in each} == set(LOSSES)
    assert set(TESTS) == {test.id for each in SECTIONS.values() for test in each}
    several = [measure(Records(), Repository()), measure(ready(), READY)]
    several += [measure(*loss(ready(), READY)) for losses in LOSSES.values() for loss in losses]
    seen = {check.seen.code for one in several for each in one.criteria for check in each.checks}
    assert seen <= set(SEEN)


@pytest.mark.parametrize("number", [0, 50, 100])
def test_the_badge_is_a_picture_that_says_the_points(number: int) -> None:
    assert f"{number} / 100" in "".join(ElementTree.fromstring(badge(number)).itertext())


def test_the_answer_is_json_with_what_a_program_needs() -> None:
    first, *_ = json.loads(json.dumps(assess(Records(), Repository())))["criteria"]
    assert {"id", "weight", "points", "checks"} <= set(first)
    assert {"id", "title", "found", "points", "of", "earn", "code", "facts"} == set(first["checks"][0])
