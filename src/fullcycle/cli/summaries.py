"""What a stage found, in a few lines of text. Rendered from evidence, never computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullcycle.core.evidence import Evidence
    from fullcycle.core.project.project import Project


def read_stage(project: Project, stage: str) -> Evidence:
    """The evidence of a stage by its name."""
    from fullcycle.core import evidence as kinds
    from fullcycle.core.evidence.store import read_evidence

    every: tuple[type[Evidence], ...] = (
        kinds.CollectEvidence,
        kinds.CleanEvidence,
        kinds.ExploreEvidence,
        kinds.ExperimentEvidence,
        kinds.PrepareEvidence,
        kinds.VerifyEvidence,
    )
    return read_evidence(project.paths.evidence, next(kind for kind in every if kind.stage == stage))


def passed(evidence: Evidence) -> bool:
    """The verdict, for the one stage that has one."""
    return bool(getattr(evidence, "passed", True))


def summary(evidence: Evidence) -> list[str]:
    """A few lines for a terminal."""
    return [f"{evidence.stage}: {len(evidence.findings)} findings"]
