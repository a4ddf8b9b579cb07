"""A person's own text on a part (`notes/PART.md`) as slides of its own, kept across rebuilds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fullcycle.people.report.slides.deck import Slide
from fullcycle.people.report.slides.told import POINT_CHARACTERS, shortened
from fullcycle.people.report.words import Words

POINTS_OF_A_SLIDE = 7
MARKS = re.compile(r"^[#>*+\-\s]+|[*_`]{1,3}|\[([^\]]*)\]\([^)]*\)", re.MULTILINE)


def remark_slides(words: Words, notes: Mapping[str, str], part: str) -> Iterable[Slide]:
    """Its lines as points, as many slides as they need; the whole text is in the speaker's notes."""
    text = notes.get(f"{part}.{words.language}", notes.get(part, ""))
    lines = [line for line in (_without_marks(each) for each in text.splitlines()) if line]
    for start in range(0, len(lines), POINTS_OF_A_SLIDE):
        shown = [shortened(line, POINT_CHARACTERS) for line in lines[start : start + POINTS_OF_A_SLIDE]]
        title = words.gettext("Remarks of the people in charge")
        yield Slide(title, points=shown, notes=lines[start : start + POINTS_OF_A_SLIDE])


def _without_marks(line: str) -> str:
    """A line of Markdown as plain text; what separates a table is left out."""
    if set(line.strip()) <= set("|-: ") or line.strip().startswith("```"):
        return ""
    plain = MARKS.sub(lambda found: found[1] or "", line)
    return " ".join(part.strip() for part in plain.split("|") if part.strip())
