"""What the final report holds, chapter by chapter: what pages say already, and the log of decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fullcycle.people.report.blocks import Cards, Commands, Page, Section, Text
from fullcycle.people.report.build import PAGES
from fullcycle.people.report.final.decisions import decisions_page
from fullcycle.people.report.pages.index import index_page
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


# The order of the cycle; a page that is added to PAGES and named nowhere here comes before the decisions.
CHAPTERS = {
    "clean": _("Collection and cleaning"),
    "explore": _("Analysis"),
    "hypotheses": _("Hypotheses and what came out"),
    "experiment": _("Experiments"),
    "prepare": _("Preparation"),
    "verify": _("Verification"),
    "automation": _("Deployment and automation"),
    "monitor": _("Monitoring"),
    "abtest": _("A/B tests"),
    "labels": _("Labels"),
    "assess": _("Readiness"),
}
GOALS = "goals"
LEFT_OUT = (Cards, Commands)  # what a person searches or types belongs on the page of a stage
IN_SHORT = {"assess": ("criteria",)}  # chapters that hold some sections of their page alone


@dataclass(frozen=True)
class Chapter:
    """A part of the report: what its page says, under `anchor`. `note` names a person's own text."""

    anchor: str
    title: Text
    page: Page
    note: str


def chapters(words: Words, records: Records) -> list[Chapter]:
    """The report in order; what has no evidence has no chapter."""
    others = [stage for stage in PAGES if stage not in CHAPTERS and stage != "index"]
    there = [stage for stage in (*CHAPTERS, *others) if stage in PAGES]
    made = [_of_page(words, records, stage) for stage in there if PAGES[stage][2](records)]
    return [_goals(words, records), *made, *_decided(words, records)]


def _goals(words: Words, records: Records) -> Chapter:
    page = replace(index_page(words, records), sections=())
    return Chapter(GOALS, words.gettext("Goals and verdict"), page, GOALS)


def _of_page(words: Words, records: Records, stage: str) -> Chapter:
    title, make, _there = PAGES[stage]
    page = make(words, records)
    only = IN_SHORT.get(stage)
    sections = [section for section in page.sections if only is None or section.id in only]
    kept = [section for section in map(_for_reading, sections) if section.blocks]
    return Chapter(stage, words.gettext(CHAPTERS.get(stage, title)), replace(page, sections=kept), stage)


def _for_reading(section: Section) -> Section:
    return replace(section, blocks=[block for block in section.blocks if not isinstance(block, LEFT_OUT)])


def _decided(words: Words, records: Records) -> list[Chapter]:
    page = decisions_page(words, records)
    return [Chapter(page.stage, page.title, page, page.stage)] if page else []
