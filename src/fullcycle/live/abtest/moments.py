"""What is known of units in cells: counts, means and covariances. Everything else follows from them.

Arrays broadcast: leading axes may be days, or the experiments of a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Of k columns in cells of variants and strata.

    `count` has shape (..., variants, strata), `mean` (..., variants, strata, k) and `cov`, the sample
    covariance, (..., variants, strata, k, k). A cell of fewer than two units has no covariance: NaN.
    """

    count: Floats
    mean: Floats
    cov: Floats

    def together(self) -> Moments:
        """All strata as one."""
        count = self.count.sum(-1, keepdims=True)
        weights = self.count[..., None]
        mean = (weights * np.nan_to_num(self.mean)).sum(-2, keepdims=True) / count[..., None]
        apart = np.nan_to_num(self.mean) - mean
        within = np.nan_to_num(self.cov) * np.maximum(self.count - 1, 0)[..., None, None]
        between = weights[..., None] * apart[..., :, None] * apart[..., None, :]
        cov = (within + between).sum(-3, keepdims=True) / (count - 1)[..., None, None]
        return Moments(count, mean, cov)


@dataclass(frozen=True)
class Sums:
    """Counts, sums and sums of products of columns less their `pivot` (k,), over the same cells: they add up.

    A pivot near the mean keeps the digits that squares of large numbers would lose.
    """

    count: Floats
    sums: Floats
    products: Floats
    pivot: Floats

    def over(self, axis: int) -> Sums:
        """Added up along one of the leading axes."""
        return Sums(self.count.sum(axis), self.sums.sum(axis), self.products.sum(axis), self.pivot)

    def so_far(self) -> Sums:
        """Added up along the first axis, step by step: what was known at each of its places."""
        return Sums(self.count.cumsum(0), self.sums.cumsum(0), self.products.cumsum(0), self.pivot)

    def pick(self, place: Any) -> Sums:
        """Some of the places of the first axis."""
        return Sums(self.count[place], self.sums[place], self.products[place], self.pivot)

    def stratum(self, place: int) -> Sums:
        """One stratum of (variants, strata)."""
        one = [place]
        return Sums(self.count[:, one], self.sums[:, one], self.products[:, one], self.pivot)

    def moments(self) -> Moments:
        """Means and covariances."""
        with np.errstate(invalid="ignore", divide="ignore"):
            shifted = self.sums / self.count[..., None]
            outer = self.sums[..., :, None] * shifted[..., None, :]
            cov = (self.products - outer) / (self.count - 1)[..., None, None]
        cov = np.where((self.count > 1)[..., None, None], cov, np.nan)
        return Moments(self.count, self.pivot + shifted, _no_negative_variance(cov))


def _no_negative_variance(cov: Floats) -> Floats:
    """Rounding may leave a constant column slightly below 0."""
    places = np.arange(cov.shape[-1])
    made = cov.copy()
    made[..., places, places] = np.maximum(made[..., places, places], 0.0)
    return made
