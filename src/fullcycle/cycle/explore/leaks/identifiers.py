"""Identifiers that carry the target: given in its order, in blocks of a class, or in their digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Role
from fullcycle.core.contract.vocabulary import KEY_WORDS
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.core.models.groups import neighbours
from fullcycle.cycle.explore.leaks.bounds import Bounds
from fullcycle.cycle.explore.leaks.sample import Floats, Sample, Whole
from fullcycle.cycle.explore.leaks.strength import binned, strength
from fullcycle.cycle.explore.leaks.values import suspect

NEARLY_UNIQUE = 0.95
WORD = re.compile(r"[^\W_]+")
NO_GAP = (
    3.0  # the middle distance of numbers that were given one after the other, some of them now in test rows
)
EVEN = 0.06  # the largest distance (Kolmogorov's) of identifiers from an even spread
DIVISORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 100)
LETTERS_APART = 40
FIRST, LAST = 12, 4  # characters that are looked at one by one


def identifiers(sample: Sample, bounds: Bounds) -> Iterator[LeakSuspect]:
    """Columns that name rows and tell the target."""
    for name in sample.names:
        if is_identifier(sample, name):
            found = max((strength(sample, places) for places in _aspects(sample, name)), default=0.0)
            found = max(found, _in_blocks(sample, name))
            if found >= bounds.key:
                yield suspect(name, "identifier", found, blocks=False)


def is_identifier(sample: Sample, name: str) -> bool:
    """By its role, or nearly every row has a value of its own that no measurement would give."""
    present = int((~sample.missing(name)).sum())
    if sample.contract.column(name).role is Role.identifier:
        return present > 0 and sample.distinct(name) > 0.5 * present
    if present < 20 or sample.distinct(name) < NEARLY_UNIQUE * present:
        return False
    if name in sample.texts:
        return True
    number = sample.numbers[name][~sample.missing(name)]
    if not np.all(number == np.floor(number)) or abs(number).max() > 2**53 or _is_moment(sample, name):
        return False
    return bool(set(WORD.findall(name.casefold())) & KEY_WORDS) or _is_sequence(sample, np.sort(number))


def _is_moment(sample: Sample, name: str) -> bool:
    return sample.contract.column(name).type.value == "datetime"


def _is_sequence(sample: Sample, number: Floats) -> bool:
    steps = np.diff(number)
    span = (number[-1] - number[0]) or 1.0
    if np.median(steps) <= NO_GAP or (not sample.whole and span <= NO_GAP * sample.rows):
        return True
    even = np.abs((number - number[0]) / span - np.linspace(0, 1, len(number)))
    return bool(even.max() <= EVEN)


def _aspects(sample: Sample, name: str) -> Iterator[Whole]:
    """What an identifier may say: its order, remainders, length, characters."""
    number = sample.numbers.get(name)
    if number is None:
        number = sample.digits[name]
        texts = np.append(sample.words[name], "")[sample.texts[name].places]
        lengths = np.strings.str_len(texts)
        yield lengths
        yield from _letters(texts, lengths)
        yield binned(sample.codes[name].astype(float))
    if np.isfinite(number).any():
        yield binned(number)
        whole = np.where(np.isfinite(number), number, 0.0)
        yield from (np.abs(whole % divisor).astype(np.int64) for divisor in DIVISORS)


def _letters(texts: NDArray[np.str_], lengths: Whole) -> Iterator[Whole]:
    """The characters at some places from either end, each as its place among those that stand there."""
    width = int(lengths.max(initial=0))
    codes = texts.view(np.uint32).reshape(len(texts), -1)  # 0 beyond a text's end
    for at in chain(range(min(FIRST, width)), range(-min(LAST, width), 0)):
        inside = lengths >= -at if at < 0 else lengths > at
        place = np.where(inside, lengths + at if at < 0 else at, 0)
        letters = np.unique(np.where(inside, codes[np.arange(len(texts)), place], 0), return_inverse=True)
        if 1 < len(letters[0]) <= LETTERS_APART:
            yield letters[1]


def _in_blocks(sample: Sample, name: str) -> float:
    """How alike the targets of neighbouring identifiers are, if rows are not simply in that order anyway."""
    number = sample.numbers.get(name)
    number = sample.digits[name] if number is None else number
    known = np.isfinite(number)
    if known.mean() < 0.5:
        return 0.0
    order = np.argsort(number[known], kind="stable")
    found = neighbours(sample.answers[known][order])
    return found if (found >= 0.5 and not sample.is_regression) or found >= 0.85 else 0.0
