"""Units and power are those of the textbooks, and what is planned is found as often as planned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.live.abtest.conftest import design_of

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import DesignFacts
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.live.abtest.design import design
from fullcycle.live.abtest.plan import border_of
from fullcycle.live.abtest.several import any_beyond, dunnett_level


def plan(metric: dict[str, Any], **given: Any) -> DesignFacts:
    return design("t", design_of({"y": metric}, **given))


def test_a_conversion_needs_what_two_proportions_need() -> None:
    facts = plan({"kind": "conversion", "base": 0.1, "effect": 0.02})
    z = stats.norm.isf(0.025) + stats.norm.ppf(0.8)
    assert facts.units == int(np.ceil(2 * z**2 * (0.1 * 0.9 + 0.12 * 0.88) / 0.02**2))
    assert facts.metrics[0].power == pytest.approx(0.8, abs=1e-4)
    assert facts.metrics[0].found == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize("effect", [1.0, 5.0, 8.0])
def test_a_mean_needs_what_a_t_test_needs(effect: float) -> None:
    facts = plan({"base": 100.0, "sd": 10.0, "effect": effect})
    each = facts.units / 2

    def power(n: float) -> float:
        border = stats.t.isf(0.025, 2 * n - 2)
        return float(stats.nct.sf(border, 2 * n - 2, effect / 10 * np.sqrt(n / 2)))

    assert power(each) >= 0.8 - 1e-3
    assert power(each - 1) < 0.8 + 1e-3


def test_relative_effects_shares_days_and_several_variants() -> None:
    shares = {"A": 0.5, "B": 0.25, "C": 0.25}
    facts = plan({"base": 50.0, "sd": 20.0, "relative_effect": 0.02}, shares=shares, per_day=1_000)
    [metric] = facts.metrics
    assert metric.effect == pytest.approx(1.0)
    assert metric.level == pytest.approx(0.025)
    z = stats.norm.isf(0.0125) + stats.norm.ppf(0.8)
    assert facts.units == pytest.approx(z**2 * 400 * (2 + 4), rel=1e-3)
    assert facts.days == int(np.ceil(facts.units / 1_000))
    dunnett = plan({"base": 50.0, "sd": 20.0, "effect": 1.0}, shares=shares, correction="dunnett")
    assert dunnett.units < facts.units


def test_peeking_costs_units_and_guards_need_theirs() -> None:
    metric = {"kind": "conversion", "base": 0.2, "effect": 0.01}
    once = plan(metric)
    often = plan(metric, peeking=True)
    assert 1.5 < often.units / once.units < 2.2
    guarded = plan(metric, guards={"slow": {"base": 10.0, "sd": 100.0, "effect": 0.5}})
    assert guarded.units == guarded.guards[0].units > once.units
    assert guarded.metrics[0].power > 0.8


def test_dunnetts_level_is_that_of_scipy_and_of_one_treatment() -> None:
    random = np.random.default_rng(0)
    control, *others = (random.normal(0.0, 1.0, 5_000) for _ in range(4))
    found = stats.dunnett(*others, control=control)
    shared = np.full(3, 0.5)
    for statistic, p_value in zip(found.statistic, found.pvalue, strict=True):
        assert any_beyond(abs(float(statistic)), shared) == pytest.approx(p_value, abs=2e-3)
    assert dunnett_level(np.array([0.5]), 0.05) == 0.05
    assert any_beyond(border_of(dunnett_level(shared, 0.05), peeking=False), shared) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ({"kind": "conversion", "base": 0.1}, "no effect that would matter"),
        ({"kind": "conversion", "effect": 0.1}, "no value of the control"),
        ({"base": 1.0, "effect": 0.1}, "no standard deviation"),
    ],
)
def test_what_a_design_lacks_is_told(metric: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        plan(metric)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": {"A": 0.5, "B": 0.4}},
        {"metrics": {"y": {"kind": "ratio"}}},
        {"metrics": {"y": {"per": "x"}}},
        {"metrics": {"y": {"effect": 1, "relative_effect": 1}}},
        {"guards": {"g": {}}},
        {"guards": {"y": {"effect": 1}}},
        {"metrics": {"y": {"covariate_per": "x"}}},
        {"metrics": {"y": {"kind": "conversion", "base": 2}}},
    ],
)
def test_a_design_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="1 validation error"):
        AbTest.model_validate({"metrics": {"y": {}}, **wrong})
