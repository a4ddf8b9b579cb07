"""A process follows the routes: what is ready answers, what is refused does not, a request keeps its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.core.bundle import conftest as by_hand
from tests.live.conftest import Bundles
from tests.released import ROW, bundle_in

from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.route_settings import RouteSettings
from fullcycle.core.routes.change import roll_back, set_beside
from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes import opening
from fullcycle.live.routes.follower import Follower, Source

Follow = Callable[..., Follower]
Put = Callable[..., str]


def answers_of(follower: Follower) -> str:
    return follower.deployment.answer([ROW])[0].version


def test_until_something_is_released_the_bundle_of_the_project_answers(
    deploy: Deploy, put: Put, bundles: Bundles
) -> None:
    follower = Follower(Source(bundles.second, deploy), RouteSettings())
    before = answers_of(follower)
    assert not follower.look()
    version = put(bundles.first)
    assert follower.look()
    assert answers_of(follower) == version != before
    follower.close()


def test_a_switch_is_followed_once_and_bundles_that_stay_are_not_read_again(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = put(bundles.first), put(bundles.second)
    follower = follow()
    assert answers_of(follower) == second
    monkeypatch.setattr(opening, "read_bundle", lambda *_: pytest.fail("it is open already"))
    roll_back(deploy, None, who="Anna", why="")
    assert follower.look()
    assert answers_of(follower) == first
    assert not follower.look()
    assert follower.switches == 1


def test_a_request_keeps_the_bundle_it_entered_with(follow: Follow, put: Put, bundles: Bundles) -> None:
    first = put(bundles.first)
    follower = follow()
    held = follower.deployment
    put(bundles.second)
    assert follower.look()
    assert held.answer([ROW])[0].version == first


def damage(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"damaged")


def wrong_rows(folder: Path) -> None:
    """Golden rows that the graph does not answer, under a manifest that agrees."""
    from tests.core.bundle.test_read import edit, reseal

    edit(folder / "golden.json", lambda golden: golden["rows"][0].update(probabilities=[0.9, 0.1]))
    reseal(folder)
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    renamed = folder.with_name(manifest["bundle"])
    folder.rename(renamed)
    routes = json.loads((folder.parent / "routes.json").read_text())
    (folder.parent / "routes.json").write_text(json.dumps({**routes, "champion": manifest["bundle"]}))


@pytest.mark.parametrize(
    ("harm", "reason"), [(damage, "a damaged file"), (wrong_rows, "golden rows on onnxruntime")]
)
def test_a_champion_that_fails_its_proof_is_refused_and_the_old_one_goes_on(
    follow: Follow, put: Put, bundles: Bundles, harm: Callable[[Path], None], reason: str
) -> None:
    first = put(bundles.first)
    follower = follow()
    harm(follower.source.deploy.bundle(put(bundles.second)))
    assert not follower.look()
    assert answers_of(follower) == first
    (refused,) = follower.refused
    assert reason in refused.reason
    assert follower.state()["refusals"] == 1


def test_a_champion_that_fails_while_it_is_warmed_up_is_refused(
    follow: Follow, put: Put, bundles: Bundles, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(bundles.first)
    follower = follow()
    put(bundles.second)
    monkeypatch.setattr(opening, "warm_up", lambda _: 1 / 0)
    assert not follower.look()
    assert answers_of(follower) == first
    assert "while it is warmed up" in follower.refused[0].reason


def test_a_challenger_that_is_refused_leaves_the_champion_alone(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    champion, challenger = put(bundles.first), put(bundles.second, "challenger", 1.0)
    damage(deploy.bundle(challenger))
    follower = follow()
    assert follower.deployment.challenger is None
    assert answers_of(follower) == champion
    assert [(each.version, each.route) for each in follower.refused] == [(challenger, "challenger")]
    set_beside(deploy, challenger="none", share=None, shadow=None, who="Anna", why="")
    assert follower.look()
    assert follower.refused == ()


def test_a_server_that_starts_takes_the_champion_before_one_that_is_damaged(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    first, second = put(bundles.first), put(bundles.second)
    damage(deploy.bundle(second))
    follower = follow()
    assert answers_of(follower) == first
    assert [each.version for each in follower.refused] == [second]
    damage(deploy.bundle(first))
    with pytest.raises(UserError, match=second):
        follow()


@pytest.mark.parametrize("content", ["{", "", '{"version": 99}'])
def test_routes_that_cannot_be_read_change_nothing(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy, content: str
) -> None:
    first = put(bundles.first)
    follower = follow()
    whole = deploy.routes_file.read_text()
    deploy.routes_file.write_text(content)
    assert not follower.look()
    assert answers_of(follower) == first
    assert follower.refused
    deploy.routes_file.write_text(whole)
    assert follower.look()
    assert follower.refused == ()
    deploy.routes_file.unlink()
    assert not follower.look()
    assert answers_of(follower) == first


def test_a_bundle_in_a_folder_of_another_name_is_refused(
    follow: Follow, put: Put, bundles: Bundles, deploy: Deploy
) -> None:
    version = put(bundles.first)
    follower = follow()
    deploy.bundle(version).rename(deploy.bundle("other"))
    routes = json.loads(deploy.routes_file.read_text())
    deploy.routes_file.write_text(json.dumps({**routes, "champion": "other"}))
    assert not follower.look()
    assert f"the bundle {version}" in follower.refused[0].reason


@pytest.fixture
def watched(deploy: Deploy, put: Put, bundles: Bundles) -> Iterator[tuple[Follower, threading.Semaphore]]:
    """A follower whose looks at the file are counted; its thread is not started."""
    put(bundles.first)
    follower = Follower(Source(bundles.first, deploy), RouteSettings(follow_s=0.01))
    looked, look = threading.Semaphore(0), follower.look

    def counted() -> bool:
        try:
            return look()
        finally:
            looked.release()

    follower.look = counted  # type: ignore[method-assign]
    yield follower, looked
    follower.close()


def test_a_switch_takes_two_looks_at_most_whatever_hangs_beside(
    watched: tuple[Follower, threading.Semaphore], put: Put, bundles: Bundles
) -> None:
    follower, looked = watched
    hangs = threading.Event()
    follower.every_look(hangs.wait)  # a folder that is slow to write
    follower.start()
    assert looked.acquire(timeout=30)
    version = put(bundles.second)
    while looked.acquire(blocking=False):  # those that were before
        pass
    assert all(looked.acquire(timeout=30) for _ in range(2))  # one may have begun before
    assert answers_of(follower) == version
    hangs.set()


def test_both_threads_go_on_after_a_failure(
    watched: tuple[Follower, threading.Semaphore], deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower, looked = watched
    beaten = threading.Semaphore(0)
    monkeypatch.setattr(follower, "_look_at_file", lambda: 1 / 0)
    follower.every_look(lambda: 1 / 0)
    follower.every_look(beaten.release)
    follower.start()
    assert all(each.acquire(timeout=30) for each in (looked, beaten) for _ in range(3))


def test_the_question_of_a_champion_may_change_with_a_release(
    follow: Follow, put: Put, bundles: Bundles, tmp_path: Path
) -> None:
    put(bundles.first)
    follower = follow()
    put(bundle_in(tmp_path / "other", task=Task.regression))
    assert follower.look()
    assert isinstance(follower.deployment.answer([ROW])[0].answer["prediction"], float)
    assert by_hand.THRESHOLD
