"""A design: what is known before the test, and what follows for units and days."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import ibis
import numpy as np

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import DesignFacts
from fullcycle.core.project.abtest_settings import AbMetric, AbTest
from fullcycle.live.abtest.cells import cells_of, scales_of
from fullcycle.live.abtest.estimate import Shape, estimate, shape_of
from fullcycle.live.abtest.moments import Moments
from fullcycle.live.abtest.plan import Known, needs_of, plan_of
from fullcycle.live.abtest.strata import enough
from fullcycle.live.abtest.units import MOMENT, STRATUM, measured, read_units

if TYPE_CHECKING:
    from fullcycle.core.sources.source import OpenedSource

BEFORE = "before the test"  # the one variant of a history


@dataclass(frozen=True)
class History:
    """What a table of units before the test says."""

    source: str
    units: int
    per_day: float | None
    known: Mapping[str, Known]


@dataclass(frozen=True)
class PerDay:
    """Units a day and who says so."""

    units: float
    source: Literal["said", "log", "history"]


def design(name: str, test: AbTest, history: History | None = None, log: PerDay | None = None) -> DesignFacts:
    """Units, days and power. UserError where the control's value or its spread is neither said nor known."""
    needs = list(needs_of(test, known_of(test, history)))
    planned = test.units or max(need.units() for need in needs)
    plans = {need.name: plan_of(need, planned) for need in needs}
    traffic = _per_day(test, history, log)
    return DesignFacts(
        name=name,
        claim=test.claim,
        shares=test.shares,
        alpha=test.alpha,
        power=test.power,
        correction=test.correction,
        comparisons=test.comparisons,
        peeking=test.peeking,
        metrics=tuple(plans[each] for each in test.metrics),
        guards=tuple(plans[each] for each in test.guards),
        units=planned,
        per_day=traffic.units if traffic else None,
        per_day_from=traffic.source if traffic else None,
        days=math.ceil(planned / traffic.units) if traffic else None,
        history=history.source if history else None,
        history_units=history.units if history else None,
    )


def _per_day(test: AbTest, history: History | None, log: PerDay | None) -> PerDay | None:
    if test.per_day is not None:
        return PerDay(test.per_day, "said")
    if history is not None and history.per_day:
        return PerDay(history.per_day, "history")
    return log


def known_of(test: AbTest, history: History | None) -> dict[str, Known]:
    """What a person said of each metric goes before what a history shows."""
    return {
        name: _known(name, metric, history.known.get(name) if history else None)
        for name, metric in measured(test).items()
    }


def _known(name: str, metric: AbMetric, seen: Known | None) -> Known:
    base = metric.base if metric.base is not None else seen.base if seen else None
    sd = metric.sd if metric.sd is not None else seen.sd if seen else None
    if base is not None and metric.kind == "conversion":
        sd = math.sqrt(base * (1 - base))
    if base is None or sd is None:
        raise UserError(
            where=f"metric {name}",
            found=f"no {'value of the control' if base is None else 'standard deviation'}",
            expected="base" + ("" if metric.kind == "conversion" else " and sd") + ", or a table of history",
            hint="`--base` and `--sd` say them; `--history SRC` measures them, and what CUPED saves",
        )
    if seen is None:
        return Known(base, sd)
    return Known(base, sd, seen.by_cuped, seen.by_strata, seen.kept)


def read_history(opened: OpenedSource, test: AbTest, source: str) -> History:
    """Values, spreads, and what CUPED and strata leave of them, from a table of units before the test."""
    before = test.model_copy(update={"variant": BEFORE, "shares": {BEFORE: 1.0}, "segments": []})
    table = opened.table.mutate(**{BEFORE: ibis.literal(BEFORE)})
    with read_units(table, before, source, opened.decimal) as units:
        by = STRATUM if test.strata else None
        scales = scales_of(units.table, before)
        cells = cells_of(units.table, before, scales, by=by)
        total = int(cells.units.sum())
        known = {}
        for name, metric in measured(test).items():
            sums = cells.metrics[name].over(0)
            if sums.count.sum() < 2:
                raise UserError(where=f"{source}, metric {name}", found="fewer than two units with a value")
            known[name] = known_from(enough(sums).moments(), shape_of(metric))
        per_day = None
        if MOMENT in units.table.columns:
            days = len(cells_of(units.table, before, scales, by_time=True).moments)
            per_day = total / days if days > 1 else None
    return History(source, total, per_day, known)


def known_from(moments: Moments, shape: Shape) -> Known:
    """Of one variant in strata: its value, the standard deviation of a unit, and what is left of that."""
    plain = Shape(shape.kind)
    total = float(moments.count.sum())
    together = moments.together()
    alone = estimate(_columns(together, plain), plain)
    variance = float(alone.variance[0]) or 1.0
    cuped = float(estimate(together, shape).variance[0]) / variance if shape.covariate else None
    strata = None
    if moments.count.shape[-1] > 1:
        strata = float(estimate(_columns(moments, plain), plain).variance[0]) / variance
    kept = float(estimate(moments, shape).variance[0]) / variance
    return Known(float(alone.value[0]), math.sqrt(float(alone.variance[0]) * total), cuped, strata, kept)


def _columns(moments: Moments, plain: Shape) -> Moments:
    k = np.arange(plain.columns)
    return Moments(moments.count, moments.mean[..., k], moments.cov[..., k[:, None], k])
