"""Clients that ask at a steady rate and remember what they were told; wrk only asks as fast as it can.

What is due is sent whether or not earlier answers came (an open loop), so a server that stalls is seen to.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CONNECTIONS = 32
TICK_S = 0.002
WAITS_S = 60.0  # an answer that does not come within is a failed one
VERSION = re.compile(rb'"version":"([^"]+)"')
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass
class Heard:
    """What clients were told so far. `last` is when the last request began that a version answered."""

    answered: int = 0
    rows: int = 0
    mixed: int = 0
    failures: list[str] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    slowest_s: float = 0.0


class Clients:
    """Post `bodies` in turn to /predict of `url`, from a thread, while the block runs.

    `rate` is requests a second; without one every connection asks again as soon as it was answered.
    """

    def __init__(
        self, url: str, bodies: Sequence[str], rate: float | None = None, path: str = "/predict"
    ) -> None:
        address = urlsplit(url)
        self.host, self.port = address.hostname or "", address.port or 80
        self.rate, self.heard = rate, Heard()
        self._requests = [_request(address.netloc, "/predict", body.encode()) for body in bodies]
        self._sent = 0
        self._idle: deque[_Connection] = deque()
        self._due = 0
        self._ends = threading.Event()
        self._progress = threading.Condition()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), name="asks")

    def __enter__(self) -> Clients:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def wait_for(self, answers: int) -> None:
        """Return once there are so many answers, or a failure."""
        with self._progress:
            self._progress.wait_for(lambda: self.heard.answered >= answers or bool(self.heard.failures))

    def next_request(self) -> bytes:
        """The next one; bodies take turns."""
        self._sent += 1
        return self._requests[self._sent % len(self._requests)]

    def told(self, connection: _Connection, status: int, body: bytes, began: float) -> None:
        """An answer came."""
        heard = self.heard
        if status != 200:
            self.failed(f"{status}: {body[:300]!r}")
            return
        versions = VERSION.findall(body)
        heard.mixed += len(set(versions)) != 1
        heard.versions[versions[0].decode()] += 1
        heard.last[versions[0].decode()] = max(heard.last.get(versions[0].decode(), 0.0), began)
        heard.slowest_s = max(heard.slowest_s, time.time() - began)
        heard.rows += len(versions)
        heard.answered += 1
        if heard.answered % 50 == 0:
            with self._progress:
                self._progress.notify_all()
        self._free(connection)

    def failed(self, reason: str) -> None:
        """A request has no answer."""
        self.heard.failures.append(reason)
        with self._progress:
            self._progress.notify_all()

    def _free(self, connection: _Connection) -> None:
        if self._ends.is_set():
            return
        if self.rate is None or self._due > self._sent:
            connection.ask(self.next_request())
        else:
            self._idle.append(connection)

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: _Connection(self), self.host, self.port)
            for _ in range(CONNECTIONS)
        ]
        connections = [connection for _, connection in made]
        self._idle.extend(connections)
        began = loop.time()
        while not self._ends.is_set():
            due = (
                self._sent + len(self._idle) if self.rate is None else int((loop.time() - began) * self.rate)
            )
            self._due = due
            while self._idle and self._sent < due:
                self._idle.popleft().ask(self.next_request())
            await asyncio.sleep(TICK_S)
        deadline = loop.time() + WAITS_S
        while any(connection.waits for connection in connections) and loop.time() < deadline:
            await asyncio.sleep(TICK_S)
        for connection in connections:
            connection.close()


class _Connection(asyncio.Protocol):
    """One request after another on one connection."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._transport: asyncio.Transport | None = None
        self._came = b""
        self.waits = self._closed = False
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed:
            self.waits = False
            self._clients.failed(f"the connection ended: {exc}")

    def ask(self, request: bytes) -> None:
        """Send it; the answer goes to the clients."""
        self.waits, self._began = True, time.time()
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if not found or length is None or len(body) < int(length[1]):
            return
        self._came, self.waits = b"", False
        self._clients.told(self, int(head[9:12]), body, self._began)

    def close(self) -> None:
        """Ask no more; an answer that is still waited for will not come."""
        self._closed = True
        if self.waits:
            self._clients.failed(f"no answer within {WAITS_S:g} s")
        if self._transport is not None:
            self._transport.close()


def _request(host: str, path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
