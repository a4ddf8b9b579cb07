"""From a finding to a sentence: each code registers one function of the finding's facts.

A sentence is made by rule from code, columns and facts; nothing is computed. A finding that lacks facts which
its sentence needs (evidence of another version) is told by the short name of its code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from fullcycle.core.evidence.base import Finding, Scalar
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.words import Words

Sentence = Callable[[Words, "Told"], Markup]
SENTENCES: dict[Code, tuple[str, Sentence]] = {}


class MissingFactError(LookupError):
    """A sentence needs a fact that the finding doesn't have."""


class Told:
    """A finding as a sentence reads it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.columns: Sequence[str] = finding.columns

    @property
    def column(self) -> str:
        """The first column it is about."""
        if not self.columns:
            raise MissingFactError("column")
        return self.columns[0]

    def has(self, *keys: str) -> bool:
        """Whether one of the facts is there."""
        return any(self.finding.facts.get(key) not in (None, []) for key in keys)

    def fact(self, *keys: str) -> Scalar | list[Scalar]:
        """The first of these facts that is there."""
        for key in keys:
            found = self.finding.facts.get(key)
            if found is not None:
                return found
        raise MissingFactError(keys[0])

    def is_(self, key: str, *values: str) -> bool:
        """Whether a fact has one of these values."""
        return self.finding.facts.get(key) in values

    def number(self, *keys: str) -> float:
        """A fact that must be a number."""
        found = self.fact(*keys)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise MissingFactError(keys[0])
        return float(found)

    def texts(self, *keys: str) -> list[str]:
        """A fact that is a list, or one value, as texts."""
        found = self.fact(*keys)
        return [str(item) for item in (found if isinstance(found, list) else [found])]


def sentence(code: Code, title: str) -> Callable[[Sentence], Sentence]:
    """Registers how a code is told; `title` is its short name (an English key of the catalogue)."""

    def register(function: Sentence) -> Sentence:
        SENTENCES[code] = (title, function)
        return function

    return register


def tell(words: Words, finding: Finding) -> Markup:
    """The finding as a sentence."""
    try:
        title, function = SENTENCES[Code(finding.code)]
    except (ValueError, KeyError):
        return words.say("A finding that this version of the report has no words for.")
    try:
        return function(words, Told(finding))
    except MissingFactError:
        return tell_shortly(words, finding, title)


def tell_shortly(words: Words, finding: Finding, title: str) -> Markup:
    """The short name of the code, and its columns."""
    if not finding.columns:
        return words.say("%(title)s.", title=words.say(title))
    return words.say("%(title)s: %(columns)s.", title=words.say(title), columns=words.names(finding.columns))


def title_of(words: Words, code: str) -> Markup:
    """The short name of a code, or the code itself."""
    try:
        return words.say(SENTENCES[Code(code)][0])
    except (ValueError, KeyError):
        return words.code(code)
