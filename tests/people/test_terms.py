"""Every key that a stage writes into evidence has words, in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import pytest

from fullcycle.core.evidence.clean import ColumnPolicy, MissingStudy, SplitFacts
from fullcycle.core.evidence.collect import JoinFacts
from fullcycle.core.evidence.explore import LeakKind
from fullcycle.cycle.clean import missing
from fullcycle.people.report import terms
from fullcycle.people.report.words import LANGUAGES, Words

CLEAN = Path(str(resources.files("fullcycle.cycle.clean")))
KEYWORDS = {"action": terms.ACTIONS, "reason": terms.REASONS}


def values(model: Any, field: str) -> set[str]:
    return set(get_args(model.model_fields[field].annotation))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (values(ColumnPolicy, "missing"), terms.FILLS),
        (values(ColumnPolicy, "missing"), terms.ACTIONS),
        (values(ColumnPolicy, "outliers"), terms.OUTLIER_ACTIONS),
        (values(ColumnPolicy, "outliers"), terms.ACTIONS),
        (values(ColumnPolicy, "outlier_rule"), terms.OUTLIER_RULES),
        (values(ColumnPolicy, "scaling"), terms.SCALINGS),
        (values(ColumnPolicy, "scaling"), terms.ACTIONS),
        (values(MissingStudy, "kind"), terms.MISSING_KINDS),
        (set(missing.REASONS.values()), terms.REASONS),
        (values(SplitFacts, "kind"), terms.SPLITS),
        (values(JoinFacts, "how"), terms.JOINS),
        (values(JoinFacts, "cardinality"), terms.CARDINALITIES),
        (set(get_args(LeakKind)), terms.LEAK_KINDS),
    ],
)
def test_what_a_field_may_be_has_words(keys: set[str], words: Mapping[str, str]) -> None:
    assert keys - set(words) == set()


def written(keyword: str) -> Iterator[tuple[str, str]]:
    """(module, text) of each text that cleaning gives as this argument, alone or in a choice."""
    for path in sorted(CLEAN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == keyword:
                yield from ((path.name, text) for text in _texts(node.value))


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_actions_and_reasons_that_cleaning_writes_have_words(keyword: str) -> None:
    found = set(written(keyword))
    assert found
    assert {(module, text) for module, text in found if text not in KEYWORDS[keyword]} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_without_words_is_shown_as_it_is(language: str) -> None:
    assert terms.term(Words(language), terms.ACTIONS, "plug_in") == '<code translate="no">plug_in</code>'
    assert terms.plain(Words(language), terms.METRICS, "plug_in") == "plug_in"
