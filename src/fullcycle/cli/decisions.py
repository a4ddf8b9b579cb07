"""What clean decided, a line for each decision, in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fullcycle.cli.common import wrapped

if TYPE_CHECKING:
    from fullcycle.core.evidence.clean import CleanEvidence, Decision, NearPair


def decision_lines(evidence: CleanEvidence) -> Iterator[str]:
    """Code, column, rows, action, reason and examples; then the rows that would be left."""
    for decision in evidence.decisions:
        yield _line(decision)
        yield from map(_pair, decision.pairs)
    split = evidence.split
    yield wrapped(
        f"{evidence.rows_in - evidence.rows_out:,} of {evidence.rows_in:,} rows would go; "
        f"{split.train_rows:,} to learn from, {split.test_rows:,} to seal ({split.kind}); nothing was changed"
    )


def _line(decision: Decision) -> str:
    where = decision.column or "rows"
    told = f"{decision.code}  {where}: {decision.rows:,} found, {_words(decision.action)}"
    shown = ", ".join(map(_example, decision.examples[:3]))
    told += f" ({_words(decision.reason)})" + (f"; for example {shown}" if shown else "")
    return wrapped(told, "  ")


def _example(text: str) -> str:
    """As it is, or in quotes where nobody would see its ends."""
    return text if text == text.strip() else repr(text)


def _pair(pair: NearPair) -> str:
    """Two rows that nearly repeat each other, by the cells in which they differ."""
    differ = [
        f"{cell.column} (personal)"
        if cell.hidden
        else f"{cell.column} {_value(cell.first)} / {_value(cell.second)}"
        for cell in pair.cells
        if cell.kind is not None
    ]
    return wrapped(f"  rows {pair.first} and {pair.second}: {', '.join(differ)}", "    ")


def _value(text: str | None) -> str:
    return "missing" if text is None else repr(text)


def _words(key: str) -> str:
    return key.replace("_", " ")
