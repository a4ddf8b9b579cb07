"""Cutting rows into windows: by calendar time where rows have a moment, by number, or all of them as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis

from fullcycle.core.engines.functions import truncate
from fullcycle.core.engines.tables import ROW
from fullcycle.core.engines.tall import fetch
from fullcycle.live.monitor.current import WHEN, Current

if TYPE_CHECKING:
    from fullcycle.core.project.monitor_settings import Window

W = "_window"
MICROSECONDS = 1e6
MONDAY_S = 4 * 86_400  # 1970 began on a Thursday


@dataclass(frozen=True)
class Cut:
    """One window: its number in `W`, its rows, from which row and moment to which."""

    number: int
    rows: int
    first_row: int
    start: datetime | None
    end: datetime | None
    whole: bool = True

    @property
    def key(self) -> str:
        """What history knows it by."""
        return f"row {self.first_row}" if self.start is None else iso(self.start)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC.

    >>> iso(datetime(2026, 1, 2, 3))
    '2026-01-02T03:00:00+00:00'
    """
    return moment.replace(tzinfo=UTC).isoformat() if moment.tzinfo is None else moment.isoformat()


def cut(current: Current, window: Window | None, now: datetime) -> tuple[ibis.Table, list[Cut]]:
    """The table with the number of each row's window in `W`, and the windows in order.

    `window` None means all rows as one. A window of the log that is not over yet is not `whole`.
    """
    table = current.table
    timed = current.has_time and window is not None and window.unit != "rows"
    number: Any = ibis.literal(0, "int64")
    if window is not None and window.unit == "rows":
        number = (table[ROW] / window.count).floor().cast("int64")
    elif timed and window is not None:
        table = table.filter(table[WHEN].notnull())
        number = _number(table[WHEN], window)
    numbered = table.mutate(**{W: number})
    rows = fetch(_summary(numbered).order_by(W))
    return numbered, [_cut(row, current, window, now) for row in rows]


def _summary(table: ibis.Table) -> ibis.Table:
    ends = {"first_row": table[ROW].min()}
    if WHEN in table.columns:
        ends |= {"low": table[WHEN].min(), "high": table[WHEN].max()}
    return table.group_by(W).aggregate(rows=table.count(), **ends)


def _number(when: Any, window: Window) -> Any:
    if window.unit == "month":
        months = when.year() * 12 + when.month() - 1
        return (months / window.count).floor().cast("int64")
    seconds = when.epoch_seconds().cast("float64") - (MONDAY_S if window.unit == "week" else 0)
    return truncate(seconds / float(window.seconds or 1)).cast("int64")


def _cut(row: dict[str, Any], current: Current, window: Window | None, now: datetime) -> Cut:
    number, rows = int(row[W]), int(row["rows"])
    timed = current.has_time and window is not None and window.unit != "rows"
    if timed and window is not None:
        start, end = _bounds(number, window)
        return Cut(number, rows, int(row["first_row"]), start, end, current.kind != "log" or end <= now)
    whole = current.kind != "log" or window is None or rows >= window.count
    return Cut(number, rows, int(row["first_row"]), row.get("low"), row.get("high"), whole)


def _bounds(number: int, window: Window) -> tuple[datetime, datetime]:
    if window.unit == "month":
        starts = (number * window.count, (number + 1) * window.count)
        begin, end = (datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC) for months in starts)
        return begin, end
    offset = MONDAY_S if window.unit == "week" else 0
    length = float(window.seconds or 1)
    return (
        datetime.fromtimestamp(number * length + offset, UTC),
        datetime.fromtimestamp((number + 1) * length + offset, UTC),
    )
