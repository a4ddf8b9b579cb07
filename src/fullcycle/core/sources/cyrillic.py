"""Which Cyrillic code page a text is in. charset-normalizer needs long prose for that; a column of cities is
short and repeats itself, and its guesses were Japanese."""

from __future__ import annotations

import re

CODE_PAGES = ("cp1251", "koi8-r", "cp866")
FREQUENT = frozenset("оеаинтсрвл")  # seven of ten letters in Russian; a wrong code page shuffles them
LETTERS = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґў")
MARKS = frozenset("«»№–—…“”„’°±·•\u00a0")
WORD = re.compile(r"[^\W\d_]+")
PLAUSIBLE = 0.9


def cyrillic_code_page(sample: bytes) -> str | None:
    """The code page in which the bytes beyond ASCII are words of Cyrillic letters, or None."""
    scores = {name: _score(sample, name) for name in CODE_PAGES}
    best = max(CODE_PAGES, key=lambda name: scores[name])
    return best if scores[best] > 0 else None


def _score(sample: bytes, encoding: str) -> float:
    """Share of frequent letters, or 0 where the text isn't made of Cyrillic words."""
    text = sample.decode(encoding, errors="replace")
    beyond = [character for character in text if not character.isascii()]
    letters = [character.lower() for character in beyond if character.lower() in LETTERS]
    marks = sum(character in MARKS for character in beyond)
    if not letters or len(letters) + marks < PLAUSIBLE * len(beyond):
        return 0.0
    words = [word for word in WORD.findall(text) if not word.isascii()]
    if sum(map(_is_word, words)) < PLAUSIBLE * len(words):
        return 0.0
    return sum(letter in FREQUENT for letter in letters) / len(letters)


def _is_word(word: str) -> bool:
    """One script, and written as words are: lower, UPPER or Capitalised."""
    one_script = all(character.lower() in LETTERS for character in word)
    return one_script and (word.islower() or word.isupper() or word[1:].islower())
