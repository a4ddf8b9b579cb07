"""Deploying: release to a target, wait for a canary, ask the service, go back where it is wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fullcycle.core.evidence.automation import (
    DeploymentFacts,
    Ended,
    SmokeFacts,
    record_deployment,
    record_smoke,
)
from fullcycle.core.routes.store import BY_CANARY, Deploy, audit_lines, person, read_routes

if TYPE_CHECKING:
    from pathlib import Path

    from fullcycle.core.project.project import Project
    from fullcycle.core.routes.model import Routes
    from fullcycle.cycle.release.stage import Released

LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Asked:
    """What a person asks for. `canary` begins as a challenger beside a champion, and is waited for."""

    target: str
    canary: bool = False
    minutes: float = 240.0
    why: str = ""
    registry: bool = True


def deploy_to(project: Project, asked: Asked) -> tuple[DeploymentFacts, SmokeFacts | None]:
    """Let the project's bundle answer at the target; what was there answers again where that goes wrong.

    Raises as `release` does, with nothing changed.
    """
    from fullcycle.automate.targets import deploy_of, url_of
    from fullcycle.cycle.release.stage import point_registry

    deploy, url = deploy_of(project, asked.target), url_of(project, asked.target)
    before = read_routes(deploy)
    done = _released(project, deploy, before, asked)
    ended, why = _ended(deploy, done, asked)
    smoke = None
    if ended in ("released", "promoted", "unchanged"):
        smoke = smoke_of(project, url, deploy.bundle(done.version), asked.target)
        if not smoke.passed:
            ended = _back(project, deploy, before, done.version)
    facts = DeploymentFacts(
        target=asked.target,
        bundle=done.version,
        before=None if before is None else before.champion,
        ended=ended,
        at=done.routes.changed,
        why=why,
    )
    record_deployment(project.paths.evidence, facts)
    if done.registered is not None and asked.canary:
        point_registry(project, deploy)
    return facts, smoke


def roll_back_at(
    project: Project, target: str, version: str | None, why: str
) -> tuple[DeploymentFacts, SmokeFacts]:
    """Let the release before, or `version`, answer at the target again, and ask its service.

    Raises UserError where there is nothing to go back to; then nothing is changed.
    """
    from fullcycle.automate.targets import deploy_of, url_of
    from fullcycle.core.routes.change import roll_back

    deploy, url = deploy_of(project, target), url_of(project, target)
    before = read_routes(deploy)
    after = roll_back(deploy, version, who=person(project.root), why=why)
    smoke = smoke_of(project, url, deploy.bundle(after.champion), target)
    facts = DeploymentFacts(
        target=target,
        bundle=after.champion,
        before=None if before is None else before.champion,
        ended="back_by_hand" if smoke.passed else "wrong",
        at=after.changed,
    )
    record_deployment(project.paths.evidence, facts)
    return facts, smoke


def smoke_of(project: Project, url: str, folder: Path, target: str) -> SmokeFacts:
    """Ask the service for what this bundle must answer, and put it on record."""
    from fullcycle.automate.smoke import smoke
    from fullcycle.core.bundle.read import read_bundle

    found = smoke(url, read_bundle(folder), target)
    record_smoke(project.paths.evidence, found)
    return found


def _released(project: Project, deploy: Deploy, before: Routes | None, asked: Asked) -> Released:
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.cycle.release.stage import Wish, release

    folder = project.paths.bundle
    beside = (
        asked.canary and before is not None and before.champion != read_bundle(folder, prove=False).version
    )
    wish = Wish("challenger" if beside else "champion", None, asked.why, asked.registry, asked.canary)
    return release(project, folder, wish, deploy)


def _ended(deploy: Deploy, done: Released, asked: Asked) -> tuple[Ended, tuple[str, ...]]:
    beside = done.routes.challenger
    if beside is not None and beside.bundle == done.version and beside.canary is not None:
        return _verdict(deploy, done.version, asked.minutes)
    return ("unchanged" if done.routes == done.before else "released"), ()


def _verdict(deploy: Deploy, version: str, minutes: float) -> tuple[Ended, tuple[str, ...]]:
    """How the canary ended that a server decides on; without an end in time, the challenger is taken off."""
    deadline = time.monotonic() + minutes * 60
    while time.monotonic() < deadline:
        routes = read_routes(deploy)
        beside = None if routes is None else routes.challenger
        if routes is not None and routes.champion == version:
            return "promoted", ()
        if beside is None or beside.bundle != version:
            return "back_canary", _signal(deploy)
        if beside.canary is None:
            return "challenger", ()
        time.sleep(LOOK_EVERY_S)
    _take_off(deploy, version)
    return "back_time", ()


def _signal(deploy: Deploy) -> tuple[str, ...]:
    """The signal that sent the latest challenger back, as the canary wrote it down."""
    told = [str(line["why"]) for line in audit_lines(deploy) if line["who"] == BY_CANARY and line.get("why")]
    return tuple(told[-1:])


def _take_off(deploy: Deploy, version: str) -> None:
    from fullcycle.core.routes.model import without
    from fullcycle.core.routes.store import Author, change_routes

    def change(there: Routes | None) -> Routes:
        assert there is not None  # a canary has begun
        beside = there.challenger
        return without(there, "challenger") if beside and beside.bundle == version else there

    change_routes(deploy, change, Author(person(deploy.folder), "canary ends", "no verdict in time"))


def _back(project: Project, deploy: Deploy, before: Routes | None, version: str) -> Ended:
    from fullcycle.core.routes.change import roll_back

    if before is None or before.champion == version:
        return "wrong"
    roll_back(deploy, before.champion, who=person(project.root), why="smoke test failed")
    return "back_smoke"


def champion_of(deploy: Deploy, otherwise: Path | None = None) -> Path:
    """The bundle that answers there, or `otherwise` where nothing was released; UserError without either."""
    from fullcycle.core.routes.change import nothing_released

    routes = read_routes(deploy)
    if routes is not None:
        return deploy.bundle(routes.champion)
    if otherwise is not None:
        return otherwise
    raise nothing_released(deploy)
