"""The numbers of an analysis are those of the formulas, on the rows themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.live.abtest.conftest import DAYS, Analysed, Columns, design_of, drawn, table_of

from fullcycle.core.engines.tables import to_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import AnalysisFacts, Comparison
from fullcycle.live.abtest.analyse import Asked, analyse
from fullcycle.live.abtest.bootstrap import BUCKETS


def only(facts: AnalysisFacts) -> Comparison:
    [comparison] = facts.metrics[0].comparisons
    return comparison


def ends(interval: Any) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


def arms(columns: Columns, name: str) -> tuple[Any, Any]:
    return columns[name][columns["group"] == "A"], columns[name][columns["group"] == "B"]


def test_a_mean_is_welchs(columns: Columns, analysed: Analysed) -> None:
    a, b = arms(columns, "revenue")
    wanted = stats.ttest_ind(b, a, equal_var=False)
    found = only(analysed(columns, {"revenue": {}}))
    low, high = wanted.confidence_interval(0.95)
    assert ends(found.effect) == pytest.approx((b.mean() - a.mean(), low, high), rel=1e-9)
    assert found.p_value == pytest.approx(wanted.pvalue, rel=1e-8)


def test_a_conversion_is_the_normal_approximation(columns: Columns, analysed: Analysed) -> None:
    a, b = arms(columns, "converted")
    error = np.sqrt(a.mean() * (1 - a.mean()) / len(a) + b.mean() * (1 - b.mean()) / len(b))
    half = stats.norm.ppf(0.975) * error
    effect = b.mean() - a.mean()
    found = only(analysed(columns, {"converted": {"kind": "conversion"}}))
    assert ends(found.effect) == pytest.approx((effect, effect - half, effect + half), rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(effect / error), rel=1e-8)


def test_a_ratio_is_the_delta_method(columns: Columns, analysed: Analysed) -> None:
    parts = []
    for y, d in zip(arms(columns, "revenue"), arms(columns, "visits"), strict=True):
        ratio = y.mean() / d.mean()
        linear = (y - ratio * d) / d.mean()
        parts.append((ratio, linear.var(ddof=1) / len(y)))
    (a, va), (b, vb) = parts
    metrics = {"per_visit": {"kind": "ratio", "value": "revenue", "per": "visits"}}
    found = analysed(columns, metrics).metrics[0]
    assert found.comparisons[0].effect.value == pytest.approx(b - a, rel=1e-9)
    assert found.arms[1].standard_error ** 2 == pytest.approx(vb, rel=1e-8)
    assert found.arms[0].standard_error ** 2 == pytest.approx(va, rel=1e-8)


def test_cuped_subtracts_what_the_covariate_explains(columns: Columns, analysed: Analysed) -> None:
    plain = only(analysed(columns, {"revenue": {}}))
    found = only(analysed(columns, {"revenue": {"covariate": "before"}}))
    cov = sum(
        np.cov(y, x) / len(y) for y, x in zip(arms(columns, "revenue"), arms(columns, "before"), strict=True)
    )
    assert found.kept == pytest.approx(1 - cov[0, 1] ** 2 / (cov[0, 0] * cov[1, 1]), rel=1e-6)
    narrower = (found.effect.high - found.effect.low) / (plain.effect.high - plain.effect.low)
    assert narrower == pytest.approx(np.sqrt(found.kept), rel=1e-3)


def test_strata_are_compared_within(columns: Columns, analysed: Analysed) -> None:
    effect = variance = 0.0
    for country in ("de", "fr", "it"):
        here = columns["country"] == country
        a, b = (columns["revenue"][here & (columns["group"] == name)] for name in "AB")
        share = here.mean()
        effect += share * (b.mean() - a.mean())
        variance += share**2 * (a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    facts = analysed(columns, {"revenue": {}}, strata="country")
    found = only(facts)
    assert found.effect.value == pytest.approx(effect, rel=1e-9)
    errors = sum(arm.standard_error**2 for arm in facts.metrics[0].arms)
    assert errors == pytest.approx(variance, rel=1e-8)


def test_rows_of_a_unit_count_as_one(columns: Columns, analysed: Analysed) -> None:
    twice = {name: np.concatenate([values, values]) for name, values in columns.items()}
    twice["user"] = np.tile(np.arange(len(columns["group"])).astype(str), 2)
    twice["revenue"] = twice["revenue"] / 2
    once = analysed(columns, {"revenue": {}, "converted": {"kind": "conversion"}})
    found = analysed(twice, {"revenue": {}, "converted": {"kind": "conversion"}}, unit="user")
    assert found.units == once.units
    for ours, theirs in zip(found.metrics, once.metrics, strict=True):
        assert ends(ours.comparisons[0].effect) == pytest.approx(ends(theirs.comparisons[0].effect), rel=1e-9)


def test_a_unit_that_met_both_variants_counts_nowhere(columns: Columns, analysed: Analysed) -> None:
    named = {**columns, "user": np.arange(len(columns["group"])).astype(str)}
    named["user"][:2] = "both"
    named["group"] = named["group"].copy()
    named["group"][:2] = ["A", "B"]
    facts = analysed(named, {"revenue": {}}, unit="user")
    assert (facts.crossing, facts.units) == (1, len(columns["group"]) - 2)


def test_the_path_ends_with_what_is_known_now_and_widens_backwards(
    columns: Columns, analysed: Analysed
) -> None:
    found = only(analysed(columns, {"revenue": {}}, time="seen"))
    assert len(found.path) == DAYS
    assert found.sequential is not None
    assert found.path[-1].low == found.sequential.low
    widths = [point.high - point.low for point in found.path]
    assert widths == sorted(widths, reverse=True)
    assert found.sequential.low < found.effect.low < found.effect.high < found.sequential.high


def test_the_bootstrap_agrees_with_welch_where_both_hold(columns: Columns, analysed: Analysed) -> None:
    found = only(analysed(columns, {"revenue": {}}))
    assert found.bootstrap is not None
    width = found.effect.high - found.effect.low
    assert abs(found.bootstrap.low - found.effect.low) < 0.08 * width
    assert abs(found.bootstrap.high - found.effect.high) < 0.08 * width


def test_large_values_and_any_order_of_rows_give_the_same_numbers(
    columns: Columns, analysed: Analysed
) -> None:
    moved = {**columns, "revenue": columns["revenue"] + 1e9}
    order = np.random.default_rng(1).permutation(len(columns["group"]))
    turned = {name: values[order] for name, values in moved.items()}
    plain, far = only(analysed(columns, {"revenue": {}})), analysed(moved, {"revenue": {}})
    assert ends(only(far).effect) == pytest.approx(ends(plain.effect), rel=1e-4)
    again = analysed(turned, {"revenue": {}})
    assert again.metrics[0].arms == far.metrics[0].arms
    assert only(again).effect == only(far).effect


def test_rows_without_a_value_are_counted_apart(columns: Columns, analysed: Analysed) -> None:
    gaps = {**columns, "revenue": columns["revenue"].copy()}
    gaps["revenue"][:100] = np.nan
    facts = analysed(gaps, {"revenue": {}, "visits": {}})
    assert sum(arm.missing for arm in facts.metrics[0].arms) == 100
    assert sum(arm.missing for arm in facts.metrics[1].arms) == 0


def test_units_without_a_covariate_count_all_the_same(columns: Columns, analysed: Analysed) -> None:
    gaps = {
        **columns,
        "before": np.where(np.arange(len(columns["before"])) % 4 == 0, np.nan, columns["before"]),
    }
    whole = only(analysed(columns, {"revenue": {}}))
    facts = analysed(gaps, {"revenue": {"covariate": "before"}})
    assert sum(arm.missing for arm in facts.metrics[0].arms) == 0
    found = only(facts)
    assert found.kept is not None
    assert 0.2 < found.kept < 0.6  # three of four units have one
    assert found.effect.low < whole.effect.value < found.effect.high


def test_rows_that_name_no_variant_or_no_unit_are_told(columns: Columns, analysed: Analysed) -> None:
    named = {**columns, "user": np.arange(len(columns["group"])).astype(str).astype(object)}
    named["user"][:3] = None
    named["group"] = named["group"].astype(object)
    named["group"][3:5] = None
    facts = analysed(named, {"visits": {}}, unit="user")
    assert (facts.unknown, facts.units) == (5, len(columns["group"]) - 5)


def test_nothing_but_sums_reaches_python(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def counted(table: Any) -> Any:
        answer = to_arrow(table)
        fetched.append(answer.num_rows)
        return answer

    monkeypatch.setattr("fullcycle.live.abtest.cells.to_arrow", counted)
    monkeypatch.setattr("fullcycle.live.abtest.units.to_arrow", counted)
    design = design_of({"revenue": {"covariate": "before"}}, time="seen", segments=["country"])
    facts = analyse(table_of(drawn(12_000)), Asked("t", design, "table"))
    assert facts.units == 12_000
    assert max(fetched) <= len(design.shares) * BUCKETS


def test_segments_share_alpha_and_are_those_of_the_rows(columns: Columns, analysed: Analysed) -> None:
    found = only(analysed(columns, {"revenue": {}}, segments=["country"]))
    assert [each.value for each in found.segments] == ["de", "fr", "it"]
    here = columns["country"] == "de"
    a, b = (columns["revenue"][here & (columns["group"] == name)] for name in "AB")
    assert found.segments[0].effect.value == pytest.approx(b.mean() - a.mean(), rel=1e-9)
    assert all(each.p_adjusted >= each.p_value for each in found.segments)


def test_three_variants_are_corrected_as_scipys_dunnett_does(analysed: Analysed) -> None:
    columns = drawn(3_000, shares=(0.4, 0.3, 0.3))
    shares = {"A": 0.4, "B": 0.3, "C": 0.3}
    a, b, c = (columns["visits"][columns["group"] == name] for name in "ABC")
    found = analysed(columns, {"visits": {}}, shares=shares, correction="dunnett").metrics[0].comparisons
    wanted = stats.dunnett(b, c, control=a).pvalue
    assert [each.p_adjusted for each in found] == pytest.approx(wanted, abs=0.01)
    assert found[0].level == pytest.approx(0.027, abs=1e-3)
    holm = analysed(columns, {"visits": {}}, shares=shares).metrics[0].comparisons
    first, second = sorted(holm, key=lambda each: each.p_value)
    assert (first.level, second.level) == (0.025, 0.05 if first.p_value < 0.025 else 0.025)


def test_a_text_file_is_read_as_a_contract_reads_it(columns: Columns, analysed: Analysed) -> None:
    plain = analysed(columns, {"converted": {"kind": "conversion"}, "revenue": {}}, time="seen")
    texts = {
        "group": columns["group"],
        "converted": np.where(columns["converted"] == 1, "Yes", "no"),
        "revenue": np.array([f" {value!r} " for value in columns["revenue"].tolist()]),
        "seen": columns["seen"].astype(str),
    }
    read = analysed(texts, {"converted": {"kind": "conversion"}, "revenue": {}}, time="seen")
    assert read.metrics == plain.metrics


@pytest.mark.parametrize(
    ("metrics", "given", "said"),
    [
        ({"revenu": {}}, {}, "did you mean 'revenue'"),
        ({"revenue": {"kind": "conversion"}}, {}, "0 and 1"),
        ({"country": {}}, {}, "a number"),
        ({"revenue": {}}, {"shares": {"A": 0.5, "X": 0.5}}, "variants 'B'"),
        ({"revenue": {}}, {"shares": {"A": 0.4, "B": 0.3, "C": 0.3}}, "no rows of 'C'"),
    ],
)
def test_what_a_table_lacks_is_told(
    columns: Columns, analysed: Analysed, metrics: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError) as caught:
        analysed(columns, metrics, **given)
    assert said in str(caught.value)


def test_a_broken_draw_stops_every_decision(analysed: Analysed) -> None:
    columns = drawn(20_000, shares=(0.46, 0.54))
    facts = analysed(columns, {"revenue": {}})
    assert facts.mismatch.found
    assert [each.verdict for each in facts.decisions] == ["mismatch"]


def test_a_decision_waits_for_the_planned_units_unless_peeking_is_planned(
    columns: Columns, analysed: Analysed
) -> None:
    planned = {"units": 100_000}
    early = analysed(columns, {"revenue": {}}, **planned)
    peeking = analysed(columns, {"revenue": {"covariate": "before"}}, peeking=True, **planned)
    whole = analysed(columns, {"revenue": {}}, units=4_000)
    assert [facts.decisions[0].verdict for facts in (early, peeking, whole)] == ["early", "better", "better"]


def test_a_guard_that_is_broken_or_open_keeps_the_control(columns: Columns, analysed: Analysed) -> None:
    def verdict(limit: float) -> tuple[str, str | None]:
        guards = {"revenue": {"effect": limit, "lower_is_better": True, "covariate": "before"}}
        facts = analysed(columns, {"converted": {"kind": "conversion"}}, guards=guards)
        return facts.decisions[0].verdict, facts.metrics[1].comparisons[0].guard

    assert verdict(10.0) == ("better", "holds")
    assert verdict(1.0) == ("undecided", "open")
    assert verdict(0.1) == ("harmed", "broken")
