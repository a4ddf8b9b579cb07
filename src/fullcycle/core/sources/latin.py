"""Which code page with Latin letters a text is in. charset-normalizer needs long prose for that; a column of
towns is short and repeats itself, and its guesses were a printer's code page of 1984.

A code page is right where the letters beyond ASCII are those of one language that it was made for.
"""

from __future__ import annotations

import re

ALPHABETS = {
    "cp1252": (
        "äöüß",
        "àâæçéèêëîïôœùûüÿ",
        "áéíñóúü",
        "áâãàçéêíóôõúü",
        "àèéìíîòóùú",
        "åäöæøéü",
        "ëïéèóöüá",
        "áðéíóúýþæö",
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıöşüâîûi",),
}
MARKS = frozenset("«»–—…“”„‘’°·•€\u00a0")
WORD = re.compile(r"[^\W\d_]+")
PLAUSIBLE = 0.9


def latin_code_page(sample: bytes) -> str | None:
    """The code page whose letters beyond ASCII are those of one language, or None; of equals the first."""
    scores = {name: _score(sample, name) for name in ALPHABETS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= PLAUSIBLE else None


def _score(sample: bytes, encoding: str) -> float:
    """Share of one language's letters among those beyond ASCII; 0 where they make no words."""
    text = sample.decode(encoding, errors="replace")
    beyond = [c.lower()[0] for c in text if not c.isascii() and c not in MARKS]
    words = [word for word in WORD.findall(text) if not word.isascii()]
    if not beyond or sum(map(_is_word, words)) < PLAUSIBLE * len(words):
        return 0.0
    return max(sum(c in alphabet for c in beyond) / len(beyond) for alphabet in ALPHABETS[encoding])


def _is_word(word: str) -> bool:
    """Written as words are: lower, UPPER or Capitalised."""
    return word.islower() or word.isupper() or word[1:].islower()
