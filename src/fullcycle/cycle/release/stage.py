"""Release: prove a bundle, copy it, register it, and switch the routes.

In this order, so that a failure before the switch leaves answering what answered before.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.routes.change import nothing_released
from fullcycle.core.routes.model import (
    Canary,
    Role,
    Routes,
    with_challenger,
    with_champion,
    with_shadow,
)
from fullcycle.core.routes.store import Author, Deploy, change_routes, first_routes, now, person, read_routes
from fullcycle.cycle.release.check import refuse_other_answers, releasable
from fullcycle.cycle.release.place import place
from fullcycle.cycle.release.registry import Registered, Registry, has_registry


@dataclass(frozen=True)
class Wish:
    """What a person asks for. `share` is that of a challenger; None begins the canary of the settings."""

    role: Role = "champion"
    share: float | None = None
    why: str = ""
    registry: bool = True
    aliases: bool = True  # whether the registry's aliases follow: not for a place of trial


@dataclass(frozen=True)
class Released:
    """What is true now. `registered` is None where there is no registry, or it was not asked for."""

    version: str
    folder: Path
    routes: Routes
    before: Routes | None
    registered: Registered | None


def release(project: Project, folder: Path, wish: Wish, deploy: Deploy | None = None) -> Released:
    """Let the bundle in `folder` answer, in part or wholly, or watch; in `deploy`, or the project's own.

    Raises CheckFailed for failed gates and wrong golden rows, UserError for what a person can mend; then
    nothing has changed.
    """
    deploy = deploy or Deploy(project.paths.deploy)
    bundle = releasable(folder)
    before = read_routes(deploy)
    _check_beside(bundle, before, deploy, wish)
    copy = place(bundle, deploy)
    registry = Registry(project) if wish.registry and has_registry(project) else None
    registered = registry.register(bundle, copy) if registry else None
    routes = change_routes(
        deploy,
        lambda now_there: _released(now_there, bundle.version, wish, project),
        Author(person(project.root), f"release as {wish.role}", wish.why),
    )
    if registry and wish.aliases:
        registry.point(routes)
    return Released(bundle.version, copy, routes, before, registered)


def point_registry(project: Project, deploy: Deploy | None = None) -> dict[str, str]:
    """Let the registry's aliases say what the routes say: rollbacks and canaries do without it."""
    deploy = deploy or Deploy(project.paths.deploy)
    routes = read_routes(deploy)
    if routes is None:
        raise nothing_released(deploy)
    return Registry(project).point(routes)


def _check_beside(bundle: Bundle, routes: Routes | None, deploy: Deploy, wish: Wish) -> None:
    if wish.role == "champion":
        return
    if routes is None or routes.champion == bundle.version:
        raise UserError(
            where=f"fullcycle release --as {wish.role}",
            found="no champion" if routes is None else f"{bundle.version}, which is the champion",
            expected="a champion, and another bundle beside it",
            hint="`fullcycle release` makes a champion first"
            if routes is None
            else "make another with `fullcycle run`, or name one with --bundle DIR",
        )
    refuse_other_answers(bundle, read_bundle(deploy.bundle(routes.champion), prove=False), wish.role)


def _released(routes: Routes | None, version: str, wish: Wish, project: Project) -> Routes:
    if routes is None:
        return first_routes(version)
    if wish.role == "champion":
        return with_champion(routes, version)
    if wish.role == "shadow":
        return with_shadow(routes, version)
    if wish.share is not None:
        return with_challenger(routes, version, wish.share)
    began = now()
    first = project.settings.release.canary.shares[0]
    return with_challenger(routes, version, first, Canary(step=0, began=began, step_began=began))
