"""Parts of a moment in nodes of whole numbers, by the proleptic Gregorian calendar, years 1 to 9999.

From days to a date after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): an era is 400
years of 146,097 days, years begin in March. Divisors are constants and dividends never negative, so that the
division of whole numbers rounds down and cannot fail.
"""

from __future__ import annotations

from collections.abc import Callable

from fullcycle.core.features.nodes import DOUBLE, Nodes, Tensor
from fullcycle.core.features.tree import Kind

DAY_US, HOUR_US, MINUTE_US, SECOND_US = 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000
ERA_DAYS, ERA_YEARS = 146_097, 400
MARCH_0 = 719_468  # days from 1 March of year 0 to 1 January 1970
THURSDAY = 3  # of 1 January 1970, with Monday 0


class _Whole:
    """Whole numbers in the graph, with the operators of Python."""

    def __init__(self, nodes: Nodes, name: str) -> None:
        self.nodes, self.name = nodes, name

    def _made(self, operator: str, other: _Whole | int) -> _Whole:
        right = other.name if isinstance(other, _Whole) else self.nodes.int64(other)
        return _Whole(self.nodes, self.nodes.add(operator, self.name, right))

    def __add__(self, other: _Whole | int) -> _Whole:
        return self._made("Add", other)

    def __sub__(self, other: _Whole | int) -> _Whole:
        return self._made("Sub", other)

    def __mul__(self, other: int) -> _Whole:
        return self._made("Mul", other)

    def __floordiv__(self, other: int) -> _Whole:
        return self._made("Div", other)

    def __mod__(self, other: int) -> _Whole:
        return self._made("Mod", other)


def part_of_time(name: str) -> Callable[[Nodes, Tensor], Tensor]:
    """A part's form in the graph, by the name of a function below: a number, missing where the moment is."""

    def build(nodes: Nodes, moment: Tensor) -> Tensor:
        mask = nodes.missing(moment)
        there = moment.name if mask is None else nodes.add("Where", mask, nodes.int64(0), moment.name)
        found = nodes.add("Cast", PARTS[name](_Whole(nodes, there)).name, to=DOUBLE)
        return nodes.unless(mask, found, Kind.number)

    return build


def _days(moment: _Whole) -> _Whole:
    return (moment - moment % DAY_US) // DAY_US


def _since_era(moment: _Whole) -> tuple[_Whole, _Whole, _Whole]:
    """Era, year of the era, and day of the year that begins in March."""
    shifted = _days(moment) + MARCH_0
    era = shifted // ERA_DAYS
    day = shifted % ERA_DAYS
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    return era, year, day - (year * 365 + year // 4 - year // 100)


def _march_month(moment: _Whole) -> tuple[_Whole, _Whole]:
    """Months since March, and the day of the year that begins there."""
    _, _, day = _since_era(moment)
    return (day * 5 + 2) // 153, day


def year(moment: _Whole) -> _Whole:
    era, of_era, _ = _since_era(moment)
    months, _ = _march_month(moment)
    return era * ERA_YEARS + of_era + months // 10  # January and February belong to the next year


def month(moment: _Whole) -> _Whole:
    months, _ = _march_month(moment)
    return months + 3 - months // 10 * 12


def day(moment: _Whole) -> _Whole:
    months, of_year = _march_month(moment)
    return of_year - (months * 153 + 2) // 5 + 1


def quarter(moment: _Whole) -> _Whole:
    return (month(moment) + 2) // 3


def day_of_year(moment: _Whole) -> _Whole:
    before = year(moment) - 1
    first = before * 365 + before // 4 - before // 100 + before // 400 - 719_162
    return _days(moment) - first + 1


def weekday(moment: _Whole) -> _Whole:
    return (_days(moment) + THURSDAY) % 7


def hour(moment: _Whole) -> _Whole:
    return moment % DAY_US // HOUR_US


def minute(moment: _Whole) -> _Whole:
    return moment % HOUR_US // MINUTE_US


def second(moment: _Whole) -> _Whole:
    return moment % MINUTE_US // SECOND_US


PARTS: dict[str, Callable[[_Whole], _Whole]] = {
    part.__name__: part for part in (year, quarter, month, day, day_of_year, weekday, hour, minute, second)
}
