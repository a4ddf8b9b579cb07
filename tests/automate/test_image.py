"""The Dockerfile and what lies beside it: what an image installs, copies and never does."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from tests.released import bundle_in, project_in

from fullcycle.automate import installed
from fullcycle.automate.image import LIST, push_image, write_image
from fullcycle.automate.installed import REQUIREMENT
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.project import Project

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a bundle; nothing is built, as an address says what to install."""
    monkeypatch.setenv(REQUIREMENT, "fullcycle==9.9")
    made = project_in(tmp_path, "serve:\n  port: 8123\n")
    made.paths.bundle.mkdir()
    (made.paths.bundle / "MANIFEST.json").write_text("{}")
    return made


def pins(text: str) -> set[str]:
    return {line.split()[0] for line in text.splitlines() if "==" in line}


def test_it_is_small_answers_as_nobody_in_particular_and_is_never_written_to(project: Project) -> None:
    write_image(project)
    text = (project.root / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM python:3\.\d+-slim$", text, re.MULTILINE)
    assert "USER 10001" in text
    assert "VOLUME /project/predictions" in text
    assert "COPY bundle/ bundle/" in text
    assert '"--port", "8123"' in text
    assert "http://127.0.0.1:8123/health/ready" in text
    assert '--no-deps "fullcycle==9.9"' in text


def test_data_and_the_copies_for_study_are_not_sent_to_the_builder(project: Project) -> None:
    write_image(project)
    allowed = (project.root / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert allowed[0] == "*"
    assert not {"!data/", "!model/", "!evidence/"} & set(allowed)


def test_what_is_released_goes_before_what_was_verified_last(project: Project) -> None:
    project.paths.deploy.mkdir()
    (project.paths.deploy / "routes.json").write_text("{}")
    write_image(project)
    assert "COPY deploy/ deploy/" in (project.root / "Dockerfile").read_text(encoding="utf-8")


def test_a_dockerfile_of_a_persons_is_kept(project: Project) -> None:
    theirs = project.root / "Dockerfile"
    theirs.write_text("FROM scratch\n")
    with pytest.raises(UserError, match="a file that fullcycle did not write"):
        write_image(project)
    assert theirs.read_text() == "FROM scratch\n"
    write_image(project, force=True)
    write_image(project)  # ours is written again without being asked
    assert theirs.read_text() != "FROM scratch\n"


def test_without_a_bundle_there_is_nothing_to_answer_with(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no bundle"):
        write_image(project_in(tmp_path))


def test_sources_that_build_no_wheel_are_an_error_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'nothing'\n")
    with pytest.raises(UserError, match=REQUIREMENT):
        installed._built(tmp_path, tmp_path)


def test_the_list_of_the_package_pins_what_the_lock_pins() -> None:
    locked = pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    listed = pins(files("fullcycle.data").joinpath(LIST).read_text(encoding="utf-8"))
    assert listed
    assert listed <= locked


def docker(folder: Path, exit_code: int = 0) -> str:
    """A path on which docker is a script that writes down what it was told: test machines have none."""
    folder.mkdir()
    script = folder / "docker"
    script.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/told"\nexit {exit_code}\n', encoding="utf-8")
    script.chmod(0o755)
    return str(folder)


def test_an_image_is_pushed_under_the_version_of_its_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_in(tmp_path / "project")
    version = read_bundle(bundle_in(project.root), prove=False).version
    monkeypatch.setenv("PATH", docker(tmp_path / "bin"))
    image = f"registry.example.org/people:{version}"
    assert push_image(project, "registry.example.org/people") == image
    told = (tmp_path / "bin/told").read_text(encoding="utf-8").splitlines()
    assert told == [f"build --tag {image} .", f"push {image}"]


def test_without_docker_or_where_it_fails_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = project_in(tmp_path / "project")
    bundle_in(project.root)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(UserError, match="docker"):
        push_image(project, "people")
    monkeypatch.setenv("PATH", docker(tmp_path / "bin", exit_code=3))
    with pytest.raises(CheckFailed, match="exit code 3"):
        push_image(project, "people")
