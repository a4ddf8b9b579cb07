"""Dates that mean "no end" or "unknown", such as 9999-12-31: proposed to a person, as -999 is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.cells import read_columns
from fullcycle.core.contract.model import Column, Sentinel
from fullcycle.core.engines.measures import epoch_us
from fullcycle.core.engines.tall import fetch

if TYPE_CHECKING:
    import ibis

# What systems and people write where they know no day; each only where it is the first or the last of the
# column's days and further from the others than those are from each other.
NO_DAYS = frozenset(
    date(year, month, day)
    for month, day, years in (
        (1, 1, (1, 1753, 1800, 1900, 1901, 1970, 2100, 2200, 2999, 3000, 9999)),
        (12, 30, (1899,)),
        (12, 31, (1899, 2099, 2199, 2299, 2999, 9999)),
        (11, 11, (1111,)),
    )
    for year in years
)


def far_moments(table: ibis.Table, column: Column) -> tuple[Sentinel, ...]:
    """The first and the last day of a column of dates, where each is one that stands for none.

    A sentinel's value is the commonest text that means it, as missing tokens are compared.
    """
    parsed, [read] = read_columns(table.select(column.name), [column], keep=[column.name])
    days = parsed.select(text=parsed[column.name].cast("string"), day=read.value.date(), moment=read.value)
    [ends] = fetch(days.aggregate(first=days.day.min(), last=days.day.max()))
    suspects = [day for day in (ends["first"], ends["last"]) if _as_date(day) in NO_DAYS]
    if not suspects or ends["first"] == ends["last"]:
        return ()
    others = days.filter(days.day.notin(suspects))
    [inner] = fetch(others.aggregate(first=epoch_us(others.moment.min()), last=epoch_us(others.moment.max())))
    if inner["first"] is None:
        return ()
    counted = (
        days.filter(days.day.isin(suspects)).group_by("moment", "text").aggregate(rows=lambda t: t.count())
    )
    listed = counted.mutate(at=epoch_us(counted.moment)).order_by(["moment", counted.rows.desc(), "text"])
    return _apart(fetch(listed), inner["first"], inner["last"])


def _as_date(day: Any) -> date:
    return date(day.year, day.month, day.day) if day is not None else date.max


def _apart(found: Any, first: int, last: int) -> tuple[Sentinel, ...]:
    """Each moment that is further from the others than those are from each other, with all of its rows."""
    by_moment: dict[int, list[tuple[str, int]]] = {}
    for row in found:
        by_moment.setdefault(row["at"], []).append((row["text"], row["rows"]))
    return tuple(
        Sentinel(value=texts[0][0], rows=sum(rows for _, rows in texts))
        for at, texts in by_moment.items()
        if max(first - at, at - last) > last - first
    )
