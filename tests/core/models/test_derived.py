"""The step that derives features gives what the graph gives, also for rows that no table had."""

from __future__ import annotations

import pandas as pd
from tests.core.features.both import from_graph

from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import Kind
from fullcycle.core.models.derived import DerivedFeatures

EXPRESSIONS = {
    "fiber": "service == 'Fiber'",
    "plan": "contract + '/' + service",
    "asked": "is_missing(service)",
    "safe": "1 if service in ('DSL', 'Fiber') else 0",
}


def test_an_empty_text_is_missing_in_the_pipeline_as_it_is_in_the_graph() -> None:
    frame = pd.DataFrame({"service": ["", None, "DSL"], "contract": ["year", "year", ""]}, dtype=object)
    kinds = {"service": "categorical", "contract": "categorical"}
    made = DerivedFeatures(expressions=EXPRESSIONS, kinds=kinds).fit(frame).transform(frame)
    assert made["fiber"].tolist() == [None, None, False]
    words = Vocabulary({"service": Kind.text, "contract": Kind.text})
    trees = {name: parse(text, words) for name, text in EXPRESSIONS.items()}
    graph = from_graph(trees, {name: frame[name].tolist() for name in frame}, words.columns)
    for name in EXPRESSIONS:
        derived = [None if pd.isna(value) else value for value in made[name]]
        assert derived == graph[name], name
