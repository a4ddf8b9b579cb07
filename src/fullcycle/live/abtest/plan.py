"""How many units a test needs, what it finds with so many, and how long that takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import DurationPoint, MetricPlan, PowerPoint
from fullcycle.core.project.abtest_settings import AbMetric, AbTest
from fullcycle.live.abtest.moments import Floats
from fullcycle.live.abtest.sequential import tightness
from fullcycle.live.abtest.several import dunnett_level

CURVE_POINTS, DURATION_POINTS = 25, 20


@dataclass(frozen=True)
class Known:
    """What is known of a metric before the test. `sd` is that of a unit (of a ratio, of its linear form).

    `by_cuped` and `by_strata` are the parts of its variance that these leave, `kept` that with both.
    """

    base: float
    sd: float
    by_cuped: float | None = None
    by_strata: float | None = None
    kept: float = 1.0


@dataclass(frozen=True)
class Need:
    """A metric of a test with what is known of it; `level` is that of one comparison, two-sided."""

    name: str
    metric: AbMetric
    known: Known
    effect: float
    level: float
    border: float  # standard errors beyond which it is decided
    shares: Mapping[str, float]
    power: float

    def variance(self, effect: float) -> Floats:
        """Of each treatment's effect, times the number of all units."""
        control, *others = self.shares.values()
        if self.metric.kind != "conversion":
            each = self.known.sd**2 * self.known.kept
            return np.array([each / control + each / share for share in others])
        base = self.known.base
        moved = min(max(base - effect if self.metric.lower_is_better else base + effect, 0.0), 1.0)
        variances = [part * (1 - part) * self.known.kept for part in (base, moved)]
        return np.array([variances[0] / control + variances[1] / share for share in others])

    def units(self) -> int:
        """Of all variants, so that every treatment's effect is found with the power."""
        from scipy.stats import norm

        needed = (self.border + norm.ppf(self.power)) ** 2 * self.variance(self.effect).max() / self.effect**2
        # What a t test needs beyond a normal one (Guenther, American Statistician 35, 1981).
        more = 0.0 if self.metric.kind == "conversion" else self.border**2 / 4 / min(self.shares.values())
        return max(4, math.ceil(float(needed) + more))

    def power_at(self, effect: float, units: float) -> float:
        """The chance that the treatment with the largest error is found to differ."""
        from scipy.stats import norm

        score = abs(effect) / math.sqrt(self.variance(effect).max() / units) if effect else 0.0
        return float(norm.sf(self.border - score) + norm.cdf(-self.border - score))

    def found(self, units: float) -> float:
        """The smallest effect that so many units find with the power."""
        from scipy.optimize import brentq

        if self.metric.kind == "conversion":
            room = self.known.base if self.metric.lower_is_better else 1 - self.known.base
            if self.power_at(room, units) < self.power:
                return room
            return float(brentq(lambda effect: self.power_at(effect, units) - self.power, 1e-12, room))
        from scipy.stats import norm

        return float((self.border + norm.ppf(self.power)) * math.sqrt(self.variance(0).max() / units))


def needs_of(test: AbTest, known: Mapping[str, Known]) -> Iterator[Need]:
    """Every metric and guard. UserError where the smallest effect that matters isn't said."""
    level = level_of(test)
    for name, metric in {**test.metrics, **test.guards}.items():
        guard = name in test.guards
        effect = metric.smallest(known[name].base)
        if not effect:
            raise UserError(
                where=f"metric {name}",
                found="no effect that would matter",
                expected="effect (in its own units) or relative_effect",
                hint="such as `--effect 0.01`, or `--effect 5%` of the control's value",
            )
        own = test.alpha if guard else level
        yield Need(
            name,
            metric,
            known[name],
            effect,
            own,
            border_of(own, peeking=test.peeking),
            test.shares,
            test.power,
        )


def level_of(test: AbTest) -> float:
    """The level of one comparison: Dunnett's within a metric, else Bonferroni's, which is enough for Holm."""
    if test.correction != "dunnett":
        return test.alpha / test.comparisons
    control, *others = test.shares.values()
    shared = np.array([share / (share + control) for share in others])
    return dunnett_level(shared, test.alpha / len(test.metrics))


def border_of(level: float, *, peeking: bool) -> float:
    """Standard errors: normal for one look; where intervals hold at every look, their width at the planned
    number of units, where they are tightest."""
    from scipy.stats import norm

    if not peeking:
        return float(norm.isf(level / 2))
    mixed = tightness(level)
    return math.sqrt((mixed + 1) / mixed * math.log((mixed + 1) / level**2))


def plan_of(need: Need, planned: int) -> MetricPlan:
    """One metric where `planned` units of all variants will be drawn."""
    units, known = need.units(), need.known
    effects = np.linspace(0, 2 * need.effect, CURVE_POINTS)
    steps = np.linspace(planned / DURATION_POINTS, 1.5 * planned, DURATION_POINTS)
    return MetricPlan(
        name=need.name,
        kind=need.metric.kind,
        base=known.base,
        sd=known.sd,
        effect=need.effect,
        relative_effect=need.effect / abs(known.base) if known.base else None,
        level=need.level,
        units=units,
        per_variant={name: math.ceil(units * share) for name, share in need.shares.items()},
        kept_by_cuped=known.by_cuped,
        kept_by_strata=known.by_strata,
        found=need.found(planned),
        power=need.power_at(need.effect, planned),
        curve=tuple(
            PowerPoint(effect=float(effect), power=need.power_at(float(effect), planned))
            for effect in effects
        ),
        durations=tuple(
            DurationPoint(units=round(step), effect=need.found(float(step))) for step in steps.tolist()
        ),
    )
