"""Verdicts, alpha shared by all claims, and tests whose errors are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from fullcycle.core.hypotheses.levels import holm_levels
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.resampled import corrected_resampled_t
from fullcycle.cycle.experiment.hypotheses.decide import verdict_of
from fullcycle.cycle.experiment.hypotheses.effect import (
    BootstrapEffect,
    FoldEffect,
    bootstrap_effect,
    fold_effect,
    fold_gains,
    rows_needed,
    time_blocks,
)

ACCURACY = METRICS["accuracy"]


def effect_of(mean: float, spread: float, folds: int = 20) -> FoldEffect:
    differences = mean + spread * np.resize([-1.0, 1.0], folds)
    return FoldEffect(corrected_resampled_t(differences, test_share=0.2))


@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [
        (0.03, 0.01, "supported"),
        (-0.03, 0.01, "refuted"),
        (0.0, 0.001, "refuted"),
        (0.0, 0.05, "inconclusive"),
        (0.002, 0.0005, "refuted"),  # better beyond doubt, and less than would matter
    ],
)
def test_a_verdict_is_where_the_interval_lies(mean: float, spread: float, verdict: str) -> None:
    assert verdict_of(effect_of(mean, spread), 0.01, 0.05) == verdict


def test_claims_decided_alone_get_their_own_share_of_alpha_whatever_their_p_value() -> None:
    assert holm_levels([0.0001], [0.05], declared=5) == [pytest.approx(0.01)]


def test_together_they_spend_the_shares_step_by_step_and_stop_at_the_first_that_fails() -> None:
    levels = holm_levels([0.2, 0.001, 0.011], [0.05] * 3, declared=3)
    assert levels == pytest.approx([0.05, 0.05 / 3, 0.025])
    stopped = holm_levels([0.03, 0.2, 0.02], [0.05] * 3, declared=3)
    assert stopped == pytest.approx([0.05 / 3] * 3)


def test_holm_keeps_false_claims_of_a_family_below_alpha() -> None:
    random = np.random.default_rng(0)
    families = 2000
    false = 0
    for _ in range(families):
        p_values = random.uniform(size=4)
        levels = holm_levels(list(p_values), [0.05] * 4, declared=4)
        false += any(p <= level for p, level in zip(p_values, levels, strict=True))
    assert false <= 123  # the 99% bound of a binomial with 2000 draws at 5%


def test_power_grows_with_the_effect_and_the_rows_it_would_take_give_that_power() -> None:
    effect = effect_of(0.0, 0.02)
    powers = [effect.power(gain, 0.05) for gain in (0.0, 0.01, 0.03, 0.3)]
    assert powers == sorted(powers)
    assert powers[0] == pytest.approx(0.025, abs=1e-6)  # the side that would be called supported
    needed = rows_needed(effect, 0.01, 0.05, rows=1000)
    assert needed is not None
    narrower = effect_of(0.0, 0.02 * np.sqrt(1000 / needed))
    assert narrower.power(0.01, 0.05) == pytest.approx(0.8, abs=0.01)


def test_two_arms_that_answer_alike_differ_by_nothing_for_certain() -> None:
    effect = effect_of(0.0, 0.0)
    assert effect.interval(0.95) == (0.0, 0.0)
    assert effect.power(0.01, 0.05) == 1.0
    assert rows_needed(effect, 0.01, 0.05, rows=10) is None


def answered(random: np.random.Generator, truth: np.ndarray, right: float) -> OutOfFold:
    """Labels that are right with a given chance, in five folds."""
    hit = random.random(len(truth)) < right
    share = np.where(hit, truth, 1 - truth).astype(float)
    return OutOfFold(np.column_stack([1 - share, share]), truth, np.arange(len(truth)) % 5)


def test_gains_are_positive_where_the_treatment_is_better_whatever_the_metric() -> None:
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, 500)
    worse, better = answered(random, truth, 0.6), answered(random, truth, 0.9)
    for name in ("accuracy", "log_loss"):
        assert all(gain > 0 for gain in fold_gains(METRICS[name], [worse], [better]))
    assert fold_effect(ACCURACY, [worse], [better]).p_value < 0.01
    drawn = bootstrap_effect(ACCURACY, [worse], [better], np.arange(500), resamples=200)
    assert drawn.value == pytest.approx(0.3, abs=0.1)
    assert drawn.interval(0.95)[0] > 0


def test_a_bootstrap_of_groups_is_wider_where_rows_of_a_group_answer_alike() -> None:
    random = np.random.default_rng(2)
    groups = np.repeat(np.arange(50), 20)
    truth = np.zeros(1000, dtype=np.int64)
    flips = np.repeat(random.integers(0, 2, 50), 20)
    share = flips.astype(float)
    one = OutOfFold(np.column_stack([1 - share, share]), truth, np.arange(1000) % 5)
    other = OutOfFold(np.tile([0.4, 0.6], (1000, 1)), truth, np.arange(1000) % 5)
    rows = bootstrap_effect(ACCURACY, [other], [one], np.arange(1000), resamples=300)
    whole = bootstrap_effect(ACCURACY, [other], [one], groups, resamples=300)
    assert whole.standard_error > 3 * rows.standard_error


def test_a_bootstrap_p_value_is_never_zero_and_agrees_with_its_interval() -> None:
    effect = BootstrapEffect(0.5, np.linspace(0.1, 0.9, 999))
    assert effect.p_value == pytest.approx(0.002)
    assert effect.interval(0.95)[0] > 0


def test_blocks_of_time_hold_rows_that_follow_each_other() -> None:
    blocks = time_blocks(np.arange(1000)[::-1].copy())
    assert np.all(np.diff(blocks) <= 0)
    assert np.bincount(blocks).max() == 10


def test_false_claims_of_folds_that_share_rows_stay_within_the_bound() -> None:
    """The plain t test calls about 15 in 100 such null pairs different; the correction keeps alpha."""
    random = np.random.default_rng(3)
    pairs, false = 150, 0
    for _ in range(pairs):
        truth = random.integers(0, 2, 200)
        shared = random.random(200) < 0.8
        differences = []
        for _ in range(4):
            one, other = (np.where(shared, truth, random.integers(0, 2, 200)) for _ in range(2))
            order = random.permutation(200).reshape(5, 40)
            differences += [float((one[f] == truth[f]).mean() - (other[f] == truth[f]).mean()) for f in order]
        false += FoldEffect(corrected_resampled_t(np.array(differences), test_share=0.2)).p_value <= 0.05
    assert false <= 15  # the 99% bound of a binomial with 150 draws at 5%
