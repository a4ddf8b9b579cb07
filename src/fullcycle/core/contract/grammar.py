"""The one grammar of cells: white space, texts, numbers, truth words and dates, ASCII throughout.

Both compilers take their patterns from here, `row` for Python's re and `table` for DuckDB's RE2, and cast
only what has matched: left alone, DuckDB reads '1_000' and '0x1F' as numbers, Python reads full-width digits,
and a zone is lost when text is cast to a timestamp without one (DECISIONS 11). Patterns match whole texts and
use only syntax that means the same in both engines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

# ASCII control space, then what spreadsheets and web pages leave: no-break spaces, the byte order mark, the
# zero-width space and Unicode's space separators.
WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200C)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
NUL = "\0"  # dropped everywhere: DuckDB's Unicode functions end at it
UPPER, LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_TO_LOWER = str.maketrans(UPPER, LOWER)

NUMBER = {
    ".": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?",
    ",": r"[+-]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?",
}
NO_BREAK = "\xa0\u2009\u202f"  # spaces that spreadsheets put between digits and before a unit
GAP = f"[ {NO_BREAK}]"
# Marks between groups of three digits, by the contract's name for them, as one class of characters each.
THOUSANDS = {",": "[,]", ".": "[.]", " ": GAP, "'": "['\u2019]"}
DASHES = "\u2212\u2013\u2014"  # a true minus and what word processors make of a hyphen
# A whole number with a fraction of zeros, as pandas writes integers with gaps: "12.0" is "12", "-0.0" is "0".
# "007.0" and "1.50" are codes of some kind and stay.
WHOLE = r"-?(0)\.0+|(-?[1-9][0-9]*)\.0+"
WHOLE_TEMPLATE = r"\1\2"

TRUE_WORDS = ("true", "t", "yes", "y", "on", "1")
FALSE_WORDS = ("false", "f", "no", "n", "off", "0")

YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"  # there is no year 0000
MONTH, MONTH2 = "(?:0?[1-9]|1[0-2])", "(?:0[1-9]|1[0-2])"
DAY, DAY2 = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0[1-9]|[12][0-9]|3[01])"
HALF = r"[AaPp]\.?[Mm]\.?"  # of the day; then the hour is 1 to 12
CLOCK = r"(?:[T ](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)"
ZONE = "(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
# A browser puts a comma before the hour and a narrow space behind it; UTC says nothing that is not so anyway.
TIME = f"(?:,?({CLOCK})(?:{GAP}?(?:({ZONE}|{HALF})|UTC|GMT))?)?"
# The hour of a plain moment with a half of the day: 1 to 12, then the rest without that half.
HALVED = rf"([0-9-]{{8,10}}[T ])(0?[1-9]|1[0-2])(:[0-9:.]+?)({HALF})"
NOON = r"[0-9-]{8,10}[T ]12:.*"
AFTERNOON = r".*[Pp]\.?[Mm]\.?"


def _in_any_case(text: str) -> str:
    return "".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in text)


_MONTHS = {
    "01": "jan янв",
    "02": "feb фев",
    "03": "mar мар",
    "04": "apr апр",
    "05": "may май мая",
    "06": "jun июн",
    "07": "jul июл",
    "08": "aug авг",
    "09": "sep сен",
    "10": "oct окт",
    "11": "nov ноя",
    "12": "dec дек",
}
MONTH_NUMBERS = {name: number for number, names in _MONTHS.items() for name in names.split()}
_REST = (
    "uary ruary ch il e y ust t tember ember ober аря арь раля раль т та еля ель я ь уста уст тября тябрь "
    "ября ябрь абря абрь бря брь"
)
MONTH_NAME = (
    f"({'|'.join(map(_in_any_case, MONTH_NUMBERS))})(?:{'|'.join(map(_in_any_case, _REST.split()))})?[.]?"
)
_DAYS = "mon tue wed thu fri sat sun"
WEEKDAY = f"(?:(?:{'|'.join(map(_in_any_case, _DAYS.split()))})[A-Za-z]{{0,6}},? )?"
YEAR2 = "[0-9]{2}"
CENTURY_FROM = "69"  # two digits from here are of the 20th century, as POSIX has it
CENTURIES = {"20": "[0-5][0-9]|6[0-8]", "19": "69|[7-9][0-9]"}
MONTH_PATTERNS = {number: "|".join(map(_in_any_case, names.split())) for number, names in _MONTHS.items()}

US_PER_S = 1_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()
FIRST_US = -62_135_596_800 * US_PER_S  # 0001-01-01, what every library's datetime can hold
LAST_US = 253_402_300_800 * US_PER_S - 1  # the last microsecond of 9999


@dataclass(frozen=True)
class DateForm:
    """A way of writing moments: a pattern, and the template that turns a match into plain ISO or a decimal.

    `units_per_s` is None for calendar forms. A moment without a zone is UTC. `like` is an example for people.
    `short` says that a year may have two digits after the template, `named` that the month is its first three
    letters, which stand in fifth place once the year has four digits.
    """

    pattern: str
    template: str
    like: str
    units_per_s: int | None = None
    short: bool = False
    named: bool = False


DATE_FORMS = {
    "iso": DateForm(
        f"({YEAR})-({MONTH2})-({DAY2}){TIME}", r"\1-\2-\3\4\5", "2013-01-31 or 2013-01-31T10:15:00Z"
    ),
    "dmy": DateForm(f"({DAY})[./-]({MONTH})[./-]({YEAR}){TIME}", r"\3-\2-\1\4\5", "31.01.2013"),
    "mdy": DateForm(f"({MONTH})[./-]({DAY})[./-]({YEAR}){TIME}", r"\3-\1-\2\4\5", "01/31/2013"),
    "ymd": DateForm(
        f"(?:({YEAR})[./-]({MONTH})[./-]({DAY})|({YEAR})({MONTH2})({DAY2})){TIME}",
        r"\1\4-\2\5-\3\6\7\8",
        "2013/01/31 or 20130131",
    ),
    "dmy2": DateForm(
        f"(?:({DAY})/({MONTH})/({YEAR2})|({DAY2})[.]({MONTH2})[.]({YEAR2})){TIME}",
        r"\3\6-\2\5-\1\4\7\8",
        "31.01.13",
        short=True,
    ),
    "mdy2": DateForm(
        f"(?:({MONTH})/({DAY})/({YEAR2})|({MONTH2})[.]({DAY2})[.]({YEAR2})){TIME}",
        r"\3\6-\1\4-\2\5\7\8",
        "01/31/13",
        short=True,
    ),
    "dmy_name": DateForm(
        f"{WEEKDAY}({DAY})(?:st|nd|rd|th)?[ ./-]?{MONTH_NAME},?[ /-]?({YEAR}|{YEAR2})(?: ?г[.]?)?{TIME}",
        r"\3-\2-\1\4\5",
        "31 January 2013 or 31-Jan-13",
        short=True,
        named=True,
    ),
    "mdy_name": DateForm(
        f"{WEEKDAY}{MONTH_NAME}[ /-]?({DAY})(?:st|nd|rd|th)?(?:(?:, ?|[ /-])({YEAR})|, ?({YEAR2})){TIME}",
        r"\3\4-\1-\2\5\6",
        "January 31, 2013",
        short=True,
        named=True,
    ),
    "epoch_s": DateForm(
        r"(-?[0-9]{1,12})(?:(\.[0-9]{1,6})[0-9]{0,9})?", r"\1\2", "1359627300 (seconds since 1970)", 1
    ),
    "epoch_ms": DateForm(
        r"(-?[0-9]{1,15})(?:(\.[0-9]{1,3})[0-9]{0,9})?",
        r"\1\2",
        "1359627300000 (milliseconds since 1970)",
        1000,
    ),
    "epoch_us": DateForm(
        r"(-?[0-9]{1,18})(?:[.][0-9]{1,9})?", r"\1", "1359627300000000 (microseconds since 1970)", US_PER_S
    ),
    # What is less than a microsecond is cut off.
    "epoch_ns": DateForm(
        r"(-?[0-9]{1,16})[0-9]{3}(?:[.][0-9]{1,9})?",
        r"\1",
        "1359627300000000000 (nanoseconds since 1970)",
        US_PER_S,
    ),
}
_PLAIN = re.compile(
    r"([0-9]+)-([0-9]+)-([0-9]+)(?:.([0-9]+):([0-9]+)(?::([0-9]+)(?:\.([0-9]+))?)?)?(?:(Z)|([+-][0-9]{2}):?([0-9]{2})?)?"
)
_WHOLE = re.compile(WHOLE)
_HALVED = re.compile(HALVED)


def clean_text(value: str, *, strip: bool = True) -> str:
    """NUL-free, in normal form C, without white space at both ends (if `strip`).

    Raises UnicodeEncodeError for a lone surrogate: no table could hold it.
    """
    if NUL in value:
        value = value.replace(NUL, "")
    if not value.isascii():
        value.encode()
        value = normalize("NFC", value)
    return value.strip(WHITE) if strip else value


def fold(text: str) -> str:
    """ASCII letters in lower case; every other letter stays, as no two libraries agree on those."""
    return text.lower() if text.isascii() else text.translate(_TO_LOWER)


def without_zeros(text: str) -> str:
    """A whole number without its fraction of zeros; any other text as it is."""
    if text.endswith("0") and "." in text:
        match = _WHOLE.fullmatch(text)
        if match is not None:
            return match[1] or match[2]
    return text


def number_pattern(decimal: str, thousands: str | None) -> str:
    """Numbers with this decimal mark and, if there is one, this mark between groups of three digits."""
    if thousands is None:
        return NUMBER[decimal]
    mark, point = THOUSANDS[thousands], f"[{decimal}]"
    whole = f"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]+)"
    return f"[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"


def number_rewrites(unit: str, negative: Sequence[str], zero: str) -> list[tuple[str, str]]:
    """Patterns of whole texts and their templates, which one after the other leave a plain number.

    What doesn't match one of them stays as it is. A unit stands within brackets or beside them.
    """
    beside = f"{_unit_pattern(unit)}{GAP}*" if unit else ""
    before, behind = (f"(?:{beside})?", f"(?:{GAP}*{_unit_pattern(unit)})?") if unit else ("", "")
    rewrites = [(f"{before}{re.escape(zero)}{behind}", "0")] if zero else []
    rewrites += [(NEGATIVES[name].format(before=before, behind=behind), r"-\1") for name in negative]
    if unit:
        one = _unit_pattern(unit)
        rewrites.append((f"([+-]?){one}{GAP}?([^\n]*)|([^\n]*?){GAP}?{one}", r"\1\2\3"))
    return rewrites


_UNSIGNED = f"[^()+\n{DASHES}-][^()\n]*?"
# Ways of writing a negative number, by the contract's name for them: (5), 5- and \u22125.
NEGATIVES = {
    "brackets": f"{{before}}[(]{GAP}*({_UNSIGNED}){GAP}*[)]{{behind}}",
    "trailing": f"({_UNSIGNED}){GAP}?[{DASHES}-]{{behind}}",
    "dash": f"{{before}}[{DASHES}]{GAP}?({_UNSIGNED})",
}


def _unit_pattern(unit: str) -> str:
    """A unit in any case, with the dot that some end with or without it."""
    return "".join(map(_of_unit, unit.rstrip("."))) + "[.]?"


def _of_unit(character: str) -> str:
    """Letters of any alphabet in both cases, as both engines know them: `Руб.` is `руб.`"""
    small, capital = character.lower(), character.upper()
    return (
        f"[{small}{capital}]"
        if len(small) == len(capital) == 1 and small != capital
        else re.escape(character)
    )


def text_of_number(value: float) -> str:
    """How a number is written in a column of texts: 12, 12.5, 1e+20. Integers are never rounded here."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 2.0**63:
        return str(int(value))
    return repr(value)


def moment_of(text: str, form: DateForm, match: re.Match[str]) -> int | None:
    """Microseconds since 1970 UTC of a text that matched, or None for the 31st of February."""
    plain = match.expand(form.template)
    if form.short and plain[2] == "-":
        plain = ("19" if plain[:2] >= CENTURY_FROM else "20") + plain
    if form.named:
        plain = f"{plain[:5]}{MONTH_NUMBERS[plain[5:8].lower()]}{plain[8:]}"
    micros = _from_calendar(plain) if form.units_per_s is None else _from_epoch(plain, form.units_per_s)
    return micros if micros is not None and FIRST_US <= micros <= LAST_US else None


def _from_epoch(plain: str, units_per_s: int) -> int:
    whole, _, fraction = plain.partition(".")
    unit_us = US_PER_S // units_per_s
    digits = len(str(unit_us)) - 1
    part = int(fraction.ljust(digits, "0")) if fraction else 0
    return int(whole) * unit_us + (-part if plain.startswith("-") else part)


def _from_calendar(plain: str) -> int | None:
    if plain.endswith(("m", "M", ".")):
        halved = _HALVED.fullmatch(plain)
        if halved is None:
            return None
        morning = _from_calendar(f"{halved[1]}{int(halved[2]) % 12:02}{halved[3]}")
        afternoon = halved[4][0] in "pP"
        return None if morning is None else morning + afternoon * 12 * 3600 * US_PER_S
    match = _PLAIN.fullmatch(plain)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _, zone_hour, zone_minute = match.groups("")
    try:
        days = date(int(year), int(month), int(day)).toordinal() - EPOCH_DAY
    except ValueError:
        return None
    seconds = days * 86_400 + int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    if zone_hour:
        ahead = int(zone_hour[1:]) * 3600 + int(zone_minute or 0) * 60
        seconds += ahead if zone_hour.startswith("-") else -ahead
    return seconds * US_PER_S + int((fraction + "000000")[:6])
