"""Spellings of one category: what differs in case, spaces and marks is the same; a slip of the pen may be.

The first kind is merged, as `NY` and `ny ` can hardly mean two things; the second is only proposed. Both work
on the listed values of a column, of which there are a few hundred at most.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

SHORT = 2  # letters: codes such as a and A may be two things, unless one of them is rare
RARE_SHARE = 0.1  # of the rows of both spellings together
SLIP_SHARE = 0.02  # of the rows of the value that it may be a slip of; one row may be a slip of ten
SLIP_LETTERS = 5  # of the shortest word that a slip is looked for in
SLIPS_OF_TWO = 9  # letters of the shortest word in which two letters may be wrong
ROWS_OF_A_SLIPPED = 10
# Between letters, or a letter and a digit, these say nothing: New York, New-York, new_york. Between
# digits and at an end they do: 1-2 and 12, A+ and A-.
BETWEEN = re.compile(r"(?<=\w)[\s_.\-\u2010-\u2015]+(?=\w)")
AT_END = re.compile(r"(?<=[^\W\d])\.+$")
# Small letters of two alphabets that look the same, or whose capitals do; a word is of one alphabet.
LATIN, CYRILLIC = "aceopxykmhtb", "асеорхукмнтв"
TO_CYRILLIC, TO_LATIN = str.maketrans(LATIN, CYRILLIC), str.maketrans(CYRILLIC, LATIN)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Spelling:
    """Variants and what they mean: `merged` surely, `proposed` perhaps."""

    merged: dict[str, str] = field(default_factory=dict)
    proposed: dict[str, str] = field(default_factory=dict)

    def meaning(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Counts by meaning, in the order of the values."""
        found: dict[str, int] = defaultdict(int)
        for value, rows in counts.items():
            found[self.merged.get(value, value)] += rows
        return dict(found)


def spelling_of(counts: Mapping[str, int]) -> Spelling:
    """The variants among a column's values, which come with their numbers of rows."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for value in counts:
        by_key[spelling_key(value)].append(value)
    merged = {
        variant: meant
        for key, alike in by_key.items()
        if len(alike) > 1
        for variant, meant in _merged(key, alike, counts)
    }
    meanings = Spelling(merged).meaning(counts)
    return Spelling(merged, dict(_slips(meanings)))


def spelling_key(value: str) -> str:
    """What spellings of one category share."""
    text = unicodedata.normalize("NFKC", value).casefold().replace("ё", "е")
    if not text.isascii():
        text = WORD.sub(lambda word: _in_one_alphabet(word[0]), text)
    text = BETWEEN.sub(lambda gap: " " if _between_digits(text, gap) else "", text)
    return AT_END.sub("", text.strip()) or value


def _in_one_alphabet(word: str) -> str:
    """A word of Latin and Cyrillic letters in the one alphabet that all of them have, if there is one."""
    latin = {letter for letter in word if "a" <= letter <= "z"}
    cyrillic = {letter for letter in word if "а" <= letter <= "я"}
    if latin and cyrillic and len(latin | cyrillic) == len(set(word)):
        if latin <= set(LATIN):
            return word.translate(TO_CYRILLIC)
        if cyrillic <= set(CYRILLIC):
            return word.translate(TO_LATIN)
    return word


def _between_digits(text: str, gap: re.Match[str]) -> bool:
    return text[gap.start() - 1].isdigit() and text[gap.end()].isdigit()


def _merged(key: str, alike: Iterable[str], counts: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """The most frequent spelling is the meaning; of equals, the one with a capital first, then by text."""
    ranked = sorted(alike, key=lambda value: (-counts[value], not value.istitle(), value))
    total = sum(counts[value] for value in ranked)
    short = sum(map(str.isalpha, key)) <= SHORT
    for variant in ranked[1:]:
        if not short or counts[variant] <= RARE_SHARE * total:
            yield variant, ranked[0]


def _slips(counts: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Rare values that are a letter or two away from a frequent one."""
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    words = {value: BETWEEN.sub(" ", value.casefold()).split() for value in ranked}
    for variant in reversed(ranked):
        for meant in ranked:
            if counts[meant] < ROWS_OF_A_SLIPPED or counts[variant] > max(SLIP_SHARE * counts[meant], 1):
                break
            if _is_slip(words[variant], words[meant]):
                yield variant, meant
                break


def _is_slip(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether one word alone differs, by a slip: it is long, and its digits are the same."""
    if len(ours) != len(theirs):
        return False
    differ = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if len(differ) != 1:
        return False
    [(a, b)] = differ
    if re.findall(r"\d", a) != re.findall(r"\d", b):
        return False
    shorter = min(len(a), len(b))
    most = 2 if shorter >= SLIPS_OF_TWO else 1
    return shorter >= SLIP_LETTERS and abs(len(a) - len(b)) <= most and edits(a, b) <= most


def edits(one: str, other: str) -> int:
    """Letters to add, leave out, change or swap: optimal string alignment (Boytsov 2011)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        now = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]
