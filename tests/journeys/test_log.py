"""The prediction log under load: kill -9 at any moment and a full disk lose nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from fullcycle.live.log.read import open_log
from tests.journeys.commands import fullcycle
from tests.journeys.test_serve import Running, eventually, started
from tests.released import ROW, bundle_in, project_in

CLIENTS = 4
IDS = "SELECT request_id, row, outcome FROM predictions"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("sealed"))


def project_of(folder: Path, sealed: Path, more: str = "") -> Path:
    root = project_in(folder, more).root
    shutil.copytree(sealed, root / "bundle")
    return root


@dataclass
class Load:
    """Clients that ask as fast as they are answered, and remember what they were told."""

    url: str
    name: str
    enough: int
    answered: dict[str, int] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    outcomes: dict[str, str] = field(default_factory=dict)
    reached: threading.Event = field(default_factory=threading.Event)

    def ask(self, client_number: int) -> None:
        """Until the server is gone."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            try:
                for number in range(10**6):
                    self._ask_once(client, f"{self.name}-{client_number}-{number}", number)
            except httpx.TransportError:
                return

    def _ask_once(self, client: httpx.Client, request_id: str, number: int) -> None:
        rows = 1 + number % 3
        self.sent.add(request_id)
        said = client.post("/predict", json=[ROW] * rows, headers={"x-request-id": request_id})
        assert said.status_code == 200, said.text
        self.answered[request_id] = rows
        if len(self.answered) >= self.enough:
            self.reached.set()
        outcome = ("yes", "no")[number % 2]
        for _ in range(1 + number % 2):  # every second outcome is sent twice
            told = client.post("/feedback", json={"request_id": request_id, "outcome": outcome})
            assert told.status_code == 200, told.text
            self.outcomes[request_id] = outcome


@pytest.mark.parametrize(
    "moments", [pytest.param(2, id="two"), pytest.param(50, id="fifty", marks=pytest.mark.nightly)]
)
def test_every_acknowledged_answer_and_outcome_is_in_the_log_once_after_kill_nine_at_random_moments(
    moments: int, sealed: Path, tmp_path: Path
) -> None:
    project = project_of(tmp_path / "project", sealed, "log:\n  file_mb: 0.05\n")
    chance, loads = random.Random(30), list[Load]()
    for number in range(moments):
        workers = str(1 + number % 2)
        with started("-C", str(project), "serve", "--port", "0", "--workers", workers) as running:
            loads.append(killed_under_load(running, str(number), chance))
        if number % 2 == 0:
            fullcycle("-C", project, "log", "compact")
    check_log(project, loads)
    fullcycle("-C", project, "log", "compact")
    check_log(project, loads)
    shown = json.loads(fullcycle("-C", project, "log", "show", "--json"))
    assert shown["files"] == 0
    assert shown["orphans"] == 0


def killed_under_load(running: Running, name: str, chance: random.Random) -> Load:
    load = Load(running.url, name, enough=chance.randrange(5, 150))
    clients = [threading.Thread(target=load.ask, args=(at,)) for at in range(CLIENTS)]
    for client in clients:
        client.start()
    load.reached.wait()
    os.killpg(running.process.pid, signal.SIGKILL)  # the server and every worker
    for client in clients:
        client.join()
    return load


def check_log(project: Path, loads: list[Load]) -> None:
    with open_log(project / "predictions") as log:
        found = log.rows(IDS)
    rows = Counter(each["request_id"] for each in found)
    told = {each["request_id"]: each["outcome"] for each in found if each["row"] == 0}
    assert len({(each["request_id"], each["row"]) for each in found}) == len(found)
    for load in loads:
        assert {given: rows[given] for given in load.answered} == load.answered
        assert {given: told[given] for given in load.outcomes} == load.outcomes
    assert set(rows) <= set().union(*(load.sent for load in loads))


# --- a full disk: a limit on the size of files, which is lifted again


@pytest.fixture
def full(request: pytest.FixtureRequest, sealed: Path, tmp_path: Path) -> Iterator[tuple[Running, Path]]:
    project = project_of(tmp_path / "project", sealed, f"log:\n  when_full: {request.param}\n")
    with started("-C", str(project), "serve", "--port", "0") as running:
        psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_FSIZE, (4_000, resource.RLIM_INFINITY))
        yield running, project


def ask(running: Running, number: int) -> httpx.Response:
    return httpx.post(f"{running.url}/predict", json=ROW, headers={"x-request-id": f"r{number}"}, timeout=60)


@pytest.mark.parametrize("full", ["refuse"], indirect=True)
def test_on_a_full_disk_requests_are_refused_until_there_is_room(full: tuple[Running, Path]) -> None:
    running, project = full
    said = [ask(running, number) for number in range(20)]
    answered = {f"r{number}" for number, each in enumerate(said) if each.status_code == 200}
    refused = [each for each in said if each.status_code != 200]
    assert 0 < len(answered) < 20
    for each in refused:
        assert each.status_code == 503
        assert each.json()["type"] == "/docs#not-logged"
        assert int(each.headers["retry-after"]) > 0
    ready = f"{running.url}/health/ready"
    assert httpx.get(ready).status_code == 503
    feedback = {"request_id": "r0", "outcome": "yes" * 3}
    assert httpx.post(f"{running.url}/feedback", json=feedback).status_code == 422
    psutil.Process(running.process.pid).rlimit(
        psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    eventually(lambda: httpx.get(ready).status_code == 200, "ready again, though nobody asks")
    assert ask(running, 20).status_code == 200
    with open_log(project / "predictions") as log:
        assert {each["request_id"] for each in log.rows(IDS)} == answered | {"r20"}


@pytest.mark.parametrize("full", ["go_on"], indirect=True)
def test_a_server_that_may_go_on_answers_all_and_counts_what_it_could_not_log(
    full: tuple[Running, Path],
) -> None:
    running, project = full
    assert {ask(running, number).status_code for number in range(20)} == {200}
    state = httpx.get(f"{running.url}/health/ready").json()["log"]
    with open_log(project / "predictions") as log:
        there = len(log.rows(IDS))
    assert there == state["written"]
    assert there + state["lost"] == 20
    assert state["lost"] > 0
    assert state["failing"]
    metrics = httpx.get(f"{running.url}/metrics").text
    assert f"fullcycle_log_lost_total {float(state['lost'])}" in metrics
