"""Whether variants got the shares of units that were planned: if not, what drew them is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fullcycle.live.routes.bounds import Bounds, bounds

ALPHA = 0.001  # of a false alarm, which would throw a whole test away


@dataclass(frozen=True)
class ShareSeen:
    """A variant's planned share, its units, and where its true share lies, whenever it is looked."""

    variant: str
    planned: float
    units: int
    share: float
    bounds: Bounds
    broken: bool


@dataclass(frozen=True)
class Mismatch:
    """All variants; `p_value` is that of Pearson's chi-squared, which needs no smallest difference."""

    shares: tuple[ShareSeen, ...]
    p_value: float
    smallest: float

    @property
    def found(self) -> bool:
        """A share is broken."""
        return any(each.broken for each in self.shares)


def look(units: Mapping[str, int], planned: Mapping[str, float], smallest: float) -> Mismatch:
    """A share is broken where it is shown to differ from the planned one, and is off by more than `smallest`
    times that: in ten million units any draw differs, and nothing follows from it.

    It is shown by the canary's confidence sequence, so that one may look each day; the variants share alpha.
    """
    total = sum(units.values())
    seen = []
    for variant, share in planned.items():
        where = bounds(units[variant], total, ALPHA / len(planned))
        found = units[variant] / total if total else share
        broken = not where.low <= share <= where.high and abs(found - share) > smallest * share
        seen.append(ShareSeen(variant, share, units[variant], found, where, broken))
    return Mismatch(tuple(seen), chi_squared(units, planned), smallest)


def chi_squared(units: Mapping[str, int], planned: Mapping[str, float]) -> float:
    """The p-value of counts as far from the planned shares.

    >>> round(chi_squared({"a": 5_050, "b": 4_950}, {"a": 0.5, "b": 0.5}), 3)
    0.317
    """
    from scipy.stats import chisquare

    total = sum(units.values())
    if not total:
        return 1.0
    expected = [share * total for share in planned.values()]
    return float(chisquare([units[name] for name in planned], expected, sum_check=False).pvalue)


def differs(parts: Iterable[tuple[int, int]]) -> bool:
    """Whether shares (some of all) differ between variants by more than chance, at ALPHA."""
    from scipy.stats import chi2_contingency

    table = [[some, total - some] for some, total in parts]
    if any(sum(row) == 0 for row in table) or any(sum(column) == 0 for column in zip(*table, strict=True)):
        return False
    return bool(chi2_contingency(table).pvalue < ALPHA)
