"""One process of all that serve decides on the canary: the one that holds a lock, and another if it dies."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from fullcycle.core.project.route_settings import CanarySettings
from fullcycle.core.routes.model import Canary, Challenger, Routes, with_champion, without
from fullcycle.core.routes.store import BY_CANARY, Author, Deploy, change_routes, now, read_routes
from fullcycle.live.routes.canary import Decision, decide
from fullcycle.live.routes.counted import added_up, forget

LOG = logging.getLogger("fullcycle.routes")
DECIDE_EVERY_S = 1.0


class Decider:
    """Looks at what all processes counted, and switches the routes. `clock` gives the present moment."""

    def __init__(
        self,
        deploy: Deploy,
        settings: CanarySettings,
        *,
        ordered: Callable[[], bool],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.deploy, self.settings = deploy, settings
        self._ordered, self._clock = ordered, clock
        self._lock: int | None = None
        self._next = 0.0

    def look(self) -> None:
        """Decide, if it is time and this process is the one that does."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + DECIDE_EVERY_S
        routes = read_routes(self.deploy)
        if routes is not None and routes.challenger and routes.challenger.canary and self._mine():
            self.decide(routes, routes.challenger, routes.challenger.canary)

    def decide(self, routes: Routes, challenger: Challenger, canary: Canary) -> Decision:
        """Look at the counts, and switch where they say so."""
        champion_counts, challenger_counts = added_up(self.deploy, routes.comparison or "")
        held = (self._clock() - datetime.fromisoformat(canary.step_began)).total_seconds() / 60
        decision = decide(
            champion_counts, challenger_counts, self.settings, ordered=self._ordered(), held_minutes=held
        )
        if decision.action != "wait":
            self._switch(routes, challenger, decision)
        return decision

    def close(self) -> None:
        """Let another process decide."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _switch(self, seen: Routes, challenger: Challenger, decision: Decision) -> None:
        def change(there: Routes | None) -> Routes:
            # A person was faster: what was decided was about other routes.
            if there is None or there.number != seen.number:
                return there or seen
            return after(there, challenger, decision, self.settings)

        action = {"back": "takes the challenger back", "on": "goes on"}[decision.action]
        author = Author(BY_CANARY, f"canary {action}", decision.signal)
        routes = change_routes(self.deploy, change, author, facts=decision.facts)
        LOG.warning(
            "canary of %s %s %s: routes %d", challenger.bundle, action, decision.signal, routes.number
        )
        forget(self.deploy)

    def _mine(self) -> bool:
        """Whether this process holds the lock; the system lets go of it when the process ends."""
        if self._lock is not None:
            return True
        try:
            self.deploy.live.mkdir(exist_ok=True)
            handle = os.open(self.deploy.live / "decider.lock", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:  # a folder that can't be written to: whoever could decide could not switch either
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        return True


def after(routes: Routes, challenger: Challenger, decision: Decision, settings: CanarySettings) -> Routes:
    """The routes that a decision leads to: no challenger, a larger share, or a new champion.

    After the last share a challenger that is not promoted keeps it, and its canary ends.
    """
    canary = challenger.canary
    if decision.action == "back" or canary is None:
        return without(routes, "challenger")
    step = canary.step + 1
    if step < len(settings.shares):
        wider = Canary(step=step, began=canary.began, step_began=now())
        changed = challenger.model_copy(update={"share": settings.shares[step], "canary": wider})
        return routes.model_copy(update={"challenger": changed})
    if settings.promote:
        return with_champion(routes, challenger.bundle)
    return routes.model_copy(update={"challenger": challenger.model_copy(update={"canary": None})})
