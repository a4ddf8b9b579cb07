"""One writer at a time, and no stage that outlives its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.lock import remove_leftovers, run_lock
from fullcycle.core.project.paths import Paths

STAGE = """
import sys, threading
from pathlib import Path
from fullcycle.core.project.lock import stage_session
from fullcycle.core.project.paths import Paths
with stage_session(Paths(Path(sys.argv[1]))):
    print("holding", flush=True)
    threading.Event().wait(60)
"""

PARENT = """
import os, subprocess, sys
os.environ.update(DVC_STAGE="clean", FULLCYCLE_RUN_PID=str(os.getpid()))
child = subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_a_stage_ends_when_the_process_that_asked_for_it_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), STAGE], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    stage = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(timeout=30)
    assert psutil.wait_procs([stage], timeout=30)[1] == []
    parent.stdout.close()


def test_the_lock_of_a_killed_stage_is_free_again(tmp_path: Path) -> None:
    stage = subprocess.Popen([sys.executable, "-c", STAGE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert stage.stdout is not None
    assert stage.stdout.readline().strip() == "holding"
    stage.kill()
    stage.wait(timeout=30)
    stage.stdout.close()
    with run_lock(Paths(tmp_path), wait_s=30):
        pass


def test_a_second_run_waits_and_then_says_who_is_in_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = run_lock(Paths(tmp_path), wait_s=0)
    with run_lock(Paths(tmp_path)), pytest.raises(UserError, match="another fullcycle at work"), second:
        pass
    assert "waiting for it to end" in capsys.readouterr().err


def test_what_a_killed_process_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.data.mkdir()
    left = paths.data / f".raw.parquet.{ended_process()}.part"
    at_work = paths.data / f".train.parquet.{os.getpid()}.part"
    own = paths.data / ".notes.part"
    for path in (left, at_work, own):
        path.write_text("x")
    remove_leftovers(paths)
    assert not left.exists()
    assert at_work.exists()
    assert own.exists()


def test_a_folder_that_stepped_aside_for_one_that_never_came_is_put_back(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    aside = tmp_path / f".bundle.{ended_process()}.old"
    aside.mkdir()
    (aside / "model.onnx").write_text("whole")
    remove_leftovers(paths)
    assert (paths.bundle / "model.onnx").read_text() == "whole"
    assert not aside.exists()


def ended_process() -> int:
    """The number of a process that is no more."""
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    return int(done.stdout)
