"""What reading a column as the contract says did to its cells: spellings merged, tokens missing, ends cut.

Coercion has done it already; here it is counted. A column of few categories is grouped by its raw texts,
which are then read one by one; of any other only the cells with a token or white space are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.cells import WORDED, read_columns
from fullcycle.core.contract.few_texts import TextsRead
from fullcycle.core.contract.grammar import WHITE, clean_text, fold, text_of_number
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.contract.rules import Rules, boolean_words, folded_token, rules_of, spelling_key
from fullcycle.core.engines.functions import ascii_lower, is_one_of, stripped
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code

if TYPE_CHECKING:
    import ibis

EXAMPLES = 5
LISTED_AT_MOST = 2_000  # raw texts of a column of few categories; variants make more of them than categories


def text_decisions(raw: ibis.Table, contract: Contract, texts: TextsRead) -> list[Decision]:
    """A decision for each column and each thing that was done to it."""
    columns = [c for c in contract.columns if c.name in raw.columns]
    return [decision for column in columns for decision in _decisions(raw, column, texts)]


def _decisions(raw: ibis.Table, column: Column, texts: TextsRead) -> Iterator[Decision]:
    is_text = raw[column.name].type().is_string()
    if column.type in WORDED:
        if is_text:
            yield from _of_words(raw, column, texts)
        return
    if is_text and _has_own_form(column):
        yield from _of_forms(raw, column)
    if column.missing:
        yield from _of_tokens(column, _missing_cells(raw, column))
    if is_text and column.type is ColumnType.boolean:
        yield from _of_truth(raw, column, texts)


def _has_own_form(column: Column) -> bool:
    """Whether numbers or dates are written otherwise than 1234.5 and 2024-01-31."""
    marks = column.thousands is not None or column.decimal == ","
    return bool(marks or column.unit or column.negative or column.zero) or any(
        form != "iso" for form in column.formats
    )


def _of_forms(raw: ibis.Table, column: Column) -> Iterator[Decision]:
    """The cells with a value, and what the smallest and the largest of them mean."""
    parsed, [read] = read_columns(raw.select(column.name), [column], keep=[column.name])
    cells = parsed.select(text=stripped(parsed[column.name], WHITE), value=read.value)
    ends = {"low": cells.value.min(), "high": cells.value.max()}
    texts = {"low_text": cells.text.argmin(cells.value), "high_text": cells.text.argmax(cells.value)}
    [found] = fetch(cells.aggregate(n=cells.value.count(), **ends, **texts))
    pairs = dict.fromkeys((found[f"{end}_text"], found[end]) for end in ("high", "low"))
    examples = [f"{text} -> {_written(value)}" for text, value in pairs if text is not None]
    if found["n"]:
        rows = {"": found["n"]}
        yield _decision(Code.read_from_text, column, rows, ("read", "in_the_contract"), examples=examples)


def _written(value: Any) -> str:
    return text_of_number(value) if isinstance(value, float) else str(value)


def _of_tokens(column: Column, tokens: Mapping[str, int]) -> Iterator[Decision]:
    if tokens:
        shown = sorted({clean_text(text) for text in tokens}, key=lambda text: (-_rows(tokens, text), text))
        facts = {"tokens": list(shown[:EXAMPLES])}
        yield _decision(
            Code.missing_tokens, column, tokens, ("null", "in_the_contract"), examples=shown, **facts
        )


def _missing_cells(raw: ibis.Table, column: Column) -> dict[str, int]:
    """Rows by cell of those that hold something and mean nothing: a token, by its text or by its value."""
    parsed, [read] = read_columns(raw.select(column.name), [column], keep=[column.name])
    cell = parsed[column.name]
    tokens = parsed.filter(cell.notnull() & read.value.isnull() & ~read.out_of_type).select(
        text=cell.cast("string")
    )
    return {text: n for text, n in _listed(tokens).items() if clean_text(text) not in ("", "nan")}


def _of_truth(raw: ibis.Table, column: Column, texts: TextsRead) -> Iterator[Decision]:
    """Other words for yes and no than the commonest."""
    means, words = boolean_words(), Counter[str]()
    for text, n in _counts(raw, column, texts, all_texts=True).items():
        words[fold(clean_text(text))] += n
    ranked = sorted((word for word in words if word in means), key=lambda word: (-words[word], word))
    commonest = {means[word]: word for word in reversed(ranked)}
    variants = {word: words[word] for word in ranked if word != commonest[means[word]]}
    if variants:
        shown = [f"{word} -> {commonest[means[word]]}" for word in variants]
        done = ("merged", "in_the_contract")
        yield _decision(
            Code.spelling_variants, column, variants, done, examples=shown, variants=len(variants)
        )


def _of_words(raw: ibis.Table, column: Column, known: TextsRead) -> Iterator[Decision]:
    counts = _counts(raw, column, known, all_texts=column.allowed is not None)
    rules = rules_of(column)
    tokens = {text: n for text, n in counts.items() if _is_token(text, rules)}
    yield from _of_tokens(column, tokens)
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


def _counts(raw: ibis.Table, column: Column, known: TextsRead, *, all_texts: bool) -> dict[str, int]:
    """Rows by raw text: of all texts, or of those with a token or white space at an end, at least."""
    if column.name in known:
        return {text: read.rows for text, read in known[column.name].items()}
    text = raw[column.name]
    table = raw.select(text=text).filter(text.notnull())
    if not all_texts:
        bare = stripped(table.text, WHITE)
        odd = is_one_of(ascii_lower(bare), [folded_token(token) for token in column.missing])
        table = table.filter(odd | (bare != table.text))
    return _listed(table)


def _listed(table: ibis.Table) -> dict[str, int]:
    """Rows by text, the most frequent first."""
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
