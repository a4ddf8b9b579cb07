"""Responses that need nobody, exercised on a copy of what is released: does something answer, and how
soon?"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.routes.change import roll_back
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.live.routes.opening import Opener
from fullcycle.live.routes.router import Deployment, NoAnswer

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

MS = 1000.0


@dataclass(frozen=True)
class Response:
    """`works` is None where nothing is set up to respond; `by` is what answered, or the version that did, and
    `recovery_ms` the time until it did; of retraining, how it ended with which bundle."""

    kind: Literal["fallback", "rollback", "retraining"]
    works: bool | None
    by: str = ""
    recovery_ms: float | None = None


class _Broken:
    """A session that fails at every question."""

    def run(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("broken by the drill")

    def get_inputs(self) -> list[Any]:
        return []

    def get_outputs(self) -> list[Any]:
        return []


def responses(project: Project, folder: Path, scratch: Path) -> tuple[Response, ...]:
    """Of the project's releases, or of its bundle alone; `scratch` holds the copy."""
    deploy = _copied(project, scratch)
    opener = Opener(project.settings.serve.routes)
    routes = None if deploy is None else read_routes(deploy)
    if deploy is None or routes is None:
        return _fallback(opener.one(folder)), Response("rollback", None)
    deployment = opener.released(deploy, routes, starting=True).deployment
    return _fallback(deployment), _rollback(opener, deploy)


def _copied(project: Project, scratch: Path) -> Deploy | None:
    if not project.paths.deploy.exists():
        return None
    place = scratch / "deploy"
    shutil.copytree(project.paths.deploy, place, ignore=shutil.ignore_patterns(".live", ".lock"))
    return Deploy(place)


def _fallback(deployment: Deployment) -> Response:
    """The champion fails at its first question."""
    champion = deployment.champion
    question = champion.bundle.golden.rows[0].row
    broken = replace(champion, bundle=replace(champion.bundle, session=_Broken()))
    began = time.perf_counter()
    try:
        [served] = replace(deployment, champion=broken, challenger=None, shadow=None).answer([question])
    except NoAnswer:
        return Response("fallback", None)
    return Response("fallback", True, served.route, (time.perf_counter() - began) * MS)


def _rollback(opener: Opener, deploy: Deploy) -> Response:
    """From the command until the version before it, opened and proven, answers."""
    began = time.perf_counter()
    try:
        roll_back(deploy, None, who="drill", why="drill")
    except UserError:
        return Response("rollback", None)
    routes = read_routes(deploy)
    if routes is None:
        return Response("rollback", False)
    bundle = read_bundle(deploy.bundle(routes.champion))
    opener.released(deploy, routes, starting=False).deployment.answer([bundle.golden.rows[0].row])
    return Response("rollback", True, routes.champion, (time.perf_counter() - began) * MS)
