"""The threshold belongs to the form that is deployed."""

from __future__ import annotations

import numpy as np
from tests.cycle.experiment.conftest import make_cleaned

from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.prepare import Budget
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.material import read_material
from fullcycle.cycle.prepare.money import threshold_of
from fullcycle.cycle.prepare.variants.chosen import Chosen
from fullcycle.cycle.prepare.variants.plan import Variant

__all__ = ["make_cleaned"]
EXPERIMENT = ExperimentEvidence.model_construct(threshold=0.9)
BUDGET = Budget(latency_p99_ms=None, size_mb=None, quality_loss_at_most=None)


def test_a_variant_gets_a_threshold_of_its_own_answers(make_cleaned) -> None:
    project = make_cleaned(sections={"value": {"gain": {"tp": 1, "fp": -1}}})
    rows = read_material(project).rows
    share = np.where(rows.codes == 1, 0.4, 0.2)
    answers = OutOfFold(np.column_stack([1 - share, share]), rows.codes, rows.fold_of)
    variant = Variant.__new__(Variant)
    assert abs((threshold_of(project, EXPERIMENT, Chosen(variant, BUDGET, answers)) or 0) - 0.3) < 1e-9
    assert threshold_of(project, EXPERIMENT, Chosen(variant, BUDGET)) == 0.9
    plain = make_cleaned(name="plain")
    assert threshold_of(plain, EXPERIMENT, Chosen(variant, BUDGET, answers)) == 0.9
