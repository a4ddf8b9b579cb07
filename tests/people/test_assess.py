"""Every practice earns its own points, and nothing else does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fullcycle.core.evidence.verify import BehaviourResult, FairnessOfColumn, SliceSearch
from fullcycle.people.assess.assess import assess, badge
from fullcycle.people.assess.checks import CRITERIA
from fullcycle.people.assess.ml_test_score import SECTIONS
from fullcycle.people.assess.repository import Repository, read_repository
from fullcycle.people.report.records import Records
from tests.people.evidence_factory import churn

CI = "fullcycle run\nfullcycle monitor\nfullcycle ci smoke\nfullcycle ci deploy\nfullcycle abtest analyse"
READY = Repository(5, 2, frozenset({"dvc.lock", "README.md"}), frozenset({"explore"}), CI, released=True)
Project = tuple[Records, Repository]


def ready() -> Records:
    """A project that has every practice which evidence can prove."""
    records = churn()
    records = with_stage(
        records, "clean", split=records.clean.split.model_copy(update={"test_sha256": "ab" * 32})
    )
    records = with_stage(records, "explore", suspects=())
    behaviour = BehaviourResult(
        kind="example", name="new", columns=(), passed=True, rows=1, found="Yes", wanted="Yes", line=1
    )
    return with_stage(
        records,
        "verify",
        behaviour=(behaviour,),
        fairness=(FairnessOfColumn(column="gender", groups=(), gaps=()),),
        slices=SliceSearch(loss="brier", looked_at=3, rows_at_least=50, false_alarms=0.05),
    )


def with_stage(records: Records, stage: str, **changes: Any) -> Records:
    return replace(records, **{stage: getattr(records, stage).model_copy(update=changes)})


def every(items: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return tuple(item.model_copy(update=changes) for item in items)


def columns_without(records: Records, **changes: Any) -> Records:
    return with_stage(records, "explore", columns=every(records.explore.columns, **changes))


def suspected(records: Records) -> Records:
    from fullcycle.core.evidence.explore import LeakSuspect

    return with_stage(
        records, "explore", suspects=(LeakSuspect(column="tenure", kind="value", strength=0.99),)
    )


LOSSES: dict[str, Callable[[Records, Repository], Project]] = {
    "contract_reviewed": lambda r, g: (r, replace(g, contract_commits=1)),
    "source_recorded": lambda r, g: (replace(r, collect=None), g),
    "cleaning_explained": lambda r, g: (
        with_stage(r, "clean", decisions=every(r.clean.decisions, reason="")),
        g,
    ),
    "gaps_and_outliers": lambda r, g: (with_stage(r, "clean", policies=()), g),
    "test_set_sealed": lambda r, g: (
        with_stage(r, "clean", split=r.clean.split.model_copy(update={"test_sha256": None})),
        g,
    ),
    "statistics": lambda r, g: (columns_without(r, mean=None), g),
    "charts": lambda r, g: (columns_without(r, histogram=None), g),
    "relations": lambda r, g: (columns_without(r, relation=None), g),
    "leaks_decided": lambda r, g: (suspected(r), g),
    "conclusions": lambda r, g: (r, replace(g, notes=frozenset())),
    "hypothesis_fixed": lambda r, g: (
        with_stage(r, "hypotheses", claims=every(r.hypotheses.claims, changed="after_result")),
        g,
    ),
    "hypothesis_decided": lambda r, g: (
        with_stage(r, "hypotheses", claims=every(r.hypotheses.claims, result=None)),
        g,
    ),
    "runs_tracked": lambda r, g: (with_stage(r, "experiment", tracking={}), g),
    "settings_compared": lambda r, g: (with_stage(r, "experiment", trials=r.experiment.trials[:1]), g),
    "intervals": lambda r, g: (with_stage(r, "experiment", candidates=()), g),
    "forms_compared": lambda r, g: (with_stage(r, "prepare", variants=()), g),
    "exchange_format": lambda r, g: (with_stage(r, "prepare", files=r.prepare.files[1:]), g),
    "export_proven": lambda r, g: (
        with_stage(r, "prepare", parity=every(r.prepare.parity, passed=False)),
        g,
    ),
    "gates_passed": lambda r, g: (with_stage(r, "verify", passed=False), g),
    "api_answers": lambda r, g: (with_stage(r, "automation", smoke=()), g),
    "pipeline_in_ci": lambda r, g: (r, replace(g, ci="make test")),
    "data_versioned": lambda r, g: (r, replace(g, tracked=g.tracked - {"dvc.lock"})),
    "history": lambda r, g: (r, replace(g, commits=1)),
    "documented": lambda r, g: (r, replace(g, tracked=g.tracked - {"README.md"})),
    "released": lambda r, g: (r, replace(g, released=False)),
}


def points(result: dict[str, Any]) -> dict[str, float]:
    return {check["id"]: check["points"] for each in result["criteria"] for check in each["checks"]}


def test_a_project_with_every_practice_has_all_points() -> None:
    result = assess(ready(), READY)
    assert {name for name, earned in points(result).items() if not earned} == set()
    assert (result["points"], result["of"]) == (100, 100)
    assert [each["weight"] for each in result["criteria"]] == [20] * 5


def test_a_project_without_evidence_has_none_and_each_check_says_what_would_earn_it() -> None:
    result = assess(Records(), Repository())
    assert (result["points"], result["ml_test_score"]["score"]) == (0, 0)
    assert all(check["earn"] and check["found"] for each in result["criteria"] for check in each["checks"])


@pytest.mark.parametrize("name", [check.id for checks in CRITERIA.values() for check in checks])
def test_taking_a_practice_away_lowers_its_own_item_and_no_other(name: str) -> None:
    before, after = points(assess(ready(), READY)), points(assess(*LOSSES[name](ready(), READY)))
    assert {each for each in before if before[each] != after[each]} == {name}


def test_the_ml_test_score_is_the_lowest_of_four_sections_of_seven() -> None:
    score = assess(ready(), READY)["ml_test_score"]
    assert [len(tests) for tests in SECTIONS.values()] == [7] * 4
    assert score["score"] == min(each["points"] for each in score["sections"]) > 0


def test_what_is_made_by_hand_gives_half_a_point_and_what_nothing_proves_none() -> None:
    by_ci, by_hand = (
        {test["id"]: test["points"] for each in result["ml_test_score"]["sections"] for test in each["tests"]}
        for result in (assess(ready(), READY), assess(ready(), replace(READY, ci="")))
    )
    assert {name: earned / 2 for name, earned in by_ci.items()} == by_hand
    unproven = {test.id for tests in SECTIONS.values() for test in tests if test.look is None}
    assert {name for name in unproven if by_ci[name]} == set()


def test_the_repository_is_read_without_running_what_its_settings_name(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    for text in ("first", "second"):
        (tmp_path / "contract.yaml").write_text(text)
        git("add", "contract.yaml")
        git("commit", "-m", text)
    git("config", "core.fsmonitor", "touch ran; false")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "explore.ru.md").write_text("Вывод")
    (tmp_path / "Jenkinsfile").write_text("// fullcycle monitor\nfullcycle run")
    found = read_repository(tmp_path)
    assert found == Repository(
        2, 2, frozenset({"contract.yaml"}), frozenset({"explore"}), "fullcycle run", False
    )
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("number", [0, 50, 100])
def test_the_badge_is_a_picture_that_says_the_points(number: int) -> None:
    assert f"{number} / 100" in "".join(ElementTree.fromstring(badge(number)).itertext())


def test_the_answer_is_json() -> None:
    assert json.loads(json.dumps(assess(Records(), Repository())))["criteria"][0]["id"] == "data_quality"
