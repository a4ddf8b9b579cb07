"""Deploying to targets whose servers really answer: what is wrong goes back, a canary decides by traffic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.routes.store import Deploy, read_routes
from tests.journeys.commands import fullcycle
from tests.journeys.test_release import asked
from tests.journeys.test_serve import Running, started
from tests.released import bundle_in, project_in

CANARY = "release:\n  canary:\n    shares: [0.5]\n    minutes: 0\n    answers: 50\n"


@dataclass(frozen=True)
class Place:
    """A target: the folder of a server of its own, which has answered with the first bundle before."""

    project: Path
    target: Path

    def deploy(self, *words: str, exit_code: int = 0) -> dict[str, Any]:
        told = fullcycle(
            *("-C", self.project, "ci", "deploy", "staging", "--no-registry", "--json", *words),
            exit_code=exit_code,
        )
        return dict(json.loads(told))

    @property
    def champion(self) -> str:
        routes = read_routes(Deploy(self.target / "deploy"))
        assert routes is not None
        return routes.champion


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "project", project_in(tmp_path / "target", CANARY).root)


@contextmanager
def answering(place: Place) -> Iterator[tuple[Running, str]]:
    """The target's server, with a first bundle that was released there by hand; the project has another."""
    first = bundle_in(place.project.with_name("first"))
    told = fullcycle("-C", place.target, "release", "--bundle", first, "--no-registry", "--json")
    bundle_in(place.project, shift=-1.4)
    with started("-C", str(place.target), "serve", "--port", "0") as running:
        targets = f"targets:\n  staging: {{folder: ../target/deploy, url: '{running.url}'}}\n"
        project_in(place.project, CANARY + targets)
        yield running, str(json.loads(told)["version"])


def test_a_bundle_that_answers_rightly_stays_and_is_on_record(place: Place) -> None:
    with answering(place) as (_, first):
        done = place.deploy()
        assert (done["deployment"]["ended"], done["deployment"]["before"]) == ("released", first)
        assert place.champion == done["deployment"]["bundle"] != first
        assert done["smoke"]["problems"] == []
        assert place.deploy()["deployment"]["ended"] == "unchanged"
        told = fullcycle("-C", place.project, "ci", "smoke", "staging")
        assert "golden rows" in told
    evidence = json.loads((place.project / "evidence/automation.json").read_text(encoding="utf-8"))
    assert [each["ended"] for each in evidence["deployments"]] == ["released", "unchanged"]


@pytest.mark.nightly
def test_where_the_service_never_answers_with_it_what_was_there_answers_again(place: Place) -> None:
    with answering(place) as (_, first):
        bundle_in(place.project, shift=-1.2)
        elsewhere = bundle_in(place.project.with_name("other"), shift=2.0)
        with started("serve", "--bundle", str(elsewhere), "--port", "0") as other:
            targets = f"targets:\n  staging: {{folder: ../target/deploy, url: '{other.url}'}}\n"
            project_in(place.project, CANARY + targets)
            done = place.deploy(exit_code=1)
    assert done["deployment"]["ended"] == "back_smoke"
    assert {each["kind"] for each in done["smoke"]["problems"]} == {"other_version"}
    assert place.champion == first


@pytest.mark.nightly
def test_a_canary_is_waited_for_until_traffic_decides(place: Place) -> None:
    with answering(place) as (running, first), asked(running):
        done = place.deploy("--canary", "--minutes", "5")
        assert done["deployment"]["ended"] == "promoted"
        assert place.champion == done["deployment"]["bundle"] != first
        bundle_in(place.project, shift=6.0)
        wrong = place.deploy("--canary", "--minutes", "5", exit_code=1)
    assert wrong["deployment"]["ended"] == "back_canary"
    assert wrong["deployment"]["why"]
    assert place.champion == done["deployment"]["bundle"]


@pytest.mark.nightly
def test_without_traffic_a_canary_is_taken_off_in_time(place: Place) -> None:
    with answering(place) as (_, first):
        done = place.deploy("--canary", "--minutes", "0.02", exit_code=1)
    assert done["deployment"]["ended"] == "back_time"
    routes = read_routes(Deploy(place.target / "deploy"))
    assert routes is not None
    assert (routes.champion, routes.challenger) == (first, None)
