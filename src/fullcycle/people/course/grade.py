"""The grade: 0.5 x homework + 0.3 x projects + 0.2 x quiz, in fractions, rounded once, at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fullcycle.people.course.course_file import Rounding

HOMEWORK, PROJECT, QUIZ = Fraction(5, 10), Fraction(3, 10), Fraction(2, 10)
HALF = Fraction(1, 2)
PASSES_FROM = 4  # of ten
FIVE_POINT = ((8, 5), (6, 4), (4, 3))  # from so many of ten on; below them all it is 2
NOT_PASSED = 2

ROUNDED: Mapping[Rounding, Callable[[Fraction], int]] = {
    "half_up": lambda exact: math.floor(exact + HALF),
    "half_down": lambda exact: math.ceil(exact - HALF),
    "half_even": round,
    "up": math.ceil,
    "down": math.floor,
}


@dataclass(frozen=True)
class Grade:
    """On the ten-point scale, exact and rounded; on the five-point scale; and the credit."""

    exact: Fraction
    ten: int
    five: int
    passed: bool


def mean(points: Sequence[Fraction]) -> Fraction:
    """Of at least one."""
    return sum(points, Fraction(0)) / len(points)


def grade(homework: Fraction, project: Fraction, quiz: Fraction, rounding: Rounding) -> Grade:
    """Of three means of ten points.

    >>> grade(Fraction(8), Fraction(7), Fraction(7), "half_up")
    Grade(exact=Fraction(15, 2), ten=8, five=5, passed=True)
    """
    exact = HOMEWORK * homework + PROJECT * project + QUIZ * quiz
    ten = ROUNDED[rounding](exact)
    return Grade(exact, ten, five_point(ten), ten >= PASSES_FROM)


def five_point(ten: int) -> int:
    """5 is excellent, 4 good, 3 satisfactory, 2 not passed; zero of ten is below the scale and 2, too.

    >>> [five_point(ten) for ten in range(11)]
    [2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    """
    return next((five for least, five in FIVE_POINT if ten >= least), NOT_PASSED)
