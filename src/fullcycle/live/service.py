"""What stands between HTTP and bundles: raw rows and who asks in, answers out.

Everything that decides which bundle answers, and everything that must have happened before an answer leaves,
belongs behind `Service.answer`; what a request looks like on the wire belongs in front of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.bundle.read import read_bundle
from fullcycle.live.answers import RowAnswer, answer_rows, explain_rows

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle

ROWS_INLINE = 16  # more rows than this are answered by a thread: a few microseconds each would hold up others


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Who asks. `key` is what a sticky route is chosen by (the header of `serve.routes.header`), if sent."""

    request_id: str
    key: str | None = None


class Service:
    """Answers by one proven bundle. One object serves all requests of a process, on its event loop."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @property
    def bundle(self) -> Bundle:
        """The bundle that answers now: what /model, /schema and OpenAPI describe.

        Another object means another bundle; whoever describes it compares by identity.
        """
        return self._bundle

    async def answer(self, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        """One answer for each row, in order, by one bundle. Raises RowsRejected with every bad value."""
        if len(rows) <= ROWS_INLINE:
            return answer_rows(self._bundle, rows)
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(answer_rows, self._bundle, rows)

    async def explain(self, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        """The same, each answer with `explanation`: what its columns contribute."""
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(explain_rows, self._bundle, rows)


def open_service(folder: Path) -> Service:
    """The service of the bundle in `folder`, proven on this runtime.

    Raises UserError for a bundle that is missing or damaged, CheckFailed where the runtime answers otherwise.
    """
    return Service(read_bundle(folder))
