"""Bounds at the socket, on a server in this process: slow heads, and more requests than may wait."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.released import ROW

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app, wire
from fullcycle.live.serve.server import _config, _Server, listen
from fullcycle.live.service import RequestFacts, Service

DATE = rb"\r\ndate: [^\r]+"
Talk = Callable[[int], Awaitable[Any]]


@pytest.fixture
def served(bundle_folder: Path) -> Callable[..., Any]:
    """Run a talk with a server on a port."""

    async def run(talk: Talk, settings: ServeSettings) -> Any:
        with listen("127.0.0.1", 0) as listener:
            ready = asyncio.Event()
            server = _Server(_config(create_app(bundle_folder, settings), settings), ready.set)
            running = asyncio.create_task(server._serve([listener]))
            await ready.wait()
            try:
                return await talk(listener.getsockname()[1])
            finally:
                server.should_exit = True
                await running

    return lambda talk, **settings: asyncio.run(run(talk, ServeSettings(**settings)))


async def ask(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    return answer


def test_a_head_that_never_ends_is_a_408_and_so_is_a_connection_that_says_nothing(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN_S", 0.05)
    for sent in (b"GET /model HTTP/1.1\r\nHost: a\r\n", b""):
        answer = served(lambda port, sent=sent: ask(port, sent))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 "), answer
        assert json.loads(body)["type"] == "/docs#head-too-slow"


def test_a_body_may_take_longer_than_a_head(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN_S", 0.05)

    async def talk(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\nConnection: close\r\n\r\n"
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        writer.write(b"{}")
        return await reader.read()

    assert served(talk).startswith(b"HTTP/1.1 422 ")


def test_more_requests_than_may_wait_are_asked_to_come_again_and_health_is_told(served: Any) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"

    async def talk(port: int) -> tuple[bytes, ...]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"Content-Length: 2\r\n\r\n")  # under way until its body comes
        full = b""
        while not full.startswith(b"HTTP/1.1 503 "):  # the first may not have been read yet
            full = await ask(port, head + b"Content-Length: 2\r\n\r\n{}")
        healthy = await ask(port, b"GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        writer.write(b"{}")
        return full, healthy, await reader.read()

    full, healthy, first = served(talk, waiting_at_most=1)
    assert b"\r\nretry-after: 1\r\n" in full
    assert b"x-request-id: " in full
    assert b"/docs#overloaded" in full
    assert healthy.startswith(b"HTTP/1.1 200 ")
    assert first.startswith(b"HTTP/1.1 422 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n",
    ],
    ids=["refused", "answered"],
)
def test_a_body_that_goes_on_after_its_answer_ends_the_connection(
    served: Any, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(wire, "REST_WITHIN_S", 0.05)
    # As where a byte comes now and then: each puts this off.
    monkeypatch.setattr(wire.BoundedProtocol, "timeout_keep_alive_handler", lambda _: None)
    answer = served(lambda port: asyncio.wait_for(ask(port, sent), 10))  # reads until the server ends it
    assert answer.startswith((b"HTTP/1.1 415 ", b"HTTP/1.1 200 ")), answer
    assert answer.count(b"HTTP/1.1") == 1


CHUNKED = (
    b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
LONG = 2 * wire.FRAMING_BYTES_AT_MOST


async def ask_slowly(port: int, head: bytes, rest: bytes) -> bytes:
    """The head is read before the rest comes, in blocks of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    await writer.drain()
    await ask(port, b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    writer.write(rest)
    return await reader.read()


@pytest.mark.parametrize(
    "rest",
    [b"1;" + b"a" * LONG + b"\r\n{\r\n", b"1\r\n{\r\n0\r\n" + b"Trailer: of a chunk\r\n" * 1000],
    ids=["extension", "trailers"],
)
def test_extensions_of_chunks_and_trailers_without_end_are_refused(served: Any, rest: bytes) -> None:
    answer = served(lambda port: ask_slowly(port, CHUNKED, rest))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 "), answer
    assert json.loads(body)["type"] == "/docs#framing-too-large"


def test_a_body_in_many_small_chunks_is_read(served: Any) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in b"[" + b" " * wire.FRAMING_BYTES_AT_MOST)
    head = CHUNKED.replace(b"Host: a", b"Host: a\r\nConnection: close")
    answer = served(lambda port: ask_slowly(port, head, chunks + b"0\r\nLast: one\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:400]
    assert b"not-json" in answer


def test_a_trailer_is_no_header(served: Any) -> None:
    sent = CHUNKED.replace(b"Host: a", b"Host: a\r\nConnection: close")
    answer = served(lambda port: ask_slowly(port, sent, b"2\r\n{}\r\n0\r\nx-request-id: forged\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 422 ")
    assert b"forged" not in answer


HEAD_OF = b"%b /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Request-Id: a\r\n"
PREDICT = HEAD_OF % b"POST"
TALKS = {
    "an answer": PREDICT + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b",
    "a refusal": PREDICT + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    "an answer and a refusal, sent together": PREDICT
    + b"Content-Length: %d\r\n\r\n%b"
    + PREDICT
    + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0": PREDICT.replace(b"1.1", b"1.0") + b"Content-Length: %d\r\n\r\n%b",
    "a head alone": HEAD_OF % b"HEAD" + b"Connection: close\r\n\r\n",
}


@pytest.mark.parametrize("told", TALKS)
def test_what_is_written_at_once_is_what_uvicorn_sends(
    served: Any, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    row = json.dumps(ROW).encode()
    sent = TALKS[told].replace(b"%d\r\n\r\n%b", b"%d\r\n\r\n%b" % (len(row), row))
    at_once = served(lambda port: ask(port, sent))
    monkeypatch.setattr(wire.BoundedProtocol, "_write", lambda *_: False)
    by_send = served(lambda port: ask(port, sent))
    assert at_once.startswith(b"HTTP/1.1 ")
    assert re.sub(DATE, b"", at_once) == re.sub(DATE, b"", by_send)


def test_an_answer_is_one_write(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row, sent = json.dumps(ROW).encode(), []

    async def send(*given: Any) -> None:
        sent.append(given)

    monkeypatch.setattr(wire.RequestResponseCycle, "send", send)
    answer = served(lambda port: ask(port, TALKS["an answer"] % (len(row), row)))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not sent


def test_a_request_knows_whether_it_is_the_only_one(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row, alone, answer = json.dumps(ROW).encode(), [], Service.answer

    async def noted(service: Service, rows: Any, facts: RequestFacts) -> Any:
        alone.append(facts.alone)
        return await answer(service, rows, facts)

    monkeypatch.setattr(Service, "answer", noted)

    async def talk(port: int) -> None:
        sent = TALKS["an answer"] % (len(row), row)
        await ask(port, sent)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent[:-1])  # under way until its end comes
        while alone[-1]:  # it may not have been read yet
            await ask(port, sent)
        writer.write(sent[-1:])
        await reader.read()
        writer.close()

    served(talk)
    assert alone[0]
    assert alone[-1]
    assert not all(alone)
