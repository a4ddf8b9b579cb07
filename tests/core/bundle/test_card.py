"""The card says what the other files hold, and no name of a user's data can break it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from markdown_it import MarkdownIt

from fullcycle.core.bundle import bundle_contract
from fullcycle.core.bundle.card import _cell, _code, render_card
from fullcycle.core.bundle.model import Lineage, Tests
from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import GateResult, MetricResult

LINEAGE = Lineage(
    commit="0123456789abcdef",
    dirty=True,
    created="2024-02-29T00:00:00+00:00",
    source="people.csv",
    source_sha256="a" * 64,
    train_sha256="b" * 64,
    test_sha256="c" * 64,
    seed=7,
    model="lightgbm",
    parameters={"num_leaves": 31},
    environment={"onnxruntime": "1.32.0"},
)


def card(contract: Contract, training: dict[str, Any], *, passed: bool = True, name: str = "churn") -> str:
    interval = Interval(value=0.8463, low=0.8301, high=0.8622)
    metrics = (
        MetricResult(metric="log_loss", higher_is_better=False, model=Interval(value=None), baseline=0.6),
        MetricResult(metric="roc_auc", higher_is_better=True, model=interval, baseline=0.5),
    )
    gate = GateResult(id="metric_at_least", passed=passed, found="0.8463", bound="0.9", metric="roc_auc")
    tests = Tests(passed=passed, rows=1409, headline="roc_auc", metrics=metrics, gates=(gate,), parity=())
    return render_card(
        name,
        "0f" * 8,
        facts=bundle_contract(contract, 0.4),
        reference=learn_reference(contract, training),
        tests=tests,
        lineage=LINEAGE,
    )


def test_a_card_says_how_good_the_model_is_beside_the_baseline(
    contract: Contract, training: dict[str, Any]
) -> None:
    text = card(contract, training)
    assert "| **roc_auc** (higher is better) | 0.8463 | 0.8301 to 0.8622 (95%) | 0.5 |" in text
    assert text.index("**roc_auc**") < text.index("| log_loss"), "the headline comes first"
    assert "On 1,409 test rows" in text
    assert "All gates passed." in text
    assert "It says `yes` from a probability of 0.4." in text


def test_a_failed_gate_is_the_first_word_on_gates(contract: Contract, training: dict[str, Any]) -> None:
    text = card(contract, training, passed=False)
    assert "**Not fit for release: a gate failed.**" in text
    assert "| set by the project: at least: roc_auc | 0.8463 | 0.9 | **no** |" in text
    assert "must not be released" in text


def test_a_card_names_inputs_and_origin_and_shows_no_person(
    contract: Contract, training: dict[str, Any]
) -> None:
    text = card(contract, training)
    assert "| `plan` | categorical | `basic`, `premium` |" in text or "`premium`, `basic`" in text
    assert "| `e-mail` | categorical | personal, not shown | 0.0% |" in text
    assert "example.org" not in text
    assert "`0123456789abcdef` with changes that were not committed" in text
    assert "num\\_leaves = 31" in text


def test_a_kept_leak_suspect_stands_on_the_card_with_its_reason(
    contract: Contract, training: dict[str, Any]
) -> None:
    columns = tuple(
        column.model_copy(update={"leak": "keep", "leak_reason": "known at <noon>"})
        if column.name == "age"
        else column
        for column in contract.columns
    )
    text = card(contract.model_copy(update={"columns": columns}), training)
    assert "`age` was a leak suspect and is used: known at &lt;noon>" in text


@pytest.mark.parametrize(
    "name", ["a|b", "a\nb", "a`b", "`", "<script>", "", "a``b", "``", "|", "* [x](y) _z_", "a`", "&lt;", "\\"]
)
def test_no_name_breaks_a_table_or_becomes_markup(name: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {_code(name)} | {_cell(name)} |"
    html = MarkdownIt("commonmark").enable("table").render(table)
    assert html.count("<td>") == 2
    assert html.count("<code>") == 1
    shown = [unescape(re.sub(r"</?code>", "", cell)).strip() for cell in re.findall("<td>(.*?)</td>", html)]
    assert shown == [" ".join(name.split())] * 2
