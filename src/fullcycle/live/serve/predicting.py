"""The path of a request for answers: bytes, limits, JSON, raw rows, the service, answers, bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import orjson

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.answers import RowAnswer, RowsRejected
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.body import check_headers, parse_rows, read_body
from fullcycle.live.serve.metrics import Metrics
from fullcycle.live.service import RequestFacts, Service

MEGABYTE = 1_000_000
Answer = Callable[[Sequence[object], RequestFacts], Awaitable[list[RowAnswer]]]


class Predicting:
    """Requests for answers, by one service under one set of limits."""

    def __init__(self, service: Service, settings: ServeSettings, metrics: Metrics) -> None:
        self._service, self._metrics = service, metrics
        self.bytes_at_most = int(settings.body_mb_at_most * MEGABYTE)
        self._rows_at_most = settings.rows_at_most
        self._explained_at_most = settings.explained_rows_at_most
        self._key_header = settings.routes.header.lower().encode("latin-1")

    async def predict(self, asked: Asked) -> bytes:
        """POST /predict: one row or a list in, as much out. Raises Problem or RowsRejected."""
        return await self._answered(asked, self._service.answer, self._rows_at_most, "rows_at_most")

    async def explain(self, asked: Asked) -> bytes:
        """POST /predict/explain: the same, with what each column contributes."""
        most = min(self._explained_at_most, self._rows_at_most)
        return await self._answered(asked, self._service.explain, most, "explained_rows_at_most")

    async def body(self, asked: Asked, *, any_type: bool = False) -> bytes:
        """A request's whole body within the limits; it is declared as JSON, unless `any_type` will do."""
        if not any_type:
            check_headers(asked, self.bytes_at_most)
        return await read_body(asked, self.bytes_at_most)

    async def answers(
        self,
        rows: Sequence[object],
        asked: Asked,
        answer: Answer | None = None,
        version: str | None = None,
    ) -> list[RowAnswer]:
        """Answers to rows, counted; by one `version` if it has to be that one."""
        key = asked.header(self._key_header) or None
        facts = RequestFacts(asked.request_id, key, version, asked.alone)
        try:
            answers = await (answer or self._service.answer)(rows, facts)
        except RowsRejected as rejected:
            self._metrics.rejected(rejected)
            raise
        self._metrics.answers_by(self._service.bundle)
        self._metrics.answered(answers)
        return answers

    async def _answered(self, asked: Asked, answer: Answer, rows_at_most: int, setting: str) -> bytes:
        rows, is_list = parse_rows(await self.body(asked), rows_at_most, setting)
        answers = await self.answers(rows, asked, answer)
        return orjson.dumps(answers if is_list else answers[0])
