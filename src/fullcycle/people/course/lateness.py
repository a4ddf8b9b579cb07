"""Whether work came in time, by days: a day ends at midnight in the course's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from fullcycle.people.course.course_file import LateRules

DAY = timedelta(days=1)
NONE = Fraction(0)


def moment_of(text: str | None) -> datetime | None:
    """ISO 8601 with an offset; whatever else is not known.

    >>> moment_of("2026-11-20"), moment_of("yesterday")
    (None, None)
    """
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def days_late(handed_in: datetime | date | None, deadline: date | None, zone: ZoneInfo) -> int | None:
    """Days begun after the deadline's midnight; None where nobody knows when it came, or nothing was due.

    >>> from zoneinfo import ZoneInfo
    >>> days_late(date(2026, 11, 22), date(2026, 11, 20), ZoneInfo("UTC"))
    2
    """
    if handed_in is None or deadline is None:
        return None
    if not isinstance(handed_in, datetime):
        return max(0, (handed_in - deadline).days)
    end = datetime(deadline.year, deadline.month, deadline.day, tzinfo=zone) + DAY
    # Both in one zone: Python ignores a change of the clocks between moments of the same zone otherwise.
    late = handed_in.astimezone(ZoneInfo("UTC")) - end.astimezone(ZoneInfo("UTC"))
    return max(0, ceil(late / DAY))


def counted(points: Fraction, days: int | None, rules: LateRules) -> Fraction:
    """What late work counts, of ten points."""
    if not days or rules.count == "full":
        return points
    if rules.count == "nothing":
        return NONE
    return max(NONE, points - days * exactly(rules.points_a_day))


def exactly(number: float) -> Fraction:
    """The fraction that a person means by a decimal number, or a program by a third.

    >>> exactly(0.1), exactly(3.333333)
    (Fraction(1, 10), Fraction(10, 3))
    """
    return Fraction(number).limit_denominator(10_000)
