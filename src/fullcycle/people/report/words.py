"""How a report speaks: one object for a language, with its sentences, plural forms, numbers and dates.

English sentences stand in the code and are the keys of the catalogue; the others are in
`locale/LANGUAGE/LC_MESSAGES/fullcycle.po`. The .po is what travels in the package, compiled in memory when a
language is first used (30 ms): so an editable install and a wheel work alike, and no .mo can be stale.

What a person's data contributed (names, values, commands) passes through `name`, `value` or `code`, which
escape it and mark it `translate="no"`; sentences are escaped before their parameters are put in.
"""

from __future__ import annotations

import gettext
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources

from babel import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_decimal, format_percent, format_scientific, parse_pattern
from markupsafe import Markup, escape

LANGUAGES = {"en": "English", "ru": "Русский"}
DOMAIN = "fullcycle"
NO_BREAK = "\N{NO-BREAK SPACE}"


# A page writes thousands of numbers in a few patterns, and many of the numbers again.
@lru_cache(maxsize=64)
def _pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


@lru_cache(maxsize=16_384)
def _decimal(number: float, pattern: str, locale: Locale) -> str:
    return str(format_decimal(number, _pattern(pattern), locale=locale)).replace("-", "−")


@lru_cache(maxsize=4_096)
def _percent(share: float, pattern: str, locale: Locale) -> str:
    return str(format_percent(share, _pattern(pattern), locale=locale)).replace("-", "−")


def catalogue_text(language: str) -> bytes:
    """The .po of a language as it lies in the package."""
    path = resources.files("fullcycle.people.report") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    return path.read_bytes()


@lru_cache(maxsize=8)
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English is the language of the keys and needs none."""
    if language == "en":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(catalogue_text(language)), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True)
class Written:
    """How an axis writes numbers: as text does, or to as many decimals as its steps need."""

    usual: Callable[[float], str]
    fixed: Callable[[float, int], str]

    def __call__(self, value: float) -> str:
        """As in text."""
        return self.usual(value)

    def finer(self, decimals: int) -> Callable[[float], str]:
        """To so many decimals."""
        return lambda value: self.fixed(value, decimals)


def as_line(text: str | Markup) -> str:
    """A sentence for a terminal: code stands in backticks, unless the whole line is code.

    >>> as_line(Markup("write <code>README.md</code>")), as_line(Markup("<code>git commit</code>"))
    ('write `README.md`', 'git commit')
    """
    alone = re.fullmatch(r"<code[^>]*>([^<]*)</code>", str(text))
    told = alone[1] if alone else re.sub(r"</?code[^>]*>", "`", str(text))
    return str(Markup(told).striptags())


class Words:
    """One language of a report."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._catalogue = translations(language)

    # sentences

    def gettext(self, message: str) -> str:
        """A text without parameters."""
        return self._catalogue.gettext(message) if message else ""

    def pgettext(self, context: str, message: str) -> str:
        """A text whose translation depends on where it stands."""
        return self._catalogue.pgettext(context, message)

    def say(self, message: str, **parameters: object) -> Markup:
        """A sentence with `%(parameter)s` put in; plain parameters are escaped, Markup is kept."""
        return escape(self.gettext(message)) % parameters

    def count(self, singular: str, plural: str, number: float, **parameters: object) -> Markup:
        """A sentence whose form depends on `number`, which it may show as `%(n)s`."""
        sentence = self._catalogue.ngettext(singular, plural, int(number))
        return escape(sentence) % {"n": self.whole(number), **parameters}

    # a person's own words

    def name(self, column: str) -> Markup:
        """A column's name."""
        return Markup('<b class="name" translate="no">{}</b>').format(column)

    def value(self, value: object) -> Markup:
        """A value out of a person's data, between quotes of the language."""
        opened, closed = ("«", "»") if self.language == "ru" else ("“", "”")
        return Markup('{}<span class="value" translate="no">{}</span>{}').format(opened, str(value), closed)

    def code(self, text: str) -> Markup:
        """A command, a path or an identifier."""
        return Markup('<code translate="no">{}</code>').format(text)

    def schedule(self, cron: str) -> Markup:
        """Five fields that no line's end parts."""
        return Markup('<code class="cron" translate="no">{}</code>').format(cron)

    def data(self, text: object) -> Markup:
        """Foreign text in a table's cell."""
        return Markup('<span translate="no">{}</span>').format(str(text))

    def names(self, columns: Sequence[str], at_most: int = 6) -> Markup:
        """Some names as the language lists them; what is too many is counted."""
        if len(columns) > at_most:
            shown = Markup(", ").join(self.name(column) for column in columns[: at_most - 1])
            rest = len(columns) - at_most + 1
            return self.count("%(names)s and %(n)s more", "%(names)s and %(n)s more", rest, names=shown)
        return self.joined([self.name(column) for column in columns])

    def values(self, values: Sequence[object], at_most: int = 5) -> Markup:
        """Some values between quotes, separated by commas."""
        return Markup(", ").join(self.value(value) for value in values[:at_most])

    def joined(self, parts: Sequence[Markup]) -> Markup:
        """`a, b and c`."""
        if not parts:
            return Markup("")
        # format_list works on text: stand-ins keep the parts' markup, and what may look like one, untouched
        pattern = format_list([f"\x00{index}\x00" for index in range(len(parts))], locale=self.locale)
        return Markup(
            re.sub("\x00(\\d+)\x00", lambda found: str(escape(parts[int(found[1])])), str(escape(pattern)))
        )

    # numbers and dates

    def whole(self, number: float | None) -> str:
        """A count."""
        return "–" if number is None else self._decimal(round(number), "#,##0")

    def tally(self, number: float) -> str:
        """A count on an axis, whose ticks may fall between whole numbers."""
        return self.whole(number) if float(number).is_integer() else self.number(number)

    def number(self, number: float | None, digits: int = 4) -> str:
        """A number to so many significant digits: `12,345`, `1971`, `0.04712`, `1.2 × 10⁻⁷`."""
        if number is None or not math.isfinite(number):
            return "–"
        size = abs(number)
        if size and (size < 1e-4 or size >= 1e15):
            return self.scientific(number)
        decimals = 0 if not size else max(0, digits - 1 - math.floor(math.log10(size)))
        whole = "#,##0" if size >= 10_000 else "0"  # 1971 may be a year
        shown = round(number, decimals) + 0.0  # never −0
        return self._decimal(shown, f"{whole}.{'#' * decimals}" if decimals else whole)

    def amount(self, number: float | None, digits: int = 3) -> str:
        """A measured number, which is never a year: `6,717`, `40,608`, `8.25`."""
        large = number is not None and 999.5 <= abs(number) < 10_000
        return self.whole(number) if large else self.number(number, digits)

    def fixed(self, number: float | None, decimals: int = 3) -> str:
        """A number to so many decimals, for columns of scores."""
        if number is None or not math.isfinite(number):
            return "–"
        shown = round(number, decimals) + 0.0  # never −0.00
        return self._decimal(shown, f"#,##0.{'0' * decimals}" if decimals else "#,##0")

    def score(self, number: float | None) -> str:
        """A metric: three decimals, fewer where it is large."""
        if number is None or not math.isfinite(number):
            return "–"
        size = abs(number)
        return self.fixed(number, 3 if size < 100 else 1 if size < 10_000 else 0)

    def numbers(self, digits: int = 4) -> Written:
        """How an axis writes numbers."""
        return Written(lambda value: self.number(value, digits), self.fixed)

    def amounts(self, digits: int = 3) -> Written:
        """How an axis writes what was measured."""
        return Written(lambda value: self.amount(value, digits), self.fixed)

    def scores(self) -> Written:
        """How an axis writes a metric."""
        return Written(self.score, self.fixed)

    def scientific(self, number: float) -> str:
        """`1.2 × 10⁻⁷`."""
        if number == 0:
            return "0"
        mantissa, exponent = str(format_scientific(number, "0.#E0", locale=self.locale)).split("E")
        raised = exponent.replace("-", "−").translate(str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{raised}" if mantissa == "1" else f"{mantissa}{NO_BREAK}×{NO_BREAK}10{raised}"

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """A share as per cent: `26.5%`, `26,5 %`; what is tiny and not nothing says so."""
        if share is None or not math.isfinite(share):
            return "–"
        pattern = (
            f"#,##0.{'#' * decimals}%" if self.language == "en" else f"#,##0.{'#' * decimals}{NO_BREAK}%"
        )
        smallest = 10 ** -(decimals + 2)
        if 0 < share < smallest / 2:
            return "<" + NO_BREAK + _percent(smallest, pattern, self.locale)
        return _percent(share, pattern, self.locale)

    def size(self, size_bytes: float) -> str:
        """Bytes as people say them, in powers of ten."""
        if size_bytes < 1000:
            return self.unit(self.whole(size_bytes), self.pgettext("unit", "B"))
        if size_bytes < 1_000_000:
            return self.unit(self.number(size_bytes / 1e3, 3), self.pgettext("unit", "kB"))
        return self.unit(self.number(size_bytes / 1e6, 3), self.pgettext("unit", "MB"))

    def unit(self, number: str, unit: str) -> str:
        """A number with its unit, never parted by a line's end."""
        return f"{number}{NO_BREAK}{unit}"

    def moment(self, iso: str) -> str:
        """A date and time, to the minute."""
        try:
            parsed = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        return str(
            format_datetime(
                parsed,
                "MMM d, y, HH:mm" if self.language == "en" else "d MMMM y, HH:mm",
                locale=self.locale,
            )
        )

    def _decimal(self, number: float, pattern: str) -> str:
        return _decimal(number, pattern, self.locale)
