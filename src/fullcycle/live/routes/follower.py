"""Each process follows `deploy/routes.json` in a thread: new bundles are ready before they answer.

What else is done now and then has a thread of its own: a slow folder must not delay a switch.

A file that is renamed over another has a new inode, so one `stat` says whether anything has changed; it works
on whatever is mounted, without a service that notifies (DECISIONS 34).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.route_settings import CanarySettings, RouteSettings
from fullcycle.core.routes.model import Routes
from fullcycle.core.routes.store import Deploy, now, read_routes
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.opening import Opened, Opener, Refused
from fullcycle.live.routes.router import Deployment, Watch, unwatched

LOG = logging.getLogger("fullcycle.routes")
Mark = tuple[int, int, int] | None  # inode, time and size of routes.json


@dataclass(frozen=True)
class Source:
    """Where bundles come from: `deploy` if something is released there, else `bundle`; and where answers are
    logged, if they are."""

    bundle: Path
    deploy: Deploy | None = None
    canary: CanarySettings = field(default_factory=CanarySettings)
    log: LogPlace | None = None


class Follower:
    """What answers now, in `deployment`; read it once for a request, and hold it."""

    def __init__(self, source: Source, settings: RouteSettings, watch: Watch = unwatched) -> None:
        """Open what answers. Raises UserError where nothing can: a server that starts must say so."""
        self.source, self.settings = source, settings
        self.switches = self.refusals = 0
        self.refused: tuple[Refused, ...] = ()
        self._opener = Opener(settings, watch)
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []
        self._beats: list[Callable[[], None]] = []
        self._mark = self._look_at_file()
        self.deployment = self._first()

    def start(self) -> None:
        """Follow, in a thread."""
        if self.source.deploy is None:
            return
        for name, steps in (("follows-routes", [self.look]), ("tells-and-decides", self._beats)):
            thread = threading.Thread(target=self._repeat, args=(steps,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Follow no more."""
        self._ends.set()
        for thread in self._threads:
            thread.join()
        self._opener.close()

    def every_look(self, beat: Callable[[], None]) -> None:
        """Call `beat` as often as the file is looked at, in a thread beside."""
        self._beats.append(beat)

    def look(self) -> bool:
        """Whether what answers was changed; one look at the file."""
        mark = self._look_at_file()
        if mark == self._mark:
            return False
        self._mark = mark
        try:
            return self._switch()
        except UserError as error:
            # routes.json itself can't be read, or names a champion that is refused: what answers goes on.
            self._refuse((Refused("", "champion", str(error).partition("\n")[0], now()),))
            return False

    def state(self) -> dict[str, Any]:
        """Facts for health pages: which version has which route, breakers, and what was refused."""
        there = self.deployment
        return {
            "number": there.routes.number if there.routes else 0,
            "routes": {lane.route: lane.bundle.version for lane in there.lanes},
            "breakers": {lane.route: lane.breaker.state for lane in there.lanes},
            "switches": self.switches,
            "refusals": self.refusals,
            "refused": [refused.as_dict() for refused in self.refused],
        }

    def _first(self) -> Deployment:
        routes = self._routes()
        if routes is None or self.source.deploy is None:
            return self._opener.one(self.source.bundle)
        opened = self._opener.released(self.source.deploy, routes, starting=True)
        self._refuse(opened.refused)
        return opened.deployment

    def _switch(self) -> bool:
        routes = self._routes()
        if routes is None or self.source.deploy is None:
            return False  # the file is gone: nobody took the bundles back
        opened = self._open(self.source.deploy, routes)
        if opened is None:
            return False
        self._refuse(opened.refused)
        self.deployment = opened.deployment
        self.switches += 1
        LOG.info("routes %d: %s", routes.number, opened.deployment.bundle.version)
        return True

    def _open(self, deploy: Deploy, routes: Routes) -> Opened | None:
        try:
            return self._opener.released(deploy, routes, starting=False)
        except UserError as error:
            reason = str(error).partition("\n")[0]
            self._refuse((Refused(routes.champion, "champion", reason, now()),))
            return None

    def _refuse(self, refused: tuple[Refused, ...]) -> None:
        self.refused = refused
        self.refusals += len(refused)
        for each in refused:
            LOG.warning(
                "refused %s as %s, going on without it: %s",
                each.version or "the routes",
                each.route,
                each.reason,
            )

    def _routes(self) -> Routes | None:
        return None if self.source.deploy is None else read_routes(self.source.deploy)

    def _look_at_file(self) -> Mark:
        if self.source.deploy is None:
            return None
        try:
            found = self.source.deploy.routes_file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _repeat(self, steps: Sequence[Callable[[], object]]) -> None:
        while not self._ends.wait(self.settings.follow_s):
            for step in steps:
                try:
                    step()
                except Exception:  # a thread that ended would follow no more, in silence
                    LOG.exception("following the routes failed; trying again")
