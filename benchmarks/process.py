"""What a process costs with all that it starts: seconds by the clock and of CPU, and the most memory held."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Cost:
    """`peak_gb` is resident memory of the process and its children together, looked at every 50 ms.

    CPU seconds can be compared while a machine is shared, seconds by the clock can't.
    """

    seconds: float
    cpu_seconds: float
    peak_gb: float


def cost(command: Sequence[str]) -> Cost:
    """Run it to its end; a command that fails ends the benchmark with its output."""
    with tempfile.NamedTemporaryFile() as told:
        started = time.perf_counter()
        counted = [sys.executable, "-m", "benchmarks.tree", told.name, *command]
        process = subprocess.Popen(counted, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        peak: list[int] = [0]
        watch = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
        watch.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - started
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}\n{output}")
        return Cost(seconds, float(Path(told.name).read_text()), peak[0] / 1e9)


def _watch(pid: int, peak: list[int]) -> None:
    while True:
        try:
            root = psutil.Process(pid)
            held = [process.memory_info().rss for process in (root, *root.children(recursive=True))]
        except psutil.NoSuchProcess:
            return
        peak[0] = max(peak[0], sum(held))
        time.sleep(LOOK_EVERY_S)
