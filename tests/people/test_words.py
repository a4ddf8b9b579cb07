"""Numbers, dates, lists and a person's own words."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from fullcycle.people.report.words import Words

ENGLISH, RUSSIAN = Words("en"), Words("ru")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (0, "0", "0"),
        (1234567, "1,234,567", "1 234 567"),
        (1971, "1971", "1971"),
        (0.04712, "0.04712", "0,04712"),
        (12.3456, "12.35", "12,35"),
        (-3.5, "−3.5", "−3,5"),
        (1.2e-7, "1.2 × 10⁻⁷", "1,2 × 10⁻⁷"),
        (1e-5, "10⁻⁵", "10⁻⁵"),
        (float("nan"), "–", "–"),
        (None, "–", "–"),
    ],
)
def test_numbers_are_written_as_the_language_does(number: float | None, english: str, russian: str) -> None:
    assert plain(ENGLISH.number(number)) == english
    assert plain(RUSSIAN.number(number)) == russian


@pytest.mark.parametrize(
    ("share", "english", "russian"),
    [(0.265, "26.5%", "26,5 %"), (1.0, "100%", "100 %"), (0.00001, "< 0.1%", "< 0,1 %"), (0.0, "0%", "0 %")],
)
def test_a_share_that_is_tiny_is_not_written_as_nothing(share: float, english: str, russian: str) -> None:
    assert plain(ENGLISH.percent(share)) == english
    assert plain(RUSSIAN.percent(share)) == russian


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert ENGLISH.fixed(-0.001, 2) == "0.00"
    assert ENGLISH.fixed(-0.006, 2) == "−0.01"
    assert RUSSIAN.fixed(-0.0004, 3) == "0,000"


def test_a_negative_zero_is_nothing() -> None:
    assert Words("en").number(-0.0) == Words("ru").number(-0.0, 2) == "0"


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (6717.2, "6,717", "6 717"),
        (40608.4, "40,608", "40 608"),
        (999.7, "1,000", "1 000"),
        (42.93, "42.9", "42,9"),
        (None, "–", "–"),
    ],
)
def test_what_was_measured_has_separators_from_a_thousand_on(
    number: float | None, english: str, russian: str
) -> None:
    assert Words("en").amount(number) == english
    assert Words("ru").amount(number).replace("\N{NO-BREAK SPACE}", " ") == russian


def test_sizes_and_moments_have_the_units_and_months_of_the_language() -> None:
    assert plain(ENGLISH.size(977_501)) == "978 kB"
    assert plain(RUSSIAN.size(1_500_000)) == "1,5 МБ"
    assert ENGLISH.moment("2026-11-23T19:40:00+00:00") == "Nov 23, 2026, 19:40"
    assert RUSSIAN.moment("2026-11-23T19:40:00+00:00") == "23 ноября 2026, 19:40"
    assert ENGLISH.moment("no moment") == "no moment"


def test_names_are_escaped_and_kept_from_translation() -> None:
    shown = ENGLISH.say("%(column)s is here", column=ENGLISH.name("<script>alert(1)</script>"))
    assert "<script>" not in shown
    assert 'translate="no">&lt;script&gt;' in shown
    assert ENGLISH.say("%(x)s", x="<i>") == "&lt;i&gt;"


def test_a_list_of_names_is_joined_and_cut() -> None:
    assert Markup(ENGLISH.names(["a", "b"])).striptags() == "a and b"
    assert Markup(RUSSIAN.names(["a", "b", "c"])).striptags() == "a, b и c"
    assert Markup(ENGLISH.names(list("abcdefgh"))).striptags() == "a, b, c, d, e and 3 more"
    assert Markup(RUSSIAN.names(list("abcdefgh"))).striptags() == "a, b, c, d, e и ещё 3"
    assert Markup(ENGLISH.names([])).striptags() == ""


def test_a_name_that_looks_like_a_stand_in_does_not_take_anothers_place() -> None:
    assert Markup(ENGLISH.names(["{1}", "%(n)s", "\x001\x00"])).striptags().startswith("{1}, %(n)s")
