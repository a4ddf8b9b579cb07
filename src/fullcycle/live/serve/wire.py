"""Bounds on what comes around a request: the size of its head, the time that takes, what frames its body, and
the queue.

httptools parses in C and has no bounds of its own: a client could send header lines for ever, and so it could
extensions of chunks and trailers.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from fullcycle.live.serve.asked import TASKS, WHOLE, WRITE
from fullcycle.live.serve.problems import (
    FRAMING_TOO_LARGE,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    MEDIA_TYPE,
    NOT_HTTP,
    Kind,
    Problem,
)

HEAD_BYTES_AT_MOST = 65_536  # what nginx takes with its defaults, and more than any client of ours sends
HEADERS_AT_MOST = 100
HEAD_AT_MOST = f"{HEADERS_AT_MOST} headers and {HEAD_BYTES_AT_MOST:,} bytes at most"
HEAD_WITHIN_S = 10.0
FRAMING_BYTES_AT_MOST = 16_384  # extensions of chunks and trailers: nothing here reads them
CHUNK_BYTES = 20  # what a chunk may cost besides: sixteen digits and two ends of lines
REST_WITHIN_S = 10.0  # what still comes of a request that was answered before its end
LINGER_S = 1.0
Headers = Sequence[tuple[bytes, bytes]]
PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with bounds. `overloaded` answers when `waiting_at_most` are under way."""

    overloaded: ASGIApp
    waiting_at_most: int
    _in_head = True
    _rest_timer: TimerHandle | None = None
    _head_bytes = 0
    _framing_bytes = 0
    _whole_blocks = False  # whether all of the block that came belongs to the message
    _head_timer: TimerHandle | None = None
    _refused: Kind | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._forget_rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused is not None:
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_AT_MOST:
                self._refuse(HEAD_TOO_LARGE, f"more than {HEAD_BYTES_AT_MOST:,} bytes", HEAD_AT_MOST)
            elif self._head_timer is None and self._refused is None:
                self._arm()
        elif self._whole_blocks:  # on_body and on_chunk_header have taken off what belongs there
            self._framing_bytes += len(data)
            if self._framing_bytes > FRAMING_BYTES_AT_MOST:
                found = f"more than {FRAMING_BYTES_AT_MOST:,} bytes around the body"
                self._refuse(FRAMING_TOO_LARGE, found, "no extensions of chunks and no trailers")
        else:
            self._whole_blocks, self._framing_bytes = True, 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes, self._whole_blocks = True, 0, False

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._disarm()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES_AT_MOST or len(self.headers) > HEADERS_AT_MOST:
            self._refuse(HEAD_TOO_LARGE, f"{len(self.headers)} headers of {size:,} bytes", HEAD_AT_MOST)
            return
        super().on_headers_complete()
        self.scope[TASKS] = self.tasks  # type: ignore[literal-required]
        self.scope[WRITE] = partial(self._write, self.cycle)  # type: ignore[literal-required]
        self.headers = []  # trailers would be put there, and be taken for headers by whoever answers

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._framing_bytes -= CHUNK_BYTES

    def on_body(self, body: bytes) -> None:
        self._framing_bytes -= len(body)
        if self._refused is None:
            super().on_body(body)

    def on_response_complete(self) -> None:
        """A client that sends on without end must not hold the connection; one that ends may read first."""
        unread = self.cycle.response_complete and self.cycle.more_body
        super().on_response_complete()
        if unread and not self.transport.is_closing():
            self._rest_timer = self.loop.call_later(REST_WITHIN_S, self.transport.close)

    def on_message_complete(self) -> None:
        self._forget_rest()
        if self._refused is None:
            self.scope[WHOLE] = True  # type: ignore[literal-required]
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._refused is None:
            self._refuse(NOT_HTTP, msg, "an HTTP/1.1 request")

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        too_many = len(self.tasks) >= self.waiting_at_most
        answering: Any = self.overloaded if too_many else app
        super()._start_asgi_task(cycle, answering)

    def _write(self, cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes) -> bool:
        """Write an answer at once; False where that is left to `send`, which writes twice and can wait."""
        if cycle.disconnected or self.flow.write_paused or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        lines = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], *lines, end, body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _arm(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self._too_slow)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _forget_rest(self) -> None:
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse(
                HEAD_TOO_SLOW, f"{self._head_bytes:,} bytes after {HEAD_WITHIN_S:g} s", "the whole head"
            )

    def _refuse(self, kind: Kind, found: str, expected: str) -> None:
        """Answer without an application, and end the connection: what follows could be anything."""
        self._refused = kind
        self._disarm()
        if not self._in_head and self.cycle.response_started:  # a second answer would belong to no request
            self.transport.close()
            return
        body = orjson.dumps(Problem(kind, f"found {found}, expected {expected}").as_dict())
        head = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        told = (kind.status, PHRASES[kind.status], MEDIA_TYPE.encode(), len(body))
        self.transport.write(head % told + body)
        # Closed over bytes that nobody read, a connection is reset, and the client may never see the answer.
        self.transport.write_eof()
        self._rest_timer = self.loop.call_later(LINGER_S, self.transport.close)


def bounded(overloaded: ASGIApp, waiting_at_most: int) -> type[BoundedProtocol]:
    """The protocol of one app."""
    bounds = {"overloaded": staticmethod(overloaded), "waiting_at_most": waiting_at_most}
    return type("Bounded", (BoundedProtocol,), bounds)
