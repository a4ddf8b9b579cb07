"""What the doctor says of optional parts, remotes, and of what has fallen behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.automate.past import past_project
from tests.automate.test_doctor import CONTRACT
from tests.released import bundle_in

from fullcycle.automate import reach, stale
from fullcycle.automate.check import Check
from fullcycle.automate.doctor import checks
from fullcycle.automate.graph import write_graph
from fullcycle.automate.image import FOLDER, LIST
from fullcycle.automate.migrate import migrate
from fullcycle.automate.repository import open_dvc
from fullcycle.core.project.environment import record_environment
from fullcycle.core.project.project import Project

Look = Callable[[Project], Iterator[Check]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = past_project(tmp_path / "people")
    (project.root / "people.csv").write_text("age,income\n1,2\n")
    project.paths.contract.write_text(CONTRACT)
    return project


def seen(look: Look, project: Project) -> list[tuple[str, str]]:
    """What a check says of the project as it is now, less its words; what isn't fine has a cure."""
    found = list(look(Project(project.root)))
    assert all((each.state == "ok") != bool(each.cure) for each in found), found
    return [(each.id, each.state) for each in found]


def test_extras_are_told_and_only_what_the_settings_ask_for_is_missed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    [told] = reach.extras()
    assert (told.state, "s3" in told.found) == ("ok", True)
    assert seen(reach.needed_extras, project) == []
    monkeypatch.setattr(reach, "_installed", lambda name: name != "catboost")
    with project.paths.settings.open("a") as settings:
        settings.write("experiment: {models: [linear, catboost]}\n")
    [missed] = reach.needed_extras(Project(project.root))
    assert (missed.state, missed.cure) == ("missing", "pip install 'fullcycle[catboost]'")


def test_a_source_that_is_gone_is_wrong(project: Project) -> None:
    assert seen(reach.source, project) == [("source", "ok")]
    (project.root / "people.csv").unlink()
    assert seen(reach.source, project) == [("source", "wrong")]


def test_remotes_are_asked(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(reach.remotes, project) == [("remote", "warning")]
    (tmp_path / "file").write_text("no folder")
    with open_dvc(project) as repo, repo.config.edit("local") as config:
        config["remote"] = {
            "shelf": {"url": str(tmp_path / "shelf" / "not yet")},
            "broken": {"url": str(tmp_path / "file" / "below")},
            "far": {"url": "ssh://host/srv"},
        }
    monkeypatch.setattr(reach, "_installed", lambda name: name != "dvc-ssh")
    assert seen(reach.remotes, project) == [
        ("remote shelf", "ok"), ("remote broken", "wrong"), ("remote far", "missing"), ("remote", "warning")
    ]  # fmt: skip


def test_older_forms_are_named_until_they_are_migrated(project: Project) -> None:
    assert seen(stale.forms, project) == [("forms", "warning")]
    migrate(Project(project.root))
    assert seen(stale.forms, project) == [("forms", "ok")]


def test_another_environment_than_at_the_last_run_is_told(project: Project) -> None:
    assert seen(stale.environment, project) == []
    record_environment(project)
    assert seen(stale.environment, project) == [("environment", "ok")]
    path = project.paths.evidence / "environment.json"
    plain = json.loads(path.read_text())
    plain["environment"]["numpy"] = "1.0"
    path.write_text(json.dumps(plain))
    [told] = stale.environment(project)
    assert (told.state, "numpy" in told.found) == ("warning", True)


def test_a_contract_that_changed_since_the_bundle_is_told(project: Project, tmp_path: Path) -> None:
    from fullcycle.core.contract.yaml_file import contract_to_yaml

    bundle_in(tmp_path / "made").rename(project.root / "bundle")
    sealed = json.loads((project.root / "bundle/contract.json").read_text())["contract"]
    from fullcycle.core.contract.model import Contract

    project.paths.contract.write_text(contract_to_yaml(Contract.model_validate_json(json.dumps(sealed))))
    assert seen(stale.contract, project) == [("contract", "ok")]
    sealed["columns"][0]["strict"] = not sealed["columns"][0].get("strict", False)
    project.paths.contract.write_text(contract_to_yaml(Contract.model_validate_json(json.dumps(sealed))))
    assert seen(stale.contract, project) == [("contract", "warning")]


def test_an_image_of_another_fullcycle_is_told(project: Project) -> None:
    from importlib.resources import files

    assert seen(stale.image, project) == []
    path = project.root / FOLDER / LIST
    path.parent.mkdir()
    path.write_text(files("fullcycle.data").joinpath(LIST).read_text())
    assert seen(stale.image, project) == [("image", "ok")]
    path.write_text("numpy==1.0\n")
    assert seen(stale.image, project) == [("image", "warning")]


def test_ci_files_that_are_missing_or_behind_are_told(project: Project) -> None:
    from fullcycle.automate.pipelines.files import implied

    assert seen(stale.pipelines, project) == [("ci files", "warning")]
    for path, text in implied(project, "github").items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (project.root / "ci").mkdir()
    (project.root / "ci/requirements.txt").write_text("fullcycle\n")
    assert seen(stale.pipelines, project) == [("ci files", "ok")]
    path.write_text(f"{path.read_text()}# another line\n")
    assert seen(stale.pipelines, project) == [("ci files", "warning")]


def test_hooks_of_dvc_are_looked_for(project: Project) -> None:
    assert seen(stale.hooks, project) == [("hooks", "warning")]
    dvc = Path(sys.executable).with_name("dvc")
    subprocess.run([dvc, "install"], cwd=project.root, check=True, capture_output=True)
    assert seen(stale.hooks, project) == [("hooks", "ok")]


def test_settings_that_cannot_be_read_are_told_once(project: Project) -> None:
    write_graph(project)
    project.paths.settings.write_text("name: [")
    wrong = [check for check in checks(Project(project.root)) if check.stops]
    assert [check.id for check in wrong] == ["fullcycle.yaml", "contract.yaml"]  # which follows from it
