"""The grade on its borders, exact until it is rounded once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.people.course.course_file import Rounding
from fullcycle.people.course.grade import HOMEWORK, PROJECT, QUIZ, ROUNDED, five_point, grade, mean

TENTHS = st.integers(0, 100).map(lambda n: Fraction(n, 10))
ROUNDINGS: list[Rounding] = ["half_up", "half_even", "half_down", "up", "down"]


def of_exactly(exact: Fraction, rounding: Rounding = "half_up") -> tuple[int, int, bool]:
    """Every work at the same points: the grade is just these."""
    found = grade(exact, exact, exact, rounding)
    assert found.exact == exact
    return found.ten, found.five, found.passed


@pytest.mark.parametrize(
    ("ten", "five", "passed"),
    [(10, 5, True), (9, 5, True), (8, 5, True), (7, 4, True), (6, 4, True), (5, 3, True), (4, 3, True),
     (3, 2, False), (2, 2, False), (1, 2, False), (0, 2, False)],
)  # fmt: skip
def test_the_scales_are_those_of_the_course(ten: int, five: int, passed: bool) -> None:
    assert of_exactly(Fraction(ten)) == (ten, five, passed)
    assert five_point(ten) == five


@pytest.mark.parametrize(
    ("exact", "by_mode"),
    [
        ("3.5", {"half_up": 4, "half_even": 4, "half_down": 3, "up": 4, "down": 3}),
        ("4.5", {"half_up": 5, "half_even": 4, "half_down": 4, "up": 5, "down": 4}),
        ("7.5", {"half_up": 8, "half_even": 8, "half_down": 7, "up": 8, "down": 7}),
        ("3.499999", {"half_up": 3, "half_even": 3, "half_down": 3, "up": 4, "down": 3}),
        ("3.500001", {"half_up": 4, "half_even": 4, "half_down": 4, "up": 4, "down": 3}),
        ("4", {"half_up": 4, "half_even": 4, "half_down": 4, "up": 4, "down": 4}),
    ],
)
def test_a_fraction_is_rounded_as_the_course_says(exact: str, by_mode: dict[Rounding, int]) -> None:
    assert {mode: of_exactly(Fraction(exact), mode)[0] for mode in ROUNDINGS} == by_mode


@pytest.mark.parametrize("border", [Fraction(7, 2), Fraction(11, 2), Fraction(15, 2)])
def test_a_half_that_thirds_and_sevenths_add_up_to_is_a_half(border: Fraction) -> None:
    homework, quiz = mean([Fraction(5), Fraction(5), Fraction(6)]), Fraction(10 * 2, 7)
    project = (border - HOMEWORK * homework - QUIZ * quiz) / PROJECT
    found = grade(homework, project, quiz, "half_up")
    assert found.exact == border
    assert found.ten == border + Fraction(1, 2)
    assert grade(homework, project - Fraction(1, 10**12), quiz, "half_up").ten == found.ten - 1


def test_means_are_not_rounded_on_their_way() -> None:
    # Rounded means (7, 7, 8) would give 7.2; rounded twice, 7.45 would become 7.5 and then 8.
    found = grade(Fraction("7.4"), Fraction("7.4"), Fraction("7.65"), "half_up")
    assert found.exact == Fraction("7.45")
    assert found.ten == 7


@given(TENTHS, TENTHS, TENTHS, st.sampled_from(ROUNDINGS))
def test_a_grade_is_the_formula_and_less_than_one_away_from_it(
    homework: Fraction, project: Fraction, quiz: Fraction, rounding: Rounding
) -> None:
    found = grade(homework, project, quiz, rounding)
    assert 10 * found.exact == 5 * homework + 3 * project + 2 * quiz
    assert abs(found.ten - found.exact) < 1
    assert 0 <= found.ten <= 10
    assert found.passed == (found.five > 2) == (found.ten >= 4)


def test_every_rounding_has_a_rule() -> None:
    assert set(ROUNDED) == set(ROUNDINGS)
