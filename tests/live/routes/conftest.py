"""Bundles that answer otherwise or fail on an age, and a folder where they are released."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.watcher import Task, compare


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
