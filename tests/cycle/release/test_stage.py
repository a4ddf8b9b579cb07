"""Only what passed its gates and answers as it must is released; what fails leaves everything as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.bundle import conftest as by_hand
from tests.released import bundle_in, failed_gate, project_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.project import Project
from fullcycle.core.routes.store import Deploy, audit_lines, read_routes
from fullcycle.cycle.release.stage import Wish, release

ALONE = Wish(registry=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("second"), shift=-1.0)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path)


def deploy_of(project: Project) -> Deploy:
    return Deploy(project.paths.deploy)


def test_a_release_leaves_a_whole_copy_and_the_routes_that_name_it(project: Project, first: Path) -> None:
    done = release(project, first, ALONE)
    routes = read_routes(deploy_of(project))
    assert routes is not None
    assert routes.champion == done.version
    assert read_bundle(project.paths.deploy / done.version).version == done.version
    assert [line["action"] for line in audit_lines(deploy_of(project))] == ["release as champion"]


def test_released_again_it_stays_as_it_is_and_a_damaged_copy_is_made_whole(
    project: Project, first: Path
) -> None:
    done = release(project, first, ALONE)
    (done.folder / "model.onnx").write_bytes(b"damaged")
    assert release(project, first, ALONE).routes.number == 1
    assert read_bundle(done.folder).version == done.version


def test_failed_gates_are_named_with_what_to_do(project: Project, tmp_path: Path) -> None:
    folder = bundle_in(tmp_path / "bad", passed=False, gates=(failed_gate(),))
    with pytest.raises(CheckFailed, match=r"1 failed gate \(metric: 0\.61, bound 0\.80\)") as refused:
        release(project, folder, ALONE)
    assert refused.value.exit_code == 1
    assert "fullcycle run" in refused.value.hint
    assert read_routes(deploy_of(project)) is None


def test_wrong_golden_rows_are_refused_before_anything_is_written(project: Project, tmp_path: Path) -> None:
    graph = by_hand.make_graph(by_hand.make_contract(Task.binary), shift=-1.4)
    with pytest.raises(CheckFailed, match="golden rows"):
        release(project, by_hand.bundle_folder(tmp_path, model=graph), ALONE)
    assert not project.paths.deploy.exists()


def test_a_challenger_begins_the_canary_unless_its_share_is_told(
    project: Project, first: Path, second: Path
) -> None:
    release(project, first, ALONE)
    challenger = release(project, second, Wish("challenger", registry=False)).routes.challenger
    assert challenger is not None
    assert (challenger.share, challenger.canary.step) == (0.05, 0)
    challenger = release(project, second, Wish("challenger", 0.2, registry=False)).routes.challenger
    assert (challenger.share, challenger.canary) == (0.2, None)


@pytest.mark.parametrize("role", ["challenger", "shadow"])
def test_nothing_stands_beside_a_champion_that_is_not_there_or_itself(
    project: Project, first: Path, role: str
) -> None:
    with pytest.raises(UserError, match="no champion"):
        release(project, first, Wish(role, registry=False))
    release(project, first, ALONE)
    with pytest.raises(UserError, match="which is the champion"):
        release(project, first, Wish(role, registry=False))


def test_what_answers_another_question_does_not_stand_beside_the_champion(
    project: Project, first: Path, tmp_path: Path
) -> None:
    release(project, first, ALONE)
    other = bundle_in(tmp_path / "other", task=Task.regression)
    with pytest.raises(UserError, match="task regression"):
        release(project, other, Wish("shadow", registry=False))


def test_a_registry_that_fails_leaves_the_routes_as_they_were(
    project: Project, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(project, first, ALONE)

    class Broken:
        def __init__(self, project: Project) -> None:
            raise UserError(where="tracking.uri", found="nobody")

    monkeypatch.setattr("fullcycle.cycle.release.stage.Registry", Broken)
    with pytest.raises(UserError, match="nobody"):
        release(project, second, Wish())
    assert read_routes(deploy_of(project)).number == 1
    wandb = project_in(project.root, "tracking:\n  uri: wandb:people\n")
    assert release(wandb, second, Wish()).registered is None


def test_what_a_killed_release_left_half_copied_is_no_version_and_goes(project: Project, first: Path) -> None:
    import shutil

    left = project.paths.deploy / ".0123456789abcdef.4194305.part"  # beyond the largest number of a process
    shutil.copytree(first, left)
    assert deploy_of(project).versions() == []
    done = release(project, first, ALONE)
    assert deploy_of(project).versions() == [done.version]
    assert not left.exists()
