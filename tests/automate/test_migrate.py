"""An older project is brought to today's forms: shown first, nothing else touched, the same afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fullcycle.automate.graph import write_graph
from fullcycle.automate.migrate import changes, migrate
from fullcycle.cli.main import main
from fullcycle.core.project.project import Project

SETTINGS = """# ours
name: people
data:
  source: people.csv  # blend of two
experiment:
  models: [linear, blend]   # gates
gates:
  - {metric: roc_auc, at_least: 0.7}
"""
CONTRACT = """version: 1
task: regression
columns:
- {name: age, type: numeric}
- {name: income, type: numeric, role: target}
"""


@pytest.fixture
def older(tmp_path: Path) -> Project:
    """As a project of the first fullcycle lies there, with a stage of a person's own."""
    (tmp_path / "fullcycle.yaml").write_text(SETTINGS)
    (tmp_path / "contract.yaml").write_text(CONTRACT)
    (tmp_path / "people.csv").write_text("age,income\n1,2\n")
    (tmp_path / ".gitignore").write_text("*.tmp")
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  mine: {cmd: 'true'}\n  verify:\n    cmd: fullcycle verify\n    outs:\n    - bundle\n"
    )
    return Project(tmp_path)


def test_each_older_form_is_named_and_only_its_words_change(older: Project) -> None:
    found = {each.name: each for each in changes(older)}
    assert set(found) == {
        "fullcycle.yaml", "contract.yaml", "dvc.yaml", ".gitignore", ".fullcycle/fullcycle.schema.json"
    }  # fmt: skip
    settings = found["fullcycle.yaml"]
    assert settings.after == "version: 1\n" + SETTINGS.replace("linear, blend", "linear, ensemble").replace(
        "\ngates:", "\nsuccess:"
    )
    assert len(settings.why) == 3
    assert {"-gates:", "+success:"} <= set(settings.diff.splitlines())
    assert "mine" in found["dvc.yaml"].after
    assert "success" in found["dvc.yaml"].after
    assert found[".gitignore"].after.startswith("*.tmp\n")
    assert (older.root / "fullcycle.yaml").read_text() == SETTINGS  # looking writes nothing


def test_it_means_what_it_meant_and_a_second_time_finds_nothing(older: Project) -> None:
    before = (older.settings.experiment.models, older.settings.gates, older.contract)
    migrate(older)
    after = Project(older.root)
    assert (after.settings.experiment.models, after.settings.success, after.contract) == before
    assert changes(after) == []
    assert not write_graph(after)  # the graph is the one that a run would write


def test_gates_and_success_together_are_left_to_a_person(older: Project) -> None:
    with older.paths.settings.open("a") as settings:
        settings.write("success: []\n")
    [settings_change] = [each for each in changes(older) if each.name == "fullcycle.yaml"]
    assert "\ngates:" in settings_change.after


def test_people_see_a_diff_and_can_have_it_alone(older: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(older.root), "migrate", "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert "+success:" in out
    assert "write it: fullcycle" in err
    assert older.paths.settings.read_text() == SETTINGS
    assert main(["-C", str(older.root), "migrate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], len(told["changes"])) == (True, 5)
    assert main(["-C", str(older.root), "migrate"]) == 0
    assert "nothing to do" in capsys.readouterr().out
