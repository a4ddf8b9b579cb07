"""What answers were worth: known values, intervals that hold what they promise, and drift named rightly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import CalibrationBin
from fullcycle.core.metrics import METRICS, scores_of
from fullcycle.live.monitor.answers import Waits
from fullcycle.live.monitor.performance import (
    Answered,
    by_slice,
    estimated,
    label_delay,
    realised,
    told_apart,
)
from fullcycle.live.monitor.performance.calibration import log_odds, recalibration
from fullcycle.live.monitor.performance.delay import arrival_curve
from fullcycle.live.monitor.performance.late import outcomes_late


def drawn(rows: int, seed: int, *, shift: float = 0.0, concept: float = 0.0) -> Answered:
    """Rows of a calibrated model of two classes; `shift` moves inputs, `concept` what follows from them."""
    random = np.random.default_rng(seed)
    logits = random.normal(shift - 1, 1.5, rows)
    said, true = (1 / (1 + np.exp(-(logits + more))) for more in (0.0, concept))
    truth = (random.random(rows) < true).astype(float)
    return Answered(Task.binary, np.column_stack([1 - said, said]), truth, threshold=0.4)


def metrics_on_reference(rows: int = 4000) -> dict[str, Interval]:
    return {fact.metric: fact.value for fact in realised(drawn(rows, 99))}


def test_expected_accuracy_and_log_loss_are_what_the_probabilities_say() -> None:
    said = np.array([0.9, 0.6, 0.2])
    answered = Answered(Task.binary, np.column_stack([1 - said, said]), np.full(3, np.nan), threshold=0.5)
    found = {fact.metric: fact.value.value for fact in estimated(answered)}
    assert found["accuracy"] == pytest.approx((0.9 + 0.6 + 0.8) / 3)
    assert found["log_loss"] == pytest.approx(-np.mean(said * np.log(said) + (1 - said) * np.log(1 - said)))
    # Pairs of a positive and a negative row, each as probable as both are that; a row beside itself is a tie.
    pairs = said[:, None] * (1 - said[None, :])
    right = np.where(said[:, None] > said[None, :], 1.0, np.where(said[:, None] == said[None, :], 0.5, 0.0))
    assert found["roc_auc"] == pytest.approx((pairs * right).sum() / pairs.sum())
    tp, fp, fn, tn = 1.5, 0.5, 0.2, 0.8
    f1 = (2 * tp / (2 * tp + fp + fn) + 2 * tn / (2 * tn + fn + fp)) / 2
    assert found["f1_macro"] == pytest.approx(f1)


@pytest.mark.nightly
def test_the_estimate_meets_what_is_realised_and_its_interval_holds_it() -> None:
    held: dict[str, list[bool]] = {}
    for seed in range(40):
        answered = drawn(400, seed, shift=0.5)
        truth = scores_of(Task.binary, answered.codes(), answered.answer, answered.threshold)
        for fact in estimated(answered):
            assert fact.value.low is not None
            assert fact.value.high is not None
            held.setdefault(fact.metric, []).append(fact.value.low <= truth[fact.metric] <= fact.value.high)
    for name, each in held.items():
        assert np.mean(each) >= 0.84, name  # 95 of 100 are promised: the 99% bound of 40


def test_few_verified_rows_make_the_interval_wider() -> None:
    answered = drawn(2000, 1)
    bins = [
        CalibrationBin(rows=20, predicted=at, observed=at, low=0, high=1) for at in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]

    def width(calibration: list[CalibrationBin]) -> float:
        [fact] = [each for each in estimated(answered, calibration) if each.metric == "accuracy"]
        return (fact.value.high or 0) - (fact.value.low or 0)

    assert width(bins) > 1.5 * width([])


def test_several_classes_are_estimated_too() -> None:
    random = np.random.default_rng(3)
    answer = random.dirichlet([1, 2, 3], 3000)
    truth = (random.random((3000, 1)) > np.cumsum(answer, axis=1)[:, :-1]).sum(axis=1).astype(float)
    answered = Answered(Task.multiclass, answer, truth)
    found = {fact.metric: fact.value for fact in estimated(answered)}
    for name, value in scores_of(Task.multiclass, answered.codes(), answer).items():
        assert found[name].value == pytest.approx(value, abs=0.03)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "nothing"),
        ({"shift": 1.5}, "data"),
        ({"concept": 1.0}, "concept"),
        ({"shift": 1.5, "concept": -1.0}, "both"),
    ],
)
def test_other_inputs_and_other_outcomes_are_told_apart(changes: dict[str, float], expected: str) -> None:
    facts = told_apart(drawn(3000, 5, **changes), metrics_on_reference())
    assert facts is not None
    assert facts.drifted == expected


def test_a_reversed_slope_is_concept_drift_though_as_many_come_true() -> None:
    straight = drawn(3000, 6)
    score = straight.answer[:, 1]
    flatter = np.random.default_rng(0).permutation(score)  # outcomes that no longer follow the score
    truth = (np.random.default_rng(1).random(3000) < flatter).astype(float)
    facts = told_apart(Answered(Task.binary, straight.answer, truth, 0.4), metrics_on_reference())
    assert facts is not None
    assert facts.drifted == "concept"
    [auc] = [change for change in facts.changes if change.metric == "roc_auc"]
    assert auc.by_concept.high is not None
    assert auc.by_concept.high < -0.2
    assert auc.realised - auc.expected == auc.by_concept.value


@pytest.mark.nightly
def test_concept_drift_is_rarely_cried_where_there_is_none() -> None:
    reference = metrics_on_reference()
    rung = [told_apart(drawn(300, seed), reference, false_alarms=0.05) for seed in range(100, 160)]
    cried = sum(facts is not None and facts.p < 0.05 for facts in rung)
    assert cried <= 9  # 3 of 60 are promised: the 99% bound
    assert sum(facts is not None and facts.drifted in ("data", "both") for facts in rung) <= 6


def test_regression_and_too_few_outcomes_have_no_concept() -> None:
    values = np.arange(100.0)
    assert told_apart(Answered(Task.regression, values, values), {}) is None
    assert estimated(Answered(Task.regression, values, values)) == ()
    assert told_apart(drawn(20, 1), {}) is None
    assert realised(drawn(20, 1)) == ()


def test_realised_metrics_leave_out_rows_without_an_outcome() -> None:
    answered = drawn(500, 7)
    half = answered.truth.copy()
    half[250:] = np.nan
    facts = realised(Answered(Task.binary, answered.answer, half, 0.4))
    first = answered.where(np.arange(250))
    expected = scores_of(Task.binary, first.codes(), first.answer, 0.4)
    assert {fact.metric: fact.value.value for fact in facts} == pytest.approx(expected)
    assert all(fact.rows == 250 for fact in facts)


def test_a_slice_has_its_own_metric_and_a_small_one_has_none() -> None:
    answered = drawn(400, 8)
    weak = np.arange(400) < 100
    truth = np.where(weak, 1 - answered.truth, answered.truth)
    slices = {"weak": weak, "rest": ~weak, "small": np.arange(400) < 5}
    facts = by_slice(Answered(Task.binary, answered.answer, truth, 0.4), slices, METRICS["roc_auc"])
    found: dict[str, Any] = {each.name: each.fact.value.value for each in facts}
    assert list(found) == ["weak", "rest"]
    assert found["weak"] < 0.4
    assert found["rest"] > 0.7


def test_delays_of_outcomes_that_are_still_to_come_are_not_overlooked() -> None:
    random = np.random.default_rng(9)
    delay, age = random.exponential(10, 5000), random.uniform(0, 20, 5000)
    known = delay <= age
    facts = label_delay(np.where(known, delay, age), known, np.zeros(5000))
    assert facts.median_s == pytest.approx(10 * np.log(2), rel=0.1)
    assert np.median(delay[known]) < 0.8 * 10 * np.log(2)  # what those that came would say
    assert facts.labelled + facts.waiting == 5000
    assert facts.p90_s is None or facts.p90_s > 15


def test_the_estimate_of_kaplan_and_meier_repeats_a_published_example() -> None:
    """Remission times under 6-MP, Freireich et al. (1963): survival 0.857, 0.807, 0.753, 0.690, ..."""
    seconds = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    known = np.arange(21) < 9
    _, arrived = arrival_curve(np.array(seconds, dtype=float), known)
    survival = (1 - arrived).round(3).tolist()
    assert survival == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]


def test_outcomes_that_come_by_score_are_seen() -> None:
    random = np.random.default_rng(10)
    scores = random.random(1000)
    facts = label_delay(np.ones(1000), random.random(1000) < scores, scores)
    assert facts.p is not None
    assert facts.p < 1e-6
    assert (facts.score_labelled or 0) > (facts.score_waiting or 0)


def test_nothing_known_yet_is_told_as_nothing() -> None:
    facts = label_delay(np.ones(5), np.zeros(5, dtype=bool), np.ones(5))
    assert (facts.labelled, facts.waiting, facts.median_s, facts.curve, facts.p) == (0, 5, None, (), None)
    assert facts.score_labelled is None


def waits(day: int, *, rows: int = 200, delay_days: float = 2.0, silent_since: int = 99) -> Waits:
    """A day's rows when 20 days are over; outcomes come after about two days, until nobody sends them."""
    random = np.random.default_rng(day)
    age = (20 - day - random.random(rows)) * 86_400
    delay = random.exponential(delay_days, rows) * 86_400
    known = (delay <= age) & (day < silent_since)
    return Waits(np.where(known, delay, age), age, known)


def test_outcomes_that_stop_coming_are_told_once_they_are_due() -> None:
    assert outcomes_late([waits(day) for day in range(20)]) == []
    assert outcomes_late([waits(day, silent_since=19) for day in range(20)]) == []  # not due yet
    [late] = outcomes_late([waits(day, silent_since=12) for day in range(20)])
    assert late.code == "FC817"
    assert late.facts["known"] == 0
    assert float(str(late.facts["usual"])) > 0.85
    assert outcomes_late([waits(day, delay_days=30) for day in range(20)]) == []  # slow as ever
    assert outcomes_late([]) == []


def bins_of(answered: Answered, said: np.ndarray[Any, Any]) -> list[CalibrationBin]:
    """Ten bins by what is said."""
    found = []
    for part in np.array_split(np.argsort(said), 10):
        observed = float(answered.truth[part].mean())
        found.append(
            CalibrationBin(
                rows=len(part), predicted=float(said[part].mean()), observed=observed, low=0.0, high=1.0
            )
        )
    return found


def test_probabilities_that_are_too_sure_are_put_right_before_they_foresee() -> None:
    """What is said is twice as far from a half, in log-odds, as it should be."""

    def too_sure(answered: Answered) -> Answered:
        said = 1 / (1 + np.exp(-2 * log_odds(answered.answer[:, 1])))
        return Answered(Task.binary, np.column_stack([1 - said, said]), answered.truth, 0.4)

    verdict, now = too_sure(drawn(6000, 20)), too_sure(drawn(6000, 21, shift=0.7))
    bins = bins_of(verdict, verdict.score)
    line = recalibration(bins)
    assert line is not None
    assert line.line == pytest.approx([0, 0.5], abs=0.06)
    assert float(np.sqrt(line.covariance[1, 1])) < 0.05
    truth = scores_of(Task.binary, now.codes(), now.answer, 0.4)
    for fact in estimated(now, bins):
        assert fact.value.value == pytest.approx(truth[fact.metric], abs=0.04), fact.metric
    [blind] = [fact for fact in estimated(now) if fact.metric == "roc_auc"]
    assert (blind.value.value or 0) > truth["roc_auc"] + 0.04


def test_no_rows_say_nothing_about_calibration() -> None:
    assert recalibration([]) is None
    one = recalibration([CalibrationBin(rows=1, predicted=0.5, observed=1.0, low=0.0, high=1.0)])
    assert one is not None
    assert one.line[1] == pytest.approx(1, abs=0.1)  # the prior speaks
