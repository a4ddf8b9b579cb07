"""What stands between HTTP and bundles: raw rows and who asks in, answers out.

Everything that decides which bundle answers, and everything that must have happened before an answer leaves,
belongs behind `Service.answer`; what a request looks like on the wire belongs in front of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fullcycle.live.answers import BadValue, RowAnswer, RowsRejected
from fullcycle.live.log.entries import Outcome
from fullcycle.live.log.writer import NotLogged, PredictionLog
from fullcycle.live.routes.counted import Teller
from fullcycle.live.routes.decider import Decider
from fullcycle.live.routes.follower import Follower, Source
from fullcycle.live.routes.remembered import Remembered
from fullcycle.live.routes.router import Deployment, NoAnswer, Served, as_answer
from fullcycle.live.routes.timed import TooSlow
from fullcycle.live.routes.watcher import Watcher
from fullcycle.live.together import Request, Said, Together

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.settings import ServeSettings

ROWS_INLINE = 16  # more rows than this are answered by a thread: a few microseconds each would hold up others

EXPLAINED_CHARACTERS_AT_MOST = 100_000  # of a row's texts


class RequestFacts(NamedTuple):
    """Who asks. `key` is what a sticky route is chosen by (the header of `serve.routes.header`), if sent;
    `version` is the one that has to answer, if it has to be one; `alone` says that no other request could be
    answered together with this one."""

    request_id: str
    key: str | None = None
    version: str | None = None
    alone: bool = False


class Service:
    """Answers by whoever the routes name. One object serves all requests of a process, on its event loop."""

    def __init__(self, follower: Follower, watcher: Watcher, log: PredictionLog | None = None) -> None:
        self.follower, self.watcher, self.log = follower, watcher, log
        self._remembered = Remembered()
        self._together = Together(self._answer_together)
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
        there = self.follower.deployment
        deployment = there if facts.version is None else _alone(there, facts.version)
        answering = partial(self._answer, deployment, rows, facts)
        if len(rows) <= ROWS_INLINE and not (self.log and self.log.waits_for_disk):
            if facts.alone or deployment.compares:
                return answering()
            return await self._together.answer(Request(deployment, deployment.read(rows), facts.request_id))
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(answering)

    async def explain(self, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        """The same, each answer with `explanation`: what columns contribute, by the bundle that answered."""
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(self._explain, self.follower.deployment, rows, facts)

    async def learn(self, outcomes: Sequence[Outcome]) -> None:
        """Log what turned out to be true, and let a canary know. Raises NotLogged where the log refuses or
        there is none."""
        if self.log is None:
            raise NotLogged("nothing is logged here")
        from starlette.concurrency import run_in_threadpool

        await run_in_threadpool(self.log.append_outcomes, outcomes)
        for each in outcomes:
            self._remembered.learn(self.follower.deployment, each.request_id, each.row, each.outcome)

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
        if self.log is not None:
            self.log.start()

    def close(self) -> None:
        """Follow no more; what was counted is said once more."""
        self.follower.close()
        self.watcher.close()
        if self._teller is not None:
            self._teller.tell(ended=True)
        if self._decider is not None:
            self._decider.close()
        if self.log is not None:
            self.log.close()

    def _answer(self, deployment: Deployment, rows: Sequence[object], facts: RequestFacts) -> list[RowAnswer]:
        if self.log is None:
            return [as_answer(each) for each in deployment.answer(rows, facts.key, facts)]
        self.log.meets(deployment)
        served = deployment.answer(rows, facts.key, facts)
        self.log.append(facts.request_id, served)
        self._remembered.keep(deployment, facts.request_id, served)
        return [as_answer(each) for each in served]

    def _answer_together(self, requests: Sequence[Request]) -> list[Said]:
        """Requests that began with one deployment, on record with one write."""
        deployment = requests[0].deployment
        said = deployment.answer_together([request.batch for request in requests])
        if self.log is not None:
            self.log.meets(deployment)
            self.log.append_all(
                (request.request_id, served)
                for request, served in zip(requests, said, strict=True)
                if not isinstance(served, NoAnswer)
            )
        return [each if isinstance(each, NoAnswer) else [as_answer(row) for row in each] for each in said]

    def _explain(
        self, deployment: Deployment, rows: Sequence[object], facts: RequestFacts
    ) -> list[RowAnswer]:
        from fullcycle.core.bundle.contributions import contributions

        if self.log is not None:
            self.log.meets(deployment)
        explainable = deployment.explainable(rows, facts.key, facts)
        _refuse_long_texts([each for each, _ in explainable])
        if self.log is not None:
            self.log.append(facts.request_id, [each for each, _ in explainable])
        try:
            return [
                {**as_answer(each), "explanation": contributions(bundle, each.row.values).as_dict()}
                for each, bundle in explainable
            ]
        except TooSlow as error:  # the answers were in time, what they are made of was not
            raise NoAnswer(explainable[0][1].version, "timeout", f"explaining: {error}") from error


def _alone(deployment: Deployment, version: str) -> Deployment:
    """Raises NoAnswer for a version that was taken back while it was asked for."""
    alone = deployment.alone(version)
    if alone is None:
        raise NoAnswer(version, "", "it answers no more")
    return alone


def _refuse_long_texts(served: Sequence[Served]) -> None:
    """Raises RowsRejected: the graph gets a row to explain hundreds of times, and its texts as often."""
    sizes = [sum(len(value) for value in each.row.values if isinstance(value, str)) for each in served]
    expected = f"at most {EXPLAINED_CHARACTERS_AT_MOST:,} to explain a row"
    errors = [
        BadValue(index, None, f"{size:,} characters of text", expected)
        for index, size in enumerate(sizes)
        if size > EXPLAINED_CHARACTERS_AT_MOST
    ]
    if errors:
        raise RowsRejected(errors)


def open_service(source: Source, settings: ServeSettings) -> Service:
    """The service of what is released, or of the bundle where nothing is, proven on this runtime.

    Raises UserError for a bundle that is missing or damaged, CheckFailed where the runtime answers otherwise.
    """
    log = None if source.log is None else PredictionLog(source.log)
    watcher = Watcher() if log is None else Watcher(partial(_log_shadow, log))
    follower = Follower(source, settings.routes, watcher.watch)
    if log is not None:
        log.meets(follower.deployment)
    return Service(follower, watcher, log)


def _log_shadow(log: PredictionLog, request: object, served: Sequence[Served]) -> None:
    if isinstance(request, RequestFacts):
        log.append(request.request_id, served)


def _ordered(deployment: Deployment) -> bool:
    bins = deployment.champion.bins
    return bins is None or bins.ordered
