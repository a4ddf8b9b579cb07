"""A bundle behind a real server: started as a person does, asked over a real socket, ended by a signal."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

import httpx
import psutil
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from tests.core.bundle import conftest as by_hand
from tests.journeys.warm import FULLCYCLE

DEADLINE_S = 60.0  # for what takes two seconds on an idle machine
ROW = {
    "age": 52,
    "income": 1_000_000.0,
    "plan": "premium",
    "active": True,
    "since": "2019-05-01T10:00:00",
    "e-mail": None,
}


@dataclass
class Running:
    """A server that answers, and what it said when it began to."""

    process: subprocess.Popen[str]
    url: str
    said: str

    @property
    def workers(self) -> list[psutil.Process]:
        return [child for child in psutil.Process(self.process.pid).children() if _serves(child)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return by_hand.bundle_folder(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def server(bundle: Path) -> Iterator[Running]:
    with serving(bundle) as running:
        yield running


@contextmanager
def serving(bundle: Path, *options: str) -> Iterator[Running]:
    """`fullcycle serve` of a bundle on a free port, until the block ends."""
    with started("serve", "--bundle", str(bundle), "--port", "0", *options) as running:
        yield running


@contextmanager
def started(*words: str) -> Iterator[Running]:
    """A command line that serves, until the block ends."""
    command = [FULLCYCLE, *words]
    # A session of its own, so that Ctrl-C of a test reaches it and nothing else.
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True
    )
    lines: Queue[str] = Queue()
    threading.Thread(target=_read_into, args=(process, lines), daemon=True).start()
    try:
        said = _said_until(process, lines, "stop: Ctrl-C")
        url = re.search(r"at (http://\S+)", said)
        assert url, said
        yield Running(process, url.group(1), said)
    finally:
        _kill_session(process)


def _read_into(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        lines.put(line)


def _said_until(process: subprocess.Popen[str], lines: Queue[str], last: str) -> str:
    said, deadline = "", time.monotonic() + DEADLINE_S
    while last not in said:
        try:
            said += lines.get(timeout=0.1)
        except Empty:
            assert process.poll() is None, f"ended with {process.returncode}: {said}"
            assert time.monotonic() < deadline, said
    return said


def _kill_session(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Look again and again, until a deadline that no working machine meets."""
    deadline, pause = time.monotonic() + DEADLINE_S, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:g} s: {what}"
        pause.wait(0.02)


def gone(*processes: psutil.Process) -> bool:
    return all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in processes)


def test_a_row_and_a_list_are_answered_as_the_bundle_does(server: Running, bundle: Path) -> None:
    opened = read_bundle(bundle)
    expected = opened.answer([opened.coerce(ROW)])[0]
    one = httpx.post(f"{server.url}/predict", json=ROW).json()
    assert one == {**expected, "version": opened.version, "route": "champion", "unexpected": []}
    assert httpx.post(f"{server.url}/predict", json=[ROW]).json() == [one]


def test_the_server_says_how_to_ask_and_the_command_works(server: Running) -> None:
    command = next(line.partition("try:")[2] for line in server.said.splitlines() if "curl" in line)
    words = shlex.split(command)
    assert words[0] == "curl"
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=DEADLINE_S)
    assert json.loads(done.stdout)["prediction"] in ("no", "yes")


def test_plain_python_asks_without_a_library(server: Running) -> None:
    code = f"""
import json, urllib.request
row = {ROW!r}
request = urllib.request.Request(
    "{server.url}/predict",
    data=json.dumps(row).encode(),
    headers={{"content-type": "application/json"}},
)
print(json.load(urllib.request.urlopen(request))["prediction"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "yes"


def test_a_client_of_the_open_inference_protocol_asks_as_it_is(server: Running) -> None:
    import numpy as np
    from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
    from tritonclient.utils import InferenceServerException

    expected = httpx.post(f"{server.url}/predict", json=[ROW, {**ROW, "age": None}]).json()
    client = InferenceServerClient(server.url.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("model")
    told = client.get_model_metadata("model")
    kinds = {"FP64": np.float64, "BOOL": np.bool_, "BYTES": np.object_}
    for binary in (True, False):
        inputs = []
        for column in told["inputs"]:
            value = ROW[column["name"]]
            values = [["" if value is None else value]] * 2
            if column["name"] == "age":
                values = [[52.0], [float("nan") if binary else 0.0]]
            tensor = InferInput(column["name"], [2, 1], column["datatype"])
            tensor.set_data_from_numpy(np.array(values, kinds[column["datatype"]]), binary_data=binary)
            inputs.append(tensor)
        wanted = [InferRequestedOutput(each["name"], binary_data=binary) for each in told["outputs"]]
        [version] = told["versions"]
        answer = client.infer("model", inputs, version, outputs=wanted, request_id="7")
        assert answer.get_response()["id"] == "7"
        assert answer.as_numpy("label").shape == (2, 1)
        shares = answer.as_numpy("probabilities")[: 2 if binary else 1]
        for one, share in zip(expected, shares, strict=False):
            assert share.tolist() == list(one["probabilities"].values())
    with pytest.raises(InferenceServerException, match="no such column"):
        client.infer("model", inputs[:1])


def test_the_command_line_answers_the_same(server: Running, bundle: Path) -> None:
    command = [FULLCYCLE, "predict", "--bundle", str(bundle), "--json-row", json.dumps(ROW), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [answer] = json.loads(done.stdout)
    assert {**answer, "route": "champion"} == httpx.post(f"{server.url}/predict", json=ROW).json()


def test_health_model_page_and_openapi_are_there(server: Running) -> None:
    for path in ("/health/live", "/health/ready", "/model", "/docs", "/openapi.json"):
        assert httpx.get(server.url + path).status_code == 200, path
    assert httpx.get(f"{server.url}/health/ready").json()["status"] == "ready"


def test_a_bad_row_is_named_over_the_wire(server: Running) -> None:
    answer = httpx.post(f"{server.url}/predict", json=[ROW, {**ROW, "age": "soon"}])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["row"], error["column"], error["found"]) == (1, "age", "'soon'")


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_too_large_is_answered_before_the_connection_ends(server: Running, declared: bool) -> None:
    # The standard client sends everything before it reads: a connection that is reset costs it the answer.
    body = b" " * 30_000_000
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=DEADLINE_S)
    connection.request(
        "POST",
        "/predict",
        body if declared else (body[at : at + 1_000_000] for at in range(0, len(body), 1_000_000)),
        {"content-type": "application/json"},
        encode_chunked=not declared,
    )
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.load(answer)["type"] == "/docs#too-large"


HOSTILE = {
    "no HTTP at all": b"\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",
    "a header too long": b"GET /model HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    "a header flood": b"GET /model HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
    "an address too long": b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without an end": b"GET /model HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000,
    "a negative length": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"Content-Length: 6\r\n\r\nhello!",
    "a chunk that is none": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a length and chunks": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a method that is none": b"EXPLODE /predict HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a space before the colon": b"GET /model HTTP/1.1\r\nHost : a\r\n\r\n",
    "a header on two lines": b"GET /model HTTP/1.1\r\nHost: localhost\r\nX: 1\r\n 2\r\n\r\n",
    "a null in a header": b"GET /model HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    "an encoded path upwards": b"GET /%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a null in the path": b"GET /model%00.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path of two slashes": b"GET //model HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another host's address": b"GET http://example.org/etc HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a number of 10,001 digits": b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 10010\r\n\r\n" + b'{"age": ' + b"9" * 10_001 + b"}",
    "depth without end": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n" + b'{"a":' * 20_000,
    "no text": b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 11\r\n\r\n{"age": "\xff"}',
    "a path with a line end": b"GET /%0d%0aX:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path upwards": b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_get_a_4xx_and_the_server_goes_on(server: Running, sent: bytes) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
        connection.sendall(sent)
        first = connection.recv(4096)
    assert first.startswith(b"HTTP/1.1 4"), first
    assert httpx.get(f"{server.url}/health/live").status_code == 200


def test_another_host_than_this_machine_is_refused_where_nobody_is_asked_for_a_key(server: Running) -> None:
    answer = httpx.get(f"{server.url}/model", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "serve.hosts" in httpx.get(f"{server.url}/docs").text


def test_a_client_that_goes_away_in_the_middle_harms_nobody(server: Running) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 500\r\n\r\n{"
        )
    assert httpx.post(f"{server.url}/predict", json=ROW).status_code == 200


def test_many_clients_at_once_each_get_their_own_answer(server: Running, bundle: Path) -> None:
    opened = read_bundle(bundle)

    def ask(age: int) -> bool:
        with httpx.Client() as client:
            rows = [{**ROW, "age": age + at} for at in range(20)]
            answers = client.post(f"{server.url}/predict", json=rows, timeout=DEADLINE_S).json()
        expected = opened.answer([opened.coerce(row) for row in rows])
        return all(
            abs(one["probabilities"]["yes"] - other.get("probabilities", {})["yes"]) < 1e-6
            for one, other in zip(answers, expected, strict=True)
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(20, 70)))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_ends_the_server_with_all_its_workers(
    bundle: Path, stop: signal.Signals, workers: int
) -> None:
    with serving(bundle, "--workers", str(workers)) as running:
        processes = [psutil.Process(running.process.pid), *running.workers]
        assert len(processes) == (1 if workers == 1 else 3)
        assert httpx.post(f"{running.url}/predict", json=ROW).status_code == 200
        os.killpg(running.process.pid, stop) if stop == signal.SIGINT else running.process.terminate()
        assert running.process.wait(DEADLINE_S) == 0
        eventually(lambda: gone(*processes), "every process ended")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{running.url}/health/live")


def test_a_request_under_way_is_answered_before_the_server_ends(bundle: Path) -> None:
    with serving(bundle) as running:
        body = json.dumps(ROW).encode()
        head = (
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()
        port = int(running.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
            connection.sendall(head + body[:10])
            assert httpx.get(f"{running.url}/health/live").status_code == 200  # the first has been accepted
            running.process.terminate()
            eventually(lambda: not _accepts(port), "the port is closed")
            connection.sendall(body[10:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert running.process.wait(DEADLINE_S) == 0


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_two_workers_answer_and_a_dead_one_is_replaced(bundle: Path) -> None:
    with serving(bundle, "--workers", "2") as running:
        first, second = running.workers
        first.kill()
        eventually(
            lambda: len([one for one in running.workers if one.pid not in (first.pid,)]) == 2, "a new worker"
        )
        second.kill()
        for _ in range(20):
            try:
                assert httpx.post(f"{running.url}/predict", json=ROW, timeout=DEADLINE_S).status_code == 200
            except (httpx.ReadError, httpx.RemoteProtocolError):  # it was the dead one's
                continue


def test_metrics_are_those_of_all_workers_whoever_is_asked(bundle: Path) -> None:
    def counted(running: Running) -> float:
        line = re.search(
            r'^fullcycle_requests_total\{path="/predict",status="200"\} (\S+)$',
            httpx.get(f"{running.url}/metrics").text,
            re.M,
        )
        return float(line.group(1)) if line else 0.0

    with serving(bundle, "--workers", "2") as running:
        for _ in range(20):  # each on a connection of its own: the kernel spreads them
            assert httpx.post(f"{running.url}/predict", json=ROW).status_code == 200
        assert {counted(running) for _ in range(6)} == {20.0}


def test_workers_end_with_a_supervisor_that_was_killed(bundle: Path) -> None:
    with serving(bundle, "--workers", "2") as running:
        workers = running.workers
        running.process.kill()
        running.process.wait()
        eventually(lambda: gone(*workers), "workers ended with their supervisor")


def test_a_project_serves_its_bundle_and_answers_rows_of_its_source_as_a_table(
    finished_project: Path, small_table: Path
) -> None:
    import csv

    import pandas as pd

    import fullcycle as fc

    with small_table.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))[:200]
    expected = fc.load_bundle(finished_project / "bundle").predict(pd.read_csv(small_table).head(200))
    with started("-C", str(finished_project), "serve", "--port", "0") as running:
        answers = httpx.post(f"{running.url}/predict", json=rows, timeout=DEADLINE_S).json()
        model = httpx.get(f"{running.url}/model").json()
    assert [one["prediction"] for one in answers] == list(expected["prediction"])
    for one, share in zip(answers, expected["probability_Yes"], strict=True):
        assert one["probabilities"]["Yes"] == pytest.approx(share, rel=1e-6)
    metrics = {metric["metric"]: metric["model"]["value"] for metric in model["tests"]["metrics"]}
    assert metrics["roc_auc"] > 0.7


def fails(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [FULLCYCLE, "serve", *arguments], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_that_is_taken_is_an_error_with_its_cure(server: Running, bundle: Path) -> None:
    port = server.url.rpartition(":")[2]
    code, said = fails("--bundle", str(bundle), "--port", port)
    assert code == 2
    assert "a port that another program has" in said
    assert f"--port {int(port) + 1}" in said


def test_an_open_address_needs_a_persons_word(bundle: Path) -> None:
    code, said = fails("--bundle", str(bundle), "--host", "0.0.0.0", "--port", "0")
    assert code == 2
    assert "--without-key" in said
    with serving(bundle, "--host", "0.0.0.0", "--without-key") as running:
        assert httpx.get(f"{running.url}/health/live").status_code == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_bundle_that_fails_its_golden_rows_is_never_served(tmp_path: Path, workers: str) -> None:
    graph = by_hand.make_graph(by_hand.make_contract(Task.binary), shift=-1.4)
    wrong = by_hand.bundle_folder(tmp_path, model=graph)
    code, said = fails("--bundle", str(wrong), "--port", "0", "--workers", workers)
    assert code == 1
    assert "golden rows on onnxruntime" in said


def test_a_bundle_that_is_not_there_says_what_to_run(tmp_path: Path) -> None:
    code, said = fails("--bundle", str(tmp_path / "none"), "--port", "0")
    assert code == 2
    assert "fullcycle run" in said
