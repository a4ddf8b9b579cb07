"""Expressions that are refused, each with the text that a person sees: golden, in rejected.txt.

`python -m tests.core.features.test_rejected` writes the file anew: read the difference then.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.features.errors import ExpressionError
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import Kind

GOLDEN = Path(__file__).with_name("rejected.txt")
RULE = "-" * 40
VOCABULARY = Vocabulary(
    {
        "amount": Kind.number,
        "gap": Kind.number,
        "Monthly charge": Kind.number,
        "plan": Kind.text,
        "region": Kind.text,
        "active": Kind.boolean,
        "seen": Kind.time,
        "since": Kind.time,
    },
    hidden={"churn": "the target", "email": "a column marked personal", "notes": "free text"},
    lookups={"planes": (Kind.text, {"seats": Kind.number, "maker": Kind.text})},
)


def blocks() -> list[tuple[str, str]]:
    """Expressions with their messages."""
    parts = [part.strip("\n") for part in GOLDEN.read_text(encoding="utf-8").split(f"{RULE}\n")]
    return [(text, message) for text, _, message in (part.partition("\n") for part in parts if part)]


def told(text: str) -> str:
    with pytest.raises(ExpressionError) as refused:
        parse(text, VOCABULARY)
    return str(refused.value)


@pytest.mark.parametrize(("text", "message"), blocks(), ids=[text for text, _ in blocks()])
def test_a_wrong_expression_says_what_is_wrong_and_where(text: str, message: str) -> None:
    assert told(text) == message


def test_the_corpus_of_wrong_expressions_is_large() -> None:
    assert len(blocks()) >= 60


def test_an_error_points_into_the_line_of_a_long_expression() -> None:
    message = told("amount\n  + sqt(gap)")
    assert "    + sqt(gap)\n      ^^^" in message


def test_an_error_points_behind_letters_of_several_bytes() -> None:
    message = told("'Ёжик' == plan + 1")
    assert message.splitlines()[2] == "  " + " " * 17 + "^"


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{RULE}\n{text}\n{told(text)}\n" for text, _ in blocks()), encoding="utf-8")
