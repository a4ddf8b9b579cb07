"""The verdict in the flat forms that DVC reads, for `dvc metrics diff` and `dvc plots diff`.

Copied from evidence, never measured anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.core.project.files import write_text_atomically

METRICS, OBSERVED = "metrics.json", "observed.json"


def write_for_dvc(folder: Path, evidence: VerifyEvidence) -> None:
    """Write both files into the folder of evidence."""
    for name, content in ((METRICS, flat_metrics(evidence)), (OBSERVED, observed_points(evidence))):
        write_text_atomically(folder / name, json.dumps(content, indent=1) + "\n")


def flat_metrics(evidence: VerifyEvidence) -> Mapping[str, float | None]:
    """Each metric on the test set by its name, and how many gates passed."""
    values = {result.metric: result.model.value for result in evidence.metrics}
    return {**values, "gates_passed": sum(gate.passed for gate in evidence.gates)}


def observed_points(evidence: VerifyEvidence) -> list[dict[str, float]]:
    """What was predicted beside what happened: by bin of the probability for classes, by row for a number."""
    bins = [{"predicted": part.predicted, "observed": part.observed} for part in evidence.calibration]
    rows = [{"predicted": predicted, "observed": actual} for predicted, actual in evidence.predicted_actual]
    return bins or rows
