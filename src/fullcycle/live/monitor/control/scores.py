"""A metric by window as standard normal scores, with the weekly season taken out.

Every window is compared with those before it alone (a self-starting chart, Hawkins 1987): its recursive
residual (Brown, Durbin and Evans 1975) from the mean of its phase of the season, over the spread of the
residuals so far, follows Student's t while nothing changes, whatever mean and spread are. Turned into normal
scores, these are independent, so that run lengths are known from the first scores on and no long quiet
period has to be set aside to learn from.

Where the sampling error of each window is known (a rate or mean of n rows), it weighs the windows, and the
spread is never taken to be smaller than it: Laney's p' chart (2002) without its underdispersion. Windows are
taken to be independent once the season is out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_FREEDOM = 3  # residuals before the first score: t with fewer degrees has no variance
FAR = 8.0  # a score that no chart overlooks, and that still can be drawn
NO_RATE = 0.5  # added to events and non-events: a window without any error says little, but not nothing


def standardise(
    values: Sequence[float] | Floats,
    errors: Sequence[float] | Floats | None = None,
    *,
    phases: Sequence[int] | None = None,
    learn: int | None = None,
) -> Floats:
    """Scores of shape (n_windows,): standard normal while the process stays; NaN while too little is known.

    `errors` are the standard errors of the values; `phases` the place of each window in the season
    (its weekday), each with a mean of its own. Windows from number `learn` on are judged and teach no more.
    A value that is NaN (an empty window) has no score and teaches nothing.
    """
    measured = np.asarray(values, dtype=np.float64)
    given = None if errors is None else np.asarray(errors, dtype=np.float64)
    known = given is not None and bool((given > 0).any())  # constants alone say nothing about sampling
    spread = _above_zero(given) if given is not None else np.ones(len(measured))
    process = _Process(smallest=1.0 if known else 0.0)
    ratios, freedom = np.full(len(measured), np.nan), np.ones(len(measured))
    for at, (value, error) in enumerate(zip(measured, spread, strict=True)):
        if not (np.isfinite(value) and np.isfinite(error)):
            continue
        phase = 0 if phases is None else int(phases[at])
        ratios[at], freedom[at] = process.ratio(phase, float(value), float(error)), max(process.freedom, 1)
        if learn is None or at < learn:
            process.teach(phase, float(value), float(error))
    return _normal(ratios, freedom)


def rate_errors(events: Sequence[int], rows: Sequence[int]) -> Floats:
    """Standard errors of the rates `events / rows`, by the rate of all windows so far; NaN where no rows are.

    >>> rate_errors([10, 30], [100, 300]).round(4).tolist()
    [0.0305, 0.0174]
    """
    counted, asked = np.asarray(events, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    rate = (np.cumsum(counted) + NO_RATE) / (np.cumsum(asked) + 2 * NO_RATE)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(asked > 0, np.sqrt(rate * (1 - rate) / asked), np.nan))


def _above_zero(errors: Floats) -> Floats:
    """A window of equal values has no error of its own: it gets the smallest of the others."""
    known = errors[np.isfinite(errors) & (errors > 0)]
    return np.asarray(np.where(errors == 0, known.min() if len(known) else 1.0, errors))


@dataclass
class _Process:
    """What is known of the process: a weighted mean for each phase, and the spread around them."""

    smallest: float
    means: dict[int, tuple[float, float]] = field(default_factory=dict)  # mean, weight
    squares: float = 0.0
    freedom: int = 0

    def residual(self, phase: int, value: float, error: float) -> float | None:
        if phase not in self.means:
            return None
        mean, weight = self.means[phase]
        return float((value - mean) / np.sqrt(error**2 + 1 / weight))

    def ratio(self, phase: int, value: float, error: float) -> float:
        """The residual in units of the spread: Student's t of `freedom` degrees, or NaN."""
        residual = self.residual(phase, value, error)
        if residual is None or self.freedom < LEAST_FREEDOM:
            return float("nan")
        spread = max(np.sqrt(self.squares / self.freedom), self.smallest)
        if spread == 0:  # a constant so far: the first other value has no measure, and is far out
            return 0.0 if residual == 0 else float(np.copysign(np.inf, residual))
        return float(residual / spread)

    def teach(self, phase: int, value: float, error: float) -> None:
        residual = self.residual(phase, value, error)
        if residual is not None:
            self.squares += residual**2
            self.freedom += 1
        mean, weight = self.means.get(phase, (0.0, 0.0))
        added = 1 / error**2
        self.means[phase] = (mean + (value - mean) * added / (weight + added), weight + added)


def _normal(ratios: Floats, freedom: Floats) -> Floats:
    """Normal scores that are as improbable as these values of Student's t."""
    from scipy.special import ndtri_exp
    from scipy.stats import t

    beyond = -ndtri_exp(t.logsf(np.abs(ratios), freedom))
    return np.asarray(np.copysign(np.minimum(beyond, FAR), ratios))
