"""From answered rows and outcomes to lines: what the log keeps of each, by the contract of who answered.

A line is put together from parts, because what is the same in all records of a bundle is encoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.live.log.personal import hashed
from fullcycle.live.log.record import COLUMNS, LOG_VERSION, as_json, encode, sealed

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.live.routes.router import Served

NAMES_SHOWN, NAME_CHARACTERS = 20, 80  # of unknown columns: a client may call them anything

Inputs = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Outcome:
    """What turned out to be true of one row of a request."""

    request_id: str
    outcome: str | float
    row: int = 0


class Entries:
    """Makes lines. `salt` is needed where personal columns are hashed; `columns` are the lines that have to
    stand in a file before others, by the version whose inputs they name."""

    def __init__(self, personal: Literal["hash", "omit"], salt: bytes) -> None:
        self._personal, self._salt = personal, salt
        self.columns: dict[str, bytes] = {}
        self._inputs: dict[str, Inputs] = {}
        self._answering: dict[tuple[str, str], bytes] = {}

    def meets(self, bundles: Sequence[Bundle]) -> None:
        """Learn the columns of bundles that answer from now on; what is known already costs nothing."""
        for bundle in bundles:
            if bundle.version not in self._inputs:
                names, self._inputs[bundle.version] = self._reader(bundle)
                named = {"v": LOG_VERSION, "kind": COLUMNS, "version": bundle.version, "columns": names}
                self.columns[bundle.version] = encode(named)

    def of_requests(self, requests: Iterable[tuple[str, Sequence[Served]]]) -> Iterator[bytes]:
        """A line for each row of requests that are answered now."""
        now = as_json(datetime.now(UTC))
        for request_id, served in requests:
            asked = as_json(request_id)
            for number, each in enumerate(served):
                yield sealed(
                    b'{"v":%d,"kind":"prediction","time":%b,"request_id":%b,"row":%d,%b,"latency_ms":%.4f,'
                    b'"inputs":%b,"output":%b%b'
                    % (
                        LOG_VERSION,
                        now,
                        asked,
                        number,
                        self._who(each.route, each.version),
                        each.latency_ms,
                        as_json(self._inputs[each.version](each.row.values)),
                        as_json(each.answer),
                        _seldom(each),
                    )
                )

    def of_outcomes(self, outcomes: Sequence[Outcome]) -> Iterator[bytes]:
        """A line for each outcome."""
        now = datetime.now(UTC)
        for each in outcomes:
            yield encode(
                {
                    "v": LOG_VERSION,
                    "kind": "feedback",
                    "time": now,
                    "request_id": each.request_id,
                    "row": each.row,
                    "outcome": each.outcome,
                }
            )

    def _who(self, route: str, version: str) -> bytes:
        known = self._answering.get((route, version))
        if known is None:
            known = as_json({"route": route, "version": version})[1:-1]
            self._answering[route, version] = known
        return known

    def _reader(self, bundle: Bundle) -> tuple[list[str], Inputs]:
        """Names of what is kept of a row, and how to get it from the row's values."""
        columns = list(enumerate(bundle.contract.features))
        if not any(column.personal for _, column in columns):
            return [column.name for _, column in columns], lambda values: values
        kept = [(at, each) for at, each in columns if self._personal == "hash" or not each.personal]

        def hidden(values: Sequence[Any]) -> list[Any]:
            return [hashed(values[at], self._salt) if each.personal else values[at] for at, each in kept]

        return [each.name for _, each in kept], hidden


def _seldom(served: Served) -> bytes:
    """What only some records have: why another one answered, columns with values that no training row had."""
    if not served.fallback and not served.row.marks:
        return b""
    told: dict[str, Any] = {"fallback": served.fallback} if served.fallback else {}
    if served.row.marks:  # the values stand in `inputs`
        told["unexpected"] = [mark.column[:NAME_CHARACTERS] for mark in served.row.marks[:NAMES_SHOWN]]
    return b"," + as_json(told)[1:-1]
