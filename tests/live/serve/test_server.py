"""Addresses: what may be listened on, and what a person is told when it may not."""

from __future__ import annotations

import errno
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve import serve, server
from fullcycle.live.serve.describe import describe
from fullcycle.live.serve.rate import RateCheck


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "LOCALHOST", "::1", "[::1]"])
def test_this_machine_alone_needs_no_key(host: str) -> None:
    server.refuse_open_door(host, ServeSettings())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "127.0.0.1.example.org"])
def test_an_open_address_is_refused_until_a_person_allows_it(host: str) -> None:
    with pytest.raises(UserError, match="--without-key"):
        server.refuse_open_door(host, ServeSettings())
    server.refuse_open_door(host, ServeSettings(without_key=True))


def test_an_open_address_is_refused_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--host 0\.0\.0\.0"):
        serve(Source(tmp_path / "no bundle"), ServeSettings(), "0.0.0.0", 0, 1)


def test_a_port_that_is_taken_names_a_free_one_to_try(bundle_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError) as caught:
            serve(Source(bundle_folder), ServeSettings(), "127.0.0.1", port, 1)
    assert f"port {port}: found a port that another program has" in str(caught.value)
    assert "fullcycle serve --port" in caught.value.hint


def test_a_host_of_another_machine_is_an_error() -> None:
    with pytest.raises(UserError, match="not an address of this machine"):
        server.listen("203.0.113.7", 0)


def test_a_host_that_no_one_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UserError, match="not an address of this machine"):
        server.listen("no-such-host", 0)


def test_a_port_kept_for_root_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(UserError, match="kept for root"):
        server.listen("127.0.0.1", 80)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://localhost:"),
        ("0.0.0.0", "http://127.0.0.1:"),
    ],
)
def test_the_url_is_one_that_a_client_here_can_open(host: str, url: str) -> None:
    with server.listen(host, 0) as listener:
        assert server.url_of(host, listener) == f"{url}{listener.getsockname()[1]}"


def test_the_greeting_holds_a_command_that_a_shell_reads_as_one_row(bundle_folder: Path) -> None:
    text = server.greeting(describe(read_bundle(bundle_folder)), "http://127.0.0.1:1", 2)
    command = next(line.partition("try:")[2] for line in text.splitlines() if line.startswith("try:"))
    words = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {command.strip().removeprefix('curl')}"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert words[-1].startswith('{"age":')
    assert "2 workers" in text


def test_a_server_says_where_it_is_once_it_answers_and_ends_when_told(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[Any] = []
    started = threading.Event()
    original = server._Server.startup

    async def startup(self: Any, sockets: Any = None) -> None:
        servers.append(self)
        await original(self, sockets)

    monkeypatch.setattr(server._Server, "startup", startup)
    said: list[str] = []

    def announce(text: str) -> None:
        said.append(text)
        started.set()
        servers[0].should_exit = True  # as a signal would

    serve(Source(bundle_folder), ServeSettings(), "127.0.0.1", 0, 1, announce=announce)
    assert started.is_set()
    assert "golden rows proven on onnxruntime" in said[0]


def test_workers_get_one_place_to_count_callers_in(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def supervise(answer: Any, listener: Any, workers: int, announce: Any) -> None:
        monkeypatch.setattr(server, "_config", lambda app, _: asked.append(app) or pytest.skip("served"))
        for _ in range(workers):
            with pytest.raises(pytest.skip.Exception):
                answer(listener, announce)

    monkeypatch.setattr(server, "supervise", supervise)
    settings = ServeSettings(requests_per_s=1)
    serve(Source(bundle_folder), settings, "127.0.0.1", 0, 2, announce=lambda _: None)
    first, second = ([check for check in app._checks if isinstance(check, RateCheck)] for app in asked)
    assert first[0]._secret == second[0]._secret
