"""Past bundles are listed, and brought back without losing anything."""

from __future__ import annotations

import resource
import shutil
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.automate.past import commit, git, made, past_project, recorded
from tests.journeys.warm import FULLCYCLE
from tests.released import ROW

from fullcycle.automate.checkout import checkout
from fullcycle.automate.history import past_bundles
from fullcycle.automate.repository import open_dvc
from fullcycle.core.bundle import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project


@dataclass(frozen=True)
class History:
    project: Project
    first: str
    second: str

    @property
    def root(self) -> Path:
        return self.project.root

    def answer(self) -> object:
        """What the bundle that lies there now says."""
        bundle = read_bundle(self.root / "bundle")
        return bundle.answer([bundle.coerce(ROW)])


@pytest.fixture(scope="module")
def history_once(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("history")
    project = past_project(folder / "project")
    first = recorded(project, folder / "one", -1.5, seconds=1)
    return History(project, first, recorded(project, folder / "two", 0.5, seconds=2))


@pytest.fixture
def history(history_once: History, tmp_path: Path) -> History:
    shutil.copytree(history_once.root, tmp_path / "project", symlinks=True)
    return History(Project(tmp_path / "project"), history_once.first, history_once.second)


def test_every_bundle_is_listed_with_its_commit_data_and_metric(history: History) -> None:
    listed = past_bundles(history.project)
    assert [each.version for each in listed] == [history.second, history.first]
    assert [each.recorded for each in listed] == [
        git(history.root, "rev-parse", at) for at in ("HEAD", "HEAD~1")
    ]
    assert [(each.value, each.model, int(each.data_sha256, 16)) for each in listed] == [
        (0.8, "linear", 2),
        (0.8, "linear", 1),
    ]
    assert [each.places for each in listed] == [("git", "bundle/"), ("git",)]


def test_a_bundle_of_another_branch_is_listed_and_brought_back(history: History) -> None:
    git(history.root, "checkout", "-q", "-b", "other")
    third = recorded(history.project, history.root.parent / "three", 2.5, seconds=3)
    git(history.root, "checkout", "-q", "-")
    assert third in [each.version for each in past_bundles(history.project)]
    assert checkout(history.project, third[:6]).bundle.version == third


def test_there_and_back_again(history: History) -> None:
    here, late = git(history.root, "symbolic-ref", "--short", "HEAD"), history.answer()
    done = checkout(history.project, history.first)
    assert (done.bundle.version, done.golden_rows > 0, done.back) == (history.first, True, here)
    assert read_bundle(history.root / "bundle").version == history.first
    assert (history.root / "data/test.parquet").read_text() == "test rows of -1.5"
    early = history.answer()
    assert early != late
    assert checkout(history.project, "-").commit == git(history.root, "rev-parse", here)
    assert history.answer() == late
    checkout(history.project, "-")
    assert history.answer() == early
    assert git(history.root, "status", "--porcelain") == ""


def test_a_project_below_another_repository_comes_back_too(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    git(team, "init", "--quiet")
    project = past_project(team / "models/people")
    assert not (project.root / ".git").exists()
    first = recorded(project, tmp_path / "one", -1.5, seconds=1)
    second = recorded(project, tmp_path / "two", 0.5, seconds=2)
    assert [each.version for each in past_bundles(project)] == [second, first]
    assert checkout(project, first).bundle.version == first
    assert (project.root / "data/test.parquet").read_text() == "test rows of -1.5"
    (team / "note").write_text("another's work")
    git(team, "add", "note")
    with pytest.raises(UserError, match="not committed"):
        checkout(project, "-")


def test_a_tree_with_changes_is_left_alone(history: History) -> None:
    settings = history.root / "fullcycle.yaml"
    settings.write_text(settings.read_text() + "seed: 7\n")
    before = git(history.root, "rev-parse", "HEAD")
    with pytest.raises(UserError, match=r"changes that are not committed \(fullcycle.yaml\)") as caught:
        checkout(history.project, history.first)
    assert "git stash" in caught.value.hint
    assert settings.read_text().endswith("seed: 7\n")
    assert git(history.root, "rev-parse", "HEAD") == before


def test_a_table_that_no_cache_holds_is_left_alone(history: History) -> None:
    branch = git(history.root, "symbolic-ref", "--short", "HEAD")
    table = history.root / "data/test.parquet"
    table.unlink()
    table.write_text("a person's own rows")
    with pytest.raises(UserError, match=r"data/test\.parquet"):
        checkout(history.project, history.first)
    assert table.read_text() == "a person's own rows"
    assert git(history.root, "symbolic-ref", "--short", "HEAD") == branch
    assert read_bundle(history.root / "bundle").version == history.second


def test_a_bundle_that_no_commit_recorded_says_what_to_do(history: History) -> None:
    third = made(history.project, history.root.parent / "three", 2.5, seconds=3)
    [late] = [each for each in past_bundles(history.project) if each.version == third]
    assert (late.recorded, late.places) == (None, ("bundle/",))
    with pytest.raises(UserError, match="no commit holds") as caught:
        checkout(history.project, third)
    assert "git commit" in caught.value.hint
    commit(history.root, "Run 2.5")
    assert checkout(history.project, third).bundle.version == third


def test_a_version_that_is_not_there_names_those_that_are(history: History) -> None:
    with pytest.raises(UserError) as caught:
        checkout(history.project, "ffff")
    assert history.first in caught.value.expected


def push_everything(project: Project, shelf: Path) -> None:
    """Into a remote that only this machine knows of: DVC asks each commit for its own settings otherwise."""
    with open_dvc(project) as repo, repo.config.edit("local") as config:
        config.update({"remote": {"shelf": {"url": str(shelf)}}, "core": {"remote": "shelf"}})
    with open_dvc(project) as repo:
        repo.push(all_commits=True)
    shutil.rmtree(project.root / ".dvc/cache")


def test_what_the_cache_lacks_comes_from_a_remote_that_is_younger(history: History, tmp_path: Path) -> None:
    push_everything(history.project, tmp_path / "shelf")
    (history.root / ".dvc/config.local").unlink()
    with open_dvc(history.project) as repo, repo.config.edit("repo") as config:
        config["remote"] = {"shelf": {"url": str(tmp_path / "shelf")}}
        config["core"]["remote"] = "shelf"
    commit(history.root, "A remote")
    assert checkout(history.project, history.first).bundle.version == history.first


def test_a_half_pushed_remote_stops_it_before_anything_has_moved(history: History, tmp_path: Path) -> None:
    push_everything(history.project, tmp_path / "shelf")
    for pushed in (tmp_path / "shelf").rglob("*"):
        if pushed.is_file() and pushed.read_bytes() == b"test rows of -1.5":
            pushed.unlink()
    before = git(history.root, "symbolic-ref", "HEAD")
    with pytest.raises(UserError, match=r"no content for data/test\.parquet") as caught:
        checkout(history.project, history.first)
    assert "dvc push --all-commits" in caught.value.hint
    assert git(history.root, "symbolic-ref", "HEAD") == before
    assert read_bundle(history.root / "bundle").version == history.second


class Expired(BaseHTTPRequestHandler):
    """What S3 answers when temporary credentials are over."""

    def answer(self) -> None:
        body = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def test_an_expired_credential_is_told_as_such_and_nothing_has_moved(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": "very-secret",
        "SESSION_TOKEN": "old",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Expired)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        with open_dvc(history.project) as repo, repo.config.edit("local") as config:
            config["remote"] = {"shelf": {"url": "s3://shelf/people", "endpointurl": url}}
            config["core"] = {"remote": "shelf"}
        shutil.rmtree(history.root / ".dvc/cache")
        with pytest.raises(UserError) as caught:
            checkout(history.project, history.first)
    finally:
        server.shutdown()
        server.server_close()
    assert "Forbidden" in caught.value.found  # S3 gives no reason where it is asked by HEAD
    assert "credentials of the remote (they may have expired)" in caught.value.hint
    assert "very-secret" not in str(caught.value)
    assert read_bundle(history.root / "bundle").version == history.second


@pytest.mark.parametrize("room", [pytest.param(2_000, marks=pytest.mark.nightly), 9_000])
def test_a_full_disk_ends_in_an_error_and_the_way_is_open_afterwards(history: History, room: int) -> None:
    """A limit on the size of files stands in for a full disk, for root and for others."""
    with (history.root / ".dvc/config.local").open("w") as config:
        config.write("[cache]\n    type = copy\n")  # links would need no room
    before = git(history.root, "symbolic-ref", "HEAD")

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(
        [FULLCYCLE, "-C", history.root, "checkout", history.first, "--no-rebuild"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, preexec_fn=little_room,
    )  # fmt: skip
    assert done.returncode in (1, 2), done.stdout
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert git(history.root, "symbolic-ref", "HEAD") == before
    assert git(history.root, "status", "--porcelain") == ""
    with open_dvc(history.project) as repo:
        repo.checkout(force=True)
    assert read_bundle(history.root / "bundle").version == history.second
    assert checkout(history.project, history.first).bundle.version == history.first
