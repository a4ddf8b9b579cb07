"""Past bundles of real runs: listed, brought back, made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fullcycle.core.bundle import read_bundle
from tests.automate.past import commit, git
from tests.journeys.commands import fullcycle, result_of
from tests.journeys.conftest import copy_of
from tests.journeys.declared import declare


@pytest.mark.nightly
def test_an_older_version_comes_back_and_gives_its_answers_exactly(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path / "there")
    rows = [row.row for row in read_bundle(project / "bundle").golden.rows]
    first, before = answers(project, rows)
    commit_run(project)
    declare(project, seed=7)
    fullcycle("-C", project, "run")
    second, other = answers(project, rows)
    assert before != other
    commit_run(project)
    assert [each["version"] for each in listed(project)] == [second, first]

    done = json.loads(fullcycle("-C", project, "checkout", first[:8], "--json"))
    assert answers(project, rows) == (first, before)
    assert "seed: 7" not in (project / "fullcycle.yaml").read_text()
    again = done["rebuilt"]
    assert (again["equal"], again["version"], again["same_graph"], again["same_tables"]) == (
        True,
        first,
        True,
        True,
    )
    assert (again["golden_differing"], again["test_differing"], again["test_rows"] > 100) == (0, 0, True)
    assert git(project, "status", "--porcelain") == ""

    fullcycle("-C", project, "checkout", "-")
    assert answers(project, rows) == (second, other)


@pytest.mark.nightly
def test_a_bundle_is_made_again_from_its_lineage_in_a_clean_clone(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path / "there")
    commit_run(project)
    lineage = json.loads((project / "bundle/lineage.json").read_text())
    assert {"python", "numpy", "hardware.machine", "hardware.processor"} < set(lineage["environment"])
    run = json.loads((project / "evidence/verify.json").read_text())["run"]
    assert (run["seed"], len(run["environment"])) == (lineage["seed"], 16)

    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    assert not (clone / "data").exists()
    done = json.loads(fullcycle("-C", clone, "run", "--frozen", "--json"))
    assert (done["skipped"], done["passed"]) == (["explore"], True)  # all that it makes is in git
    assert result_of(clone) == result_of(project)

    declare(clone, seed=7)
    fullcycle("-C", clone, "run", "--frozen", exit_code=1)
    assert result_of(clone) == result_of(project)


def answers(project: Path, rows: list[dict[str, object]]) -> tuple[str, object]:
    bundle = read_bundle(project / "bundle")
    return bundle.version, bundle.answer([bundle.coerce(row) for row in rows])


def commit_run(project: Path) -> None:
    git(project, "config", "user.name", "A Person")
    git(project, "config", "user.email", "person@example.com")
    commit(project, "Run")


def listed(project: Path) -> list[dict[str, object]]:
    return list(json.loads(fullcycle("-C", project, "versions", "--json")))
