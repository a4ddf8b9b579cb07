"""What groups of people get: rates by group, and the gap between the highest and the lowest of each rate.

The bootstrap of a share of n rows is a binomial draw, so intervals of a thousand resamples cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import FairnessOfColumn, GroupGap, GroupRate
from fullcycle.cycle.verify.judged import Judged

ROWS_AT_LEAST = 30
MEANS_AT_ONCE = 2_000_000  # rows drawn for means: beyond, fewer resamples

Floats = NDArray[np.float64]
Hits = dict[str, NDArray[np.float64]]  # by rate, what the rate is the mean of


def fairness_of(judged: Judged, column: str, groups: Sequence[Any]) -> FairnessOfColumn:
    """`groups` names the group of each test row, None where it is unknown. Of two classes being selected is
    being answered with the last one."""
    names = np.array([_text(group) for group in groups], dtype=object)
    counts = {str(name): int(np.sum(names == name)) for name in sorted(set(names)) if name}
    kept = [name for name, rows in counts.items() if rows >= ROWS_AT_LEAST]
    random = np.random.default_rng(judged.seed)
    drawn = {name: dict(_rates(judged, names == name, random)) for name in kept}
    return FairnessOfColumn(
        column=column,
        groups=tuple(
            GroupRate(
                group=name,
                rows=counts[name],
                rates={rate: _interval(*sample, judged) for rate, sample in drawn[name].items()},
            )
            for name in kept
        ),
        gaps=tuple(_gaps(drawn, judged)),
        rows_left_out=len(names) - sum(counts[name] for name in kept),
    )


def _text(value: Any) -> str:
    """The name of a group; empty where it is unknown."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rates(
    judged: Judged, rows: NDArray[np.bool_], random: np.random.Generator
) -> Iterator[tuple[str, tuple[float, Floats]]]:
    """Each rate of a group with its resamples; a rate without rows is left out."""
    for rate, hits in _hits(judged, rows).items():
        if len(hits):
            yield rate, (float(hits.mean()), _resampled(hits, judged.settings.bootstrap, random))


def _hits(judged: Judged, rows: NDArray[np.bool_]) -> Hits:
    said, truth = judged.said, judged.truth
    if said.labels is None:
        error = said.numbers()[rows] - truth[rows]
        return {"mean_error": error, "absolute_error": np.abs(error)}
    labels, true = said.labels[rows], truth[rows]
    right = (labels == true).astype(np.float64)
    if len(judged.bundle.classes or ()) > 2:
        return {"accuracy": right}
    selected = (labels == 1).astype(np.float64)
    return {
        "selection": selected,
        "true_positive": selected[true == 1],
        "false_positive": selected[true == 0],
        "accuracy": right,
    }


def _resampled(hits: Floats, resamples: int, random: np.random.Generator) -> Floats:
    if np.isin(hits, (0.0, 1.0)).all():
        return np.asarray(random.binomial(len(hits), float(hits.mean()), resamples) / len(hits))
    affordable = int(np.clip(MEANS_AT_ONCE // len(hits), 100, resamples))
    return np.asarray([hits[random.integers(0, len(hits), len(hits))].mean() for _ in range(affordable)])


def _gaps(drawn: Mapping[str, Mapping[str, tuple[float, Floats]]], judged: Judged) -> Iterator[GroupGap]:
    """Intervals are corrected for the number of pairs of groups, as the widest gap was chosen among them."""
    for rate in dict.fromkeys(rate for rates in drawn.values() for rate in rates):
        groups = {name: rates[rate] for name, rates in drawn.items() if rate in rates}
        if len(groups) < 2:
            continue
        ordered = sorted(groups, key=lambda name: (groups[name][0], name))
        lowest, highest = ordered[0], ordered[-1]
        pairs = len(list(combinations(groups, 2)))
        (low, lows), (high, highs) = groups[lowest], groups[highest]
        draws = min(len(lows), len(highs))
        lows, highs = lows[:draws], highs[:draws]
        ratio = low / high if high > 0 and low >= 0 else float("nan")
        ratios = np.divide(lows, highs, out=np.full_like(lows, np.nan), where=highs > 0)
        yield GroupGap(
            rate=rate,
            lowest=lowest,
            highest=highest,
            difference=_interval(high - low, highs - lows, judged, pairs),
            ratio=_interval(ratio, ratios if np.isfinite(ratio) else np.empty(0), judged, pairs),
        )


def _interval(value: float, drawn: Floats, judged: Judged, pairs: int = 1) -> Interval:
    confidence = judged.settings.confidence
    outside = (1 - confidence) / pairs / 2
    defined = drawn[np.isfinite(drawn)]
    low, high = np.quantile(defined, [outside, 1 - outside]) if len(defined) else (None, None)
    return Interval(
        value=value if np.isfinite(value) else None,
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        confidence=confidence,
    )
