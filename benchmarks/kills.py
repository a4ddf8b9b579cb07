"""Predictions lost in kills: answers that a client has got and the log lacks, after many a `kill -9`.

`python -m benchmarks.kills` makes the demo first, `python -m benchmarks.kills KILLS PROJECT` takes one that
is there. Four clients ask a server of one or two workers until so many answers came as chance says; then
server and workers are killed at once, and the next server goes on in the same folder.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from pathlib import Path

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure, show
from benchmarks.serving import free_port, until_ready

KILLS, CLIENTS = 50, 4
ANSWERS = (20, 400)  # after how many a kill comes
SETTINGS = "name: kills\ndata:\n  source: none.csv\nlog:\n  file_mb: 0.2\n"


@dataclass
class Asking:
    """Clients that remember what they were answered."""

    url: str
    body: bytes
    name: str
    enough: int
    answered: list[str] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)

    def ask(self, client: int) -> None:
        """Until the server is gone."""
        for number in range(10**6):
            given = f"{self.name}-{client}-{number}"
            headers = {"content-type": "application/json", "x-request-id": given}
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url, self.body, headers)) as answer:
                    json.load(answer)
            except (OSError, urllib.error.URLError, HTTPException, ValueError):
                self.reached.set()
                return
            self.answered.append(given)
            if len(self.answered) >= self.enough:
                self.reached.set()


def killed(root: Path, body: bytes, number: int, chance: random.Random) -> list[str]:
    """Serve, ask, kill; the ids that were answered."""
    port, workers = free_port(), str(1 + number % 2)
    process = subprocess.Popen(
        [FULLCYCLE, "-C", str(root), "serve", "--port", str(port), "--workers", workers],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until_ready(process, f"http://127.0.0.1:{port}/health/ready")
    asking = Asking(f"http://127.0.0.1:{port}/predict", body, str(number), chance.randrange(*ANSWERS))
    clients = [threading.Thread(target=asking.ask, args=(at,)) for at in range(CLIENTS)]
    for client in clients:
        client.start()
    asking.reached.wait()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for client in clients:
        client.join()
    return asking.answered


def figures(folder: Path, *, kills: int = KILLS, project: Path | None = None) -> Iterator[Figure]:
    """Acknowledged answers that the log lacks, or has twice."""
    from fullcycle.live.log.read import open_log

    made = project or folder / "demo"
    if not (made / "bundle").exists():
        seconds(FULLCYCLE, "demo", str(made))
    root = folder / "kills"
    root.mkdir()
    (root / "fullcycle.yaml").write_text(SETTINGS)
    shutil.copytree(made / "bundle", root / "bundle")
    body = subprocess.check_output([FULLCYCLE, "-C", str(made), "predict", "--example"])
    chance = random.Random(20)
    answered = [given for number in range(kills) for given in killed(root, body, number, chance)]
    with open_log(root / "predictions") as log:
        logged = Counter(row["request_id"] for row in log.rows("SELECT request_id FROM predictions"))
    print(f"{len(answered):,} answers acknowledged before {kills} kills; {logged.total():,} rows in the log")
    lost = sum(given not in logged for given in answered)
    yield Figure(f"predictions lost in {kills} kills", lost, 0, "")
    yield Figure("predictions logged twice", sum(times > 1 for times in logged.values()), 0, "")


def main() -> int:
    """KILLS PROJECT, both or none."""
    if len(sys.argv) == 1:
        return show(figures)
    kills, project = sys.argv[1:]
    return show(partial(figures, kills=int(kills), project=Path(project)))


if __name__ == "__main__":
    sys.exit(main())
