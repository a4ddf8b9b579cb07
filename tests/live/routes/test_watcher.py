"""What comes after an answer comes in its own time: nobody waits for it or gets to see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.live.conftest import Bundles
from tests.released import FAILING_AGE, ROW

from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes import watcher as module
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.router import Served
from fullcycle.live.routes.watcher import Watcher


def test_a_shadow_is_told_of_with_its_request_and_answers_nobody(
    deploy: Deploy, put: Callable[..., str], bundles: Bundles
) -> None:
    champion, watching = put(bundles.first), put(bundles.tricky, "shadow")
    said: list[tuple[object, Sequence[Served]]] = []
    watcher = Watcher(lambda request, served: said.append((request, served)))
    follower = Follower(Source(Path("none"), deploy), RouteSettings(), watcher.watch)
    assert follower.deployment.answer([ROW, ROW], request="r1")[0].version == champion
    assert follower.deployment.answer([{**ROW, "age": FAILING_AGE}], request="r2")[0].fallback == ""
    watcher.close()
    ((request, served),) = said
    assert request == "r1"
    assert [(each.route, each.version) for each in served] == [("shadow", watching)] * 2
    assert (watcher.failed, watcher.left_out) == (1, 0)
    follower.close()


def test_where_it_cannot_keep_up_requests_are_left_out_and_counted(
    deploy: Deploy, put: Callable[..., str], bundles: Bundles, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bundles.first)
    put(bundles.second, "shadow")
    goes_on, busy = threading.Event(), threading.Event()

    def told(request: object, served: Sequence[Served]) -> None:
        busy.set()
        assert goes_on.wait(30)

    monkeypatch.setattr(module, "WAITING_AT_MOST", 2)
    watcher = Watcher(told)
    follower = Follower(Source(Path("none"), deploy), RouteSettings(), watcher.watch)
    follower.deployment.answer([ROW])
    assert busy.wait(30)
    for _ in range(5):
        follower.deployment.answer([ROW])
    assert watcher.left_out == 3
    goes_on.set()
    watcher.close()
    follower.close()


def test_the_challengers_answers_are_put_beside_the_champions_on_the_same_rows(
    deploy: Deploy, put: Callable[..., str], bundles: Bundles
) -> None:
    """`tricky` answers as the champion does, `second` is far from it."""
    put(bundles.first)
    for challenger, odd in ((bundles.tricky, 0), (bundles.second, 40)):
        put(challenger, "challenger", 0.1)
        watcher = Watcher()
        follower = Follower(Source(Path("none"), deploy), RouteSettings(column="id"), watcher.watch)
        deployment = follower.deployment
        for _ in range(40):  # rows of one request count once
            deployment.answer([{**ROW, "id": number} for number in range(200)])
        watcher.close()
        counts = deployment.challenger.counts
        assert (counts.answers, counts.compared, counts.odd) == (40, 40, odd)
        assert sum(counts.said) == sum(counts.champion_said) == 40
        follower.close()
