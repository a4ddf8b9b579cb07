"""gc frees what nothing names, and never what a commit, routes, evidence or a registry need."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.automate.past import git, made, past_project, recorded

from fullcycle.automate.checkout import checkout
from fullcycle.automate.space import SEARCHES_KEPT, _old_runs, free, survey
from fullcycle.cli.main import main
from fullcycle.core.bundle import read_bundle
from fullcycle.core.project.project import Project


@pytest.fixture(scope="module")
def project_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str, Path]:
    """Two recorded bundles, and between them a run that was never committed."""
    folder = tmp_path_factory.mktemp("space")
    project = past_project(folder / "project")
    first = recorded(project, folder / "one", -1.5, seconds=1)
    made(project, folder / "between", 9.5, seconds=2)
    recorded(project, folder / "two", 0.5, seconds=3)
    return project, first, folder


@pytest.fixture
def project(project_once: tuple[Project, str, Path], tmp_path: Path) -> Project:
    shutil.copytree(project_once[0].root, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def test_contents_that_no_commit_names_go_and_every_past_bundle_still_comes_back(
    project: Project, project_once: tuple[Project, str, Path]
) -> None:
    [cache, *_] = survey(project)
    assert 0 < cache.free_bytes < cache.bytes
    lost = [(project.root / name).read_bytes() for name in cache.free]
    assert b"test rows of 9.5" in lost
    assert not any(content in lost for content in (b"test rows of -1.5", b"test rows of 0.5"))
    assert survey(project)[0] == cache  # looking frees nothing
    free(project)
    assert survey(project)[0].free == ()
    assert checkout(project, project_once[1]).bundle.version == project_once[1]
    assert checkout(project, "-")


def test_a_cache_that_others_use_is_left_alone(project: Project, tmp_path: Path) -> None:
    (project.root / ".dvc/cache").rename(tmp_path / "shared")
    with (project.root / ".dvc/config.local").open("w") as config:
        config.write(f"[cache]\n    dir = {tmp_path / 'shared'}\n")
    [cache, *_] = survey(project)
    assert (cache.free, "shared" in cache.note) == ((), True)


def test_bundles_go_unless_routes_evidence_or_servers_name_them(
    project: Project, project_once: tuple[Project, str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    scratch = project_once[2]
    released = []
    for name in ("one", "between", "two"):
        told = main(
            ["-C", str(project.root), "release", "--bundle", str(scratch / name / "bundle"), "--no-registry"]
        )
        assert told == 0
        released.append(read_bundle(scratch / name / "bundle").version)
    capsys.readouterr()
    assert survey(project)[1].free == ()  # all are champion, or what rollback goes back to
    routes = project.root / "deploy/routes.json"
    plain = json.loads(routes.read_text())
    routes.write_text(json.dumps({**plain, "previous": plain["previous"][:1]}))
    assert survey(project)[1].free == (released[0],)
    assert survey(project, in_use=[released[0]])[1].free == ()
    (project.paths.evidence / "abtest.json").write_text(json.dumps({"champion": released[0]}))
    assert survey(project)[1].free == ()
    (project.paths.evidence / "abtest.json").unlink()
    assert main(["-C", str(project.root), "gc", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["space"][1]["free"] == [released[0]]
    assert sorted(path.name for path in (project.root / "deploy").glob("*/")) == sorted(
        [*released[1:], *(path.name for path in (project.root / "deploy").glob(".*/"))]
    )


def test_old_searches_are_those_before_the_last_ones_and_never_released_ones() -> None:
    with sqlite3.connect(":memory:") as store:
        store.execute("CREATE TABLE runs (run_uuid, lifecycle_stage, start_time)")
        store.execute("CREATE TABLE tags (run_uuid, key, value)")
        store.execute("CREATE TABLE model_versions (run_id)")
        for number in range(SEARCHES_KEPT + 2):
            store.execute("INSERT INTO runs VALUES (?, 'active', ?)", (f"search {number}", number))
            store.execute("INSERT INTO runs VALUES (?, 'active', ?)", (f"trial {number}", number))
            store.execute(
                "INSERT INTO tags VALUES (?, 'mlflow.parentRunId', ?)",
                (f"trial {number}", f"search {number}"),
            )
        store.execute("INSERT INTO runs VALUES ('alone', 'active', 0), ('taken back', 'deleted', 99)")
        store.execute("INSERT INTO model_versions VALUES ('search 0')")
        runs, old = _old_runs(store)
    assert len(runs) == 2 * (SEARCHES_KEPT + 2) + 2
    assert sorted(old) == ["search 1", "taken back", "trial 0", "trial 1"]


@pytest.mark.nightly
def test_old_searches_go_with_their_trials_and_released_runs_stay(project: Project) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")
    experiment = client.create_experiment("people")
    searches = []
    for number in range(1, SEARCHES_KEPT + 3):
        search = client.create_run(experiment, start_time=number).info.run_id
        client.create_run(experiment, start_time=number, tags={"mlflow.parentRunId": search})
        searches.append(search)
    client.create_registered_model("people")
    client.create_model_version("people", source="mlruns/x", run_id=searches[0])
    found = survey(project)[2]
    assert found.count == 2 * len(searches)
    assert set(searches) & set(found.free) == {searches[1]}  # the first was released
    assert len(found.free) == 3  # and its trial, and that of the first
    free(project)
    with sqlite3.connect(project.root / "mlflow.db") as connection:
        [(left,)] = connection.execute("SELECT count(*) FROM runs").fetchall()
    assert left == 2 * len(searches) - 3


def test_people_see_sizes_and_what_to_type(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(project.root), "gc"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == [
        "cache",
        "bundles",
        "runs",
        "leftovers",
        "together",
    ]
    assert "gc --yes" in err
    assert git(project.root, "status", "--porcelain") == ""
