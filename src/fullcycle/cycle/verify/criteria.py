"""A project's own gates: what people demand of a metric, of the value, or beside the champion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.value import ValueFacts
from fullcycle.core.evidence.verify import ChampionComparison, GateResult, MetricResult
from fullcycle.core.project.claims import Gate

HINT = "mend it in fullcycle.yaml, then run `fullcycle run verify`"


def own_gates(
    gate: Gate,
    metrics: Mapping[str, MetricResult],
    value: ValueFacts | None = None,
    champion: ChampionComparison | None = None,
) -> Iterator[GateResult]:
    """One result for each bound of a criterion. Raises UserError for what was not measured."""
    if gate.value is not None:
        yield from _bounds("value", gate, _value(gate, value), metric=None)
    elif gate.loss_against is not None:
        yield _loss(gate, champion)
    else:
        measured = _metric(gate, metrics).model.value
        yield from _bounds("metric", gate, measured, metric=gate.metric)


def _metric(gate: Gate, metrics: Mapping[str, MetricResult]) -> MetricResult:
    measured = metrics.get(gate.metric or "")
    if measured is None:
        raise UserError(
            where="fullcycle.yaml, key gates",
            found=f"metric {gate.metric}",
            expected=f"one that this task has: {', '.join(sorted(metrics))}",
            hint=HINT,
        )
    return measured


def _value(gate: Gate, value: ValueFacts | None) -> float | None:
    if value is None:
        raise UserError(
            where="fullcycle.yaml, key success",
            found="a criterion about value, and no section `value`",
            expected="what answers are worth, such as `value: {gain: {tp: 40, fp: -5}}`",
            hint=HINT,
        )
    model = next(each for each in value.policies if each.policy == "model")
    return model.per_row if gate.value == "per_row" else model.total.value


def _loss(gate: Gate, champion: ChampionComparison | None) -> GateResult:
    """What the metric falls by against the champion; a gain is a loss below 0. With no champion it passes."""
    measured = next((m for m in champion.metrics if m.metric == gate.metric), None) if champion else None
    gap = None if measured is None else measured.difference.value
    loss = None if measured is None or gap is None else (-gap if measured.higher_is_better else gap)
    bound = gate.at_most if gate.at_most is not None else 0.0
    return GateResult(
        id="loss_against_champion",
        passed=champion is None or (loss is not None and loss <= bound),
        found=as_number(loss),
        bound=as_number(bound),
        metric=gate.metric,
    )


def _bounds(about: str, gate: Gate, found: float | None, *, metric: str | None) -> Iterator[GateResult]:
    for name, bound in (("at_least", gate.at_least), ("at_most", gate.at_most)):
        if bound is None:
            continue
        right = found is not None and (found >= bound if name == "at_least" else found <= bound)
        yield GateResult(
            id=f"{about}_{name}",
            passed=right,
            found=as_number(found),
            bound=as_number(bound),
            metric=metric,
        )


def as_number(value: float | None) -> str:
    """A number as gates keep it."""
    return "none" if value is None else f"{value:.6g}"
