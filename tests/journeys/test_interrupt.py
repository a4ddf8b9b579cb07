"""Ctrl-C: everything ends, nothing is lost, and the person reads how to go on."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil

from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of
from tests.journeys.warm import FULLCYCLE


def test_ctrl_c_during_a_stage_says_how_to_go_on_and_leaves_no_process(
    fresh_project: Path, tmp_path: Path
) -> None:
    project = copy_of(fresh_project, tmp_path)
    run = subprocess.Popen(
        [FULLCYCLE, "-C", project, "run", "explore"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal's Ctrl-C goes to a whole group of processes
        # Whoever runs these tests in the background has SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith("clean ..."):
            break
    below = psutil.Process(run.pid).children(recursive=True)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate()
    assert run.returncode == 130
    assert out == ""
    assert err.count("the same command goes on from there") == 1
    assert "Traceback" not in err
    gone, alive = psutil.wait_procs(below, timeout=10)
    assert len(gone) == len(below)
    assert alive == []
    assert not (project / "evidence" / "clean.json").exists()
    fullcycle("-C", project, "run", "clean")
    assert (project / "evidence" / "clean.json").exists()
