"""How windows went: the farthest column of each, and their rows."""

from __future__ import annotations

from datetime import datetime

from fullcycle.core.evidence.monitor import MonitorEvidence, WindowFacts
from fullcycle.people.report.blocks import Block, Cell, Chart, Charts, Column, Section, Table
from fullcycle.people.report.charts.lines import Period, time_line
from fullcycle.people.report.pages.common import cell, day
from fullcycle.people.report.pages.monitor_parts.alarms import moment
from fullcycle.people.report.words import Words

TABLED = 30
# Tests whose effect is a distance of two distributions.
DISTANCES = frozenset({"van_der_waerden", "klotz", "chi_squared", "anderson_darling", "ks"})


def windows_section(words: Words, evidence: MonitorEvidence) -> list[Section]:
    """Lines over time where there are several windows, and the newest ones as a table."""
    if not evidence.windows:
        return []
    timed = [window for window in evidence.windows if window.start and window.end]
    blocks: list[Block] = []
    if len(timed) > 1 and len(timed) == len(evidence.windows):
        blocks.append(Charts(_charts(words, timed)))
    blocks.append(_table(words, evidence.windows[-TABLED:]))
    return [Section("windows", words.gettext("Windows"), blocks)]


def farthest(window: WindowFacts) -> float | None:
    """The largest effect of a distribution in a window."""
    effects = [test.effect for column in window.columns for test in column.tests if test.kind in DISTANCES]
    return max(effects, default=None)


def _charts(words: Words, windows: list[WindowFacts]) -> list[Chart]:
    effects = [(window, effect) for window in windows if (effect := farthest(window)) is not None]
    charts = []
    if len(effects) > 1:
        title = words.gettext("Farthest column of each window")
        charts.append(_line(words, title, words.gettext("distance, 0 to 1"), effects))
    title = words.gettext("Rows of each window")
    charts.append(_line(words, title, words.gettext("rows"), [(each, float(each.rows)) for each in windows]))
    return charts


def _line(words: Words, title: str, y_title: str, data: list[tuple[WindowFacts, float]]) -> Chart:
    periods = [
        Period(
            _microseconds(window.start),
            _microseconds(window.end),
            value,
            told=f"{moment(words, window.key)}: {words.number(value, 3)}",
        )
        for window, value in data
    ]
    picture = time_line(
        periods,
        label=title,
        x_title=words.gettext("window"),
        y_title=y_title,
        x_format=lambda value: day(words, value),
        y_format=words.numbers(3),
    )
    return Chart(title, picture)


def _microseconds(iso: str | None) -> float:
    return datetime.fromisoformat(iso).timestamp() * 1e6 if iso else 0.0


def _table(words: Words, windows: tuple[WindowFacts, ...]) -> Table:
    columns = [
        Column(words.gettext("window")),
        Column(words.gettext("rows"), numeric=True),
        Column(words.gettext("farthest"), numeric=True),
        Column(words.gettext("moved"), wide=True),
    ]
    return Table(
        words.gettext("The newest windows"), columns, [_row(words, each) for each in reversed(windows)]
    )


def _row(words: Words, window: WindowFacts) -> list[Cell]:
    effect = farthest(window)
    moved = [column.name for column in window.columns if column.drifted]
    if not window.judged:
        text = words.gettext("too few rows")
    else:
        text = words.names(moved, 5) if moved else words.gettext("nothing")
    return [
        cell(moment(words, window.key), window.key),
        cell(words.whole(window.rows), window.rows),
        cell(words.fixed(effect, 3), effect),
        cell(text, len(moved)),
    ]
