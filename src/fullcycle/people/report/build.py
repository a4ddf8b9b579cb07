"""Evidence in, pages out: the only module of the reports that reads and writes files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.people.report.blocks import Page, Remarked, Section
from fullcycle.people.report.notes import read_notes, remarks
from fullcycle.people.report.records import Records, read_records
from fullcycle.people.report.terms import SEVERITIES
from fullcycle.people.report.words import LANGUAGES, Words

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


def _page_of(stage: str) -> Callable[[Words, Records], Page]:
    """What makes the page of a stage: its module is imported when there is something to tell."""

    def made(words: Words, records: Records) -> Page:
        module = import_module(f"fullcycle.people.report.pages.{stage}")
        page: Page = getattr(module, f"{stage}_page")(words, records)
        return page

    return made


TEMPLATES = resources.files("fullcycle.people.report") / "templates"
PAGES: dict[str, tuple[str, Callable[[Words, Records], Page], Callable[[Records], bool]]] = {
    "index": (_("Overview"), _page_of("index"), lambda records: True),
    "clean": (
        _("Data"),
        _page_of("clean"),
        lambda records: records.collect is not None or records.clean is not None,
    ),
    "explore": (_("Analysis"), _page_of("explore"), lambda records: records.explore is not None),
    "experiment": (_("Experiments"), _page_of("experiment"), lambda records: records.experiment is not None),
    "hypotheses": (_("Hypotheses"), _page_of("hypotheses"), lambda records: records.hypotheses is not None),
    "prepare": (_("Preparation"), _page_of("prepare"), lambda records: records.prepare is not None),
    "verify": (_("Verification"), _page_of("verify"), lambda records: records.verify is not None),
    "labels": (_("Labels"), _page_of("labels"), lambda records: records.label is not None),
    "monitor": (_("Monitoring"), _page_of("monitor"), lambda records: records.monitor is not None),
    "abtest": (_("A/B tests"), _page_of("abtest"), lambda records: records.abtest is not None),
    "automation": (_("Automation"), _page_of("automation"), lambda records: records.automation is not None),
    "assess": (_("Readiness"), _page_of("assess"), lambda records: records.assess is not None),
}
BESIDE = (
    "hypotheses",
    "labels",
    "monitor",
    "abtest",
    "automation",
    "assess",
)  # beside the cycle: no page says that they come later


def build_reports(project: Project, languages: Sequence[str] | None = None) -> list[Path]:
    """Every page that there is evidence for, in each language; returns paths, a language's index first.

    Pages of stages that have no evidence (any more) are removed. Raises UserError for a language without
    words, or evidence that can't be read.
    """
    wanted = languages_of(project, languages)
    records = read_records(project.paths.evidence, read_notes(project.paths.notes, PAGES))
    written = []
    for language in wanted:
        pages = render_pages(project.settings.name, records, language, wanted)
        written += _write(project.paths.reports / language, pages)
    return written


def languages_of(project: Project, languages: Sequence[str] | None) -> tuple[str, ...]:
    """Those that were asked for, or the project's; UserError for one without words."""
    wanted = tuple(languages or project.settings.languages)
    unknown = [language for language in wanted if language not in LANGUAGES]
    if unknown:
        raise UserError(
            where="languages",
            found=f"'{unknown[0]}'",
            expected=f"one of {', '.join(LANGUAGES)}",
            hint="see fullcycle.yaml",
        )
    return wanted


def render_pages(name: str, records: Records, language: str, languages: Sequence[str]) -> dict[str, str]:
    """The pages of one language as HTML, by file name."""
    words = Words(language)
    there = {stage: made for stage, (_, made, is_there) in PAGES.items() if is_there(records)}
    navigation = [
        {"stage": stage, "title": words.gettext(title), "file": f"{stage}.html" if stage in there else ""}
        for stage, (title, _, _) in PAGES.items()
        if stage in there or stage not in BESIDE
    ]
    others = [{"code": code, "name": LANGUAGES[code]} for code in languages if code != language]
    shared = {"project_name": name, "navigation": navigation, "languages": others, **shared_words(words)}
    template = environment().get_template("page.html.j2")
    return {
        f"{stage}.html": template.render(
            page=_remarked(words, records, made(words, records)), file=f"{stage}.html", **shared
        )
        for stage, made in there.items()
    }


def _remarked(words: Words, records: Records, page: Page) -> Page:
    """The page with what people wrote about its stage, before everything that was measured."""
    columns = [profile.name for profile in records.explore.columns] if records.explore else []
    about = columns if page.stage == "explore" else ()
    general = remarks(records.notes, page.stage, words.language, about).general
    if not general.strip():
        return page
    section = Section("remarks", words.gettext("Remarks of the people in charge"), [Remarked(general)])
    return replace(page, sections=[section, *page.sections])


def shared_words(words: Words) -> dict[str, object]:
    """How templates speak."""
    return {
        "words": words,
        "gettext": words.say,
        "severities": {severity: words.gettext(name) for severity, name in SEVERITIES.items()},
    }


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates with escaping on, and style and script as they stand in the package."""
    made = Environment(
        loader=PackageLoader("fullcycle.people.report"), autoescape=True, undefined=StrictUndefined
    )
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    made.globals.update(script=Markup(script), script_hash=digest, style=Markup(style))
    return made


def _write(folder: Path, pages: dict[str, str]) -> list[Path]:
    for stage in PAGES:
        if f"{stage}.html" not in pages:
            (folder / f"{stage}.html").unlink(missing_ok=True)
    for file, html in pages.items():
        write_text_atomically(folder / file, html)
    return [folder / file for file in pages]
