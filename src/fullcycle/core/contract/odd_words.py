"""Words among a column's numbers or dates: what means "missing", and the few slips that are read so, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.contract.rules import folded_token
from fullcycle.core.contract.vocabulary import MISSING_WORDS
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding

if TYPE_CHECKING:
    from fullcycle.core.contract.survey import ColumnSurvey

ODD_SHARE = 0.01  # of the values of a column of numbers or dates may be other words
ODD_ROWS, ODD_SHARE_OF_FEW = 2, 0.05  # in a short column one slip, or two, are more than that share
ODD_DISTINCT = 10  # of them may differ
ODD_CHARACTERS = 40
EXAMPLES = 5


def odd_words(column: ColumnSurvey, read: int) -> dict[str, int] | None:
    """Texts that were not read, by count; None where they say that the column is something else."""
    if not column.is_text:
        return {"inf": column.infinite} if column.infinite else {}
    if read == column.present:
        return {}
    odd = column.odd
    return odd if odd is not None and are_few(odd, column.present) else None


def slips_of(words: Mapping[str, int]) -> dict[str, int]:
    """Those that nobody writes for "missing", by count."""
    return {word: rows for word, rows in words.items() if folded_token(word) not in MISSING_WORDS}


def are_few(odd: Mapping[str, int], present: int) -> bool:
    """Whether the words mean "missing", beside at most a handful of slips."""
    slips = slips_of(odd)
    few = max(ODD_SHARE * present, min(ODD_ROWS, ODD_SHARE_OF_FEW * present))
    return (
        sum(slips.values()) <= few
        and len(slips) <= ODD_DISTINCT
        and all(len(word) <= ODD_CHARACTERS for word in slips)
    )


def tokens_of(
    column: ColumnSurvey, odd: Mapping[str, int], kind: ColumnType
) -> tuple[tuple[str, ...], list[Finding]]:
    """The words to read as missing, one of each folding, and a finding for those that are no usual ones."""
    if not column.is_text:
        tokens: tuple[str, ...] = ("inf", "-inf") if odd else ()
        slips = dict(odd)
    else:
        by_folding: dict[str, str] = {}
        for word in sorted(odd, key=lambda word: (-odd[word], word)):
            by_folding.setdefault(folded_token(word), word)
        tokens = tuple(sorted(by_folding.values()))
        slips = slips_of(odd)
    if not slips:
        return tokens, []
    examples = sorted(slips, key=lambda word: (-slips[word], word))[:EXAMPLES]
    rows = sum(slips.values())
    return tokens, [
        finding(
            Code.values_out_of_type,
            Severity.warning,
            column.name,
            rows=rows,
            examples=list(examples),
            type=kind.value,
        )
    ]
