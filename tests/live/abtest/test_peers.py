"""Our numbers are those of tea-tasting and statsmodels (`benchmarks/peers/abtest/answers.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.abtest.conftest import Analysed, design_of

from fullcycle.core.evidence.abtest import MetricResult
from fullcycle.live.abtest.design import design
from fullcycle.live.abtest.several import adjusted

PEERS = json.loads((Path(__file__).parent / "data/peers.json").read_text(encoding="utf-8"))
METRICS: dict[str, dict[str, Any]] = {
    "mean": {"value": "spent"},
    "cuped": {"value": "spent", "covariate": "before"},
    "ratio": {"kind": "ratio", "value": "spent", "per": "visits"},
    "ratio_cuped": {
        "kind": "ratio",
        "value": "spent",
        "per": "visits",
        "covariate": "before",
        "covariate_per": "seen",
    },
    "share": {"kind": "conversion", "value": "bought"},
}
# A covariate's coefficient: theirs is that of all units as one sample, ours that of the variants' errors.
CLOSE = {"cuped": 0.02, "ratio_cuped": 0.02}


@pytest.fixture(scope="module", params=PEERS["cases"])
def case(
    request: pytest.FixtureRequest, analysed: Analysed
) -> tuple[dict[str, Any], dict[str, MetricResult]]:
    """What they say and what we say, each comparison at a level of 0.05."""
    columns = {key: np.array(values) for key, values in request.param["rows"].items()}
    columns["group"] = np.where(columns.pop("variant") == 0, "A", "B")
    facts = analysed(columns, METRICS, alpha=0.05 * len(METRICS), correction="bonferroni")
    return request.param["answers"], {result.name: result for result in facts.metrics}


@pytest.mark.parametrize("name", METRICS)
def test_effects_are_those_of_tea_tasting(
    case: tuple[dict[str, Any], dict[str, MetricResult]], name: str
) -> None:
    [found], theirs, close = case[1][name].comparisons, case[0][name], CLOSE.get(name, 1e-6)
    width = theirs["effect_size_ci_upper"] - theirs["effect_size_ci_lower"]
    ours = (found.effect.value, found.effect.low, found.effect.high)
    wanted = tuple(theirs[f"effect_size{end}"] for end in ("", "_ci_lower", "_ci_upper"))
    assert ours == pytest.approx(wanted, abs=close * width)
    assert found.relative is not None
    relative = (found.relative.value, found.relative.low, found.relative.high)
    wanted = tuple(theirs[f"rel_effect_size{end}"] for end in ("", "_ci_lower", "_ci_upper"))
    # Degrees of freedom: theirs are of the logarithms' variances.
    assert relative == pytest.approx(wanted, abs=max(1e-4, 2 * close))
    assert found.p_value == pytest.approx(theirs["pvalue"], rel=20 * close)


@pytest.mark.parametrize("case", PEERS["power"])
def test_units_are_those_of_statsmodels_and_tea_tasting(case: dict[str, Any]) -> None:
    facts = design("t", design_of({"y": {"base": 100.0, "sd": 10.0, "effect": case["effect"]}}))
    assert facts.units == pytest.approx(2 * case["statsmodels_each"], abs=2)
    assert facts.units == pytest.approx(case["tea_tasting_all"], abs=2)


def test_corrected_p_values_are_those_of_statsmodels() -> None:
    case = PEERS["corrected"]
    for name in ("holm", "bonferroni"):
        [found] = adjusted(name, [case["p_values"]], [])  # type: ignore[arg-type]
        assert found == pytest.approx(case[name])
