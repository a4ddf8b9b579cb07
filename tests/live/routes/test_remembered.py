"""An outcome finds the answer that it is about, once, while the same challenger stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.live.conftest import Bundles, Client
from tests.released import FAILING_AGE, ROW

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.remembered import Remembered
from fullcycle.live.serve.app import app_of
from fullcycle.live.service import open_service

Follow = Callable[..., Follower]
Put = Callable[..., str]


def learned(follower: Follower) -> tuple[int, int]:
    lanes = follower.deployment.champion, follower.deployment.challenger
    return tuple(0 if lane is None else lane.counts.outcomes for lane in lanes)


def test_an_outcome_counts_for_who_answered_and_once(follow: Follow, put: Put, bundles: Bundles) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    follower, remembered = follow(column="id"), Remembered()
    deployment = follower.deployment
    served = deployment.answer([{**ROW, "id": number} for number in range(50)])
    remembered.keep(deployment, "r1", served)
    for _ in range(2):
        for row in range(50):
            remembered.learn(deployment, "r1", row, "yes")
    theirs = sum(each.route == "challenger" for each in served)
    assert learned(follower) == (50 - theirs, theirs)
    assert 0 < theirs < 50
    remembered.learn(deployment, "r2", 0, "yes")  # of a request that nobody knows
    assert sum(learned(follower)) == 50


def test_what_another_answered_for_and_what_is_long_past_says_nothing(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    put(bundles.first)
    put(bundles.tricky, "challenger", 1.0)
    follower, remembered = follow(), Remembered(rows_at_most=2)
    deployment = follower.deployment
    remembered.keep(deployment, "failed", deployment.answer([{**ROW, "age": FAILING_AGE}]))
    for name in ("a", "b", "c"):
        remembered.keep(deployment, name, deployment.answer([ROW]))
    for name in ("failed", "a", "b"):
        remembered.learn(deployment, name, 0, "yes")
    assert learned(follower) == (0, 1)
    put(bundles.second, "challenger", 1.0)
    assert follower.look()
    remembered.learn(follower.deployment, "c", 0, "yes")  # of the challenger before
    assert learned(follower) == (0, 0)


def test_feedback_over_http_reaches_the_canary(
    put: Put, bundles: Bundles, deploy: Deploy, tmp_path: Path
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 1.0)
    source = Source(tmp_path / "none", deploy, log=LogPlace(tmp_path / "log", LogSettings()))
    service = open_service(source, ServeSettings())
    client = Client(app_of(service, ServeSettings()))
    given = client.post("/predict", json=ROW).headers["x-request-id"]
    assert client.post("/feedback", json={"request_id": given, "outcome": "no"}).status_code == 200
    counts = service.follower.deployment.challenger.counts
    assert counts.outcomes == 1
    assert counts.loss > 0.25  # it had said yes
    service.close()
