"""One process decides for all of them, from what all counted; what it decides stands in the audit file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.live.conftest import Bundles
from tests.released import FAILING_AGE, ROW, project_in

from fullcycle.core.project.project import Project
from fullcycle.core.project.route_settings import CanarySettings
from fullcycle.core.routes.change import roll_back
from fullcycle.core.routes.store import Deploy, audit_lines, read_routes
from fullcycle.live.routes.counted import Teller, added_up
from fullcycle.live.routes.decider import Decider
from fullcycle.live.routes.follower import Follower
from fullcycle.live.routes.said import told

Follow = Callable[..., Follower]
Put = Callable[..., str]
SETTINGS = CanarySettings(shares=[0.4, 0.5], minutes=10, answers=100)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Large shares: few requests are enough."""
    return project_in(tmp_path / "project", "release:\n  canary:\n    shares: [0.4, 0.5]\n")


def decider(deploy: Deploy, minutes: float = 11, settings: CanarySettings = SETTINGS) -> Decider:
    return Decider(
        deploy, settings, ordered=lambda: True, clock=lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    )


def ask(follower: Follower, requests: int, row: dict = ROW) -> None:
    for number in range(requests):
        follower.deployment.answer([row], str(number))


def decided(deploy: Deploy, by: Decider) -> tuple[str, str]:
    routes = read_routes(deploy)
    decision = by.decide(routes, routes.challenger, routes.challenger.canary)
    return decision.action, decision.signal


def test_a_share_widens_and_a_challenger_that_holds_becomes_champion(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    first, second = put(bundles.first), put(bundles.tricky, "challenger")
    follower = follow()
    teller = Teller(deploy, follower)
    assert decided(deploy, decider(deploy, minutes=1)) == ("wait", "minutes")
    for share in (0.4, 0.5):
        assert read_routes(deploy).challenger.share == share
        ask(follower, 10_000)
        teller.tell(now=True)
        assert decided(deploy, decider(deploy)) == ("on", "")
        follower.look()
    routes = read_routes(deploy)
    assert (routes.champion, routes.previous, routes.challenger) == (second, (first,), None)
    lines = audit_lines(deploy)[-2:]
    assert [(line["who"], line["action"]) for line in lines] == [("canary", "canary goes on")] * 2
    assert lines[0]["facts"]["answers"]["challenger"] > 2000


def test_a_challenger_that_fails_goes_back_and_the_audit_file_says_why(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    first = put(bundles.first)
    put(bundles.tricky, "challenger")
    follower = follow(breaker={"failures": 10**9})
    for age in (52, FAILING_AGE):
        ask(follower, 2000, {**ROW, "age": age})
    Teller(deploy, follower).tell(now=True)
    assert decided(deploy, decider(deploy, minutes=0)) == ("back", "errors")
    assert (read_routes(deploy).champion, read_routes(deploy).challenger) == (first, None)
    line = audit_lines(deploy)[-1]
    assert (line["who"], line["why"]) == ("canary", "errors")


def test_counts_of_all_processes_add_up_and_those_of_another_share_do_not(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    comparison = read_routes(deploy).comparison
    for _ in range(2):  # two processes
        follower = follow()
        ask(follower, 1000)
        Teller(deploy, follower).tell(now=True)
    assert len([*told(deploy)]) == 2
    champion, challenger = added_up(deploy, comparison)
    assert champion.answers + challenger.answers == 2000
    assert sum(challenger.said) == sum(challenger.champion_said) == challenger.compared > 50
    put(bundles.second, "challenger", 0.6)
    assert added_up(deploy, read_routes(deploy).comparison)[0].answers == 0


def test_counts_go_on_where_something_else_is_switched(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    follower = follow()
    ask(follower, 1000)
    put(bundles.tricky, "shadow")
    assert follower.look()
    ask(follower, 1000)
    counts = [lane.counts.answers for lane in (follower.deployment.champion, follower.deployment.challenger)]
    assert sum(counts) == 2000


def test_one_process_decides_and_another_takes_over(
    put: Put, bundles: Bundles, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger")
    one, other = decider(deploy), decider(deploy)
    deciding: list[Decider] = []
    monkeypatch.setattr(Decider, "decide", lambda self, *_: deciding.append(self))
    one.look()
    other.look()
    assert deciding == [one]
    one.look()  # within a second nothing is looked at again
    assert deciding == [one]
    one.close()
    other._next = 0.0
    other.look()
    assert deciding == [one, other]
    other.close()


def test_a_person_who_was_faster_is_not_overruled(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    put(bundles.first)
    put(bundles.tricky, "challenger")
    follower = follow(breaker={"failures": 10**9})
    for age in (52, FAILING_AGE):
        ask(follower, 2000, {**ROW, "age": age})
    Teller(deploy, follower).tell(now=True)
    seen = read_routes(deploy)
    roll_back(deploy, None, who="Anna", why="")
    assert decider(deploy).decide(seen, seen.challenger, seen.challenger.canary).action == "back"
    assert audit_lines(deploy)[-1]["who"] == "Anna"


def test_a_process_that_ended_is_not_there_and_what_it_counted_stays(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    follower = follow()
    teller = Teller(deploy, follower)
    teller.tell(now=True)
    assert [each.alive for each in told(deploy)] == [True]
    ask(follower, 20)
    teller.tell(ended=True)
    assert [each.alive for each in told(deploy)] == [False]
    assert sum(counts.answers for counts in added_up(deploy, read_routes(deploy).comparison)) == 20


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    put(bundles.first)
    follower = follow()
    deploy.live.write_text("a file where the folder would be")
    Teller(deploy, follower).tell(now=True)
    assert [*told(deploy)] == []
