"""Reports for people: evidence as self-contained HTML pages, in English and Russian."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

__all__ = ["build_reports"]


def build_reports(project: Project, languages: Sequence[str] | None = None) -> list[Path]:
    """Write `reports/LANGUAGE/*.html`; see `build`."""
    from fullcycle.people.report.build import build_reports as build

    return build(project, languages)
