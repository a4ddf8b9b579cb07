"""From what pages say to what fits on a slide: plain texts, few columns, the weightiest sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from fullcycle.people.report.blocks import Facts, Page, Section, Table, Text
from fullcycle.people.report.slides.deck import NativeTable

TAG = re.compile(r"<[^>]+>")
POINTS, POINT_CHARACTERS = 4, 400
ROWS = 8
LINE_CHARACTERS = 103  # of a table as wide as the slide; a cell has three lines at most


def plain(text: Text) -> str:
    """A text of a page without its markup.

    >>> from markupsafe import Markup
    >>> plain(Markup("<b>tenure</b> &lt; 6"))
    'tenure < 6'
    """
    return unescape(TAG.sub("", str(text))) if hasattr(text, "__html__") else str(text)


def shortened(text: Text, characters: int) -> str:
    """What fits, cut after a word.

    >>> shortened("a long sentence", 9)
    'a long …'
    """
    whole = " ".join(plain(text).split(" "))
    return whole if len(whole) <= characters else whole[: characters - 1].rsplit(" ", 1)[0] + " …"


def points_of(page: Page | None, at_most: int = POINTS) -> list[str]:
    """The first conclusions of a page."""
    conclusions = page.conclusions if page else ()
    return [shortened(each.text, POINT_CHARACTERS) for each in conclusions[:at_most]]


def section_of(page: Page | None, name: str) -> Section | None:
    """A section of a page by its anchor."""
    return next((each for each in page.sections if each.id == name), None) if page else None


def table_of(
    page: Page | None, section: str, columns: Sequence[int], widths: Sequence[float], rows: int = ROWS
) -> NativeTable | None:
    """Some columns of the first table of a section; None where the page has none."""
    there = section_of(page, section)
    table = next((block for block in there.blocks if isinstance(block, Table)), None) if there else None
    if table is None or not table.rows:
        return None
    return NativeTable(
        header=[plain(table.columns[at].title) for at in columns],
        rows=[
            [_in_three_lines(row[at].text, share) for at, share in zip(columns, widths, strict=True)]
            for row in table.rows[:rows]
        ],
        numeric=[table.columns[at].numeric for at in columns],
        widths=widths,
    )


def facts_of(page: Page | None, section: str, header: Sequence[str], rows: int = ROWS) -> NativeTable | None:
    """The pairs of a section as a table of two columns."""
    there = section_of(page, section)
    facts = next((block for block in there.blocks if isinstance(block, Facts)), None) if there else None
    if facts is None:
        return None
    pairs = [[plain(name), _in_three_lines(value, 0.6)] for name, value in facts.pairs[:rows]]
    return NativeTable(header, pairs, [False, False], [0.4, 0.6])


def _in_three_lines(text: Text, share: float) -> str:
    return shortened(text, int(3 * share * LINE_CHARACTERS) - 8)
