"""From units to facts: the draw first, then effects with all their intervals, then what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import (
    AnalysisFacts,
    ArmFacts,
    Comparison,
    MetricResult,
    MismatchFacts,
    PathPoint,
    SegmentEffect,
    VariantShare,
)
from fullcycle.core.evidence.base import Interval
from fullcycle.core.hypotheses.levels import holm_levels
from fullcycle.core.project.abtest_settings import AbMetric, AbTest
from fullcycle.live.abtest import bootstrap, mismatch, sequential, several
from fullcycle.live.abtest.cells import Cells, bucket, cells_of, scales_of
from fullcycle.live.abtest.decide import decisions, gain_of, is_early
from fullcycle.live.abtest.estimate import Arms, Effect, effect, estimate, shape_of
from fullcycle.live.abtest.moments import Floats, Sums
from fullcycle.live.abtest.strata import enough
from fullcycle.live.abtest.units import STRATUM, Units, measured, read_units, segment_name
from fullcycle.live.routes.bounds import Bounds, against, mean_difference

if TYPE_CHECKING:
    import ibis

TESTS: dict[str, Literal["z", "welch", "delta"]] = {"conversion": "z", "mean": "welch", "ratio": "delta"}
EVENTS_AT_LEAST = 10  # conversions, and units without one, in each variant
SEGMENTS_AT_MOST = 12  # values of one column, those with most units
SEGMENT_UNITS = 50  # in each variant


@dataclass(frozen=True)
class Asked:
    """What is analysed, and where it comes from, as a person would name it.

    `bounded` names metrics whose values lie between 0 and 1 and whose sequential intervals are exact, those
    of the canary. They are held against the smallest change as guards are, `guard` or not.
    """

    name: str
    test: AbTest
    source: str
    decimal: Literal[".", ","] = "."
    seed: int = 0
    bounded: frozenset[str] = frozenset()


def analyse(table: ibis.Table, asked: Asked) -> AnalysisFacts:
    """Everything that is known of a test from a table of its rows. UserError for what can't be read."""
    with read_units(table, asked.test, asked.source, asked.decimal) as units:
        return _Analysis(units, asked).facts()


class _Analysis:
    """The numbers of one test, each asked of the engine once."""

    def __init__(self, units: Units, asked: Asked) -> None:
        self.units, self.asked, self.test = units, asked, asked.test
        self.scales = scales_of(units.table, asked.test)
        by = STRATUM if asked.test.strata else None
        self.cells = cells_of(units.table, asked.test, self.scales, by=by, by_time=True)
        self.counts = {
            name: int(count)
            for name, count in zip(asked.test.shares, self.cells.units.sum((0, 2)), strict=True)
        }
        self.total = sum(self.counts.values())
        self.tightest = asked.test.units or sequential.TIGHTEST

    def facts(self) -> AnalysisFacts:
        test, seen = self.test, self._mismatch()
        metrics = self._metrics()
        return AnalysisFacts(
            name=self.asked.name,
            claim=test.claim,
            source=self.asked.source,
            control=test.control,
            rows=self.units.rows,
            units=self.total,
            unit=test.unit,
            crossing=self.units.crossing,
            unknown=self.units.unknown,
            since=self.cells.moments[0] or None,
            until=self.cells.moments[-1] or None,
            alpha=test.alpha,
            correction=test.correction,
            comparisons=test.comparisons,
            planned_units=test.units,
            strata=test.strata,
            strata_used=len(self.cells.groups),
            mismatch=seen,
            metrics=metrics,
            decisions=decisions(test, metrics, seen, self.total),
        )

    def _mismatch(self) -> MismatchFacts:
        found = mismatch.look(self.counts, self.test.shares, self.test.mismatch)
        return MismatchFacts(
            found=found.found,
            p_value=found.p_value,
            smallest=found.smallest,
            alpha=mismatch.ALPHA,
            shares=tuple(
                VariantShare(
                    variant=each.variant,
                    planned=each.planned,
                    units=each.units,
                    share=Interval(
                        value=each.share,
                        low=each.bounds.low,
                        high=each.bounds.high,
                        confidence=1 - mismatch.ALPHA / len(found.shares),
                    ),
                    broken=each.broken,
                )
                for each in found.shares
            ),
        )

    def _metrics(self) -> tuple[MetricResult, ...]:
        test = self.test
        arms = {name: self._arms(name, metric) for name, metric in measured(test).items()}
        effects = {
            name: [effect(each, at) for at in range(1, len(test.shares))] for name, each in arms.items()
        }
        p_values = [[float(each.p_value) for each in effects[name]] for name in test.metrics]
        shared = [_shared(arms[name], effects[name]) for name in test.metrics]
        levels = several.levels(test.correction, p_values, shared, test.alpha)
        adjusted = several.adjusted(test.correction, p_values, shared)
        buckets = self._buckets()
        made = []
        for place, (name, metric) in enumerate(measured(test).items()):
            guard = name in test.guards
            of = _Of(
                name,
                metric,
                guard,
                arms[name],
                effects[name],
                [test.alpha] * len(effects[name]) if guard else levels[place],
                [float(each.p_value) for each in effects[name]] if guard else adjusted[place],
                test.alpha if guard else test.alpha / test.comparisons,
            )
            made.append(self._metric(of, buckets))
        segments = self._segments()
        return tuple(_with_segments(each, segments) for each in made)

    def _arms(self, name: str, metric: AbMetric) -> Arms:
        sums = self.cells.metrics[name].over(0)
        for variant, count in zip(self.test.shares, sums.count.sum(1), strict=True):
            if count < 2:
                raise UserError(
                    where=f"metric {name}, variant {variant}",
                    found=f"{int(count)} units with a value",
                    expected="two at least",
                    hint="wait for more, or name another column",
                )
        return estimate(enough(sums).moments(), shape_of(metric))

    def _buckets(self) -> Cells | None:
        """For metrics whose shape is not known; strata are drawn within, which buckets don't know."""
        if self.test.strata or all(each.kind == "conversion" for each in measured(self.test).values()):
            return None
        table = bucket(self.units.table, bootstrap.BUCKETS)
        return cells_of(table, self.test, self.scales, by="bucket")

    def _metric(self, of: _Of, buckets: Cells | None) -> MetricResult:
        sums = self.cells.metrics[of.name]
        few = _few(sums.over(0), of.metric)
        values = None
        if buckets is not None and of.metric.kind != "conversion":
            shape = shape_of(of.metric)
            values = bootstrap.resampled(buckets.metrics[of.name].over(0), shape, of.arms, self.asked.seed)
        path = self._path(of)
        comparisons = [
            self._comparison(of, at, path[at - 1], few, values) for at in range(1, len(self.test.shares))
        ]
        return MetricResult(
            name=of.name,
            kind=of.metric.kind,
            guard=of.guard,
            lower_is_better=of.metric.lower_is_better,
            smallest=of.smallest,
            test=TESTS[of.metric.kind],
            arms=tuple(self._arm_facts(of, sums)),
            comparisons=tuple(comparisons),
        )

    def _arm_facts(self, of: _Of, sums: Sums) -> list[ArmFacts]:
        counts = sums.count.sum((0, 2))
        return [
            ArmFacts(
                variant=variant,
                units=int(counts[at]),
                value=float(of.arms.value[at]),
                standard_error=float(np.sqrt(of.arms.variance[at])),
                missing=self.counts[variant] - int(counts[at]),
            )
            for at, variant in enumerate(self.test.shares)
        ]

    def _comparison(
        self, of: _Of, at: int, path: Sequence[tuple[PathPoint, float]], few: bool, values: Floats | None
    ) -> Comparison:
        found, level = of.effects[at - 1], of.levels[at - 1]
        fixed = _interval(found.value, found.interval(level), level)
        last = path[-1][0] if path else None
        always = None
        if last is not None:
            always = _interval(last.effect, (last.low, last.high), of.sequential_level)
        guard = None
        if (of.guard or of.name in self.asked.bounded) and of.smallest is not None:
            rule = always if self.test.peeking or is_early(self.test, self.total) else fixed
            gain = gain_of(rule, lower_is_better=of.metric.lower_is_better)
            guard = "open" if gain is None or few else against(Bounds(-gain[1], -gain[0]), of.smallest)
        drawn = None if values is None else bootstrap.interval(values, at, level)
        return Comparison(
            treatment=self.test.treatments[at - 1],
            effect=fixed,
            relative=_relative(found, level),
            p_value=float(found.p_value),
            p_adjusted=of.adjusted[at - 1],
            level=level,
            sequential=always,
            sequential_p=None if of.name in self.asked.bounded else min((p for _, p in path), default=None),
            bootstrap=None if drawn is None else _interval(found.value, drawn, level),
            kept=float(of.arms.kept) if of.metric.covariate else None,
            few=few,
            guard=guard,
            path=tuple(point for point, _ in path) if len(self.cells.moments) > 1 else (),
        )

    def _path(self, of: _Of) -> list[list[tuple[PathPoint, float]]]:
        """For each treatment what was known at each look, with its p-value, once there were enough units."""
        known = self.cells.metrics[of.name].so_far()
        paths: list[list[tuple[PathPoint, float]]] = [[] for _ in self.test.treatments]
        for look, moment in enumerate(self.cells.moments):
            sums = known.pick(look)
            if of.name in self.asked.bounded:
                for at, path in enumerate(paths, start=1):
                    path.append((_exact_point(sums, at, moment, of.sequential_level), 1.0))
                continue
            if sums.count.sum(1).min() < sequential.UNITS_AT_LEAST or _few(sums, of.metric):
                continue
            arms = estimate(enough(sums).moments(), shape_of(of.metric))
            units = float(sums.count.sum())
            for at, path in enumerate(paths, start=1):
                path.append(_point(effect(arms, at), moment, units, of.sequential_level, self.tightest))
        return paths

    def _segments(self) -> dict[tuple[str, str], list[SegmentEffect]]:
        """By metric and treatment; alpha is shared by all segments of a metric (Holm)."""
        found: list[tuple[str, str, int, Sums, AbMetric, str]] = []
        for at, column in enumerate(self.test.segments):
            cells = cells_of(self.units.table, self.test, self.scales, by=segment_name(at))
            most = np.argsort(-cells.units.sum((0, 1)), kind="stable")[:SEGMENTS_AT_MOST]
            for name, metric in self.test.metrics.items():
                for place in sorted(most.tolist(), key=lambda place: cells.groups[place]):
                    sums = cells.metrics[name].over(0)
                    one = sums.stratum(place)
                    if one.count.min() >= SEGMENT_UNITS and not _few(one, metric):
                        found.append((column, cells.groups[place], int(one.count.sum()), one, metric, name))
        return _effects_of_segments(found, self.test)


@dataclass(frozen=True)
class _Of:
    """A metric with what was estimated of it; `levels` and `adjusted` are by treatment."""

    name: str
    metric: AbMetric
    guard: bool
    arms: Arms
    effects: list[Effect]
    levels: list[float]
    adjusted: list[float]
    sequential_level: float

    @property
    def smallest(self) -> float | None:
        """The change that matters, or a guard's limit, in the metric's own units."""
        return self.metric.smallest(float(self.arms.value[0]))


def _shared(arms: Arms, effects: Sequence[Effect]) -> Floats:
    """The part of each effect's variance that is the control's."""
    control = float(arms.variance[0])
    return np.array([control / float(each.variance) if each.variance > 0 else 0.5 for each in effects])


def _few(sums: Sums, metric: AbMetric) -> bool:
    """Too few conversions, or units without one, for a normal approximation; sums are (variants, strata)."""
    if metric.kind != "conversion":
        return bool(sums.count.sum(1).min() < EVENTS_AT_LEAST)
    events = sums.sums[..., 0].sum(1) + sums.pivot[0] * sums.count.sum(1)
    return bool(min(events.min(), (sums.count.sum(1) - events).min()) < EVENTS_AT_LEAST - 0.5)


def _interval(value: float | Floats, ends: tuple[float | Floats, float | Floats], level: float) -> Interval:
    return Interval(value=float(value), low=float(ends[0]), high=float(ends[1]), confidence=1 - level)


def _relative(found: Effect, level: float) -> Interval | None:
    value, low, high = (float(each) for each in found.relative(level))
    return None if np.isnan(low) else Interval(value=value, low=low, high=high, confidence=1 - level)


def _point(
    found: Effect, moment: str, units: float, level: float, tightest: float
) -> tuple[PathPoint, float]:
    half = float(sequential.half_width(found.variance, np.array(units), level, tightest))
    value = float(found.value)
    point = PathPoint(at=moment, units=int(units), effect=value, low=value - half, high=value + half)
    p = sequential.p_values(found.value, found.variance, np.array(units), level, tightest)
    return point, float(p)


def _exact_point(sums: Sums, at: int, moment: str, level: float) -> PathPoint:
    """Of values between 0 and 1, by the canary's own bounds."""
    counts = [int(count) for count in sums.count.sum(1)]
    totals = [
        float(total + sums.pivot[0] * count)
        for total, count in zip(sums.sums[..., 0].sum(1), counts, strict=True)
    ]
    ours, theirs = (totals[at], counts[at]), (totals[0], counts[0])
    where = mean_difference(ours, theirs, alpha=level)
    means = [total / count if count else 0.5 for total, count in (ours, theirs)]
    return PathPoint(at=moment, units=sum(counts), effect=means[0] - means[1], low=where.low, high=where.high)


def _effects_of_segments(
    found: Sequence[tuple[str, str, int, Sums, AbMetric, str]], test: AbTest
) -> dict[tuple[str, str], list[SegmentEffect]]:
    made: dict[tuple[str, str], list[SegmentEffect]] = {}
    for name in test.metrics:
        own = [each for each in found if each[-1] == name]
        effects = [
            (column, value, units, treatment, effect(estimate(sums.moments(), shape_of(metric)), at))
            for column, value, units, sums, metric, _ in own
            for at, treatment in enumerate(test.treatments, start=1)
        ]
        p_values = [float(each[-1].p_value) for each in effects]
        if not effects:
            continue
        levels = holm_levels(p_values, [test.alpha] * len(effects), len(effects))
        [adjusted] = several.adjusted("holm", [p_values], [])
        for (column, value, units, treatment, each), p, level, whole in zip(
            effects, p_values, levels, adjusted, strict=True
        ):
            interval = _interval(each.value, each.interval(level), level)
            made.setdefault((name, treatment), []).append(
                SegmentEffect(
                    column=column, value=value, units=units, effect=interval, p_value=p, p_adjusted=whole
                )
            )
    return made


def _with_segments(
    result: MetricResult, segments: Mapping[tuple[str, str], Sequence[SegmentEffect]]
) -> MetricResult:
    comparisons = tuple(
        each.model_copy(update={"segments": tuple(segments.get((result.name, each.treatment), ()))})
        for each in result.comparisons
    )
    return result.model_copy(update={"comparisons": comparisons})
