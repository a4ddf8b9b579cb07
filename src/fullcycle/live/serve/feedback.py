"""POST /feedback: what turned out to be true of rows that were answered, by the id of their request.

Whether there was such a request is not looked up: an outcome may come to another process, or before the
answer has left. It is joined when the log is read, exactly once (live/log/read.py): sending it again is safe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import orjson

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.contract.grammar import text_of_number
from fullcycle.core.contract.row import shown
from fullcycle.live.answers import BadValue, RowsRejected
from fullcycle.live.log.entries import Outcome
from fullcycle.live.serve.asked import WORTHY_ID, Asked
from fullcycle.live.serve.body import parse_rows
from fullcycle.live.serve.metrics import Metrics
from fullcycle.live.serve.predicting import Predicting
from fullcycle.live.serve.problems import NO_LOG, Problem
from fullcycle.live.service import Service

KEYS = ("request_id", "row", "outcome")
ROWS_BELOW = 2**31  # as the log's column


class Feedback:
    """Outcomes, by one service under the limits of requests for answers."""

    def __init__(self, service: Service, predicting: Predicting, rows_at_most: int, metrics: Metrics) -> None:
        self._service, self._predicting, self._rows_at_most = service, predicting, rows_at_most
        if service.log is not None:
            service.log.told = metrics.logged

    async def learn(self, asked: Asked) -> bytes:
        """One outcome or a list; all are on record when this returns. Raises Problem or RowsRejected."""
        given, _ = parse_rows(await self._predicting.body(asked), self._rows_at_most, "rows_at_most")
        if self._service.log is None:
            raise Problem(NO_LOG, f"found {asked.path}, expected a server with a prediction log")
        outcomes = read_outcomes(given, self._service.bundle)
        await self._service.learn(outcomes)
        return orjson.dumps({"accepted": len(outcomes)})


def read_outcomes(given: Sequence[object], bundle: Bundle) -> list[Outcome]:
    """Outcomes as sent, or RowsRejected with everything that is wrong with each."""
    outcomes: list[Outcome] = []
    errors: list[BadValue] = []
    for index, each in enumerate(given):
        if not isinstance(each, Mapping):
            errors.append(BadValue(index, None, shown(each), "an object with request_id and outcome"))
            continue
        outcome = _outcome(each.get("outcome"), bundle)
        wrong = _errors(index, each, outcome, bundle)
        if outcome is not None and not wrong:
            outcomes.append(Outcome(each["request_id"], outcome, each.get("row", 0)))
        errors += wrong
    if errors:
        raise RowsRejected(errors)
    return outcomes


def _errors(
    index: int, each: Mapping[str, Any], outcome: str | float | None, bundle: Bundle
) -> list[BadValue]:
    wrong: list[tuple[str, Any, str]] = []
    request_id, row = each.get("request_id"), each.get("row", 0)
    if not isinstance(request_id, str) or not WORTHY_ID.fullmatch(request_id.encode("utf-8", "replace")):
        wrong.append(("request_id", request_id, "the x-request-id of an answer"))
    if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < ROWS_BELOW:
        wrong.append(("row", row, "the place of the row in its request, from 0"))
    if outcome is None:
        wrong.append(("outcome", each.get("outcome"), _expected(bundle)))
    wrong += [(str(name), each[name], f"one of {', '.join(KEYS)}") for name in each if name not in KEYS]
    return [
        BadValue(index, name, "nothing" if value is None else shown(value), what)
        for name, value, what in wrong
    ]


def _outcome(value: object, bundle: Bundle) -> str | float | None:
    """A class of the bundle, or a finite number in regression; None for anything else."""
    if bundle.classes is None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if isfinite(value) else None
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, int | float):
        value = text_of_number(value)
    return value if isinstance(value, str) and value in bundle.classes else None


def _expected(bundle: Bundle) -> str:
    return "a number" if bundle.classes is None else f"one of {', '.join(bundle.classes)}"
