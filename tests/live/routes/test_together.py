"""Requests that come at once are answered by one run, and none of them suffers from another one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.released import FAILING_AGE, ROW

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.live import together
from fullcycle.live.answers import RowsRejected
from fullcycle.live.log.read import open_log
from fullcycle.live.log.writer import LogPlace, NotLogged
from fullcycle.live.routes.follower import Source
from fullcycle.live.routes.router import NoAnswer
from fullcycle.live.service import RequestFacts, Service, open_service

FAILING = {**ROW, "age": FAILING_AGE}


class Counting:
    """A session that says how many rows each run had."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.runs: list[int] = []

    def run(self, names: Any, fed: dict[str, Any]) -> Any:
        self.runs.append(len(next(iter(fed.values()))))
        return self._session.run(names, fed)


@pytest.fixture
def opened(deploy: Deploy, tmp_path: Path) -> Callable[..., Service]:
    """What is released, with a log of its own."""

    def open_(**settings: Any) -> Service:
        place = LogPlace(tmp_path / "predictions", LogSettings())
        source = Source(deploy.folder / "none", deploy, log=place)
        return open_service(source, ServeSettings.model_validate(settings))

    return open_


def counted(service: Service) -> list[int]:
    """The rows of each run from now on."""
    lane = service.follower.deployment.champion
    session = Counting(lane.bundle.session)
    lane.bundle = replace(lane.bundle, session=session)
    return session.runs


def ask_at_once(service: Service, *requests: Sequence[object]) -> list[Any]:
    """What each request gets: answers, or what was raised."""

    async def ask() -> list[Any]:
        asked = [service.answer(rows, RequestFacts(f"r{at}")) for at, rows in enumerate(requests)]
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask())


def on_record(folder: Path) -> list[tuple[Any, ...]]:
    told = "SELECT request_id, row, version FROM predictions ORDER BY ALL"
    with open_log(folder) as log:
        return [tuple(each.values()) for each in log.rows(told)]


def test_requests_that_come_at_once_are_one_run_and_one_write_and_answered_as_each_alone(
    opened: Callable[..., Service], put: Any, bundles: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    version = put(bundles.first)
    service = opened()
    rows: list[object] = [{**ROW, "age": age} for age in (20, 30, 40)]
    alone = [ask_at_once(service, [row])[0][0] for row in rows]
    runs, writes, write = counted(service), [], os.write
    monkeypatch.setattr(os, "write", lambda *given: (writes.append(given), write(*given))[1])
    first, second = ask_at_once(service, rows[:2], rows[2:])
    logged = [content for handle, content in writes if content.startswith(b'{"v"')]
    service.close()
    assert (runs, len(logged)) == ([3], 1)
    for said, expected in zip([*first, *second], alone, strict=True):
        assert said["prediction"] == expected["prediction"]
        assert said["probabilities"] == pytest.approx(expected["probabilities"], rel=1e-6)
    expected_on_record = [("r0", 0, version)] * 4 + [("r0", 1, version), ("r1", 0, version)]
    assert on_record(tmp_path / "predictions") == expected_on_record


def test_a_row_that_breaks_the_contract_and_one_that_breaks_the_model_are_their_own_requests_trouble(
    opened: Callable[..., Service], put: Any, bundles: Any, tmp_path: Path
) -> None:
    version = put(bundles.tricky)
    service = opened()
    fine, failing, wrong, also_fine = ask_at_once(service, [ROW], [FAILING], [{"age": "old"}], [ROW])
    service.close()
    assert fine[0]["prediction"] == also_fine[0]["prediction"]
    assert isinstance(failing, NoAnswer)
    assert failing.reason == "error"
    assert isinstance(wrong, RowsRejected)
    assert on_record(tmp_path / "predictions") == [("r0", 0, version), ("r3", 0, version)]


def test_a_breaker_counts_requests_and_not_runs(
    opened: Callable[..., Service], put: Any, bundles: Any
) -> None:
    before, _ = put(bundles.first), put(bundles.tricky)
    breaker = {"failures": 3, "share": 0.5, "open_s": 60}
    service = opened(routes={"breaker": breaker})
    state = service.follower.deployment.champion.breaker
    ask_at_once(service, *[[ROW]] * 6)
    ask_at_once(service, *[[FAILING]] * 5)
    assert state.state == "closed"  # five of eleven
    ask_at_once(service, *[[FAILING]] * 2)
    assert state.state == "open"
    runs = counted(service)
    (answered,) = ask_at_once(service, [ROW])
    service.close()
    assert (answered[0]["version"], answered[0]["fallback"], runs) == (before, "breaker", [])


def test_a_run_has_so_many_rows_and_a_switch_in_between_parts_requests(
    opened: Callable[..., Service], put: Any, bundles: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "ROWS_TOGETHER", 4)
    first = put(bundles.first)
    service = opened()
    runs = counted(service)
    ask_at_once(service, [ROW] * 3, [ROW], [ROW] * 2, [ROW] * 5, [ROW])
    assert runs == [4, 2, 5, 1]

    async def switched() -> list[Any]:
        before = asyncio.ensure_future(service.answer([ROW], RequestFacts("before")))
        await asyncio.sleep(0)
        put(bundles.second)
        service.follower.look()
        return await asyncio.gather(before, service.answer([ROW], RequestFacts("after")))

    (old,), (new,) = asyncio.run(switched())
    service.close()
    assert old["version"] == first != new["version"]


def test_whatever_goes_wrong_nobody_waits_for_ever(
    opened: Callable[..., Service], put: Any, bundles: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bundles.first)
    service = opened()

    def full(*_: Any) -> None:
        raise NotLogged("no space left")

    assert service.log is not None
    monkeypatch.setattr(service.log, "append_all", full)
    said = ask_at_once(service, [ROW], [ROW])
    service.close()
    assert [type(each) for each in said] == [NotLogged, NotLogged]
