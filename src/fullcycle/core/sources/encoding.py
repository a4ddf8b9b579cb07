"""Which encoding a text file is in: as a person said, by its mark, proven (UTF-8), or guessed and said so."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.sources.cyrillic import cyrillic_code_page
from fullcycle.core.sources.latin import latin_code_page
from fullcycle.core.sources.scan import Scan

# Several code pages read a short text alike; of those people know these.
USUAL = ("cp1252", "cp1251", "koi8-r", "cp866", "cp1250", "cp1253", "cp1254", "gb18030", "shift_jis")
LOOK_HINT = "set data.encoding in fullcycle.yaml, for instance utf-8, cp1251 or cp1252"


def find_encoding(scan: Scan, wanted: str, where: str) -> tuple[str, list[Finding]]:
    """The encoding and, if it was a guess, a finding that says so."""
    if wanted != "auto":
        return _named(wanted), []
    if scan.mark:
        return scan.mark, []
    if wide := _utf16_without_mark(scan.sample):
        return wide, [_guessed(wide, None)]
    if scan.utf8:
        return "utf-8", []
    guess, doubt = _guess(scan, where)
    return guess, [_guessed(guess, doubt)]


def _named(wanted: str) -> str:
    try:
        return codecs.lookup(wanted).name
    except LookupError as error:
        raise UserError(
            where="fullcycle.yaml, key data.encoding",
            found=repr(wanted),
            expected="an encoding that Python knows, such as utf-8, cp1251, cp1252 or utf-16",
            hint="`encoding: auto` finds it out",
        ) from error


def _utf16_without_mark(sample: bytes) -> str | None:
    """Separators and line ends in UTF-16 bring a zero byte each, all at odd or all at even places; such text
    may be valid UTF-8 too, only not what anybody meant."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < 0.02 * len(sample) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(scan: Scan, where: str) -> tuple[str, Sequence[str]]:
    from charset_normalizer import from_bytes

    sample = scan.foreign or scan.sample
    if known := cyrillic_code_page(sample) or latin_code_page(sample):
        return known, []
    matches = list(from_bytes(sample))
    if not matches:
        raise UserError(
            where=where,
            found="bytes that are text in no known encoding",
            expected="UTF-8, or a code page that the text shows",
            hint=LOOK_HINT,
        )
    text = str(matches[0])
    alike = [name for name in USUAL if _decodes_to(sample, name, text)]
    best = alike[0] if alike else matches[0].encoding
    return best, [match.encoding for match in matches[1:4] if match.encoding != best]


def _decodes_to(sample: bytes, encoding: str, text: str) -> bool:
    try:
        return sample.decode(encoding) == text
    except (UnicodeDecodeError, LookupError):
        return False


def _guessed(encoding: str, others: Sequence[str] | None) -> Finding:
    return finding(Code.encoding_guessed, Severity.warning, encoding=encoding, others=list(others or ()))
