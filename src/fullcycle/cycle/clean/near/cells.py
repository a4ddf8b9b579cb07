"""Whether two cells of a column differ in very little, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from math import floor, log10
from typing import Any, Literal

from fullcycle.core.contract.spelling import edits

Kind = Literal["text", "number", "moment", "missing"]

SHORT, LONG = 4, 8  # letters: shorter texts are other texts, longer ones may have two slips
RELATIVE = 0.01
DEVIATIONS = 12  # two normal values at random lie within a twelfth of the deviation in one case of 21
SIGNIFICANT = 2  # digits that a rounded number keeps
DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Yardstick:
    """What is little in a column: the standard deviation of a number, or of a moment in seconds, or none."""

    deviation: float | None = None


def little(one: Any, other: Any, by: Yardstick) -> Kind | None:
    """How two different cells differ, or None where they differ in more than little.

    >>> little("Anna Berg", "berg anna", Yardstick()), little("Berlin", "Berlni", Yardstick())
    ('text', 'text')
    >>> little(1204.5, 1205.0, Yardstick(300.0)), little(12.0, 40.0, Yardstick(300.0))
    ('number', None)
    """
    if one is None or other is None:
        return "missing"
    if isinstance(one, str):
        return "text" if _same_text(one, other) else None
    if isinstance(one, bool) or by.deviation is None:
        return None
    if isinstance(one, datetime):
        apart = abs((one - other).total_seconds())
        return "moment" if apart <= min(DAY_SECONDS, by.deviation / DEVIATIONS) else None
    return "number" if _same_number(float(one), float(other), by.deviation) else None


def _same_text(one: str, other: str) -> bool:
    one, other = _plain(one), _plain(other)
    if sorted(one.split()) == sorted(other.split()) or one.replace(" ", "") == other.replace(" ", ""):
        return True
    shorter = min(len(one), len(other))
    most = 0 if shorter < SHORT else 1 if shorter < LONG else 2
    return bool(most) and abs(len(one) - len(other)) <= most and edits(one, other) <= most


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _same_number(one: float, other: float, deviation: float) -> bool:
    apart, most = abs(one - other), max(abs(one), abs(other))
    if apart > deviation / DEVIATIONS:
        return False
    whole = one.is_integer() and other.is_integer()
    return apart <= max(RELATIVE * most, float(whole)) or _rounded(one, other) or _rounded(other, one)


def _rounded(number: float, to: float) -> bool:
    """Whether one is the other to whole numbers, or to two digits."""
    if not number:
        return False
    return to in (round(number), round(number, SIGNIFICANT - 1 - floor(log10(abs(number)))))
