"""Releases, rollbacks and canaries of a server that is asked all the time: no request fails or is mixed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.routes.store import Deploy, audit_lines, read_routes
from tests.journeys.commands import fullcycle
from tests.journeys.test_serve import DEADLINE_S, Running, eventually, started
from tests.released import FAILING_AGE, ROW, bundle_in, project_in, tricky_graph

ASKING = 3  # clients at once


@dataclass(frozen=True)
class Site:
    """A project, and two bundles that answer otherwise."""

    root: Path
    first: Path
    second: Path

    def release(self, bundle: Path, *words: str) -> str:
        told = fullcycle("-C", self.root, "release", "--bundle", bundle, "--no-registry", "--json", *words)
        return str(json.loads(told)["version"])

    def rollback(self, *words: str) -> str:
        return str(json.loads(fullcycle("-C", self.root, "rollback", "--json", *words))["champion"])

    @property
    def deploy(self) -> Deploy:
        return Deploy(self.root / "deploy")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    canary = "release:\n  canary:\n    shares: [0.4, 0.5]\n    minutes: 0\n    answers: 50\n"
    root = project_in(tmp_path / "site", canary).root
    first, second = bundle_in(tmp_path / "first"), bundle_in(tmp_path / "second", shift=0.5)
    return Site(root, first, second)


@dataclass
class Load:
    """What clients got while they asked."""

    url: str
    ends: threading.Event = field(default_factory=threading.Event)
    answers: list[list[dict[str, Any]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def ask(self, rows: list[dict[str, Any]]) -> None:
        with httpx.Client(timeout=DEADLINE_S) as client:
            while not self.ends.is_set():
                answer = client.post(f"{self.url}/predict", json=rows)
                if answer.status_code == 200:
                    self.answers.append(answer.json())
                else:
                    self.failures.append(answer.text)

    def versions(self) -> set[str]:
        """Of the answers since this was asked last."""
        seen, self.answers[:] = [*self.answers], []
        assert all(len({one["version"] for one in answers}) == 1 for answers in seen), "a mixed request"
        return {answers[0]["version"] for answers in seen}


@contextmanager
def asked(running: Running) -> Iterator[Load]:
    """Clients that ask in a loop until the block ends; some with one row, some with many."""
    load = Load(running.url)
    rows = [[ROW], [ROW] * 5, [{**ROW, "age": age} for age in range(20, 60)]]
    clients = [threading.Thread(target=load.ask, args=(rows[at],)) for at in range(ASKING)]
    for client in clients:
        client.start()
    try:
        yield load
    finally:
        load.ends.set()
        for client in clients:
            client.join()
    assert load.failures == []


def serving(site: Site, *words: str) -> Any:
    return started("-C", str(site.root), "serve", "--port", "0", *words)


def only(load: Load, version: str) -> Callable[[], bool]:
    return lambda: load.versions() == {version}


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.nightly), 2])
def test_releases_and_rollbacks_under_load_fail_and_mix_no_request(site: Site, workers: int) -> None:
    first = site.release(site.first)
    with serving(site, "--workers", str(workers)) as running, asked(running) as load:
        eventually(only(load, first), "the first answers")
        second = site.release(site.second)
        eventually(only(load, second), "all follow the release")
        assert site.rollback("--why", "complaints") == first
        eventually(only(load, first), "all follow the way back")
        answers = {
            version: read_bundle(site.deploy.bundle(version)).answer([read_bundle(site.first).coerce(ROW)])[
                0
            ]["probabilities"]["yes"]
            for version in (first, second)
        }
        for one in httpx.post(f"{running.url}/predict", json=[ROW, ROW]).json():
            assert one["probabilities"]["yes"] == pytest.approx(answers[one["version"]], abs=1e-6)


@pytest.mark.nightly
def test_a_damaged_release_is_refused_and_told_while_the_old_one_answers(site: Site) -> None:
    first = site.release(site.first)
    with serving(site) as running, asked(running) as load:
        second = site.release(site.second)
        eventually(only(load, second), "the second answers")
        site.rollback()
        eventually(only(load, first), "the first answers again")
        (site.deploy.bundle(second) / "model.onnx").write_bytes(b"damaged")
        site.rollback(second)

        def refused() -> list[Any]:
            return httpx.get(f"{running.url}/health/ready").json()["routing"]["refused"]

        eventually(lambda: [each["version"] for each in refused()] == [second], "it is refused")
        load.versions()
        eventually(only(load, first), "the first goes on")
        eventually(lambda: "a damaged file" in fullcycle("-C", site.root, "routes"), "people are told")


@pytest.mark.nightly
def test_a_bundle_is_served_until_something_is_released(site: Site) -> None:
    site.first.rename(site.root / "bundle")
    with serving(site) as running, asked(running) as load:
        before = read_bundle(site.root / "bundle").version
        eventually(only(load, before), "the bundle of the last run answers")
        released = site.release(site.second)
        eventually(only(load, released), "what is released answers")


def test_a_canary_that_fails_goes_back_by_itself_and_nobody_notices(site: Site, tmp_path: Path) -> None:
    site.release(site.first)
    tricky = bundle_in(tmp_path / "tricky", model=tricky_graph())
    with serving(site, "--workers", "2") as running, asked(running) as load:
        challenger = site.release(tricky, "--as", "challenger")
        eventually(lambda: challenger in load.versions(), "the challenger answers some")
        failing = threading.Thread(target=load.ask, args=([{**ROW, "age": FAILING_AGE}],))
        failing.start()
        eventually(lambda: read_routes(site.deploy).challenger is None, "it goes back")
        load.ends.set()
        failing.join()
    line = audit_lines(site.deploy)[-1]
    assert (line["who"], line["action"]) == ("canary", "canary takes the challenger back")
    assert line["facts"]["errors"]["challenger"] > 0
