"""`evidence/label.json`: each command of `label` writes its part and keeps what others found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.core.evidence.store import evidence_path, read_evidence, write_evidence

if TYPE_CHECKING:
    from fullcycle.core.evidence.base import Finding, RunInfo
    from fullcycle.core.evidence.findings import Code
    from fullcycle.core.project.project import Project


def update_evidence(
    project: Project,
    parts: dict[str, Any],
    *,
    findings: Iterable[Finding],
    codes: Iterable[Code],
    run: RunInfo,
) -> LabelEvidence:
    """Write these parts; findings of `codes` are replaced by `findings`, others stay."""
    folder, replaced = project.paths.evidence, {code.value for code in codes}
    there = evidence_path(folder, LabelEvidence.stage).exists()
    before = read_evidence(folder, LabelEvidence) if there else LabelEvidence()
    kept = [each for each in before.findings if each.code not in replaced]
    after = before.model_copy(update={**parts, "findings": (*kept, *findings), "run": run})
    write_evidence(folder, after)
    return after
