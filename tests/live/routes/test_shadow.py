"""A shadow is asked in its own time, and nobody waits for it or gets its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.live.routes.conftest import Bundles
from tests.released import FAILING_AGE, ROW

from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes import shadow as module
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.router import Served
from fullcycle.live.routes.shadow import Shadow


def test_a_shadow_is_told_of_with_its_request_and_answers_nobody(
    deploy: Deploy, put: Callable[..., str], bundles: Bundles, monkeypatch: object
) -> None:
    champion, watching = put(bundles.first), put(bundles.tricky, "shadow")
    said: list[tuple[object, Sequence[Served]]] = []
    shadow = Shadow(lambda request, served: said.append((request, served)))
    follower = Follower(Source(Path("none"), deploy), RouteSettings(), shadow.watch)
    assert follower.deployment.answer([ROW, ROW], request="r1")[0].version == champion
    assert follower.deployment.answer([{**ROW, "age": FAILING_AGE}], request="r2")[0].fallback == ""
    shadow.close()
    ((request, served),) = said
    assert request == "r1"
    assert [(each.route, each.version) for each in served] == [("shadow", watching)] * 2
    assert (shadow.failed, shadow.left_out) == (1, 0)
    follower.close()


def test_where_it_cannot_keep_up_requests_are_left_out_and_counted(
    deploy: Deploy, put: Callable[..., str], bundles: Bundles, monkeypatch: object
) -> None:
    put(bundles.first)
    put(bundles.second, "shadow")
    goes_on, busy = threading.Event(), threading.Event()

    def told(request: object, served: Sequence[Served]) -> None:
        busy.set()
        assert goes_on.wait(30)

    monkeypatch.setattr(module, "WAITING_AT_MOST", 2)
    shadow = Shadow(told)
    follower = Follower(Source(Path("none"), deploy), RouteSettings(), shadow.watch)
    follower.deployment.answer([ROW])
    assert busy.wait(30)
    for _ in range(5):
        follower.deployment.answer([ROW])
    assert shadow.left_out == 3
    goes_on.set()
    shadow.close()
    follower.close()
