"""The threshold that earns most, chosen on the out-of-fold answers of the very form that is deployed."""

from __future__ import annotations

from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.models.value import best_threshold, read_gains
from fullcycle.core.project.project import Project
from fullcycle.cycle.prepare.variants.chosen import Chosen, variant_rows


def threshold_of(project: Project, experiment: ExperimentEvidence, chosen: Chosen) -> float | None:
    """The experiment's own for its champion; a variant gets one from its own answers on the same rows."""
    if chosen.out_of_fold is None or experiment.threshold is None or project.settings.value is None:
        return experiment.threshold
    rows = variant_rows(project)
    gains = read_gains(project, project.paths.train, rows.features.index[rows.fold_of >= 0])
    return best_threshold(chosen.out_of_fold.answer[:, 1], chosen.out_of_fold.codes, gains)
