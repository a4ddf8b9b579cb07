"""The path of a request for answers: bytes, limits, JSON, raw rows, the service, answers, bytes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import orjson
from fastapi import Request, Response

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.answers import RowAnswer
from fullcycle.live.serve.body import check_headers, parse_rows, read_body
from fullcycle.live.service import RequestFacts, Service

JSON = "application/json"
MEGABYTE = 1_000_000


class Predicting:
    """Requests for answers, by one service under one set of limits."""

    def __init__(self, service: Service, settings: ServeSettings) -> None:
        self._service = service
        self._bytes_at_most = int(settings.body_mb_at_most * MEGABYTE)
        self._rows_at_most = settings.rows_at_most
        self._key_header = settings.routes.header

    async def predict(self, request: Request) -> Response:
        """POST /predict: one row or a list in, as much out. Raises Problem or RowsRejected."""
        rows, is_list = await self._rows(request)
        answers = await self._service.answer(rows, self._facts(request))
        return Response(_as_sent(answers, is_list), media_type=JSON)

    async def _rows(self, request: Request) -> tuple[list[object], bool]:
        check_headers(request, self._bytes_at_most)
        return parse_rows(await read_body(request, self._bytes_at_most), self._rows_at_most)

    def _facts(self, request: Request) -> RequestFacts:
        return RequestFacts(uuid4().hex, request.headers.get(self._key_header))


def _as_sent(answers: Sequence[RowAnswer], is_list: bool) -> bytes:
    """A list for a list, one answer for one row."""
    return orjson.dumps(answers if is_list else answers[0])
