"""What reading a column as the contract says did to its texts: spellings merged, tokens missing, ends cut.

Coercion has done it already; here it is counted. A column of few categories is grouped by its raw texts,
which are then read one by one; of any other only the cells with a token or white space are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.cells import WORDED
from fullcycle.core.contract.grammar import WHITE, clean_text
from fullcycle.core.contract.model import Column, Contract
from fullcycle.core.contract.rules import Rules, folded_token, rules_of, spelling_key
from fullcycle.core.engines.functions import ascii_lower, is_one_of, stripped
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code

if TYPE_CHECKING:
    import ibis

EXAMPLES = 5
LISTED_AT_MOST = 2_000  # raw texts of a column of few categories; variants make more of them than categories


def text_decisions(raw: ibis.Table, contract: Contract) -> list[Decision]:
    """A decision for each column of texts and each thing that was done to it."""
    columns = [c for c in contract.columns if c.name in raw.columns and raw[c.name].type().is_string()]
    return [decision for column in columns for decision in _decisions(raw, column)]


def _decisions(raw: ibis.Table, column: Column) -> Iterator[Decision]:
    worded = column.type in WORDED
    if not worded and not column.missing:
        return
    counts = _counts(raw, column, all_texts=worded and column.allowed is not None)
    rules = rules_of(column)
    tokens = {text: n for text, n in counts.items() if _is_token(text, rules)}
    if tokens:
        shown = sorted({clean_text(text) for text in tokens}, key=lambda text: (-_rows(tokens, text), text))
        facts = {"tokens": list(shown[:EXAMPLES])}
        yield _decision(
            Code.missing_tokens, column, tokens, ("null", "in_the_contract"), examples=shown, **facts
        )
    if not worded:
        return
    texts = {text: n for text, n in counts.items() if text not in tokens and clean_text(text)}
    trimmed = {text: n for text, n in texts.items() if column.strip and text != text.strip(WHITE)}
    if trimmed:
        yield _decision(
            Code.trimmed_texts, column, trimmed, ("trim", "ends_say_nothing"), examples=list(trimmed)
        )
    yield from _spellings(column, texts)


def _spellings(column: Column, texts: Mapping[str, int]) -> Iterator[Decision]:
    cleaned: dict[str, int] = {}
    for text, n in texts.items():
        word = clean_text(text, strip=column.strip)
        cleaned[word] = cleaned.get(word, 0) + n
    meant = rules_of(column).spelling
    means = {word: meant.get(spelling_key(word, column), word) for word in cleaned}
    merged = {word: n for word, n in cleaned.items() if means[word] != word}
    proposed = {word: n for word, n in cleaned.items() if word in column.proposed_spelling}
    for found, done, meaning in (
        (merged, ("merged", "in_the_contract"), means),
        (proposed, ("proposed", "maybe_a_slip"), column.proposed_spelling),
    ):
        if found:
            shown = [f"{word} -> {meaning[word]}" for word in sorted(found, key=lambda w: (-found[w], w))]
            yield _decision(Code.spelling_variants, column, found, done, examples=shown, variants=len(found))


def _counts(raw: ibis.Table, column: Column, *, all_texts: bool) -> dict[str, int]:
    """Rows by raw text: of all texts, or of those with a token or white space at an end."""
    text = raw[column.name]
    table = raw.select(text=text).filter(text.notnull())
    if not all_texts:
        bare = stripped(table.text, WHITE)
        odd = is_one_of(ascii_lower(bare), [folded_token(token) for token in column.missing])
        table = table.filter((odd | (bare != table.text)) if column.type in WORDED else odd)
    counted = table.group_by("text").aggregate(n=table.count())
    listed = counted.order_by([counted.n.desc(), counted.text]).limit(LISTED_AT_MOST)
    return {row["text"]: row["n"] for row in fetch(listed)}


def _is_token(text: str, rules: Rules) -> bool:
    word = folded_token(text)
    return word != "" and word in rules.missing


def _rows(tokens: Mapping[str, int], cleaned: str) -> int:
    return sum(n for text, n in tokens.items() if clean_text(text) == cleaned)


def _decision(
    code: Code,
    column: Column,
    found: Mapping[str, int],
    done: tuple[str, str],
    *,
    examples: list[str],
    **facts: Any,
) -> Decision:
    """`done` is the action and its reason; nothing of a personal column is quoted."""
    return Decision(
        code=code.value,
        column=column.name,
        rows=sum(found.values()),
        examples=() if column.personal else tuple(examples[:EXAMPLES]),
        action=done[0],
        reason=done[1],
        facts={key: [] if column.personal and key == "tokens" else value for key, value in facts.items()},
    )
