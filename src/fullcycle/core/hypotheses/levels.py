"""How several tests share one alpha, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm_levels(p_values: Sequence[float], alphas: Sequence[float], declared: int) -> list[float]:
    """The level at which each is decided, in the order given (Holm, Scand. J. Statist. 6, 1979).

    >>> holm_levels([0.001, 0.04], [0.05, 0.05], declared=2)
    [0.025, 0.05]
    >>> holm_levels([0.03, 0.04], [0.05, 0.05], declared=4)
    [0.0125, 0.0125]
    """
    together = len(p_values)
    weighted = np.array(p_values) / np.array(alphas)
    shares = [0.0] * together
    left, going = together, True
    for place in np.argsort(weighted, kind="stable"):
        share = together / max(declared, together) / left
        shares[int(place)] = share
        going = going and bool(weighted[place] <= share)
        left -= going  # from the first that is not rejected on, the level stays
    return [alpha * share for alpha, share in zip(alphas, shares, strict=True)]
