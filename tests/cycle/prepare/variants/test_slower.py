"""A form that costs latency and is not better than the linear model is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.prepare import VariantFacts, VariantKind, VariantSpeed
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.cycle.prepare.variants.compare import Measured
from fullcycle.cycle.prepare.variants.plan import Variant
from fullcycle.cycle.prepare.variants.slower import slower_than_simple

METRIC = METRICS["roc_auc"]
LABELS = np.tile([0, 1], 300)
NOISE = np.random.default_rng(1).normal(size=600)


def form(model: str, signal: float, p50_us: float, loss: Interval, kind: VariantKind = "candidate") -> Any:
    """A form with its answers out of fold, and what was measured of it."""
    chance = 1 / (1 + np.exp(-(signal * (LABELS - 0.5) + NOISE)))
    answers = OutOfFold(np.stack([1 - chance, chance], axis=1), LABELS, LABELS * 0)
    facts = VariantFacts(
        kind=kind,
        model=model,
        parameters={},
        columns=3,
        score=Interval(value=0.8),
        loss=loss,
        bytes=1,
        speed=VariantSpeed(single_row_p50_us=p50_us, single_row_p99_us=90, start_ms=1, batch_rows_per_s=1),
    )
    return Measured(Variant(kind, model, {}), answers, None, b""), facts  # type: ignore[arg-type]


CHAMPION = form("lightgbm", 1.0, 90.0, Interval(value=0.0, low=0.0, high=0.0), "champion")
NOTHING_LOST = Interval(value=0.001, low=-0.001, high=0.003)
SOMETHING_LOST = Interval(value=0.02, low=0.01, high=0.03)


def told(*forms: Any, place: int = 0) -> list[Any]:
    measured, facts = zip(*forms, strict=True)
    return list(slower_than_simple(measured, facts, place, METRIC, seed=0))


def test_a_slow_champion_that_is_not_better_is_told_with_both_latencies() -> None:
    [found] = told(CHAMPION, form("linear", 1.0, 50.0, NOTHING_LOST))
    assert found.code == "FC505"
    assert (found.facts["p50_us"], found.facts["simple_p50_us"]) == (90.0, 50.0)
    assert (found.facts["low"], found.facts["high"]) == (-0.001, 0.003)


@pytest.mark.parametrize(
    ("simple", "why"),
    [
        (form("linear", 1.0, 50.0, SOMETHING_LOST), "better beyond noise"),
        (form("linear", 1.0, 65.0, NOTHING_LOST), "hardly slower"),
        (form("mlp", 1.0, 10.0, NOTHING_LOST), "no linear model was measured"),
        (form("linear", 1.0, 10.0, NOTHING_LOST, "principal_components"), "another form of it"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_champion_is_not_told_where(simple: Any, why: str) -> None:
    assert told(CHAMPION, simple) == [], why


def test_the_linear_model_itself_is_not_told() -> None:
    assert told(form("linear", 1.0, 90.0, NOTHING_LOST, "champion"), CHAMPION) == []


@pytest.mark.parametrize(("signal", "codes"), [(1.0, ["FC505"]), (4.0, [])])
def test_another_form_is_compared_with_the_linear_model_and_not_with_the_champion(
    signal: float, codes: list[str]
) -> None:
    """The champion beats the linear model; the deployed form does so only with a signal of its own."""
    deployed = form("ensemble", signal, 90.0, Interval(value=0.0, low=0.0, high=0.0), "distilled")
    found = told(CHAMPION, form("linear", 1.0, 50.0, SOMETHING_LOST), deployed, place=2)
    assert [each.code for each in found] == codes
