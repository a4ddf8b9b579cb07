"""One look: every window of a table measured, each column judged, and what follows as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.bundle.reference import Reference, Shape
from fullcycle.core.contract.grammar import US_PER_S
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.measures import as_label
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.monitor import ColumnDrift, WindowFacts
from fullcycle.core.project.monitor_settings import MonitorSettings
from fullcycle.live.monitor.budget import Budget
from fullcycle.live.monitor.current import Current
from fullcycle.live.monitor.drift.columns import Watched, is_constant, judge_columns, watched, watched_score
from fullcycle.live.monitor.drift.noise import (
    Key,
    Noise,
    Size,
    natural_noise,
    noise_of_periods,
    noise_of_windows,
)
from fullcycle.live.monitor.history import utc_now
from fullcycle.live.monitor.measure import Counted, Measured, count_gaps, count_numbers, count_texts
from fullcycle.live.monitor.scores import answered
from fullcycle.live.monitor.windows import Cut, iso

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.bundle.bundle import Bundle

LEARN_EVERY = 7  # windows of one look, after which natural variation is learned again
REMEMBERED = 90  # past windows
GRAVE = 0.25  # an effect from here on is an error, below it a warning
NUMBERS = (ColumnType.numeric, ColumnType.datetime)
NOTHING = Counted(0, 0, np.zeros(1, dtype=np.int64))


@dataclass(frozen=True)
class Look:
    """What a look needs to know. `past` are windows that were judged before, `length_s` how long windows are,
    where they have a length."""

    bundle: Bundle
    settings: MonitorSettings
    budget: Budget
    past: Sequence[WindowFacts] = ()
    length_s: float | None = None

    @property
    def reference(self) -> Reference:
        """What training rows looked like."""
        return self.bundle.reference


@dataclass(frozen=True)
class Found:
    """Columns, and what was counted of them by window."""

    columns: Sequence[Watched]
    measured: Measured

    def of(self, cut: Cut) -> list[tuple[Watched, Counted]]:
        """Each column with its counts in one window."""
        window = self.measured.get(cut.number, {})
        return [(each, window.get(each.name, NOTHING)) for each in self.columns]


def look_at(look: Look, current: Current, table: ibis.Table, cuts: Sequence[Cut]) -> list[WindowFacts]:
    """The facts of each window, in order."""
    there = {column.name for column in current.columns}
    columns = [
        watched(each, checked=_is_checked(look.bundle.contract.column(each.name)))
        for each in look.reference.columns
        if each.name in there
    ]
    measured = _counted(columns, look.bundle.contract, table, cuts)
    scores = [watched_score(name, shape, look.reference.rows) for name, shape in _scores(look)]
    said, places = answered(table, current, look.bundle, cuts)
    if said is not None and scores:
        edges = {each.name: each.numbers.edges for each in scores if each.numbers is not None}
        numbers = {each.name: said[places[each.name]] for each in scores}
        scored = count_numbers(said, numbers, edges, {})
    else:
        scored, scores = {}, []
    return _in_order(look, current, cuts, Found(columns, measured), Found(scores, scored))


def _scores(look: Look) -> list[tuple[str, Shape]]:
    """What answers are compared by; of two classes the second alone, as the first says the same."""
    return list(look.reference.scores.items())[1 if len(look.reference.scores) == 2 else 0 :]


def _in_order(
    look: Look, current: Current, cuts: Sequence[Cut], inputs: Found, scores: Found
) -> list[WindowFacts]:
    """Each window judged by the natural variation that was known before it."""
    size = Size(look.length_s, median([cut.rows for cut in cuts]) if cuts else 1.0)
    of_periods = noise_of_periods(look.reference, size)
    known, windows = [*look.past], []
    of_windows = noise_of_windows(known[-REMEMBERED:])
    for at, each in enumerate(cuts):
        if at and at % LEARN_EVERY == 0:
            of_windows = noise_of_windows(known[-REMEMBERED:])
        noise = partial(natural_noise, of_periods=of_periods, of_windows=of_windows)
        windows.append(_window(look, current, each, [*inputs.of(each), *scores.of(each)], noise))
        known.append(windows[-1])
    return windows


def _is_checked(column: Column) -> bool:
    if column.type is ColumnType.numeric:
        return column.range is not None and not column.personal
    return column.type is ColumnType.categorical and column.allowed is not None and not column.personal


def _counted(
    columns: Sequence[Watched], contract: Contract, table: ibis.Table, cuts: Sequence[Cut]
) -> Measured:
    """Each column of each window, in as few passes as there are kinds."""
    numbers = {each.name: table[each.name] for each in columns if each.numbers is not None}
    texts = {each.name: _text(table[each.name]) for each in columns if each.texts is not None}
    edges = {each.name: each.numbers.edges for each in columns if each.numbers is not None}
    categories = {each.name: each.texts.categories for each in columns if each.texts is not None}
    allowed = {
        each.name: contract.column(each.name).allowed or () for each in columns if each.checked and each.texts
    }
    ranges = {
        each.name: range_
        for each in columns
        if each.checked and each.numbers and (range_ := contract.column(each.name).range) is not None
    }
    gaps = {each.name: table[each.name] for each in columns if each.personal}
    found: Measured = {}
    for measured in (
        count_numbers(table, numbers, edges, ranges, cuts),
        count_texts(table, texts, categories, allowed),
        count_gaps(table, gaps),
    ):
        for window, by_name in measured.items():
            found.setdefault(window, {}).update(by_name)
    return found


def _text(value: Any) -> Any:
    return as_label(value) if value.type().is_boolean() else value.cast("string")


def _window(
    look: Look,
    current: Current,
    cut: Cut,
    counts: Sequence[tuple[Watched, Counted]],
    noise: Callable[[Key], Noise],
) -> WindowFacts:
    facts = WindowFacts(
        key=cut.key,
        start=None if cut.start is None else iso(cut.start),
        end=None if cut.end is None else iso(cut.end),
        first_row=cut.first_row,
        rows=cut.rows,
        judged=cut.rows >= look.settings.rows_at_least,
    )
    if not facts.judged:
        told = finding(
            Code.window_too_small, Severity.info, rows=cut.rows, needed=look.settings.rows_at_least
        )
        return facts.model_copy(update={"findings": (told,)})
    said = [(each, counted) for each, counted in counts if each.part == "score"]
    judged = judge_columns(
        [(each, counted, noise((each.part == "score", each.name))) for each, counted in counts],
        look.settings.limits,
        look.budget.alpha("columns"),
        until=_until(cut),
    )
    constant = [each.name for each, counted in said if is_constant(counted, each)]
    gone = [
        ColumnDrift(
            name=name, part="input", type="", status="vanished", rows=cut.rows, missing_rate=1.0, drifted=True
        )
        for name in current.vanished
    ]
    return facts.model_copy(
        update={
            "columns": (*gone, *judged),
            "score_rows": max((counted.present for _, counted in said), default=0),
            "findings": tuple(_findings(current, judged, constant)),
        }
    )


def _until(cut: Cut) -> float:
    """When the window ended, in microseconds since 1970; of rows without a moment, now."""
    end = utc_now() if cut.end is None else datetime.fromisoformat(iso(cut.end))
    return end.timestamp() * US_PER_S


def _findings(current: Current, judged: Sequence[ColumnDrift], constant: Sequence[str]) -> Iterator[Finding]:
    for name in current.vanished:
        yield finding(Code.column_vanished, Severity.error, name)
    if constant:
        yield finding(Code.constant_answer, Severity.error, scores=list(constant))
    for drift in judged:
        if drift.drifted and not (drift.part == "score" and constant):
            yield _drifted(drift, current.unreadable.get(drift.name))
    if current.appeared:
        yield finding(Code.column_appeared, Severity.info, *current.appeared)


def _drifted(drift: ColumnDrift, unreadable: int | None) -> Finding:
    codes = {"missing": Code.missing_rate_moved, "unexpected": Code.contract_broken}
    usual = Code.score_drifted if drift.part == "score" else Code.column_drifted
    code = codes.get(drift.decided_by or "", usual)
    severity = Severity.error if (drift.effect or 0.0) >= GRAVE else Severity.warning
    columns = () if drift.part == "score" else (drift.name,)
    return finding(
        code,
        severity,
        *columns,
        score=drift.name if drift.part == "score" else None,
        test=drift.decided_by,
        effect=drift.effect,
        p=drift.p_adjusted,
        missing_before=drift.reference_missing_rate,
        missing_now=drift.missing_rate,
        rows=drift.rows,
        unreadable=unreadable if code is Code.missing_rate_moved else None,
    )
