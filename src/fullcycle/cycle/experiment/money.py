"""What the candidates are worth on out-of-fold predictions, and the threshold that earns most there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.metrics import labels_of
from fullcycle.core.models.material import Material
from fullcycle.core.models.value import best_threshold, difference_of, gains_of, read_gains, value_facts
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.champion import Contender

Floats = NDArray[np.float64]


def with_value(
    project: Project, material: Material, found: Sequence[Contender], evidence: ExperimentEvidence
) -> ExperimentEvidence:
    """The evidence with threshold and value; as it is where fullcycle.yaml says nothing of money."""
    value = project.settings.value
    if value is None:
        return evidence
    index = material.rows.features.index[material.rows.fold_of >= 0]
    gains = read_gains(project, project.paths.train, index)
    champion = next(each for each in found if each.model == evidence.champion)
    threshold = _threshold(champion, gains)
    earned = {each.model: _earned(each, gains) for each in found}
    own = champion.out_of_fold
    facts = value_facts(
        value.unit,
        gains,
        own.codes,
        _labels(champion, threshold),
        classes=project.contract.classes or (),
        probabilities=own.answer,
        threshold=threshold,
        seed=project.settings.seed,
    )
    return evidence.model_copy(
        update={
            "threshold": threshold,
            "value": facts,
            "candidate_values": {model: float(rows.sum()) for model, rows in earned.items()},
            "findings": (*evidence.findings, *_contradictions(evidence, earned)),
        }
    )


def _threshold(contender: Contender, gains: Floats) -> float | None:
    """For two classes; of more the most probable one is answered."""
    own = contender.out_of_fold
    return best_threshold(own.answer[:, 1], own.codes, gains) if own.answer.shape[1] == 2 else None


def _labels(contender: Contender, threshold: float | None) -> NDArray[np.int64]:
    answer = contender.out_of_fold.answer
    return labels_of(answer) if threshold is None else labels_of(answer, threshold)


def _earned(contender: Contender, gains: Floats) -> Floats:
    """By row, at the contender's own best threshold."""
    return gains_of(gains, contender.out_of_fold.codes, _labels(contender, _threshold(contender, gains)))


def _contradictions(evidence: ExperimentEvidence, earned: dict[str, Floats]) -> list[Finding]:
    """Another candidate earns more than the champion of the metric, beyond doubt."""
    richest = max(earned, key=lambda model: float(earned[model].sum()))
    if richest == evidence.champion:
        return []
    more = difference_of(earned[richest], earned[evidence.champion])
    if more.low is None or more.low <= 0:
        return []
    return [
        finding(
            Code.value_contradicts_metric,
            Severity.warning,
            metric=evidence.metric,
            champion=evidence.champion,
            model=richest,
            champion_value=float(earned[evidence.champion].sum()),
            model_value=float(earned[richest].sum()),
        )
    ]
