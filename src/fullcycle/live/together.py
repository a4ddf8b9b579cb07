"""Requests that come in one turn of the event loop, answered by one run of the graph.

A run of a graph costs most for being a run: on telco 64 rows take five times what one takes. Nobody waits for
others to come: the requests of a turn are those that are there when the loop gets to them.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fullcycle.live.answers import RowAnswer
from fullcycle.live.routes.router import Batch, Deployment

ROWS_TOGETHER = 64  # of one run: a batch that fails is asked again request by request


class Request(NamedTuple):
    """Rows that a deployment is to answer."""

    deployment: Deployment
    batch: Batch
    request_id: str


Said = list[RowAnswer] | Exception
AnswerAll = Callable[[Sequence[Request]], Sequence[Said]]


class Together:
    """`answer_all` is called with the requests of a turn that began with one deployment, in their order."""

    def __init__(self, answer_all: AnswerAll) -> None:
        self._answer_all = answer_all
        self._waiting: list[tuple[Request, Future[list[RowAnswer]]]] = []

    def answer(self, request: Request) -> Future[list[RowAnswer]]:
        """The answers, when the turn is over."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._end_turn)
        future: Future[list[RowAnswer]] = loop.create_future()
        self._waiting.append((request, future))
        return future

    def _end_turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        futures = iter([future for _, future in waiting])
        for group in _groups([request for request, _ in waiting]):
            for said, future in zip(self._said(group), futures, strict=False):
                _tell(future, said)

    def _said(self, group: Sequence[Request]) -> Sequence[Said]:
        try:
            return self._answer_all(group)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            return [error] * len(group)


def _groups(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """In order: requests that began with one deployment, and not too many rows."""
    group: list[Request] = []
    rows = 0
    for request in requests:
        rows += len(request.batch.raw)
        if group and (rows > ROWS_TOGETHER or request.deployment is not group[0].deployment):
            yield group
            group, rows = [], len(request.batch.raw)
        group.append(request)
    yield group


def _tell(future: Future[list[RowAnswer]], said: Said) -> None:
    if future.done():  # cancelled: the server ends
        return
    if isinstance(said, Exception):
        future.set_exception(said)
    else:
        future.set_result(said)
