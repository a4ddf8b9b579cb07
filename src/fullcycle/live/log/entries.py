"""From answered rows and outcomes to lines: what the log keeps of each, by the contract of who answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.live.log.personal import hashed
from fullcycle.live.log.record import COLUMNS, LOG_VERSION, answered, encode

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.row import Mark
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

    def meets(self, bundles: Sequence[Bundle]) -> None:
        """Learn the columns of bundles that answer from now on; what is known already costs nothing."""
        for bundle in bundles:
            if bundle.version not in self._inputs:
                names, self._inputs[bundle.version] = self._reader(bundle)
                named = {"v": LOG_VERSION, "kind": COLUMNS, "version": bundle.version, "columns": names}
                self.columns[bundle.version] = encode(named)

    def of_requests(
        self, requests: Iterable[tuple[str, Sequence[Served]]], time_us: int
    ) -> tuple[bytes, int]:
        """The line of requests that are answered now, and how many rows it holds."""
        rows: list[list[Any]] = []
        for request_id, served in requests:
            for number, (route, version, (values, marks), answer, took, fallback) in enumerate(served):
                inputs = self._inputs[version](values)
                row = [request_id, number, route, version, took, inputs, answer]
                if fallback or marks:
                    row.append(_odd(fallback, marks))
                rows.append(row)
        return answered(rows, time_us), len(rows)

    def of_outcomes(self, outcomes: Sequence[Outcome], time_us: int) -> bytes:
        """A line for each outcome."""
        common = {"v": LOG_VERSION, "kind": "feedback", "time": time_us}
        return b"".join(
            encode({**common, "request_id": each.request_id, "row": each.row, "outcome": each.outcome})
            for each in outcomes
        )

    def _reader(self, bundle: Bundle) -> tuple[list[str], Inputs]:
        """Names of what is kept of a row, and how to get it from the row's values."""
        columns = list(enumerate(bundle.contract.features))
        if not any(column.personal for _, column in columns):
            return [column.name for _, column in columns], lambda values: values
        kept = [(at, each) for at, each in columns if self._personal == "hash" or not each.personal]

        def hidden(values: Sequence[Any]) -> list[Any]:
            return [hashed(values[at], self._salt) if each.personal else values[at] for at, each in kept]

        return [each.name for _, each in kept], hidden


def _odd(fallback: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """What only some records have: why another one answered, columns with values that no training row had."""
    told: dict[str, Any] = {"fallback": fallback} if fallback else {}
    if marks:  # the values stand in `inputs`
        told["unexpected"] = [mark.column[:NAME_CHARACTERS] for mark in marks[:NAMES_SHOWN]]
    return told
