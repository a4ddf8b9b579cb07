"""Stages of one run start warm, and end as DVC's own commands do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.stage import run as dvc_run
from dvc.stage.exceptions import StageCmdFailedError

from fullcycle.cli.warm import warm_stages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stages start warm on Linux alone")


def test_a_warm_stage_has_the_environment_folder_and_exit_code_of_a_cold_one(tmp_path: Path) -> None:
    environment = {**os.environ, "DVC_STAGE": "collect", "FULLCYCLE_RUN_PID": str(os.getpid())}
    with warm_stages(), pytest.raises(StageCmdFailedError, match="exited with 2"):
        dvc_run._run("/bin/sh", "fullcycle collect", cwd=tmp_path, env=environment)
    # It found no project in this folder, and handed that over as the environment asks.
    assert "no fullcycle.yaml" in (tmp_path / ".fullcycle" / "failure.json").read_text(encoding="utf-8")


def test_ctrl_c_while_the_server_imports_leaves_no_traceback_and_a_server(tmp_path: Path) -> None:
    """The terminal sends it to the whole group: the server hears it before it has set a handler."""
    script = f"""
import os, signal
from multiprocessing import forkserver
from fullcycle.cli import warm
warm._start_server([])
os.kill(forkserver._forkserver._forkserver_pid, signal.SIGINT)
with warm.warm_stages():
    from dvc.stage import run
    from dvc.stage.exceptions import StageCmdFailedError
    try:
        run._run("/bin/sh", "fullcycle collect", cwd={str(tmp_path)!r}, env=dict(os.environ))
    except StageCmdFailedError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "exited with 2" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


def test_other_commands_run_as_ever_and_dvc_is_left_as_it_was(tmp_path: Path) -> None:
    cold = dvc_run._run
    with warm_stages():
        dvc_run._run("/bin/sh", "echo made > here", cwd=tmp_path, env=dict(os.environ))
    assert (tmp_path / "here").read_text(encoding="utf-8") == "made\n"
    assert dvc_run._run is cold
