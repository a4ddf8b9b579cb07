"""A hypothesis that can't be run is told by line before anything is fixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import UserError
from fullcycle.core.project import references
from fullcycle.core.project.project import Project

CONTRACT = Contract(
    task=Task.binary,
    classes=("No", "Yes"),
    columns=(
        Column(name="when", type=ColumnType.datetime, role=Role.ignore),
        Column(name="tenure", type=ColumnType.numeric),
        Column(name="charges", type=ColumnType.numeric),
        Column(name="plan", type=ColumnType.categorical),
        Column(name="churn", type=ColumnType.categorical, role=Role.target),
    ),
)
HEAD = """name: churn
data: {source: churn.csv}
hypotheses:
  ratio:
    claim: the ratio helps
    minimum_effect: 0.01
"""
GOOD = "    metric: roc_auc\n    treatment:\n      features:\n        ratio: charges / tenure\n"


class Written(Project):
    """A project whose contract is given, not read."""

    contract = CONTRACT


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "churn.csv").write_text("a\n1\n")

    def told(rest: str, head: str = HEAD) -> str:
        (tmp_path / "fullcycle.yaml").write_text(head + rest)
        project = Written(tmp_path)
        project.__dict__["contract"] = CONTRACT
        try:
            references.check_references(project)
        except UserError as error:
            return str(error)
        return ""

    return told


def test_a_claim_that_can_be_run_passes(told) -> None:
    assert told(GOOD) == ""


def test_a_list_of_claims_says_the_same_as_a_mapping(told) -> None:
    listed = HEAD.replace("  ratio:\n    claim", "  - id: ratio\n    claim")
    assert told(GOOD, listed) == ""
    assert "two hypotheses with the id 'ratio'" in told(
        GOOD + listed.split("hypotheses:\n")[1] + GOOD, listed
    )


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("    metric: r2\n    treatment: {model: linear}\n", "'r2', and the task is binary"),
        ("    metric: roc_auc\n    treatment: {model: lightgbm}\n", "found the same as the control"),
        (
            "    metric: roc_auc\n    treatment: {model: ensemble}\n",
            "'ensemble', which a search puts together",
        ),
        ("    metric: roc_auc\n    treatment: {without: [tenur]}\n", "did you mean `tenure`?"),
        ("    metric: roc_auc\n    treatment: {features: {gone: null}}\n", "null for a feature"),
        ("    metric: roc_auc\n    treatment: {window: {since: 2024-01-01}}\n", "has role time"),
        (
            "    metric: roc_auc\n    treatment: {window: {column: when, since: '1st of May'}}\n",
            "'1st of May'",
        ),
        (
            "    metric: roc_auc\n    treatment: {window: {column: when, since: '2024', until: '2023'}}\n",
            "a moment such as 2024-01-31",
        ),
        (
            "    metric: roc_auc\n    treatment: {clean: {columns: {plan: {outliers: clip}}}}\n",
            "outliers for 'plan', a categorical column",
        ),
        ("    metric: auc\n    treatment: {model: linear}\n", "'auc'"),
    ],
)
def test_what_leads_nowhere_is_told_by_line(told, rest: str, said: str) -> None:
    message = told(rest)
    assert message.startswith("fullcycle.yaml, line ")
    assert "hypotheses.ratio" in message
    assert said in message


def test_an_expression_that_cannot_be_read_points_at_the_character(told) -> None:
    message = told(GOOD.replace("tenure", "tenur"))
    assert "hypotheses.ratio.treatment.features.ratio" in message
    assert "did you mean `tenure`?" in message
