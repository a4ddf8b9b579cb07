"""What the terminal says of A/B tests: numbers, and one sentence for each treatment, made by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fullcycle.cli.common import coloured, to_type, wrapped

if TYPE_CHECKING:
    from fullcycle.core.evidence.abtest import (
        AnalysisFacts,
        Comparison,
        Decision,
        DesignFacts,
        MetricPlan,
        MetricResult,
    )
    from fullcycle.core.evidence.base import Interval

COLOURS = {"better": "green", "mismatch": "red", "harmed": "red", "worse": "red"}


def _written(kind: str) -> Callable[[float], str]:
    return (lambda value: f"{value:.2%}") if kind == "conversion" else (lambda value: f"{value:.4g}")


def _changed(kind: str) -> Callable[[float], str]:
    if kind == "conversion":
        return lambda value: f"{value * 100:+.2f} pp"
    return lambda value: f"{value:+.4g}"


def design_told(facts: DesignFacts) -> Iterator[str]:
    """Units and days, then each metric."""
    days = "" if facts.days is None else f", {facts.days:,} days at {facts.per_day:,.0f} a day"
    source = {"log": " (the log's)", "history": " (the history's)"}.get(facts.per_day_from or "", "")
    yield f"{facts.units:,} units of all variants{days}{source}"
    yield "  " + ", ".join(
        f"{name} {share:.4g}: {round(facts.units * share):,}" for name, share in facts.shares.items()
    )
    rule = "intervals that hold at every look" if facts.peeking else "one look, at the end"
    shared = f" over {facts.comparisons} comparisons by {facts.correction}" if facts.comparisons > 1 else ""
    yield f"  power {facts.power:.0%}, alpha {facts.alpha:g}{shared}; {rule}"
    for plan in facts.metrics:
        yield from _plan_told(plan, "metric")
    for plan in facts.guards:
        yield from _plan_told(plan, "guard")
    if facts.hash is not None:
        yield f"fixed {facts.fixed} as {facts.hash[:12]}"
        yield f"next: `{to_type(f'abtest analyse {facts.name} --data SRC')}` when the units are there"


def _plan_told(plan: MetricPlan, role: str) -> Iterator[str]:
    value, change = _written(plan.kind), _changed(plan.kind)
    relative = "" if plan.relative_effect is None else f" ({plan.relative_effect:+.1%})"
    yield f"{role} {plan.name} ({plan.kind}): now {value(plan.base)}, {change(plan.effect)}{relative} matters"
    yield (
        f"  needs {plan.units:,} units; the planned ones find {change(plan.found)}, and what matters with "
        f"power {plan.power:.1%}"
    )
    saved = [("CUPED", plan.kept_by_cuped), ("strata", plan.kept_by_strata)]
    told = [f"{name} leaves {part:.0%} of the variance" for name, part in saved if part is not None]
    if told:
        yield f"  {', '.join(told)}"


def analysis_told(facts: AnalysisFacts) -> Iterator[str]:
    """The decision, the draw, and every effect."""
    for decision in facts.decisions:
        sentence = decision_sentence(facts, decision)
        yield coloured(wrapped(sentence, "", "  "), fg=COLOURS.get(decision.verdict), bold=True)
    yield f"{facts.units:,} units from {facts.source}: " + ", ".join(
        f"{each.variant} {each.units:,} ({each.share.value or 0:.2%}, planned {each.planned:.2%})"
        for each in facts.mismatch.shares
    )
    drawn = "MISMATCH: not the planned shares" if facts.mismatch.found else "as planned"
    yield f"  draw: {drawn} (chi-squared p {facts.mismatch.p_value:.3g})"
    if facts.crossing:
        yield f"  {facts.crossing:,} units met several variants and count nowhere"
    if facts.unknown:
        yield f"  {facts.unknown:,} rows name no variant or no unit and count nowhere"
    for metric in facts.metrics:
        yield from _metric_told(metric)
    if facts.changed == "after_result":
        yield "CHANGED after a result: the design is not the one that was fixed"


def _metric_told(metric: MetricResult) -> Iterator[str]:
    value, change = _written(metric.kind), _changed(metric.kind)
    control, *others = metric.arms
    role = "guard" if metric.guard else "metric"
    yield f"{role} {metric.name} ({metric.kind}, {metric.test}): {control.variant} {value(control.value)}"
    for arm, each in zip(others, metric.comparisons, strict=True):
        relative = "" if each.relative is None else f" = {each.relative.value or 0:+.2%}"
        yield f"  {arm.variant} {value(arm.value)}: {_bounds(each.effect, change)}{relative}"
        yield f"    p {each.p_value:.3g}, adjusted {each.p_adjusted:.3g}{_kept(each)}"
        if each.sequential is not None:
            yield f"    at any look: {_bounds(each.sequential, change)}"
        if each.bootstrap is not None:
            yield f"    bootstrap: {_bounds(each.bootstrap, change)}"
        if each.guard is not None and metric.smallest is not None:
            yield f"    limit {change(metric.smallest)}: {each.guard}"
        for segment in each.segments:
            told = _bounds(segment.effect, change)
            yield f"    {segment.column} = {segment.value} ({segment.units:,}): {told}"


def _kept(each: Comparison) -> str:
    return "" if each.kept is None else f"; CUPED leaves {each.kept:.0%} of the variance"


def _bounds(interval: Interval, change: Callable[[float], str]) -> str:
    low, high = interval.low or 0.0, interval.high or 0.0
    return f"{change(interval.value or 0.0)} ({change(low)} to {change(high)} at {interval.confidence:.1%})"


SENTENCES = {
    "mismatch": "{treatment}: no decision. Variants did not get their planned shares: mend the draw first.",
    "harmed": "{treatment}: keep {control}. Shown to break {broken}.",
    "early": "{treatment}: wait. {units}; {metric} so far {told}.",
    "better": "{treatment}: take it. {metric} changes by {told}.",
    "worse": "{treatment}: keep {control}. {metric} changes by {told}.",
    "no_effect": "{treatment}: no effect that matters ({limit}). {metric} changes by {told}.",
    "undecided": "{treatment}: undecided. {metric} changes by {told}.{open}",
}


def decision_sentence(facts: AnalysisFacts, decision: Decision) -> str:
    """What follows for one treatment, with the number that it follows from."""
    metric = next(each for each in facts.metrics if each.name == decision.metric)
    comparison = next(each for each in metric.comparisons if each.treatment == decision.treatment)
    interval = comparison.sequential if decision.rule == "sequential" else comparison.effect
    change = _changed(metric.kind)
    planned = "" if facts.planned_units is None else f" of {facts.planned_units:,} planned"
    return SENTENCES[decision.verdict].format(
        treatment=decision.treatment,
        control=facts.control,
        metric=metric.name,
        told=_bounds(interval, change) if interval is not None else "too few units for an interval",
        units=f"{facts.units:,} units{planned}",
        broken=", ".join(decision.broken),
        open=f" Not shown to hold: {', '.join(decision.open)}." if decision.open else "",
        limit=change(metric.smallest or 0.0),
    )
