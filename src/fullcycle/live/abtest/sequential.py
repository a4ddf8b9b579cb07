"""Intervals that hold at every look: asymptotic confidence sequences.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
sequences" (Annals of Statistics 52, 2024), equation 4: after t units, with a variance s^2 of one of them,

    mean +- s sqrt(2 (t rho^2 + 1) / (t^2 rho^2) log(sqrt(t rho^2 + 1) / alpha)).

It is Robbins' normal mixture, as `live/routes/bounds.py` is his beta mixture: that one holds exactly, for
values in [0, 1], and is wider; this one holds for any mean, once there are enough units for a normal
approximation (UNITS_AT_LEAST). rho is chosen so that the interval is tightest at a number of units that was
fixed before: the planned one, or TIGHTEST.
"""

from __future__ import annotations

import math

import numpy as np

from fullcycle.live.abtest.moments import Floats

UNITS_AT_LEAST = 100  # in each variant, before anything is said
TIGHTEST = 10_000  # units of all variants, where no design says how many are planned


def tightness(alpha: float) -> float:
    """t rho^2 where the interval is tightest: -W(-alpha^2 / e) - 1 on the lower branch of Lambert's W.

    >>> round(tightness(0.05), 2)
    8.21
    """
    from scipy.special import lambertw

    return float(-lambertw(-(alpha**2) / math.e, -1).real - 1)


def half_width(variance: Floats, units: Floats, alpha: float, tightest: float = TIGHTEST) -> Floats:
    """Half the width around an estimate with this variance, made of so many units of all variants."""
    mixed = tightness(alpha) * np.asarray(units, dtype=np.float64) / tightest
    with np.errstate(divide="ignore", invalid="ignore"):
        made: Floats = np.sqrt(variance * (mixed + 1) / mixed * np.log((mixed + 1) / alpha**2))
    return made


def p_values(
    value: Floats, variance: Floats, units: Floats, alpha: float, tightest: float = TIGHTEST
) -> Floats:
    """The smallest level at which an interval of `half_width` leaves 0 out, where rho is that of `alpha`.

    Each holds whenever it is looked at; the smallest so far holds too.
    """
    mixed = tightness(alpha) * np.asarray(units, dtype=np.float64) / tightest
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(variance > 0, value**2 / variance, 0.0)
    made: Floats = np.minimum(1.0, np.sqrt(mixed + 1) * np.exp(-score / 2 * mixed / (mixed + 1)))
    return made
