"""Columns whose value, or whose missingness, gives the target away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Role
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.cycle.explore.leaks.bounds import Bounds
from fullcycle.cycle.explore.leaks.sample import Floats, Sample
from fullcycle.cycle.explore.leaks.strength import binned, concordance, strength, strength_of_number
from fullcycle.cycle.explore.relations import Told, wilson

SAME_ORDER = 0.93  # Somers' D of bins and a number: Ames' best column has 0.6
COPIED_SHARE = 0.2  # of rows that repeat a number, or its multiple, or its sum with a constant
PURE_ROWS, PURE_RATE, PURE_OVERALL = 150, 0.975, 0.4  # a category that only a rare class has
GAP_SHARE = 0.02  # of rows on both sides of a gap


def values(told: Mapping[str, Told], sample: Sample | None, bounds: Bounds) -> Iterator[LeakSuspect]:
    """Nearly perfect ones, strong ones that stand clear, copies in part, answers spread over columns."""
    strengths = {name: found.value for name, found in told.items()}
    for name, found in finer(sample).items() if sample else ():
        if found >= bounds.perfect or name not in strengths:
            strengths[name] = max(strengths.get(name, 0.0), found)
    for name, found in bounds.standing_clear(strengths).items():
        gap = told[name].missingness if name in told else 0.0
        yield suspect(name, "missingness" if gap >= 0.95 * found else "value", found)
    for names in _answers_apart(told, sample):
        yield from (suspect(name, "value", told[name].relation.strength) for name in names)
    if sample is not None:
        yield from _structured(sample)


def gaps(told: Mapping[str, Told], sample: Sample | None, bounds: Bounds) -> Iterator[LeakSuspect]:
    """By whether a value is missing, alone or together with that of one other column."""
    for name, found in told.items():
        if max(found.missingness, found.purity) >= bounds.gap:
            yield suspect(name, "missingness", max(found.missingness, found.purity))
        elif found.purity > 0:
            yield suspect(name, "missingness", found.purity)
    if sample is None:
        return
    holed = {name: hole for name in sample.names if _is_holed(hole := sample.missing(name))}
    alone = {name: _gap_strength(sample, hole.astype(np.int64)) for name, hole in holed.items()}
    yield from (suspect(name, "missingness", found) for name, found in alone.items() if found >= bounds.gap)
    quiet = [name for name, found in alone.items() if found < bounds.gap][:20]
    for one, other in combinations(quiet, 2):
        together = _gap_strength(sample, holed[one] + 2 * holed[other].astype(np.int64))
        if together >= max(bounds.gap, max(alone[one], alone[other]) + bounds.clear):
            yield suspect(one, "missingness", together, columns=(one, other))


def suspect(name: str, kind: Any, found: float, **more: Any) -> LeakSuspect:
    """With its columns; the decision is filled in where all suspects are together."""
    more.setdefault("columns", (name,) if name else ())
    return LeakSuspect(column=name, kind=kind, strength=round(min(float(found), 1.0), 4), **more)


def finer(sample: Sample) -> dict[str, float]:
    """Strengths of features on the sample: of a number by its rank too, and of the number in a text."""
    found = {}
    for name in _features(sample):
        is_number = name in sample.numbers
        number = sample.numbers[name] if is_number else sample.digits[name]
        if np.isfinite(number).mean() > 0.5:
            found[name] = strength_of_number(sample, name) if is_number else strength(sample, binned(number))
    return found


def _features(sample: Sample) -> list[str]:
    return [name for name in sample.names if sample.contract.column(name).role is Role.feature]


def _answers_apart(told: Mapping[str, Told], sample: Sample | None) -> Iterator[list[str]]:
    """Columns that each are one class to the letter, and together all of them, as a one-hot target is."""
    classes = (sample.contract.classes if sample else None) or ()
    exact = {name: found.relation for name, found in told.items() if found.relation.strength >= 0.98}
    named = {relation.of for relation in exact.values()}
    if len(classes) > 2 and len(named) >= len(classes) - 1:
        yield list(exact)


def _structured(sample: Sample) -> Iterator[LeakSuspect]:
    for name in _features(sample):
        codes = sample.codes[name]
        if not sample.is_regression:
            if name in sample.texts or sample.distinct(name) <= 2:
                yield from _pure_category(sample, name)
            continue
        if sample.distinct(name) <= 200 and (share := (codes >= 0).mean()) > 0.5 and share < 1.01:
            same = concordance(sample, np.where(codes < 0, codes.max() + 1, codes))
            if same >= SAME_ORDER and sample.distinct(name) > 1:
                yield suspect(name, "value", same)
        if name in sample.numbers and (share := _copied(sample.numbers[name], sample.target)) >= COPIED_SHARE:
            yield suspect(name, "value", max(share, strength(sample, binned(sample.numbers[name]))))


def _pure_category(sample: Sample, name: str) -> Iterator[LeakSuspect]:
    codes = sample.codes[name]
    shown = codes >= 0
    count = np.bincount(codes[shown], minlength=1)
    if len(count) > 1000:
        return
    for answer in sample.answers.T:
        overall = answer.mean()
        hits = np.bincount(codes[shown], answer[shown])
        for n, k in zip(count, hits, strict=True):
            if n >= PURE_ROWS and overall <= PURE_OVERALL and wilson(k, n)[0] >= PURE_RATE:
                yield suspect(name, "value", (k / n - overall) / (1 - overall))
                return


def _copied(number: Floats, target: Floats) -> float:
    """The largest share of rows with one ratio to the target, or one difference, that isn't 0 by chance."""
    known = np.isfinite(number) & (number != 0) & (target != 0)
    if known.sum() < 100 or len(np.unique(target[known])) < 50:
        return 0.0
    number, target = number[known], target[known]
    spread = max(_most_common(number), _most_common(target))
    parts = (number / target, number - target)
    found = max(_most_common(np.round(part / (abs(np.median(part)) or 1.0), 6)) for part in parts)
    return found * float(known.mean()) if found > 3 * spread + 0.05 else 0.0


def _most_common(values: Floats) -> float:
    return float(np.unique(values, return_counts=True)[1].max() / len(values))


def _is_holed(hole: NDArray[np.bool_]) -> bool:
    return bool(GAP_SHARE <= hole.mean() <= 1 - GAP_SHARE)


def _gap_strength(sample: Sample, places: NDArray[np.int64]) -> float:
    if not sample.is_regression:
        return strength(sample, places)
    return max(strength(sample, places), concordance(sample, places))
