"""What stands between HTTP and bundles: raw rows and who asks in, answers out.

Everything that decides which bundle answers, and everything that must have happened before an answer leaves,
belongs behind `Service.answer`; what a request looks like on the wire belongs in front of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from fullcycle.live.answers import RowAnswer
from fullcycle.live.routes.counted import Teller
from fullcycle.live.routes.decider import Decider
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.router import Deployment, Served, as_answer
from fullcycle.live.routes.watcher import Watcher

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.bundle.model import Answer
    from fullcycle.core.project.settings import ServeSettings

ROWS_INLINE = 16  # more rows than this are answered by a thread: a few microseconds each would hold up others


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Who asks. `key` is what a sticky route is chosen by (the header of `serve.routes.header`), if sent."""

    request_id: str
    key: str | None = None


class Service:
    """Answers by whoever the routes name. One object serves all requests of a process, on its event loop."""

    def __init__(self, follower: Follower, watcher: Watcher) -> None:
        self.follower, self.watcher = follower, watcher
        self._decider: Decider | None = None
        self._teller: Teller | None = None

    @property
    def bundle(self) -> Bundle:
        """The champion that answers now: what /model, /schema and OpenAPI describe.

        Another object means another bundle; whoever describes it compares by identity.
        """
        return self.follower.deployment.bundle

    def state(self) -> dict[str, Any]:
        """Which version has which route, what was refused and left alone: for health pages and metrics."""
        return self.follower.state()

    async def answer(self, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        """One answer for each row, in order, by the bundles that the request began with.

        Raises RowsRejected with every bad value, NoAnswer where neither a model nor a fallback answers.
        """
        answering = partial(self.follower.deployment.answer, rows, facts.key, facts)
        if len(rows) <= ROWS_INLINE:
            return _told(answering())
        from starlette.concurrency import run_in_threadpool

        return _told(await run_in_threadpool(answering))

    async def explain(self, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        """The same, each answer with `explanation`: what columns contribute, by the bundle that answered."""
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(_explained, self.follower.deployment, rows, facts)

    def learned(self, version: str, answer: Answer, outcome: str | float) -> None:
        """The outcome of an answer that `version` gave: a canary's quality. Give each outcome once."""
        self.follower.deployment.learned(version, answer, outcome)

    def start(self) -> None:
        """Follow the routes, say what is counted, and decide on canaries, in a thread."""
        source = self.follower.source
        if source.deploy is not None:
            self._decider = Decider(
                source.deploy, source.canary, ordered=lambda: _ordered(self.follower.deployment)
            )
            self._teller = Teller(source.deploy, self.follower)
            self.follower.every_look(self._teller.tell)
            self.follower.every_look(self._decider.look)
        self.follower.start()

    def close(self) -> None:
        """Follow no more; what was counted is said once more."""
        self.follower.close()
        self.watcher.close()
        if self._teller is not None:
            self._teller.tell(ended=True)
        if self._decider is not None:
            self._decider.close()


def open_service(source: Source, settings: ServeSettings) -> Service:
    """The service of what is released, or of the bundle where nothing is, proven on this runtime.

    Raises UserError for a bundle that is missing or damaged, CheckFailed where the runtime answers otherwise.
    """
    watcher = Watcher()
    return Service(Follower(source, settings.routes, watcher.watch), watcher)


def _told(served: Sequence[Served]) -> list[RowAnswer]:
    return [as_answer(each) for each in served]


def _explained(deployment: Deployment, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
    from fullcycle.core.bundle.contributions import contributions

    return [
        {**as_answer(each), "explanation": contributions(bundle, each.row.values).as_dict()}
        for each, bundle in deployment.explainable(rows, facts.key, facts)
    ]


def _ordered(deployment: Deployment) -> bool:
    bins = deployment.champion.bins
    return bins is None or bins.ordered
