"""Policies of columns: what the settings say, what the training rows speak for, and what is on record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.evidence import CleanEvidence
from fullcycle.core.evidence.clean import ColumnPolicy, Decision
from fullcycle.core.models.limits import fences_of
from fullcycle.core.project.clean_settings import CleanSettings, ColumnCleanSettings
from fullcycle.cycle.clean import quantiles, rare
from fullcycle.cycle.clean.missing import missing_decisions
from fullcycle.cycle.clean.outliers import keep_inside, outlier_decisions
from fullcycle.cycle.clean.policies import learn_columns
from fullcycle.cycle.clean.scaling import scaling_decisions
from fullcycle.cycle.clean.stage import run
from fullcycle.cycle.collect.stage import run as collect

CONTRACT = contract_of(
    {
        "even": "numeric",
        "spend": "numeric",
        "odd": "numeric",
        "plan": "categorical",
        "y": "categorical target",
    },
    ["no", "yes"],
)
ROWS = 2000


def table(**replaced: Any) -> Any:
    random = np.random.default_rng(3)
    columns: dict[str, Any] = {
        ROW: np.arange(ROWS),
        "even": random.uniform(0, 100, ROWS),
        "spend": np.exp(random.normal(3, 1, ROWS)),
        "odd": np.where(random.random(ROWS) < 0.02, 900.0, random.normal(0, 1, ROWS)),
        "plan": random.choice(["basic", "full"], ROWS),
        "y": random.choice(["no", "yes"], ROWS),
    }
    return connect().create_table("policies", pa.table(columns | replaced), overwrite=True, temp=True)


def learned(settings: CleanSettings | None = None, **replaced: Any) -> dict[str, ColumnPolicy]:
    found = learn_columns(table(**replaced), CONTRACT, settings or CleanSettings())
    return {policy.column: policy for policy in found.policies}


def only(name: str, **said: Any) -> CleanSettings:
    return CleanSettings(columns={name: ColumnCleanSettings(**said)})


def test_the_scale_follows_skew_and_tails_and_says_why() -> None:
    symmetric = np.random.default_rng(1).standard_t(2, ROWS // 2)
    policies = learned(odd=np.concatenate([symmetric, -symmetric]))
    assert (policies["even"].scaling, policies["even"].scaling_reason) == ("standard", "symmetric")
    assert (policies["spend"].scaling, policies["spend"].scaling_reason) == ("quantile", "skewed")
    assert (policies["odd"].scaling, policies["odd"].scaling_reason) == ("robust", "heavy_tails")
    assert policies["spend"].skew is not None
    assert policies["spend"].skew > 1
    assert policies["plan"].scaling == "none"


def test_a_number_that_is_mostly_one_value_keeps_the_standard_scale() -> None:
    pool = np.where(np.arange(ROWS) % 10 == 0, np.arange(ROWS, dtype=float), 0.0)
    policy = learned(odd=pool)["odd"]
    assert (policy.scaling, policy.scaling_reason) == ("standard", "one_value_dominates")


def test_only_a_scale_that_is_not_the_usual_one_is_a_decision() -> None:
    found = learn_columns(table(odd=np.zeros(ROWS)), CONTRACT, CleanSettings())
    [decision] = scaling_decisions(found)
    assert (decision.code, decision.column, decision.action, decision.reason) == (
        "FC219",
        "spend",
        "quantile",
        "skewed",
    )
    stated = learn_columns(table(), CONTRACT, CleanSettings(scaling="robust"))
    assert {d.reason for d in scaling_decisions(stated)} == {"settings"}


def test_a_column_has_rules_of_its_own_and_the_rest_as_for_all() -> None:
    settings = CleanSettings(
        outliers="flag",
        outlier_factor=1.5,
        columns={
            "odd": ColumnCleanSettings(outliers="null", outlier_rule="mad"),
            "plan": {"rare_share": 0.1},
        },
    )
    policies = learned(settings)
    assert (policies["odd"].outliers, policies["odd"].outlier_rule, policies["odd"].outlier_factor) == (
        "null",
        "mad",
        1.5,
    )
    assert policies["spend"].outliers == "flag"
    assert policies["even"].outliers == "keep"  # nothing lies outside, and a flag without a case is no column
    assert policies["plan"].rare_share == 0.1
    assert policies["plan"].outliers == "keep"


@pytest.mark.parametrize("rule", ["iqr", "mad"])
def test_evidence_and_the_model_have_the_same_fences(rule: str) -> None:
    rows = table()
    found = learn_columns(rows, CONTRACT, CleanSettings(outlier_rule=rule))
    values = rows.order_by(ROW).to_pandas()[["even", "spend", "odd"]].to_numpy()
    lower, upper = fences_of(values, rule, 3.0)
    for place, name in enumerate(("even", "spend", "odd")):
        assert found.fences[name] == pytest.approx((lower[place], upper[place]), rel=1e-9)


@pytest.mark.parametrize("action", ["keep", "flag", "clip", "null", "drop_row"])
def test_what_an_action_does_to_a_column_is_shown(action: Any) -> None:
    rows = table()
    settings = only("odd", outliers=action)
    found = learn_columns(rows, CONTRACT, settings)
    kept = keep_inside(rows, found)
    decisions = {d.column: d for d in outlier_decisions(rows, kept, found, CONTRACT, settings)}
    odd = decisions["odd"]
    assert (odd.action, odd.reason, odd.rows) == (action, "settings", int((rows.odd == 900).sum().execute()))
    assert odd.histogram_before is not None
    assert sum(odd.histogram_before.counts) == ROWS
    if action in ("keep", "flag"):
        assert odd.after is None
        return
    assert odd.after is not None
    assert odd.after.max is not None
    assert odd.after.max <= found.fences["odd"][1]
    assert odd.histogram_after is not None
    expected = {"clip": (ROWS, 0), "null": (ROWS, odd.rows), "drop_row": (ROWS - odd.rows, 0)}
    assert (odd.after.rows, odd.after.missing) == expected[action]
    assert sum(odd.histogram_after.counts) == odd.after.rows - odd.after.missing
    assert decisions["spend"].action == "keep"
    assert decisions["spend"].reason == "far_and_maybe_true"


def gaps(where: Any, values: Any) -> pa.Array:
    return pa.array(values, mask=np.asarray(where))


def missing_of(settings: CleanSettings, **replaced: Any) -> tuple[dict[str, ColumnPolicy], Decision]:
    rows = table(**replaced)
    found = learn_columns(rows, CONTRACT, settings)
    [decision] = missing_decisions(found, rows, CONTRACT)
    return {policy.column: policy for policy in found.policies}, decision


@pytest.mark.parametrize(
    ("said", "fill"),
    [
        ({"missing": "median"}, 50.0),
        ({"missing": "most_frequent"}, 7.0),
        ({"missing": "constant", "fill": -1}, -1),
    ],
)
def test_a_fill_of_a_number_is_shown_before_and_after(said: dict[str, Any], fill: float) -> None:
    values = np.arange(ROWS) % 101.0
    values[:100] = 7.0
    where = np.random.default_rng(5).random(ROWS) < 0.1
    policies, decision = missing_of(only("even", **said), even=gaps(where, values))
    policy = policies["even"]
    assert policy.missing == decision.action == said["missing"]
    assert policy.fill == pytest.approx(fill, abs=5 if said["missing"] == "median" else 0)
    assert policy.indicator
    assert decision.reason == "settings"
    assert decision.after is not None
    assert decision.histogram_before is not None
    assert decision.histogram_after is not None
    assert (decision.after.missing, decision.after.rows) == (0, ROWS)
    assert sum(decision.histogram_before.counts) == ROWS - where.sum()
    assert sum(decision.histogram_after.counts) == ROWS


def test_a_gap_need_not_be_marked_if_the_settings_say_so() -> None:
    where = np.arange(ROWS) % 9 == 0
    settings = only("even", missing="median", indicator=False)
    assert not missing_of(settings, even=gaps(where, np.ones(ROWS)))[0]["even"].indicator


def test_a_gap_in_a_category_may_be_filled() -> None:
    where = np.arange(ROWS) % 9 == 0
    plan = np.where(np.arange(ROWS) % 3 == 0, "full", "basic")
    policies, decision = missing_of(only("plan", missing="most_frequent"), plan=gaps(where, plan))
    assert policies["plan"].fill == "basic"
    assert decision.after is not None
    assert decision.after.missing == 0


def test_outliers_made_missing_are_marked_for_the_model() -> None:
    assert learned(only("odd", outliers="null"))["odd"].indicator
    assert not learned(only("odd", outliers="clip"))["odd"].indicator


def test_quantiles_of_a_long_table_come_from_a_sample_and_counts_from_every_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = table(odd=gaps(np.arange(ROWS) % 4 == 0, np.arange(ROWS, dtype=float)))
    numbers = {"odd": rows["odd"], "even": rows["even"]}
    whole, none = quantiles.spreads_at_length(rows, numbers)
    monkeypatch.setattr(quantiles, "EXACT_ROWS", 1000)
    monkeypatch.setattr(quantiles, "SAMPLE_ROWS", 800)
    sampled, sample_rows = quantiles.spreads_at_length(rows, numbers)
    assert none is None
    assert sample_rows == pytest.approx(800, rel=0.1)
    for name, own in sampled.items():
        exact = whole[name]
        assert (own.rows, own.missing, own.min, own.max, own.whole) == (
            exact.rows,
            exact.missing,
            exact.min,
            exact.max,
            exact.whole,
        )
        assert own.distinct == pytest.approx(exact.distinct, rel=0.1)
        assert own.median == pytest.approx(exact.median, rel=0.1)


def test_several_actions_stand_side_by_side_in_one_project(make_project: Any) -> None:
    rows = [f"{i},{20 + i % 30},{i % 7},{'yes' if i % 3 else 'no'}" for i in range(300)]
    rows += ["900,5000,3,no", "901,21,999,yes", "902,6000,999,no"] * 3
    text = "id,age,visits,churn\n" + "\n".join(f"{n}{row}" for n, row in enumerate(rows)) + "\n"
    contract = contract_of(
        {"id": "text identifier", "age": "numeric", "visits": "numeric", "churn": "categorical target"},
        ["no", "yes"],
    )
    columns = {
        "age": ColumnCleanSettings(outliers="drop_row"),
        "visits": ColumnCleanSettings(outliers="clip"),
    }
    project = make_project(text, contract, clean=CleanSettings(columns=columns))
    collect(project)
    evidence: CleanEvidence = run(project)
    actions = {d.column: d.action for d in evidence.decisions if d.code == "FC205"}
    assert actions == {"age": "drop_row", "visits": "clip"}
    policies = {policy.column: policy for policy in evidence.policies}
    assert policies["visits"].clip
    assert not policies["age"].clip
    assert evidence.rows_out < evidence.rows_in


@pytest.mark.parametrize("long", [False, True])
def test_rare_categories_are_told_with_what_the_model_makes_of_them(
    long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rare, "is_long", lambda _table: long)
    plan = np.array(["basic"] * (ROWS - 12) + ["few"] * 8 + ["once", "twice", "twice", "thrice"])
    rows = table(plan=plan)
    found = learn_columns(rows, CONTRACT, CleanSettings())
    [told] = rare.rare_decisions(rows, found, CONTRACT)
    assert (told.code, told.column, told.action, told.reason) == ("FC214", "plan", "pooled", "too_few_rows")
    assert (told.rows, told.facts["categories"], told.examples) == (12, 4, ("few", "once", "thrice"))
    assert told.after is not None
    assert told.after.distinct == 2
    stated = learn_columns(rows, CONTRACT, only("plan", rare_share=0.001))
    [told] = rare.rare_decisions(rows, stated, CONTRACT)
    assert (told.rows, told.facts["categories"], told.reason) == (2, 2, "settings")


def test_a_column_whose_categories_are_all_rare_or_all_frequent_is_not_told() -> None:
    for plan in (np.arange(ROWS).astype(str), np.arange(ROWS) % 3):
        rows = table(plan=np.asarray(plan).astype(str))
        found = learn_columns(rows, CONTRACT, CleanSettings())
        assert rare.rare_decisions(rows, found, CONTRACT) == []
