"""Bundles that answer otherwise or fail on an age, and a folder where they are released."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.released import bundle_in, project_in, tricky_graph

from fullcycle.core.project.project import Project
from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.cycle.release.stage import Wish, release
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.watcher import Task, compare


@dataclass(frozen=True)
class Bundles:
    """`second` says yes more often; `tricky` is `first` but for two ages."""

    first: Path
    second: Path
    tricky: Path


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second", "tricky")]
    return Bundles(
        bundle_in(folders[0]), bundle_in(folders[1], shift=0.5), bundle_in(folders[2], model=tricky_graph())
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path / "project")


@pytest.fixture
def deploy(project: Project) -> Deploy:
    return Deploy(project.paths.deploy)


@pytest.fixture
def put(project: Project) -> Callable[..., str]:
    """Release a bundle without a registry; gives its version."""

    def released(folder: Path, role: str = "champion", share: float | None = None) -> str:
        return release(project, folder, Wish(role, share, registry=False)).version

    return released


@pytest.fixture
def follow(deploy: Deploy) -> Iterator[Callable[..., Follower]]:
    """A follower of what is released that looks when it is told to."""
    made: list[Follower] = []

    def following(**settings: object) -> Follower:
        source = Source(deploy.folder / "none", deploy)
        follower = Follower(source, RouteSettings(**settings), lambda *seen: compare(Task(*seen)))
        made.append(follower)
        return follower

    yield following
    for follower in made:
        follower.close()
