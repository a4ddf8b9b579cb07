"""The final report on disk: `final.html`, `final.md` and, with a browser at hand, `final.pdf`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from fullcycle.core.project.files import write_text_atomically
from fullcycle.people.report.build import PAGES, environment, languages_of, shared_words
from fullcycle.people.report.final.chapters import CHAPTERS, GOALS, Chapter, chapters
from fullcycle.people.report.final.decisions import DECISIONS
from fullcycle.people.report.final.markdown import markdown
from fullcycle.people.report.final.pdf import browser, print_pdf
from fullcycle.people.report.notes import read_notes, remarks
from fullcycle.people.report.records import Records, read_records
from fullcycle.people.report.words import LANGUAGES, Words

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

NOTES = {GOALS, DECISIONS, *CHAPTERS, *PAGES}


def build_final(project: Project, languages: Sequence[str] | None = None, *, pdf: bool = True) -> list[Path]:
    """The whole cycle as one document in each language; returns its files. Nothing where no stage has run.

    Raises UserError for a language without words, evidence that can't be read, or a browser that fails.
    """
    wanted = languages_of(project, languages)
    records = read_records(project.paths.evidence, read_notes(project.paths.notes, NOTES))
    if not records.in_order:
        return []
    pages = [project.paths.reports / language / "final.html" for language in wanted]
    for language, page in zip(wanted, pages, strict=True):
        html, text = render_final(project.settings.name, records, language, wanted)
        write_text_atomically(page, html)
        write_text_atomically(page.with_suffix(".md"), text)
    written = [path for page in pages for path in (page, page.with_suffix(".md"))]
    program = browser() if pdf else None
    return written if program is None else [*written, *_printed(pages, program)]


def _printed(pages: Sequence[Path], program: str) -> list[Path]:
    """After all pages are written: a browser may fail."""
    for page in pages:
        print_pdf(page, page.with_suffix(".pdf"), program)
    return [page.with_suffix(".pdf") for page in pages]


def render_final(name: str, records: Records, language: str, languages: Sequence[str]) -> tuple[str, str]:
    """The document as HTML and as Markdown."""
    words = Words(language)
    parts = chapters(words, records)
    others = [{"code": code, "name": LANGUAGES[code]} for code in languages if code != language]
    html = (
        environment()
        .get_template("final.html.j2")
        .render(
            project_name=name,
            title=words.gettext("Final report"),
            chapters=parts,
            remarked={part.anchor: _remarked(words, records, part) for part in parts},
            languages=others,
            **shared_words(words),
        )
    )
    own = {part.note: _note(records.notes, part.note, language) for part in parts}
    return html, markdown(words, name, parts, own)


def _remarked(words: Words, records: Records, part: Chapter) -> Markup:
    return remarks(records.notes, part.note, words.language).general


def _note(notes: Mapping[str, str], part: str, language: str) -> str:
    return notes.get(f"{part}.{language}", notes.get(part, ""))
