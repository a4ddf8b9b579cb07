"""From answered rows and outcomes to records: what the log keeps of each, by the contract of who answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.live.log.personal import hashed
from fullcycle.live.log.record import LOG_VERSION, Record

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.row import CoercedRow
    from fullcycle.live.routes.router import Served

NAMES_SHOWN, NAME_CHARACTERS = 20, 80  # of unknown columns: a client may call them anything

Inputs = Callable[[Sequence[Any]], dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What turned out to be true of one row of a request."""

    request_id: str
    outcome: str | float
    row: int = 0


class Entries:
    """Makes records. `salt` is needed where personal columns are hashed."""

    def __init__(self, personal: Literal["hash", "omit"], salt: bytes) -> None:
        self._personal, self._salt = personal, salt
        self._inputs: dict[str, Inputs] = {}

    def meets(self, bundles: Sequence[Bundle]) -> None:
        """Learn the columns of bundles that answer from now on; what is known already costs nothing."""
        for bundle in bundles:
            if bundle.version not in self._inputs:
                self._inputs[bundle.version] = self._reader(bundle)

    def of_request(self, request_id: str, served: Sequence[Served]) -> Iterator[Record]:
        """A record for each row of a request."""
        now, readers = datetime.now(UTC), self._inputs
        for number, each in enumerate(served):
            row = each.row
            record: Record = {
                "v": LOG_VERSION,
                "kind": "prediction",
                "time": now,
                "request_id": request_id,
                "row": number,
                "route": each.route,
                "version": each.version,
                "latency_ms": round(each.latency_ms, 4),
                "inputs": readers[each.version](row.values),
                "output": each.answer,
            }
            if each.fallback:
                record["fallback"] = each.fallback
            if row.marks:
                record["unexpected"] = _names(row)
            yield record

    def of_outcomes(self, outcomes: Sequence[Outcome]) -> Iterator[Record]:
        """A record for each outcome."""
        now = datetime.now(UTC)
        for each in outcomes:
            yield {
                "v": LOG_VERSION,
                "kind": "feedback",
                "time": now,
                "request_id": each.request_id,
                "row": each.row,
                "outcome": each.outcome,
            }

    def _reader(self, bundle: Bundle) -> Inputs:
        columns = bundle.contract.features
        names = [column.name for column in columns]
        personal = [(at, column.name) for at, column in enumerate(columns) if column.personal]
        if not personal:
            return lambda values: dict(zip(names, values, strict=True))

        def hidden(values: Sequence[Any]) -> dict[str, Any]:
            inputs = dict(zip(names, values, strict=True))
            for at, name in personal:
                if self._personal == "omit":
                    del inputs[name]
                else:
                    inputs[name] = hashed(values[at], self._salt)
            return inputs

        return hidden


def _names(row: CoercedRow) -> list[str]:
    """Columns with a value that no training row had; the values stand in `inputs`."""
    return [mark.column[:NAME_CHARACTERS] for mark in row.marks[:NAMES_SHOWN]]
