"""Each variant measured alike: out of fold on rows of the search, and as a graph in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.trials import TrialEngine
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.prepare import VariantFacts, VariantSpeed
from fullcycle.core.metrics import Metric, answer_for, bootstrap_difference, bootstrap_interval
from fullcycle.core.models.evaluate import Floats, OutOfFold, Rows, answer_of, pooled
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import graph_feeds
from fullcycle.cycle.prepare.speed import measure_speed
from fullcycle.cycle.prepare.variants.choose import with_front
from fullcycle.cycle.prepare.variants.plan import Variant
from fullcycle.cycle.prepare.variants.recipes import Fitted, Setting, fit_variant

SPEED_ROWS = 500  # different rows behind the latencies


@dataclass(frozen=True)
class Measured:
    """A variant with its out-of-fold answers, and its graph made of the rows that the search saw."""

    variant: Variant
    out_of_fold: OutOfFold
    fitted: Fitted
    graph: bytes


def measure_variants(
    variants: Sequence[Variant],
    setting: Setting,
    rows: Rows,
    engine: TrialEngine,
    advance: Callable[..., None],
) -> list[Measured]:
    """Every variant fitted fold by fold, and once on all these rows to become a graph."""
    measured = []
    for variant in variants:
        work: list[Callable[[], Any]] = [
            partial(_answer, variant, setting, rows, number) for number in range(len(rows.folds))
        ]
        work.append(partial(fit_variant, variant, setting, rows.features, rows.target))
        *answers, fitted = engine.run(work)
        graph = serialize(export_onnx(fitted.pipeline, fitted.contract))
        measured.append(Measured(variant, pooled(rows, answers), fitted, graph))
        advance(note=variant.kind)
    return measured


def _answer(variant: Variant, setting: Setting, rows: Rows, number: int) -> Floats:
    train, valid = rows.folds[number]
    fitted = fit_variant(variant, setting, rows.features.iloc[train], rows.target.iloc[train])
    return answer_of(fitted.pipeline, rows.features.iloc[valid], setting.contract)


def facts_of(measured: Sequence[Measured], metric: Metric, rows: Rows, seed: int) -> list[VariantFacts]:
    """What was measured, each beside the champion, which comes first, on the same rows."""
    champion = measured[0].out_of_fold
    return with_front([_facts(each, champion, metric, rows, seed) for each in measured])


def _facts(each: Measured, champion: OutOfFold, metric: Metric, rows: Rows, seed: int) -> VariantFacts:
    own = each.out_of_fold
    answer = answer_for(metric, own.answer)
    sample = rows.features.iloc[:SPEED_ROWS]
    contract: Contract = each.fitted.contract
    return VariantFacts(
        kind=each.variant.kind,
        model=each.variant.model,
        parameters=each.variant.parameters,
        columns=len(contract.features),
        score=bootstrap_interval(metric, own.codes, answer, seed=seed),
        loss=loss_against(own, champion, metric, seed),
        bytes=len(each.graph),
        speed=VariantSpeed(**measure_speed(each.graph, graph_feeds(sample, contract)).model_dump()),
    )


def loss_against(own: OutOfFold, other: OutOfFold, metric: Metric, seed: int) -> Interval:
    """What is lost against the other on the same rows, in the metric's unit, resampled in pairs: positive is
    worse."""
    answers = [answer_for(metric, side.answer) for side in (own, other)]
    difference = bootstrap_difference(metric, own.codes, *answers, seed=seed)
    if not metric.higher_is_better:
        return difference
    low, high = difference.low, difference.high
    return Interval(
        value=None if difference.value is None else -difference.value,
        low=None if high is None else -high,
        high=None if low is None else -low,
        confidence=difference.confidence,
    )
