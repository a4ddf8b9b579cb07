"""How much the treatment gains, and how sure that is: two tests that respect the dependence of folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.metrics import Metric, answer_for
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.core.models.resampled import ResampledT, corrected_resampled_t

Floats = NDArray[np.float64]
ENOUGH_POWER = 0.8
RESAMPLES = 2000
ROWS_AT_MOST = 10**9  # a larger answer than that is no plan


class Effect(Protocol):
    """A gain of the treatment, positive where it is better, with its two-sided test."""

    @property
    def value(self) -> float: ...

    @property
    def p_value(self) -> float: ...

    @property
    def standard_error(self) -> float: ...

    def interval(self, confidence: float) -> tuple[float, float]: ...

    def power(self, gain: float, level: float) -> float:
        """The chance that a true gain is found on such rows, at a two-sided level."""
        ...


@dataclass(frozen=True)
class FoldEffect:
    """From differences of score by fold (corrected resampled t)."""

    found: ResampledT

    @property
    def value(self) -> float:
        return self.found.mean

    @property
    def p_value(self) -> float:
        return self.found.p_value

    @property
    def standard_error(self) -> float:
        return self.found.standard_error

    def interval(self, confidence: float) -> tuple[float, float]:
        return self.found.interval(confidence)

    def power(self, gain: float, level: float) -> float:
        from scipy.stats import nct, t

        if self.standard_error == 0:
            return 1.0
        border = float(t.ppf(1 - level / 2, self.found.df))
        power = float(nct.sf(border, self.found.df, gain / self.standard_error))
        return power if np.isfinite(power) else 1.0  # far out, SciPy's series gives up


@dataclass(frozen=True)
class BootstrapEffect:
    """From resamples of the same rows: `drawn` are differences of (n_resamples,) of them."""

    value: float
    drawn: Floats

    @property
    def standard_error(self) -> float:
        return float(self.drawn.std(ddof=1))

    @property
    def p_value(self) -> float:
        """Two-sided, by the share of resamples beyond 0; never 0, as one more resample might be there."""
        below, above = int((self.drawn <= 0).sum()), int((self.drawn >= 0).sum())
        return min(1.0, 2 * (min(below, above) + 1) / (len(self.drawn) + 1))

    def interval(self, confidence: float) -> tuple[float, float]:
        low, high = np.quantile(self.drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
        return float(low), float(high)

    def power(self, gain: float, level: float) -> float:
        from scipy.stats import norm

        if self.standard_error == 0:
            return 1.0
        return float(norm.sf(norm.ppf(1 - level / 2) - gain / self.standard_error))


def fold_effect(metric: Metric, control: Sequence[OutOfFold], treatment: Sequence[OutOfFold]) -> FoldEffect:
    """Each fold of each repeat is one difference; the share of rows that a fold judges is their mean."""
    gains = fold_gains(metric, control, treatment)
    return FoldEffect(corrected_resampled_t(np.array(gains), test_share=_test_share(control)))


def fold_gains(
    metric: Metric, control: Sequence[OutOfFold], treatment: Sequence[OutOfFold]
) -> tuple[float, ...]:
    """What the treatment gains in each fold where the metric is defined for both."""
    sign = 1 if metric.higher_is_better else -1
    gains = []
    for one, other in zip(control, treatment, strict=True):
        for number in np.unique(one.folds):
            part = one.folds == number
            scores = [
                metric.function(each.codes[part], answer_for(metric, each.answer)[part])
                for each in (other, one)
            ]
            if np.isfinite(scores).all():
                gains.append(float(sign * (scores[0] - scores[1])))
    return tuple(gains)


def _test_share(repeats: Sequence[OutOfFold]) -> float:
    """By folds alone; where time expands the window, the first folds judge a larger share than the last."""
    shares = [1 / max(2, len(np.unique(each.folds))) for each in repeats]
    return float(np.mean(shares))


def bootstrap_effect(
    metric: Metric,
    control: Sequence[OutOfFold],
    treatment: Sequence[OutOfFold],
    units: NDArray[np.int64],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> BootstrapEffect:
    """Rows drawn again together for both arms and all repeats, whole units at a time.

    `units` has shape (n,): rows of one group, or of one block of time, share a number; else each row has its
    own (Efron 1979; for blocks Künsch 1989). A resample also draws the repeats again: fits of one model
    differ by their seed, which rows alone don't show.
    """
    sign = 1 if metric.higher_is_better else -1
    pairs = [
        [metric.statistic(each.codes, answer_for(metric, each.answer)) for each in pair]
        for pair in zip(treatment, control, strict=True)
    ]
    whole = np.array([_gain(pair, np.ones(len(units))) for pair in pairs])
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        weights = _weights(units, random)
        chosen = np.bincount(random.integers(0, len(pairs), len(pairs)), minlength=len(pairs))
        gains = [count * _gain(pair, weights) for count, pair in zip(chosen, pairs, strict=True) if count]
        drawn.append(sum(gains) / len(pairs))
    kept = sign * np.array(drawn)
    return BootstrapEffect(float(sign * whole.mean()), kept[np.isfinite(kept)])


def _gain(pair: Sequence[Any], weights: Floats) -> float:
    return float(pair[0](weights) - pair[1](weights))


def _weights(units: NDArray[np.int64], random: np.random.Generator) -> Floats:
    count = int(units.max()) + 1
    times = np.bincount(random.integers(0, count, count), minlength=count)
    return times[units].astype(np.float64)


def time_blocks(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Blocks of about n^(1/3) rows that follow each other in time; `order` holds each row's place in it."""
    length = max(1, round(len(order) ** (1 / 3)))
    return np.asarray(order // length, dtype=np.int64)


def rows_needed(
    effect: Effect, gain: float, level: float, rows: int, power: float = ENOUGH_POWER
) -> int | None:
    """Rows at which a true gain would be found with this power: the error falls with the square root of rows.

    None where the error is 0 or the answer is out of all proportion.
    """
    from scipy.optimize import brentq

    if effect.standard_error == 0:
        return None
    reached = effect.power
    if reached(1e6 * effect.standard_error, level) < power:
        return None
    needed = brentq(lambda error: reached(error * effect.standard_error, level) - power, 0.0, 1e6)
    answer = rows * (needed * effect.standard_error / gain) ** 2
    return int(np.ceil(answer)) if answer < ROWS_AT_MOST else None
