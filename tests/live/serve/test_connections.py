"""Connections that come at once are taken at once."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from fullcycle.live.serve import connections
from fullcycle.live.serve.connections import TAKEN_AT_ONCE, Taking
from fullcycle.live.serve.server import listen


def test_connections_that_wait_are_taken_in_one_turn_but_not_all_of_any_number() -> None:
    async def run() -> list[int]:
        loop = asyncio.get_running_loop()
        turns: list[int] = []
        with listen("127.0.0.1", 0) as listener:
            clients = [socket.create_connection(listener.getsockname()) for _ in range(TAKEN_AT_ONCE + 3)]
            taking = Taking(loop, listener, asyncio.Protocol)
            while sum(turns) < len(clients):
                before = len(taking._opening)
                taking._take()
                turns.append(len(taking._opening) - before)
            taking.close()
            await taking.wait_closed()
            for client in clients:
                client.close()
        return turns

    assert asyncio.run(run()) == [TAKEN_AT_ONCE, 3]


def test_a_server_without_free_descriptors_takes_connections_again_once_there_are_some(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "REST_S", 0.0)

    class Full:
        """A listening socket whose first connection meets a full table."""

        def __init__(self, listener: socket.socket) -> None:
            self._listener, self._met = listener, False

        def accept(self) -> Any:
            if not self._met:
                self._met = True
                raise OSError(24, "Too many open files")
            return self._listener.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._listener, name)

    class Greets(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            transport.write(b"here")
            transport.close()

    async def run() -> bytes:
        with listen("127.0.0.1", 0) as listener:
            taking = Taking(asyncio.get_running_loop(), Full(listener), Greets)  # type: ignore[arg-type]
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            try:
                return await reader.read()
            finally:
                writer.close()
                taking.close()

    assert asyncio.run(run()) == b"here"
    assert "Too many open files" in caplog.text
