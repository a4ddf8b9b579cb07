"""Thousands of simulated A/B tests: how often intervals hold, differences are false, broken draws are caught.

`python -m benchmarks.abtest [10000]`. The statistics are those of `fullcycle.live.abtest`; the engine's sums
are held equal to the rows' by the tests.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from benchmarks.figure import Figure
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.live.abtest import bootstrap, mismatch, several
from fullcycle.live.abtest.design import design
from fullcycle.live.abtest.estimate import Arms, Shape, effect, estimate
from fullcycle.live.abtest.moments import Moments, Sums
from fullcycle.live.abtest.sequential import UNITS_AT_LEAST, half_width
from fullcycle.live.routes.bounds import mean_difference

EXPERIMENTS = 10_000
BATCH = 250
ALPHA = 0.05
MONTE_CARLO = 0.01  # a right procedure leaves the bounds of its binomial once in a hundred (decision 46)
DAYS, A_DAY = 28, 400  # of both variants
BOOTSTRAPPED = 20  # one experiment of so many: a resample costs as much as an experiment
Floats = NDArray[np.float64]
Random = np.random.Generator
MEAN, RATIO, CONVERSION = Shape("mean"), Shape("ratio"), Shape("conversion")
CUPED = Shape("mean", covariate=True)


@dataclass(frozen=True)
class Found:
    """How many of `experiments` had it. `exactly`: it happens with the probability `nominal`; `at_most` or
    `at_least`: no more or no less often."""

    name: str
    count: int
    experiments: int
    nominal: float
    kind: Literal["exactly", "at_most", "at_least"]

    @property
    def bounds(self) -> tuple[int, int]:
        """What a right procedure stays within, but for one run in a hundred."""
        low, high = 0, self.experiments
        if self.kind != "at_most":
            low = int(binom.ppf(MONTE_CARLO / 2, self.experiments, self.nominal))
        if self.kind != "at_least":
            high = int(binom.ppf(1 - MONTE_CARLO / 2, self.experiments, self.nominal))
        return low, high

    @property
    def holds(self) -> bool:
        return self.bounds[0] <= self.count <= self.bounds[1]

    def row(self) -> str:
        low, high = (each / self.experiments for each in self.bounds)
        told = {
            "exactly": f"{low:.2%} to {high:.2%}",
            "at_most": f"<= {high:.2%}",
            "at_least": f">= {low:.2%}",
        }
        share = self.count / self.experiments
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.name:<66} {share:>7.2%}  {told[self.kind]:<18} {verdict}"


# --- worlds: units of two variants, shape (experiments, variants, units, columns)


def conversions(random: Random, size: int, units: int, rates: tuple[float, ...]) -> Floats:
    drawn = random.random((size, len(rates), units)) < np.array(rates)[:, None]
    return drawn[..., None].astype(np.float64)


def revenues(random: Random, size: int, units: int, gain: float = 0.0) -> Floats:
    """Log-normal, skewness 6: what money looks like. The treatment spreads wider."""
    base = random.lognormal(0.0, 1.0, (size, 2, units))
    base[:, 1] = base[:, 1] * 1.2 - 0.2 * np.exp(0.5) + gain
    return base[..., None]


def ratios(random: Random, size: int, units: int, gain: float = 0.0) -> Floats:
    """Revenue over visits that it grows with; its true ratio is 2 in the control."""
    visits = random.poisson(3.0, (size, 2, units)) + 1.0
    spent = random.gamma(2.0, 1.0, (size, 2, units)) * visits
    spent[:, 1] += gain * visits[:, 1]
    return np.stack([spent, visits], axis=-1)


def explained(random: Random, size: int, units: int, gain: float = 0.0) -> Floats:
    """A value that correlates 0.8 with what was known before."""
    before = random.normal(0.0, 1.0, (size, 2, units))
    value = 0.8 * before + 0.6 * random.normal(0.0, 1.0, before.shape)
    value[:, 1] += gain
    return np.stack([value, before], axis=-1)


def moments_of(units: Floats) -> Moments:
    """One stratum."""
    count = np.full((*units.shape[:2], 1), float(units.shape[2]))
    mean = units.mean(2)
    apart = units - mean[:, :, None]
    cov = np.einsum("evni,evnj->evij", apart, apart) / (units.shape[2] - 1)
    return Moments(count, mean[:, :, None], cov[:, :, None])


def sums_by_day(units: Floats, days: int) -> Sums:
    """Sums (days, experiments, variants, 1 stratum, k), cumulated: what was known each evening."""
    each = units.shape[2] // days
    parts = units[:, :, : each * days].reshape(*units.shape[:2], days, each, units.shape[3])
    products = np.einsum("evdni,evdnj->devij", parts, parts)[:, :, :, None]
    sums = np.moveaxis(parts.sum(3), 2, 0)[:, :, :, None]
    count = np.full((days, *units.shape[:2], 1), float(each))
    return Sums(count, sums, products, np.zeros(units.shape[3])).so_far()


# --- what is counted


def batches(experiments: int) -> Iterator[tuple[Random, int]]:
    for start in range(0, experiments, BATCH):
        yield np.random.default_rng(start), min(BATCH, experiments - start)


def covered(world: Callable[[Random, int], Floats], shape: Shape, truth: float, experiments: int) -> int:
    """Intervals of one look that hold the truth."""
    held = 0
    for random, size in batches(experiments):
        low, high = effect(estimate(moments_of(world(random, size)), shape), 1).interval(ALPHA)
        held += int(((low <= truth) & (truth <= high)).sum())
    return held


def one_look(experiments: int) -> Iterator[Found]:
    """Type I error and coverage where all units are there."""
    worlds: list[tuple[str, Callable[[Random, int], Floats], Shape, float]] = [
        ("conversion 10%, no effect", lambda r, n: conversions(r, n, 2_000, (0.1, 0.1)), CONVERSION, 0.0),
        ("conversion 10% to 12%", lambda r, n: conversions(r, n, 2_000, (0.1, 0.12)), CONVERSION, 0.02),
        ("mean, log-normal, spread apart", lambda r, n: revenues(r, n, 4_000, 0.1), MEAN, 0.1),
        ("ratio", lambda r, n: ratios(r, n, 1_000, 0.1), RATIO, 0.1),
        ("CUPED", lambda r, n: explained(r, n, 500, 0.1), CUPED, 0.1),
    ]
    for name, world, shape, truth in worlds:
        count = covered(world, shape, truth, experiments)
        yield Found(f"one look, {name}: interval holds", count, experiments, 1 - ALPHA, "exactly")
    yield stratified(experiments)
    yield from several_variants(experiments)


def stratified(experiments: int, units: int = 1_200) -> Found:
    """Four strata that lie far apart, met by chance."""
    held = 0
    for random, size in batches(experiments):
        stratum = random.integers(0, 4, (size, 2, units))
        value = stratum * 2.0 + random.normal(0.0, 1.0, stratum.shape)
        value[:, 1] += 0.1
        found = effect(estimate(in_strata(value, stratum, 4), MEAN), 1)
        low, high = found.interval(ALPHA)
        held += int(((low <= 0.1) & (high >= 0.1)).sum())
    return Found("one look, strata: interval holds", held, experiments, 1 - ALPHA, "exactly")


def in_strata(value: Floats, stratum: NDArray[Any], strata: int) -> Moments:
    inside = stratum[..., None] == np.arange(strata)
    count = inside.sum(2).astype(np.float64)
    mean = (value[..., None] * inside).sum(2) / count
    spread = ((value[..., None] - mean[:, :, None]) ** 2 * inside).sum(2) / (count - 1)
    return Moments(count, mean[..., None], spread[..., None, None])


def several_variants(experiments: int) -> Iterator[Found]:
    """Three treatments that do nothing: any of them found is a false difference."""
    wrong = dict.fromkeys(("holm", "bonferroni", "dunnett"), 0)
    for random, size in batches(experiments):
        arms = estimate(moments_of(random.normal(0.0, 1.0, (size, 4, 500, 1))), MEAN)
        effects = [effect(arms, at) for at in (1, 2, 3)]
        p_values = np.stack([each.p_value for each in effects], axis=1)
        shared = np.stack([arms.variance[:, 0] / each.variance for each in effects], axis=1)
        level = several.dunnett_level(shared.mean(0), ALPHA)
        wrong["dunnett"] += int((p_values < level).any(1).sum())
        wrong["bonferroni"] += int((p_values < ALPHA / 3).any(1).sum())
        wrong["holm"] += int((p_values.min(1) < ALPHA / 3).sum())  # its first step decides
    for name, count in wrong.items():
        kind: Literal["exactly", "at_most"] = "exactly" if name == "dunnett" else "at_most"
        yield Found(f"one look, three idle treatments, {name}: any found", count, experiments, ALPHA, kind)


def resampled(experiments: int, units: int = 400) -> Found:
    """The Poisson bootstrap's percentiles, on gamma values."""
    held = 0
    for at in range(experiments):
        random = np.random.default_rng(70_000 + at)
        value = random.gamma(2.0, 1.0, (2, units))
        sums = Sums(np.ones((2, units)), value[..., None], value[..., None, None] ** 2, np.zeros(1))
        nothing = np.zeros(())
        arms = Arms(value.mean(1), value.var(1), value.var(1), nothing, nothing, nothing)
        found = bootstrap.interval(bootstrap.resampled(sums, MEAN, arms, at), 1, ALPHA)
        held += found is not None and found[0] <= 0 <= found[1]
    return Found("one look, Poisson bootstrap: interval holds", held, experiments, 1 - ALPHA, "exactly")


def every_day(experiments: int) -> Iterator[Found]:
    """Whoever looks each evening for 28 days and stops at the first interval without the truth."""
    units = DAYS * A_DAY // 2
    worlds: list[tuple[str, Callable[[Random, int], Floats], Shape, float]] = [
        ("conversion 10%", lambda r, n: conversions(r, n, units, (0.1, 0.1)), CONVERSION, 0.0),
        ("conversion 10% to 12%", lambda r, n: conversions(r, n, units, (0.1, 0.12)), CONVERSION, 0.02),
        ("mean, log-normal", lambda r, n: revenues(r, n, units), MEAN, 0.0),
        ("ratio", lambda r, n: ratios(r, n, units, 0.1), RATIO, 0.1),
        ("CUPED", lambda r, n: explained(r, n, units, 0.1), CUPED, 0.1),
    ]
    for name, world, shape, truth in worlds:
        left, naive = left_out(world, shape, truth, experiments)
        yield Found(f"every day, {name}: ever without the truth", left, experiments, ALPHA, "at_most")
        yield Found("  the same by intervals of one look", naive, experiments, 0.15, "at_least")


def left_out(
    world: Callable[[Random, int], Floats], shape: Shape, truth: float, experiments: int
) -> tuple[int, int]:
    """Experiments whose interval was ever without the truth: those of every look, those of one look."""
    always = naive = 0
    for random, size in batches(experiments):
        known = sums_by_day(world(random, size), DAYS)
        arms = estimate(known.moments(), shape)
        found = effect(arms, 1)
        total = known.count.sum((2, 3))
        half = half_width(found.variance, total, ALPHA, tightest=DAYS * A_DAY)
        there = known.count.sum(3).min(2) >= UNITS_AT_LEAST
        always += int(((np.abs(found.value - truth) > half) & there).any(0).sum())
        low, high = found.interval(ALPHA)
        naive += int((((truth < low) | (truth > high)) & there).any(0).sum())
    return always, naive


def exactly_bounded(experiments: int) -> Found:
    """The canary's bounds of two mean losses, each evening."""
    wrong = 0
    for at in range(experiments):
        random = np.random.default_rng(90_000 + at)
        losses = random.beta(0.5, 2.0, (2, DAYS, A_DAY // 2)).sum(2).cumsum(1)
        counts = np.arange(1, DAYS + 1) * (A_DAY // 2)
        for day in range(DAYS):
            ours, theirs = (float(losses[side, day]) for side in (0, 1))
            where = mean_difference((ours, int(counts[day])), (theirs, int(counts[day])), alpha=ALPHA)
            if where.low > 0 or where.high < 0:
                wrong += 1
                break
    return Found("every day, the canary's exact bounds: ever without 0", wrong, experiments, ALPHA, "at_most")


def broken_draws(experiments: int) -> Iterator[Found]:
    """Planned half and half."""
    cases: list[tuple[str, int, float, float, Literal["at_most", "at_least"]]] = [
        ("50% of 100,000 units", 100_000, 0.5, mismatch.ALPHA, "at_most"),
        ("50.2% of 10 million units: too small to matter", 10_000_000, 0.502, mismatch.ALPHA, "at_most"),
        ("51% of 200,000 units", 200_000, 0.51, 0.9, "at_least"),
        ("52% of 30,000 units", 30_000, 0.52, 0.9, "at_least"),
    ]
    planned = {"A": 0.5, "B": 0.5}
    for name, units, share, nominal, kind in cases:
        drawn = np.random.default_rng(units).binomial(units, share, experiments)
        found = sum(mismatch.look({"A": units - n, "B": n}, planned, 0.01).found for n in drawn.tolist())
        yield Found(f"draw, {name}: mismatch", found, experiments, nominal, kind)


def planned_power(experiments: int) -> Iterator[Found]:
    """What is planned to be found in 80 of 100 tests."""
    test = AbTest.model_validate({"metrics": {"y": {"kind": "conversion", "base": 0.1, "effect": 0.03}}})
    for peeking in (False, True):
        planned = test.model_copy(update={"peeking": peeking})
        units = design("t", planned).units
        found = 0
        for random, size in batches(experiments):
            world = conversions(random, size, units // 2, (0.1, 0.13))
            each = effect(estimate(moments_of(world), CONVERSION), 1)
            low = each.interval(ALPHA)[0]
            if peeking:
                low = each.value - half_width(each.variance, np.array(float(units)), ALPHA, tightest=units)
            found += int((low > 0).sum())
        name = "at the last look, intervals of every look" if peeking else "one look"
        yield Found(f"power, {units:,} planned units, {name}: found", found, experiments, 0.8, "exactly")


def saved_by_cuped(experiments: int) -> tuple[float, float]:
    """The variance of the effect with CUPED over that without: as estimated, and over experiments."""
    plain, with_it, kept = [], [], []
    for random, size in batches(experiments):
        moments = moments_of(explained(random, size, 500))
        alone = Moments(moments.count, moments.mean[..., :1], moments.cov[..., :1, :1])
        arms = estimate(moments, CUPED)
        plain.append(effect(estimate(alone, MEAN), 1).value)
        with_it.append(effect(arms, 1).value)
        kept.append(arms.kept)
    spread = np.concatenate(with_it).var() / np.concatenate(plain).var()
    return float(np.concatenate(kept).mean()), float(spread)


LONG_ROWS = 10_000_000
LONG = """
COPY (
    SELECT i AS unit, CASE WHEN hash(i) % 2 = 0 THEN 'A' ELSE 'B' END AS variant,
        (hash(i + 1) % 1000) / 10.0 AS before, before + (hash(i + 2) % 1000) / 10.0 AS revenue,
        hash(i + 3) % 10 = 0 AS bought, hash(i + 4) % 8 AS region,
        TIMESTAMP '2026-09-01' + INTERVAL (hash(i + 5) % 40320) MINUTE AS seen
    FROM range({rows}) AS rows(i)
) TO '{target}' (FORMAT parquet)
"""


def long_table(rows: int, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak memory (MB) of the whole command on a table of so many rows."""
    target = folder / "long.parquet"
    duckdb.execute(LONG.format(rows=rows, target=target))
    words = "--variant variant --conversion bought --mean revenue --time seen --segment region --json"
    command = [sys.executable, "-m", "fullcycle.cli.main", "abtest", "analyse", "--data", target.name]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, *words.split()], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, after.ru_maxrss / 1024


def everything(experiments: int) -> Iterator[Found]:
    """All of it."""
    yield from one_look(experiments)
    yield resampled(max(200, experiments // BOOTSTRAPPED))
    yield from every_day(experiments)
    yield exactly_bounded(experiments)
    yield from broken_draws(experiments)
    yield from planned_power(experiments)


def figures(folder: Path) -> Iterator[Figure]:
    """How many of all bars are missed, in a tenth of the experiments."""
    missed = sum(not each.holds for each in everything(EXPERIMENTS // 10))
    yield Figure(f"bars missed by {EXPERIMENTS // 10:,} simulated A/B tests each", missed, 1, "bars")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiments", nargs="?", type=int, default=EXPERIMENTS)
    parser.add_argument("--long", action="store_true", help=f"only a table of {LONG_ROWS:,} rows")
    arguments = parser.parse_args()
    if arguments.long:
        with tempfile.TemporaryDirectory() as folder:
            used, peak = long_table(LONG_ROWS, Path(folder))
        print(f"{LONG_ROWS:,} rows: {used:.0f} CPU seconds, {peak:.0f} MB at most")
        return
    experiments = arguments.experiments
    wall, used = time.perf_counter(), time.process_time()
    for each in everything(experiments):
        print(each.row(), flush=True)
    kept, spread = saved_by_cuped(experiments)
    print(f"CUPED at a correlation of 0.8 leaves {kept:.1%} of the variance (over experiments {spread:.1%})")
    print(f"{time.perf_counter() - wall:.0f} s, {time.process_time() - used:.0f} CPU seconds")


if __name__ == "__main__":
    main()
