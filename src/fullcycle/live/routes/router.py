"""Rows in, answers out, by whoever the routes say; each answer carries its route and version.

A `Deployment` never changes. A switch puts another one in its place, so a request that holds one ends with
the bundles it began with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import Answer
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.routes.model import Routes
from fullcycle.live.answers import RowAnswer, RowsRejected, coerce_rows, marked
from fullcycle.live.routes.choose import Chooser, key_of
from fullcycle.live.routes.counts import loss_of
from fullcycle.live.routes.fallback import LastAnswer
from fullcycle.live.routes.lane import Failed, Lane, Reason, Route


class Served(NamedTuple):
    """How one row was answered: facts for its log record. `latency_ms` is what the model took for all the
    rows that it answered at once: those of a request, or of several that came together."""

    route: Route
    version: str
    row: CoercedRow
    answer: Answer
    latency_ms: float
    fallback: Reason = ""


class NoAnswer(Exception):
    """No model could answer, and no rule or constant is declared."""

    def __init__(self, version: str, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.version, self.reason, self.detail = version, reason, detail


class Batch(NamedTuple):
    """Rows as they came, and as the champion's contract reads them."""

    raw: Sequence[object]
    coerced: Sequence[CoercedRow]

    def pick(self, places: Sequence[int]) -> Batch:
        """Some of the rows."""
        return Batch([self.raw[at] for at in places], [self.coerced[at] for at in places])


Watch = Callable[["Deployment", Batch, Sequence[Served], object], None]


def unwatched(_: Deployment, __: Batch, ___: Sequence[Served], ____: object) -> None:
    """Where nobody looks."""


@dataclass(frozen=True)
class Deployment:
    """Bundles that are open, proven and warm. `routes` is None where nothing was released."""

    champion: Lane
    last: LastAnswer
    challenger: Lane | None = None
    shadow: Lane | None = None
    previous: Lane | None = None
    chooses: Chooser | None = None
    column: str | None = None
    routes: Routes | None = None
    watch: Watch = unwatched

    @property
    def bundle(self) -> Bundle:
        """The champion's: what the API describes."""
        return self.champion.bundle

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Everything that is open."""
        return tuple(
            lane for lane in (self.champion, self.challenger, self.shadow, self.previous) if lane is not None
        )

    @property
    def compares(self) -> bool:
        """Whether models are compared, request by request."""
        return self.challenger is not None or self.shadow is not None

    def read(self, rows: Sequence[object]) -> Batch:
        """Rows by the champion's contract, or RowsRejected."""
        return Batch(rows, coerce_rows(self.bundle, rows))

    def alone(self, version: str) -> Deployment | None:
        """The same where this version answers everything, and nothing does for it; None where it is neither
        champion nor challenger. These answers are not compared: it was not chance that chose who is asked."""
        for lane in (self.champion, self.challenger):
            if lane is not None and lane.bundle.version == version:
                only = replace(lane, counts=None)
                return Deployment(only, lambda _row: None, routes=self.routes, watch=self.watch)
        return None

    def answer(self, rows: Sequence[object], key: str | None = None, request: object = None) -> list[Served]:
        """One answer for each row, in order. `key` decides who answers, unless a column does; `request` is
        handed to who watches.

        Raises RowsRejected by the champion's contract, whoever answers; NoAnswer where nobody can.
        """
        batch = self.read(rows)
        chosen = self._chosen(rows, key)
        if not any(chosen):
            served = self._by_champion(batch)
        elif all(chosen):
            served = self._by_challenger(batch)
        else:
            served = self._by_both(batch, chosen)
        if self.shadow is not None or any(chosen):
            self.watch(self, batch, served, request)
        return served

    def answer_together(self, batches: Sequence[Batch]) -> list[list[Served] | NoAnswer]:
        """Answers to several requests, where nothing is compared, by one run if that goes well."""
        rows = [row for batch in batches for row in batch.coerced]
        asked = self.champion.ask_together(rows, len(batches))
        if asked is None:
            return [self._answer_or_why_not(batch) for batch in batches]
        answers, took = asked
        route, version = self.champion.route, self.bundle.version
        served = (
            Served(route, version, row, answer, took) for row, answer in zip(rows, answers, strict=True)
        )
        return [[*islice(served, len(batch.coerced))] for batch in batches]

    def explainable(
        self, rows: Sequence[object], key: str | None = None, request: object = None
    ) -> list[tuple[Served, Bundle]]:
        """Answers as `answer` gives them, each with the bundle that gave it; NoAnswer where none did."""
        by = {lane.route: lane.bundle for lane in self.lanes}
        served = self.answer(rows, key, request)
        for each in served:
            if each.route not in by:
                raise NoAnswer(each.version, each.fallback, f"a {each.route} has nothing to explain")
        return [(each, by[each.route]) for each in served]

    def learned(self, version: str, answer: Answer, outcome: str | float) -> None:
        """An outcome became known: what it says of a challenger, or of the champion beside one.

        A canary compares these losses; answers of bundles that are not compared say nothing.
        """
        if self.challenger is None:
            return
        for lane in (self.champion, self.challenger):
            if lane.bundle.version == version:
                lane.learned(self.loss(answer, outcome))

    @cached_property
    def loss(self) -> Callable[[Answer, str | float], float]:
        """How wrong an answer was, 0 to 1, by the champion's measure."""
        return loss_of(self.bundle)

    def asked_of(self, lane: Lane, batch: Batch, before: Failed | None = None) -> list[Served]:
        """A lane's answers to rows that the champion's contract took, or Failed."""
        coerced = self._read_by(lane, batch)
        answers, took = lane.ask(coerced, counted=before is None)
        reason: Reason = "" if before is None else before.reason
        return [
            Served(lane.route, lane.bundle.version, row, answer, took, reason)
            for row, answer in zip(coerced, answers, strict=True)
        ]

    def _chosen(self, rows: Sequence[object], key: str | None) -> list[bool]:
        """Which rows are the challenger's."""
        if self.chooses is None:
            return [False]
        if self.column is None:
            return [self.chooses(key)] * len(rows)
        return [
            self.chooses(key_of(row.get(self.column) if isinstance(row, Mapping) else None)) for row in rows
        ]

    def _by_both(self, batch: Batch, chosen: Sequence[bool]) -> list[Served]:
        theirs = [at for at, is_chosen in enumerate(chosen) if is_chosen]
        ours = [at for at, is_chosen in enumerate(chosen) if not is_chosen]
        placed = dict(zip(ours, self._by_champion(batch.pick(ours)), strict=True))
        placed |= zip(theirs, self._by_challenger(batch.pick(theirs)), strict=True)
        return [placed[at] for at in range(len(chosen))]

    def _by_challenger(self, batch: Batch) -> list[Served]:
        if self.challenger is None:
            return self._by_champion(batch)
        try:
            return self.asked_of(self.challenger, batch)
        except Failed as failed:
            return self._by_champion(batch, failed)

    def _by_champion(self, batch: Batch, before: Failed | None = None) -> list[Served]:
        try:
            return self.asked_of(self.champion, batch, before)
        except Failed as failed:
            return self._by_previous(batch, before or failed)

    def _answer_or_why_not(self, batch: Batch) -> list[Served] | NoAnswer:
        try:
            return self._by_champion(batch)
        except NoAnswer as error:
            return error

    def _by_previous(self, batch: Batch, failed: Failed) -> list[Served]:
        if self.previous is not None:
            with suppress(Failed):
                return self.asked_of(self.previous, batch, failed)
        return [self._by_rule(row, failed) for row in batch.coerced]

    def _by_rule(self, row: CoercedRow, failed: Failed) -> Served:
        said = self.last(row)
        if said is None:
            raise NoAnswer(self.bundle.version, failed.reason, failed.detail)
        route, answer = said
        return Served(route, self.bundle.version, row, answer, 0.0, failed.reason)

    def _read_by(self, lane: Lane, batch: Batch) -> Sequence[CoercedRow]:
        """Rows as the lane's own contract reads them; Failed where it refuses what the champion's takes."""
        if lane.reads_alike:
            return batch.coerced
        try:
            return coerce_rows(lane.bundle, batch.raw)
        except RowsRejected as rejected:
            lane.rejected()
            raise Failed("rejected", str(rejected.errors[0])) from rejected


def as_answer(served: Served) -> RowAnswer:
    """A row's answer for JSON; `fallback` stands there only where something failed."""
    told: dict[str, Any] = {
        **served.answer,
        "version": served.version,
        "route": served.route,
        "unexpected": [marked(mark) for mark in served.row.marks],
    }
    return {**told, "fallback": served.fallback} if served.fallback else told
