"""From routes to a deployment: every bundle that is named is opened, proven and warmed before it answers.

What can't be is refused, with its reason; the rest goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.errors import UserError
from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.model import Routes
from fullcycle.core.routes.store import Deploy, now
from fullcycle.live.routes.breaker import Breaker
from fullcycle.live.routes.choose import chooser
from fullcycle.live.routes.counts import Counts, bins_of
from fullcycle.live.routes.fallback import last_answers
from fullcycle.live.routes.lane import Lane, Route
from fullcycle.live.routes.router import Deployment, Watch, unwatched
from fullcycle.live.routes.timed import Watchdog, timed

WARM_UP_ROWS = 16


@dataclass(frozen=True)
class Refused:
    """A bundle that may not answer here, and why."""

    version: str
    route: Route
    reason: str
    at: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Opened:
    """What answers now, and what was refused."""

    deployment: Deployment
    refused: tuple[Refused, ...] = ()


class Opener:
    """Opens bundles; those that answer already are taken as they are, with their breakers."""

    def __init__(self, settings: RouteSettings, watch: Watch = unwatched) -> None:
        self.settings, self._watch = settings, watch
        timeout = settings.timeout_ms
        self._watchdog = None if timeout is None else Watchdog(timeout / 1000)
        self._open: dict[Path, Bundle] = {}
        self._breakers: dict[tuple[Route, str], Breaker] = {}
        self._comparison: str | None = None
        self._counts = (Counts(), Counts())
        self._lock = Lock()  # of all counts: an old lane may still count where its successor does

    def one(self, folder: Path) -> Deployment:
        """A bundle that was not released answers everything. Raises what read_bundle raises."""
        champion = Lane("champion", self._bundle(folder), self._breaker("champion", str(folder)), self._lock)
        return Deployment(champion, last_answers(self.settings.fallback, champion.bundle))

    def released(self, deploy: Deploy, routes: Routes, *, starting: bool) -> Opened:
        """What the routes say. Raises UserError where the champion is refused: then the old one goes on.

        A server that is `starting` has no old one, so the champions before this one are tried too.
        """
        refused: list[Refused] = []
        champion = self._champion(deploy, routes, refused, starting=starting)
        beside = routes.challenger
        challenger = self._beside(deploy, beside.bundle if beside else None, "challenger", champion, refused)
        shadow = self._beside(deploy, routes.shadow, "shadow", champion, refused)
        previous = self._previous(deploy, routes, champion)
        if challenger is not None:
            self._compare(routes, champion, challenger)
        deployment = Deployment(
            champion=champion,
            last=last_answers(self.settings.fallback, champion.bundle),
            challenger=challenger,
            shadow=shadow,
            previous=previous,
            chooses=chooser(routes.salt, beside.bundle, beside.share) if challenger and beside else None,
            column=self.settings.column,
            routes=routes,
            watch=self._watch,
        )
        self._forget(deployment)
        return Opened(deployment, tuple(refused))

    def close(self) -> None:
        """No bundle answers any more."""
        if self._watchdog is not None:
            self._watchdog.close()

    def _champion(self, deploy: Deploy, routes: Routes, refused: list[Refused], *, starting: bool) -> Lane:
        first: UserError | None = None
        for version in (routes.champion, *(routes.previous if starting else ())):
            try:
                return self._lane(deploy, version, "champion", None)
            except UserError as error:
                first = first or error
                refused.append(_refused(version, "champion", error))
        raise first or UserError(where=str(deploy.routes_file), found="no champion")

    def _beside(
        self, deploy: Deploy, version: str | None, route: Route, champion: Lane, refused: list[Refused]
    ) -> Lane | None:
        if version is None or version == champion.bundle.version:
            return None
        try:
            return self._lane(deploy, version, route, champion.bundle)
        except UserError as error:
            refused.append(_refused(version, route, error))
            return None

    def _previous(self, deploy: Deploy, routes: Routes, champion: Lane) -> Lane | None:
        """The champion before this one, kept ready; one that can't be opened is no loss yet."""
        if not self.settings.fallback.previous:
            return None
        for version in routes.previous:
            if version != champion.bundle.version:
                return self._beside(deploy, version, "previous", champion, [])
        return None

    def _compare(self, routes: Routes, champion: Lane, challenger: Lane) -> None:
        """Count for both; a comparison that goes on is counted on."""
        bins = bins_of(champion.bundle)
        if self._comparison != routes.comparison:
            self._comparison = routes.comparison
            self._counts = (Counts(), Counts(said=[0] * bins.count, champion_said=[0] * bins.count))
        champion.bins = challenger.bins = bins
        champion.counts, challenger.counts = self._counts

    def _lane(self, deploy: Deploy, version: str, route: Route, champion: Bundle | None) -> Lane:
        bundle = self._bundle(deploy.bundle(version))
        if bundle.version != version:
            raise UserError(
                where=str(bundle.folder),
                found=f"the bundle {bundle.version}",
                expected=f"{version}, as the folder is called",
                hint="`fullcycle release` puts it back",
            )
        alike = champion is None or bundle.contract == champion.contract
        return Lane(route, bundle, self._breaker(route, version), self._lock, reads_alike=alike)

    def _breaker(self, route: Route, version: str) -> Breaker:
        return self._breakers.setdefault((route, version), Breaker(self.settings.breaker))

    def _bundle(self, folder: Path) -> Bundle:
        if folder not in self._open:
            bundle = read_bundle(folder)
            self._open[folder] = bundle if self._watchdog is None else timed(bundle, self._watchdog)
            try:
                warm_up(self._open[folder])
            except Exception as error:
                del self._open[folder]
                raise UserError(
                    where=str(folder),
                    found=f"a bundle that fails while it is warmed up ({error})",
                    hint="make it again with `fullcycle run`, or raise serve.routes.timeout_ms",
                ) from error
        return self._open[folder]

    def _forget(self, deployment: Deployment) -> None:
        """Bundles that nobody is answered by; a request that holds one still keeps it."""
        held = {lane.bundle.folder for lane in deployment.lanes}
        self._open = {folder: bundle for folder, bundle in self._open.items() if folder in held}
        used = {(lane.route, lane.bundle.version) for lane in deployment.lanes}
        self._breakers = {key: breaker for key, breaker in self._breakers.items() if key in used}


def warm_up(bundle: Bundle) -> None:
    """Ask golden rows as clients will: everything that is made at the first request is made here."""
    for rows in _warm_rows(bundle):
        bundle.answer(rows)


def _warm_rows(bundle: Bundle) -> Iterator[list[CoercedRow]]:
    rows = [bundle.coerce(golden.row) for golden in bundle.golden.rows[:WARM_UP_ROWS]]
    yield rows
    yield from ([row] for row in rows)


def _refused(version: str, route: Route, error: UserError) -> Refused:
    return Refused(version, route, str(error).partition("\n")[0], now())
