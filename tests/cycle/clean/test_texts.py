"""What was done to texts is told: spellings, tokens, white space, with rows and examples."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cycle.clean.test_clean import both, cleaned, decision
from tests.cycle.conftest import contract_of

from fullcycle.core.contract import few_texts
from fullcycle.core.contract.model import Contract, Role, Sentinel

ROWS = [f"{i},{20 + i},{'basic' if i % 4 else 'full'},{'yes' if i % 3 == 0 else 'no'}" for i in range(60)]
DIRT = ["60,?,Basic,no", '61,30," full ",yes', "62,n/a,bascic,no", "63,31,?,no", "64,?,BASIC,yes"]
SOURCE = "id,age,plan,churn\n" + "\n".join([*ROWS, *DIRT]) + "\n"


def contract(*, personal: bool = False) -> Contract:
    learned = contract_of(
        {"id": "text identifier", "age": "numeric", "plan": "categorical", "churn": "categorical target"},
        ["no", "yes"],
    )
    changes: dict[str, dict[str, Any]] = {
        "age": {"missing": ("?", "n/a")},
        "plan": {
            "missing": ("?",),
            "allowed": ("basic", "full", "bascic"),
            "spelling": {"Basic": "basic", "BASIC": "basic"},
            "proposed_spelling": {"bascic": "basic"},
            "personal": personal,
        },
    }
    columns = tuple(c.model_copy(update=changes.get(c.name, {})) for c in learned.columns)
    return learned.model_copy(update={"columns": columns})


def test_what_was_done_to_texts_is_told(make_project: Any) -> None:
    project = make_project(SOURCE, contract())
    evidence = cleaned(project)
    tokens = decision(evidence, "FC216", "age")
    assert (tokens.rows, tokens.action, tokens.facts["tokens"]) == (3, "null", ["?", "n/a"])
    assert decision(evidence, "FC216", "plan").rows == 1
    trimmed = decision(evidence, "FC217", "plan")
    assert (trimmed.rows, trimmed.examples, trimmed.action) == (1, (" full ",), "trim")
    merged, proposed = [d for d in evidence.decisions if d.code == "FC215"]
    assert (merged.rows, merged.action, merged.examples) == (
        2,
        "merged",
        ("BASIC -> basic", "Basic -> basic"),
    )
    assert (proposed.rows, proposed.action, proposed.examples) == (1, "proposed", ("bascic -> basic",))
    plans = [row["plan"] for row in both(project)][60:]
    assert plans == ["basic", "full", "bascic", None, "basic"]
    merges, slips = [f for f in evidence.findings if f.code in ("FC215", "FC216", "FC217")]
    assert merges.facts["examples"] == ["BASIC -> basic", "Basic -> basic"]
    assert slips.facts["examples"] == ["bascic -> basic"]


def test_a_long_table_is_cleaned_as_a_short_one(make_project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    short = make_project(SOURCE, contract())
    evidence, rows = cleaned(short), both(short)
    monkeypatch.setattr(few_texts, "LONG_ROWS", 0)
    again = cleaned(short)
    assert again.model_copy(update={"run": evidence.run}) == evidence
    assert both(short) == rows


def test_a_copied_column_is_told_with_its_original(make_project: Any) -> None:
    learned = contract_of(
        {"age": "numeric", "years": "numeric", "churn": "categorical target"}, ["no", "yes"]
    )
    copied = learned.column("years").model_copy(
        update={"role": Role.ignore, "copy_of": "age", "required": False}
    )
    columns = tuple(copied if c.name == "years" else c for c in learned.columns)
    source = "age,years,churn\n" + "".join(f"{i},{i},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    evidence = cleaned(make_project(source, learned.model_copy(update={"columns": columns})))
    told = decision(evidence, "FC213", "years")
    assert (told.rows, told.action, told.facts["original"]) == (60, "left_out", "age")
    assert [f.columns for f in evidence.findings if f.code == "FC213"] == [("years", "age")]
    assert [policy.column for policy in evidence.policies] == ["age"]


def test_nothing_of_a_personal_column_is_quoted(make_project: Any) -> None:
    evidence = cleaned(make_project(SOURCE, contract(personal=True)))
    told = [d for d in evidence.decisions if d.column == "plan" and d.code in ("FC215", "FC216", "FC217")]
    assert len(told) == 4
    assert all(d.examples == () and not d.facts.get("tokens") for d in told)


@pytest.mark.parametrize("personal", [False, True])
def test_a_proposed_code_is_told_with_its_rows_and_changes_nothing(make_project: Any, personal: bool) -> None:
    learned = contract_of(
        {"age": "numeric", "until": "datetime", "churn": "categorical target"},
        ["no", "yes"],
        age={"proposed_missing": (Sentinel(value="-999", rows=1),), "personal": personal},
        until={"proposed_missing": (Sentinel(value="9999-12-31", rows=1),), "personal": personal},
    )
    rows = [f"{20 + i},2024-01-{1 + i % 28:02},{'yes' if i % 3 else 'no'}" for i in range(60)]
    source = "age,until,churn\n" + "\n".join([*rows, "-999,9999-12-31,yes", "-999.0,2024-05-01,no"]) + "\n"
    evidence = cleaned(make_project(source, learned))
    told = [d for d in evidence.decisions if d.code == "FC103"]
    assert [(d.column, d.rows, d.action) for d in told] == [("age", 2, "proposed"), ("until", 1, "proposed")]
    assert [d.examples for d in told] == ([(), ()] if personal else [("-999",), ("9999-12-31",)])
    assert ["value" in f.facts for f in evidence.findings if f.code == "FC103"] == [not personal] * 2


def test_what_numbers_and_dates_were_read_from_is_shown(make_project: Any) -> None:
    learned = contract_of(
        {"price": "numeric", "day": "datetime", "plain": "numeric", "churn": "categorical target"},
        ["no", "yes"],
        price={"thousands": ",", "unit": "$"},
        day={"formats": ("dmy",)},
    )
    rows = [f'"$1,{100 + i}.50",{1 + i % 28:02}.02.2024,{i},{"yes" if i % 3 else "no"}' for i in range(60)]
    evidence = cleaned(make_project("price,day,plain,churn\n" + "\n".join(rows) + "\n", learned))
    told = {d.column: (d.rows, d.action, d.examples) for d in evidence.decisions if d.code == "FC220"}
    assert told == {
        "price": (60, "read", ("$1,159.50 -> 1159.5", "$1,100.50 -> 1100.5")),
        "day": (60, "read", ("28.02.2024 -> 2024-02-28 00:00:00", "01.02.2024 -> 2024-02-01 00:00:00")),
    }
