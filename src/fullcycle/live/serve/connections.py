"""Connections are taken many at a time.

libuv accepts one connection in a turn of its loop, and a turn answers all that wait: of 64 clients that come
at once, the last waited for two thousand answers to the others.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import AbstractEventLoop, Task
from collections.abc import Callable

LOG = logging.getLogger("fullcycle.serve")
TAKEN_AT_ONCE = 16  # of one turn: all that wait would leave nothing to the other workers
REST_S = 1.0  # after an error: mostly too many open files, which only time mends


class Taking:
    """What takes the connections of a listening socket for an event loop; uvicorn closes it as any server."""

    def __init__(
        self,
        loop: AbstractEventLoop,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        self._loop, self._listener, self._protocol = loop, listener, protocol
        self._opening: set[Task[None]] = set()
        self._resting: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._begin()

    def close(self) -> None:
        """Take no more; who listens closes the socket."""
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._listener)

    async def wait_closed(self) -> None:
        """Those that were taken have their protocol."""
        await asyncio.gather(*self._opening)

    def _begin(self) -> None:
        self._resting = None
        self._loop.add_reader(self._listener, self._take)

    def _take(self) -> None:
        for _ in range(TAKEN_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                LOG.error("no connection can be accepted: %s", error.strerror or error)
                self._loop.remove_reader(self._listener)
                self._resting = self._loop.call_later(REST_S, self._begin)
                return
            opening = self._loop.create_task(self._open(connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # it has gone already
            connection.close()
