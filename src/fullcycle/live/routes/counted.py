"""What every process of a server says of itself, a small file each in `deploy/.live/`.

`fullcycle routes` shows them, and whoever decides on a canary adds their counts up: those of processes that
died too, as long as they belong to the share that is looked at.
"""

from __future__ import annotations

import os
import time
from typing import Any

import orjson

from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes.counts import Counts
from fullcycle.live.routes.follower import Follower
from fullcycle.live.routes.router import Deployment
from fullcycle.live.routes.said import told

SAY_EVERY_S = 1.0
KEEP_S = 7 * 86_400.0
Pair = tuple[Counts, Counts]  # the champion's and the challenger's


class Teller:
    """Writes this process' file now and then; also what is counted must survive the process."""

    def __init__(self, deploy: Deploy, follower: Follower) -> None:
        self.deploy, self.follower = deploy, follower
        self.path = deploy.live / f"{os.getpid()}-{time.time_ns():x}.json"
        self._next = 0.0

    def tell(self, *, now: bool = False, ended: bool = False) -> None:
        """Write what is true, if a second has passed. A folder that can't be written is no error: nothing is
        shown then, and canaries wait."""
        if not (now or ended) and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + SAY_EVERY_S
        content = {
            "pid": os.getpid(),
            "ended": ended,
            **self.follower.state(),
            **counts_of(self.follower.deployment),
        }
        aside = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(exist_ok=True)
            aside.write_bytes(orjson.dumps(content))
            aside.replace(self.path)
        except OSError:
            return


def counts_of(deployment: Deployment) -> dict[str, Any]:
    """The counts of champion and challenger, and the comparison they belong to."""
    if deployment.routes is None or deployment.challenger is None:
        return {}
    return {
        "comparison": deployment.routes.comparison,
        "counts": {
            lane.route: lane.counts.as_dict()
            for lane in (deployment.champion, deployment.challenger)
            if lane.counts is not None
        },
    }


def added_up(deploy: Deploy, comparison: str) -> Pair:
    """Champion's and challenger's counts over all processes, living and dead."""
    champion, challenger = Counts(), Counts()
    for each in told(deploy):
        counts = each.content.get("counts") or {}
        if each.content.get("comparison") == comparison and {"champion", "challenger"} <= set(counts):
            champion += Counts.of(counts["champion"])
            challenger += Counts.of(counts["challenger"])
    return champion, challenger


def forget(deploy: Deploy) -> None:
    """Remove what processes said that died long ago."""
    for each in told(deploy):
        if time.time() - each.seen > KEEP_S:
            each.path.unlink(missing_ok=True)
