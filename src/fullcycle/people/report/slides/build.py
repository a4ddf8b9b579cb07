"""Presentations on disk: one PowerPoint file for each language, beside its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.people.report.build import languages_of
from fullcycle.people.report.notes import read_notes
from fullcycle.people.report.records import read_records
from fullcycle.people.report.slides.deck import Shown
from fullcycle.people.report.slides.outline import PARTS, deck_of
from fullcycle.people.report.slides.pptx_file import write_pptx

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

FILE = "presentation.pptx"


def build_slides(project: Project, languages: Sequence[str] | None, shown: Shown | None) -> list[Path]:
    """The presentation in each language; returns its paths.

    Raises UserError for a language without words, where nothing was run yet, or evidence that can't be read.
    """
    records = read_records(project.paths.evidence)
    if not records.in_order:
        raise UserError(
            where=str(project.paths.evidence),
            found="no evidence of any stage",
            expected="something to present",
            hint="fullcycle run",
        )
    records = replace(records, notes=read_notes(project.paths.notes, PARTS))
    written = []
    for language in languages_of(project, languages):
        path = project.paths.reports / language / FILE
        write_pptx(deck_of(project.settings.name, records, language, shown), path)
        written.append(path)
    return written
