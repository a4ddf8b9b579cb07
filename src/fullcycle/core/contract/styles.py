"""How a column of texts writes its numbers: marks, units, and signs of negative ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from fullcycle.core.contract.grammar import DASHES
from fullcycle.core.contract.model import Column, ColumnType

if TYPE_CHECKING:
    from fullcycle.core.contract.survey import ColumnSurvey

Decimal = Literal[".", ","]
Thousands = Literal[",", ".", " ", "'"]
Negative = Literal["brackets", "trailing", "dash"]

# How else than by a hyphen in front a number is told to be negative, by the contract's names.
NEGATIVE_LIKE: dict[Negative, str] = {
    "brackets": "[^0-9(\n]*[(][^0-9()\n]*[0-9][^()\n]*[)][^0-9)\n]*",
    "trailing": f"[^(\n]*[0-9][^0-9\n]*[{DASHES}-][^0-9\n]*",
    "dash": f"[^0-9(\n]*[{DASHES}][^0-9\n]*[0-9][^\n]*",
}


class Style(NamedTuple):
    """How a column of texts writes its numbers."""

    decimal: Decimal = "."
    thousands: Thousands | None = None
    unit: str = ""
    negative: tuple[Negative, ...] = ()
    zero: str = ""


MARKS: tuple[tuple[Decimal, Thousands | None], ...] = (
    (".", None),
    (",", None),
    (".", ","),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
)


def styles_of(column: ColumnSurvey) -> list[Style]:
    """Every way of writing numbers that what stands beside the column's digits suggests."""
    units = sorted(column.units or {}, key=lambda unit: (-(column.units or {})[unit], unit))[:2]
    negative: tuple[Negative, ...] = tuple(name for name in NEGATIVE_LIKE if getattr(column, name))
    zero = "-" if column.unit_and_dash else ""
    return [Style(*marks, unit, negative, zero) for unit in ("", *units) for marks in MARKS]


def rank_of(style: Style, read: int, decimal: Decimal) -> tuple[int, bool, bool, bool]:
    """The style that reads most; of equals without a unit, with the file's decimal mark, without thousands.

    Digits in groups of three behind the mark that the file has for thousands are thousands: 1,234.
    """
    return -read, bool(style.unit), style.decimal != decimal, style.thousands is not None


def is_one_scale(column: ColumnSurvey, style: Style) -> bool:
    """Percents among fractions of one would be two scales in a column."""
    return style.unit != "%" or column.plain_numbers <= 0 or (column.high or 0.0) > 1.0


def other_reading(column: ColumnSurvey, best: Style, found: dict[Style, int]) -> Style | None:
    """1,234 alone may be a thousand or a fraction, where nothing in the column says which."""
    other = best._replace(decimal=best.thousands, thousands=None) if best.thousands in (".", ",") else None
    return other if other in found and found[other] == found[best] else None


def styled(name: str, style: Style) -> Column:
    """A column of numbers that are written so."""
    return Column(name=name, type=ColumnType.numeric, **style._asdict())
