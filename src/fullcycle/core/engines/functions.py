# mypy: disable-error-code="untyped-decorator,empty-body"
"""Functions of DuckDB that Ibis has no name for. Another backend needs a line here for each of them."""

from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin(name="nfc_normalize")
def nfc_normalize(text: str) -> str:
    """Unicode normal form C. DuckDB's ends at a NUL character, so those go first."""


@ibis.udf.scalar.builtin(name="trim")
def trim(text: str, characters: str) -> str:
    """Without any of `characters` at both ends."""


@ibis.udf.scalar.builtin(name="replace")
def replace(text: str, old: str, new: str) -> str:
    """Every `old` as `new`."""


@ibis.udf.scalar.builtin(name="translate")
def translate(text: str, old: str, new: str) -> str:
    """Each character of `old` as the one at the same place in `new`."""


@ibis.udf.scalar.builtin(name="regexp_full_match")
def full_match(text: str, pattern: str) -> bool:
    """Whether the whole text matches; RE2, which shares the syntax that we use with Python."""


@ibis.udf.scalar.builtin(name="regexp_replace")
def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """The first match as the replacement, where \\1 is the first group."""
