"""The doctor looks at everything, mends nothing, and names the command that does."""

from __future__ import annotations

import ctypes
import http.server
import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.bundle.conftest import bundle_folder

from fullcycle.automate import doctor, machine
from fullcycle.automate.doctor import Check, checks
from fullcycle.core.project.project import Project

SETTINGS = "version: 1\nname: people\ndata:\n  source: people.csv\n"
CONTRACT = """version: 1
task: regression
columns:
  - {name: age, type: numeric}
  - {name: income, type: numeric, role: target}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "people"
    root.mkdir()
    (root / "fullcycle.yaml").write_text(SETTINGS)
    (root / "contract.yaml").write_text(CONTRACT)
    (root / "people.csv").write_text("age,income\n1,2\n")
    return Project(root)


@pytest.fixture
def make_bundle() -> Callable[..., Path]:
    return bundle_folder


def by_id(found: Iterator[Check] | list[Check]) -> dict[str, Check]:
    return {check.id: check for check in found}


def git(root: Path, *words: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def test_an_installation_that_works_has_nothing_to_mend() -> None:
    found = checks(None)
    assert {"python", "libraries", "git"} <= set(by_id(found))
    assert all(check.state == "ok" and not check.cure for check in found), found


def test_every_check_that_is_not_fine_names_what_to_do(project: Project) -> None:
    found = checks(project)
    assert all(check.cure for check in found if check.state != "ok"), found
    assert any(check.state != "ok" for check in found)


def test_a_python_too_old_or_too_new_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ((3, 10, 9), (3, 14, 0)):
        monkeypatch.setattr("sys.version_info", version)
        assert by_id(machine.python())["python"].state == "wrong"


def test_the_runtime_that_answers_forests_wrongly_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: "1.26.0" if name == "onnxruntime" else version(name)
    )
    check = by_id(machine.libraries())["library onnxruntime"]
    assert check.state == "wrong"
    assert "1.26.0, which answers forests wrongly" in check.found
    assert check.cure.startswith("pip install 'onnxruntime")


def test_a_library_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def lacking(name: str) -> str:
        if name == "optuna":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", lacking)
    found = by_id(machine.libraries())
    assert found["library optuna"].state == "missing"
    assert found["library optuna"].cure.startswith("pip install 'optuna")
    assert "libraries" not in found


def test_a_library_whose_system_part_is_missing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(machine, "import_module", broken)
    assert "cannot open shared object" in by_id(machine.libraries())["library lightgbm"].found


def test_a_missing_libgomp_is_said_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise OSError(name)

    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(ctypes, "CDLL", missing)
    check = by_id(machine.libgomp())["libgomp"]
    assert check.state == "missing"
    assert "apt-get install libgomp1" in check.cure


def test_a_machine_without_git_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert by_id(machine.git())["git"].state == "missing"


def test_a_broken_settings_file_is_named_with_its_line(project: Project) -> None:
    project.paths.settings.write_text(SETTINGS + "sed: 5\n")
    check = by_id(doctor.settings(Project(project.root)))["fullcycle.yaml"]
    assert check.state == "wrong"
    assert "line 5" in check.found


def test_a_project_outside_git_and_one_without_a_commit_are_told_apart(project: Project) -> None:
    assert by_id(doctor.repository(project))["repository"].state == "missing"
    git(project.root, "init")
    assert by_id(doctor.repository(project))["repository"].state == "warning"
    git(project.root, "add", ".")
    git(project.root, "commit", "-m", "Begin")
    found = by_id(doctor.repository(project))
    assert found["repository"].state == "ok"
    assert found["dvc"].state == "missing"
    (project.root / ".dvc").mkdir()
    assert "dvc" not in by_id(doctor.repository(project))


def test_a_folder_that_cannot_be_written_is_found_for_root_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.paths.data.mkdir()
    original = doctor.tempfile.TemporaryFile

    def read_only(dir: Path) -> Any:
        if dir == project.paths.data:
            raise OSError(30, "Read-only file system")
        return original(dir=dir)

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", read_only)
    check = by_id(doctor.folders(project))["folders"]
    assert check.state == "wrong"
    assert str(project.paths.data) in check.found


@pytest.mark.parametrize(("free", "state"), [(10**10, "ok"), (10**9, "warning"), (10**8, "wrong")])
def test_a_disk_that_fills_up_is_said_before_it_is_full(
    project: Project, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert by_id(doctor.folders(project))["disk"].state == state


def test_what_a_killed_run_left_is_named_and_what_a_live_one_writes_is_not(project: Project) -> None:
    assert list(doctor.leftovers(project)) == []
    ended = subprocess.Popen(["true"])
    ended.wait()
    project.paths.data.mkdir()
    (project.paths.data / f".train.parquet.{os.getpid()}.part").write_text("")
    assert list(doctor.leftovers(project)) == []
    (project.paths.data / f".train.parquet.{ended.pid}.part").write_text("")
    assert f"data/.train.parquet.{ended.pid}.part" in by_id(doctor.leftovers(project))["leftovers"].found


def test_a_run_that_is_under_way_is_seen(project: Project) -> None:
    from fullcycle.core.project.lock import run_lock

    with run_lock(project.paths):
        assert by_id(doctor.leftovers(project))["lock"].state == "warning"
    assert "lock" not in by_id(doctor.leftovers(project))


def test_a_bundle_is_proven_on_the_installed_runtime(
    project: Project, make_bundle: Callable[..., Path]
) -> None:
    assert by_id(doctor.bundle(project))["bundle"].cure == "fullcycle run"
    make_bundle(project.root, made_with=metadata.version("onnxruntime"))
    found = by_id(doctor.bundle(project))
    assert found["bundle"].state == "ok"
    assert "golden rows proven on onnxruntime" in found["bundle"].found
    assert "bundle versions" not in found


def test_a_bundle_of_another_runtime_is_fine_but_said(
    project: Project, make_bundle: Callable[..., Path]
) -> None:
    make_bundle(project.root, made_with="1.20.0")
    found = by_id(doctor.bundle(project))
    assert found["bundle"].state == "ok"
    assert found["bundle versions"].state == "warning"
    assert "onnxruntime 1.20.0" in found["bundle versions"].found
    assert "pip install 'onnxruntime==1.20.0'" in found["bundle versions"].cure


def test_a_damaged_bundle_is_wrong(project: Project, make_bundle: Callable[..., Path]) -> None:
    make_bundle(project.root)
    (project.paths.bundle / "model.onnx").write_bytes(b"nothing")
    check = by_id(doctor.bundle(project))["bundle"]
    assert check.state == "wrong"
    assert "model.onnx" in check.found


def test_a_tracking_store_is_opened_and_a_broken_one_found(project: Project) -> None:
    assert "first run" in by_id(doctor.tracking(project))["tracking"].found
    store = project.root / "mlflow.db"
    sqlite3.connect(store).execute("create table runs (id)").connection.close()
    assert by_id(doctor.tracking(project))["tracking"].state == "ok"
    store.write_bytes(b"this is no database, " * 100)
    assert by_id(doctor.tracking(project))["tracking"].state == "wrong"


def test_a_tracking_server_is_asked(project: Project) -> None:
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:
            """Keep quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uri = f"http://127.0.0.1:{server.server_port}"
    project.paths.settings.write_text(SETTINGS + f"tracking:\n  uri: {uri}\n")
    try:
        assert by_id(doctor.tracking(Project(project.root)))["tracking"].state == "ok"
    finally:
        server.shutdown()
        server.server_close()
    check = by_id(doctor.tracking(Project(project.root)))["tracking"]
    assert check.state == "wrong"
    assert "mlflow server" in check.cure


def test_stale_stages_are_named(project: Project) -> None:
    git(project.root, "init")
    subprocess.run(["git", "-C", str(project.root), "config", "core.autocrlf", "false"], check=True)
    from dvc.repo import Repo

    Repo.init(str(project.root)).close()
    check = by_id(doctor.stages(project))["stages"]
    assert check.state == "warning"
    assert "collect missing" in check.found
    assert check.cure == "fullcycle run"


def test_a_check_that_fails_hides_no_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Project) -> Iterator[Check]:
        raise RuntimeError("bug")
        yield

    monkeypatch.setattr(doctor, "PROJECT", (broken, doctor.settings))
    found = by_id(checks(project))
    assert "RuntimeError: bug" in found["broken"].found
    assert found["contract.yaml"].state == "ok"
