"""Plain DVC on a project agrees with `fullcycle run`; remotes on a disk and in S3 take and give all of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.automate.past import commit, git
from tests.journeys.commands import fullcycle, result_of
from tests.journeys.conftest import copy_of
from tests.journeys.declared import declare

BIN = Path(sys.executable).parent
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
CHEAP = {"bootstrap": 150}  # of `verify`: the last stage alone runs again


def dvc(project: Path, *words: str, exit_code: int = 0) -> str:
    """Type a command of DVC's, as a person who has activated the environment."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        [BIN / "dvc", *words], cwd=project, env={**os.environ, **KEYS, "PATH": path, "DVC_NO_ANALYTICS": "1"},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == exit_code, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture
def project(finished_project: Path, tmp_path: Path) -> Path:
    """A finished project whose run is committed."""
    project = copy_of(finished_project, tmp_path / "there")
    git(project, "config", "user.name", "A Person")
    git(project, "config", "user.email", "person@example.com")
    commit(project, "Run")
    return project


@pytest.mark.nightly
def test_repro_metrics_plots_and_experiments_of_dvc_agree_with_run(project: Path) -> None:
    assert "up to date" in dvc(project, "repro")
    assert "up to date" in dvc(project, "status")
    assert git(project, "status", "--porcelain") == ""

    settings = ",".join(f"-S,fullcycle.yaml:verify.{name}={value}" for name, value in CHEAP.items()).split(
        ","
    )
    dvc(project, "exp", "run", *settings)
    by_dvc = result_of(project)
    assert "bootstrap: 150" in (project / "fullcycle.yaml").read_text()
    assert json.loads(fullcycle("-C", project, "run", "--json"))["ran"] == []
    [tried] = [
        each
        for each in json.loads(fullcycle("-C", project, "versions", "--json"))
        if each["version"] == by_dvc["bundle"]
    ]
    assert tried["recorded"] in git(project, "for-each-ref", "--format=%(objectname)", "refs/exps").split()

    changed = json.loads(dvc(project, "params", "diff", "--json"))
    assert changed["fullcycle.yaml"]["verify.bootstrap"]["new"] == 150
    declare(project, seed=3)
    assert "verify" in json.dumps(json.loads(fullcycle("-C", project, "status", "--json"))["stages"])
    git(project, "checkout", "--quiet", "--", "fullcycle.yaml", "dvc.lock", "evidence")
    declare(project, verify={**verify_of(project), **CHEAP})
    fullcycle("-C", project, "run")
    assert result_of(project) == by_dvc


@pytest.mark.nightly
def test_differences_of_metrics_and_plots_are_shown_by_dvc(project: Path) -> None:
    declare(project, seed=3)
    fullcycle("-C", project, "run")
    changed = json.loads(dvc(project, "metrics", "diff", "--json"))["evidence/metrics.json"]
    assert {"old", "new", "diff"} <= set(next(iter(changed.values())))
    dvc(project, "plots", "diff", "HEAD")
    assert "Predicted and observed" in (project / "dvc_plots/index.html").read_text()


def verify_of(project: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return dict(YAML(typ="safe").load((project / "fullcycle.yaml").read_text())["verify"])


def there_and_back(project: Path, clone: Path) -> None:
    """Push, clone, pull: the clone has the same result, and nothing to run."""
    commit(project, "A remote")
    dvc(project, "push")
    git(project.parent, "clone", "--quiet", str(project), str(clone))
    dvc(clone, "pull")
    assert result_of(clone) == result_of(project)
    states = json.loads(fullcycle("-C", clone, "status", "--json"))["stages"]
    assert {each["state"] for each in states} == {"fresh"}


@pytest.mark.nightly  # by day a remote with bundles written by hand: tests/automate/test_checkout.py
def test_a_remote_on_a_disk_takes_and_gives_all(project: Path, tmp_path: Path) -> None:
    dvc(project, "remote", "add", "--default", "shelf", str(tmp_path / "shelf"))
    there_and_back(project, tmp_path / "clone")


@pytest.fixture
def s3() -> Iterator[str]:
    """A server that answers as S3 does, with an empty bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).create_bucket(Bucket="shelf")
    yield address
    server.stop()


@pytest.mark.nightly
def test_a_remote_in_s3_takes_and_gives_all_and_checkout_asks_it(
    project: Path, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    dvc(project, "remote", "add", "--default", "shelf", "s3://shelf/churn")
    dvc(project, "remote", "modify", "shelf", "endpointurl", s3)
    clone = tmp_path / "clone"
    there_and_back(project, clone)
    [first] = json.loads(fullcycle("-C", clone, "versions", "--json"))
    shutil.rmtree(clone / ".dvc/cache")
    shutil.rmtree(clone / "bundle")
    fullcycle("-C", clone, "checkout", first["version"], "--no-rebuild")
    assert result_of(clone) == result_of(project)
