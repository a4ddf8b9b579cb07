"""Where alarms go: each sink gets them once, and again only after the cooldown."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.live.monitor.conftest import NOW, Table

from fullcycle.cli import retraining
from fullcycle.cli.retraining import Wanted
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.evidence.retrain import Retrained
from fullcycle.core.project.monitor_settings import MonitorSettings
from fullcycle.core.project.project import Project
from fullcycle.live.monitor.advice import advice_of
from fullcycle.live.monitor.stage import Asked, run
from fullcycle.live.monitor.watching import LONGEST_PAUSE_S, pause_of, watch

Ask = Callable[[str], Asked]


class Hook:
    """A server that keeps what it was sent, and answers as it is told."""

    def __init__(self) -> None:
        self.status, self.bodies = 200, []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                hook.bodies.append(json.loads(self.rfile.read(length)))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?token=s3cret-token"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def told_project(watched_project: Project, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("HOOK", hook.url)
    with watched_project.paths.settings.open("a") as settings:
        settings.write(
            "monitor:\n  cooldown: 1 day\n  sinks:\n    file: alarms/all.jsonl\n"
            "    webhook: ${HOOK}\n    prometheus: metrics/monitor.prom\n"
        )
    return Project(watched_project.root)


def older(ages: list[Any]) -> list[Any]:
    return [None if age is None else min(age + 25, 90) for age in ages]


def test_an_alarm_reaches_every_sink_once_until_the_cooldown_is_over(
    told_project: Project, make_table: Table, ask: Ask, hook: Hook
) -> None:
    asked = ask(make_table(age=older))
    run(told_project, asked, NOW)
    [body] = hook.bodies
    assert set(body) == {"text", "metadata"}
    assert "FC801 column drifted age" in body["text"]
    assert f"To do: {advice_of('FC801')}." in body["text"]
    [sent] = [each for each in body["metadata"]["event_payload"]["alarms"] if each["columns"] == ["age"]]
    lines = (told_project.root / "alarms/all.jsonl").read_text().splitlines()
    assert sent in [json.loads(line) for line in lines]

    run(told_project, asked, NOW + timedelta(hours=5))
    assert len(hook.bodies) == 1
    run(told_project, asked, NOW + timedelta(hours=25))
    assert len(hook.bodies) == 2


def test_what_a_webhook_refuses_is_sent_at_the_next_look_and_its_address_is_shown_nowhere(
    told_project: Project, make_table: Table, ask: Ask, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    hook.status = 500
    asked = ask(make_table(age=older))
    run(told_project, asked, NOW)
    assert "did not get through" in caplog.text
    assert "s3cret-token" not in caplog.text
    hook.status = 200
    run(told_project, asked, NOW + timedelta(minutes=1))
    assert len(hook.bodies) == 2
    run(told_project, asked, NOW + timedelta(minutes=2))
    assert len(hook.bodies) == 2


def test_gauges_say_what_rings_and_how_far_columns_are(
    told_project: Project, make_table: Table, ask: Ask
) -> None:
    evidence = run(told_project, ask(make_table(age=older)), NOW)
    text = (told_project.root / "metrics/monitor.prom").read_text()
    assert (
        f'fullcycle_monitor_alarms_ringing{{bundle="{evidence.bundle}"}} {float(len(evidence.ringing))}'
        in text
    )
    assert f'fullcycle_monitor_effect{{bundle="{evidence.bundle}",column="age",part="input"}}' in text
    assert "fullcycle_monitor_last_look_timestamp_seconds" in text


@pytest.mark.parametrize("drill", [False, True])
def test_how_a_retraining_ended_reaches_every_sink_but_not_in_a_drill(
    told_project: Project, hook: Hook, drill: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_project: Project, _settings: Any, _wanted: Wanted, done: Retrained) -> Retrained:
        return done.model_copy(update={"ended": "proposed", "bundle": "2ab6", "champion": "1db5"})

    monkeypatch.setattr(retraining, "_retrained", ended)
    retraining.retrain(told_project, (), Wanted(drill=drill), NOW)
    file = told_project.root / "alarms/all.jsonl"
    if drill:
        assert hook.bodies == []
        assert not file.exists()
        return
    [body] = hook.bodies
    assert "2ab6 is proposed" in body["text"]
    assert "to accept: fullcycle release --bundle deploy/2ab6" in body["text"]
    assert body["metadata"]["event_type"] == "fullcycle_retraining"
    [sent] = body["metadata"]["event_payload"]["retrainings"]
    assert (sent["ended"], sent["bundle"], sent["champion"]) == ("proposed", "2ab6", "1db5")
    assert [json.loads(line) for line in file.read_text().splitlines()] == [sent]


def test_a_retraining_that_fails_is_told_too(
    told_project: Project, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Retrained:
        raise UserError(where="data.source", found="nothing", expected="a table")

    monkeypatch.setattr(retraining, "_retrained", fails)
    with pytest.raises(UserError):
        retraining.retrain(told_project, (), Wanted(), NOW)
    assert [each["ended"] for each in hook.bodies[0]["metadata"]["event_payload"]["retrainings"]] == [
        "failed"
    ]


def test_a_calm_look_sends_nothing(told_project: Project, make_table: Table, ask: Ask, hook: Hook) -> None:
    run(told_project, ask(make_table()), NOW)
    assert hook.bodies == []
    assert not (told_project.root / "alarms/all.jsonl").exists()


def test_an_address_that_is_none_is_told(
    watched_project: Project, make_table: Table, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with watched_project.paths.settings.open("a") as settings:
        settings.write("monitor:\n  sinks:\n    webhook: file:///etc/passwd\n")
    run(Project(watched_project.root), ask(make_table(age=older)), NOW)
    assert "an http(s) address" in caplog.text


def test_every_alarm_has_something_to_do() -> None:
    alarms = [code for code in Code if code.value.startswith("FC8")]
    assert all(advice_of(code.value) for code in alarms)
    assert advice_of("FC999") == advice_of("FC801x")


def test_watching_goes_on_after_a_look_that_failed() -> None:
    looks = iter([UserError(where="log", found="no answer"), None, None])
    told: list[Any] = []

    def look() -> MonitorEvidence:
        found = next(looks)
        if found is not None:
            raise found
        return MonitorEvidence.model_construct()

    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 3

    watch(look, lambda _: told.append("look"), lambda error: told.append(error.found), wait, 5.0)
    assert told == ["no answer", "look", "look"]
    assert pauses == [5.0] * 3


def test_a_look_comes_as_often_as_declared_and_at_least_each_hour() -> None:
    assert pause_of(MonitorSettings()) == LONGEST_PAUSE_S
    assert pause_of(MonitorSettings.model_validate({"window": "1 hour"})) == LONGEST_PAUSE_S
    every = MonitorSettings.model_validate({"window": "500 rows", "every": "1 hour"})
    assert pause_of(every) == 3600
