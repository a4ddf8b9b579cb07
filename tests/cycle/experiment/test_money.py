"""Value in the experiment: the threshold comes from out-of-fold predictions, contradictions are told."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.cycle.experiment.conftest import MakeCleaned, table_of

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.findings import Code
from fullcycle.cycle.experiment import money
from fullcycle.cycle.experiment.stage import run

pytestmark = pytest.mark.usefixtures("no_tracking")
VALUE = {"unit": "EUR", "gain": {"tp": 40, "fp": -5, "fn": -20}}


def test_the_threshold_earns_most_on_the_champions_out_of_fold_predictions(make_cleaned: MakeCleaned) -> None:
    project = make_cleaned(sections={"value": VALUE})
    evidence = run(project)
    oof = pq.read_table(project.paths.oof).to_pandas()
    truth = (table_of(Task.binary).set_index("_row").loc[oof["_row"], "target"] == "yes").to_numpy()

    def total(threshold: float) -> float:
        acted = oof["p_1"] >= threshold
        return float(40 * (acted & truth).sum() - 5 * (acted & ~truth).sum() - 20 * (~acted & truth).sum())

    assert evidence.threshold is not None
    assert total(evidence.threshold) >= max(total(each) for each in np.linspace(0, 1, 101))
    assert evidence.value is not None
    model = next(each for each in evidence.value.policies if each.policy == "model")
    assert model.total.value == total(evidence.threshold)
    assert evidence.candidate_values[evidence.champion] == total(evidence.threshold)


def test_without_value_there_is_no_threshold_and_no_money(make_cleaned: MakeCleaned) -> None:
    evidence = run(make_cleaned())
    assert (evidence.threshold, evidence.value, evidence.candidate_values) == (None, None, {})


def test_another_candidate_that_earns_more_beyond_doubt_is_told(
    make_cleaned: MakeCleaned, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_cleaned(sections={"value": VALUE})
    champion = run(project).champion
    real = money._earned
    monkeypatch.setattr(
        money, "_earned", lambda each, gains: real(each, gains) + (0 if each.model == champion else 1)
    )
    found = [each for each in run(project).findings if each.code == Code.value_contradicts_metric]
    assert len(found) == 1
    assert found[0].facts["champion"] == champion


def test_several_classes_have_a_value_and_no_threshold(make_cleaned: MakeCleaned) -> None:
    project = make_cleaned(Task.multiclass, sections={"value": {"gains": {"c": {"c": 10}, "a": {"c": -3}}}})
    evidence = run(project)
    assert evidence.threshold is None
    assert evidence.value is not None
    assert evidence.value.curve == ()
