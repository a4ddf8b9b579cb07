"""What columns say together is what SciPy, pandas and scikit-learn say of the same rows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mutual_info_score
from tests.cycle.conftest import contract_of
from tests.tiers import examples

from fullcycle.core.engines import grouped, sample
from fullcycle.core.engines.tables import ROW, connect, from_arrow
from fullcycle.core.evidence.explore import ExploreEvidence, Segment
from fullcycle.core.project.settings import ExploreSettings
from fullcycle.cycle.explore.association import correlation_ratio, cramers_v
from fullcycle.cycle.explore.coded import Counted
from fullcycle.cycle.explore.correlations import pearson, spearman
from fullcycle.cycle.explore.gaps import missing_together, phi
from fullcycle.cycle.explore.information import column_information, mutual_information
from fullcycle.cycle.explore.periods import line
from fullcycle.cycle.explore.stage import explore
from fullcycle.cycle.explore.target import FOLDS

RANDOM = np.random.default_rng(3)
N = 4_000
X = RANDOM.normal(size=N)
AGE = np.round(40 + 10 * X)
CITY = RANDOM.choice(["a", "b", "c"], N, p=[0.5, 0.3, 0.2])
LATE = RANDOM.random(N) < np.where((CITY == "c") & (X > 0.8), 0.9, 0.2)
GAP = RANDOM.random(N) < 0.2
COLUMNS: dict[str, Any] = {
    ROW: range(N),
    "age": AGE,
    "other": X + RANDOM.normal(size=N),
    "city": CITY,
    "area": np.where(RANDOM.random(N) < 0.8, np.char.upper(CITY), "X"),
    "left": pa.array(np.where(GAP, np.nan, X), from_pandas=True),
    "right": pa.array(np.where(GAP, np.nan, RANDOM.normal(size=N)), from_pandas=True),
    "alone": pa.array(np.where(RANDOM.random(N) < 0.1, np.nan, X), from_pandas=True),
    "drift": np.arange(N) / N + RANDOM.normal(size=N) / 5,
    "when": pa.array(1_600_000_000_000_000 + np.arange(N) * 10**9, pa.timestamp("us")),
    "late": np.where(LATE, "yes", "no"),
}
KINDS = {
    "age": "numeric",
    "other": "numeric",
    "city": "categorical",
    "area": "categorical",
    "left": "numeric",
    "right": "numeric",
    "alone": "numeric",
    "drift": "numeric",
    "when": "datetime time",
    "late": "categorical target",
}
FRAME = pd.DataFrame({name: pa.array(values).to_pandas() for name, values in COLUMNS.items()})


def explored() -> ExploreEvidence:
    return explore(from_arrow(pa.table(COLUMNS)), contract_of(KINDS, ["no", "yes"]), ExploreSettings())


@pytest.fixture(scope="module")
def evidence() -> ExploreEvidence:
    return explored()


def value(matrix: Any, x: str, y: str) -> float:
    rows = matrix.rows if hasattr(matrix, "rows") else matrix.columns
    found = matrix.values[rows.index(x)][matrix.columns.index(y)]
    assert found is not None
    return float(found)


def test_skewness_and_kurtosis_zeros_and_negatives_are_those_of_scipy(evidence: ExploreEvidence) -> None:
    other = next(p for p in evidence.columns if p.name == "other")
    assert other.skew == pytest.approx(stats.skew(FRAME["other"]), rel=1e-7)
    assert other.kurtosis == pytest.approx(stats.kurtosis(FRAME["other"]), rel=1e-7)
    assert (other.zeros, other.negative) == (0, (FRAME["other"] < 0).sum())


def test_spearman_is_that_of_scipy_and_shares_ranks_among_equals(evidence: ExploreEvidence) -> None:
    expected = stats.spearmanr(FRAME["age"], FRAME["other"]).statistic
    assert value(evidence.spearman, "age", "other") == pytest.approx(expected, abs=1e-6)
    gaps = value(evidence.spearman, "age", "left")
    assert gaps == pytest.approx(FRAME["age"].corr(FRAME["left"], method="spearman"), abs=0.01)


@given(
    rows=st.lists(
        st.tuples(st.integers(-3, 3).map(float), st.floats(-100, 100, width=16)), min_size=3, max_size=60
    )
)
@settings(max_examples=examples(20), deadline=None)
def test_correlations_of_any_numbers_are_those_of_pandas(rows: list[tuple[float, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["x", "y"])
    columns = {name: frame[name].to_numpy() for name in ("x", "y")}
    for ours, method in ((pearson, "pearson"), (spearman, "spearman")):
        found = ours(columns)
        assert found is not None
        expected = frame["x"].corr(frame["y"], method=method)
        if frame["x"].std() > 1e-3 and frame["y"].std() > 1e-3:
            assert found.values[0][1] == pytest.approx(expected, abs=2e-6)


@given(
    cells=st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=2, max_size=5).filter(
        lambda rows: np.array(rows).sum() > 10
    )
)
@settings(max_examples=examples(60), deadline=None)
def test_cramers_v_is_bergsmas(cells: list[list[int]]) -> None:
    joint = np.array(cells, dtype=float)
    found = cramers_v(joint)
    joint = joint[joint.sum(axis=1) > 0][:, joint.sum(axis=0) > 0]
    if min(joint.shape) < 2:
        assert found is None
        return
    n, (r, c) = joint.sum(), joint.shape
    plain = stats.contingency.association(joint.astype(int), method="cramer")
    square = max(plain**2 * (min(r, c) - 1) - (r - 1) * (c - 1) / (n - 1), 0)
    width = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if width > 1e-9:
        assert found == pytest.approx(min(np.sqrt(square / width), 1.0), abs=1e-6)


def test_cramers_v_of_a_table_is_that_of_its_counts(evidence: ExploreEvidence) -> None:
    joint = pd.crosstab(FRAME["city"], FRAME["area"]).to_numpy(dtype=float)
    assert value(evidence.cramers_v, "city", "area") == pytest.approx(cramers_v(joint))
    assert evidence.cramers_v is not None
    assert evidence.cramers_v.columns[0] == "late"  # the target, as the first of them


def test_unrelated_categories_have_no_v_however_many_they_are() -> None:
    codes = RANDOM.integers(0, 40, (2, 2_000))
    found = cramers_v(pd.crosstab(codes[0], codes[1]).to_numpy(dtype=float))
    assert found is not None
    assert found < 0.03  # the plain one is 0.14


def test_the_correlation_ratio_is_the_root_of_the_variance_between_groups(evidence: ExploreEvidence) -> None:
    means = FRAME.groupby("late")["age"].transform("mean")
    expected = np.sqrt(means.var() / FRAME["age"].var())
    assert value(evidence.correlation_ratios, "late", "age") == pytest.approx(expected, abs=1e-6)
    nothing = correlation_ratio(np.array([3.0, 2.0]), np.zeros(2), np.zeros(2))
    assert nothing is None


@given(cells=st.lists(st.lists(st.integers(0, 30), min_size=2, max_size=2), min_size=2, max_size=6))
@settings(max_examples=examples(60), deadline=None)
def test_mutual_information_is_that_of_scikit_learn_less_its_bias(cells: list[list[int]]) -> None:
    joint = np.array(cells, dtype=float)
    if not joint.sum():
        return
    seen = joint > 0
    bias = (seen.sum() - seen.any(axis=1).sum() - seen.any(axis=0).sum() + 1) / (2 * joint.sum())
    expected = mutual_info_score(None, None, contingency=joint) - bias
    assert mutual_information(joint) == pytest.approx(max(expected, 0.0), abs=1e-9)


def test_rare_categories_tell_nothing_by_being_many() -> None:
    n = np.zeros((500, FOLDS, 2))
    n[range(500), 0, RANDOM.integers(0, 2, 500)] = 1
    told = column_information(Counted(np.arange(500), np.ones(500, dtype=int), n), texts=True)
    assert told is not None
    assert told < 0.03


def test_phi_is_pearsons_r_of_gaps(evidence: ExploreEvidence) -> None:
    found = evidence.missing_map
    assert found is not None
    assert set(found.columns) == {"left", "right", "alone"}
    gaps = FRAME[list(found.columns)].isna()
    np.testing.assert_allclose(np.array(found.together, dtype=float), gaps.corr(), atol=1e-6)
    assert found.missing == tuple(gaps.sum())
    assert sum(p.rows for p in found.patterns) == gaps.any(axis=1).sum()
    assert missing_together(found) == [(("left", "right"), int(GAP.sum()))]
    assert [f.facts for f in evidence.findings if f.code == "FC315"] == [{"rows": int(GAP.sum())}]


def test_phi_of_a_flag_that_never_changes_is_undefined() -> None:
    found = phi(np.array([[True, False], [True, True]]), np.array([3, 5]))
    assert np.isnan(found[0]).all()
    assert found[1, 1] == pytest.approx(1.0)


def test_time_lines_count_every_row_and_their_targets(evidence: ExploreEvidence) -> None:
    timeline = next(p for p in evidence.columns if p.name == "when").timeline
    assert len(timeline) == 24
    assert sum(one.rows for one in timeline) == N
    hits = sum(one.rows * one.target for one in timeline if one.target is not None)
    assert hits == pytest.approx(LATE.sum())
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(timeline))


def test_a_column_that_moves_in_time_has_a_trend_and_others_have_none(evidence: ExploreEvidence) -> None:
    first = evidence.trends[0]
    assert (first.column, first.over, first.kind) == ("drift", "when", "mean")
    places = np.arange(N) * 12 // N
    means = [FRAME["drift"][places == place].mean() for place in range(12)]
    assert [one.target for one in first.periods] == pytest.approx(means, abs=5e-3)
    slope = np.polyfit(np.arange(12), means, 1)[0] * 11 / FRAME["drift"].std()
    assert first.slope == pytest.approx(slope, rel=1e-2)
    assert [f.columns for f in evidence.findings if f.code == "FC313"] == [("drift", "when")]


def test_a_line_is_that_of_least_weighted_squares() -> None:
    x, y, w = RANDOM.normal(size=20), RANDOM.normal(size=20), RANDOM.random(20) + 0.1
    assert line(x, y, w) == pytest.approx(np.polyfit(x, y, 1, w=np.sqrt(w))[0])


def rows_of(segment: Segment) -> pd.Series[bool]:
    inside = pd.Series(data=True, index=FRAME.index)
    for condition in segment.conditions:
        values = FRAME[condition.column]
        if condition.kind == "missing":
            inside &= values.isna()
        elif condition.start is None:
            inside &= values == condition.label
        elif condition.end == values.max():
            inside &= (values >= condition.start) & (values <= condition.end)
        else:
            whole = (values.dropna() % 1 == 0).all()
            inside &= (values >= condition.start) & (
                values <= condition.end if whole else values < condition.end
            )
    return inside


def test_the_planted_segment_comes_first_and_each_is_what_it_says(evidence: ExploreEvidence) -> None:
    first = evidence.segments[0]
    assert {c.column for c in first.conditions} & {"age", "left", "alone", "other"}
    assert {c.label for c in first.conditions} & {"c", "C"}
    late = FRAME["late"] == "yes"
    for segment in evidence.segments:
        inside = rows_of(segment)
        assert segment.rows == inside.sum()
        assert segment.target == pytest.approx(late[inside].mean())
        assert segment.overall == pytest.approx(late.mean())
        assert segment.low > segment.overall or segment.high < segment.overall
    told = [set(segment.conditions) for segment in evidence.segments]
    assert not any(a < b for a in told for b in told)
    named = next(f for f in evidence.findings if f.code == "FC314")
    assert named.facts["of"] == "yes"
    assert len(named.columns) == 2


@pytest.mark.nightly
def test_chance_makes_no_segment() -> None:
    found = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        columns = {name: random.normal(size=1500) for name in "abcdef"}
        table = from_arrow(
            pa.table({ROW: range(1500), **columns, "y": random.choice(["no", "yes"], 1500, p=[0.8, 0.2])})
        )
        kinds = dict.fromkeys("abcdef", "numeric") | {"y": "categorical target"}
        found += bool(explore(table, contract_of(kinds, ["no", "yes"]), ExploreSettings()).segments)
    assert found <= 3  # of ten, where one in twenty is expected: a bound at 99% of the binomial


@pytest.fixture
def sampling(monkeypatch: pytest.MonkeyPatch) -> ExploreEvidence:
    """The same table, taken for a long one: counted wide, and a half of it sampled."""
    monkeypatch.setattr(grouped, "WIDE_FROM_ROWS", 0)
    monkeypatch.setattr("fullcycle.cycle.explore.stage.held", lambda t: sample.held(t, 1_000, N // 2))
    return explored()


def test_a_sample_changes_no_count_and_moves_the_rest_little(
    evidence: ExploreEvidence, sampling: ExploreEvidence
) -> None:
    assert evidence.sample_rows is None
    assert sampling.sample_rows == pytest.approx(N / 2, abs=200)
    assert sampling.findings[-1].code == "FC316"
    assert sampling.findings[-1].facts == {"rows": N, "sample_rows": sampling.sample_rows}
    exact = {p.name: p for p in evidence.columns}
    for found in sampling.columns:
        whole = exact[found.name]
        counts = ("rows", "missing", "distinct", "min", "max", "zeros", "negative", "top", "first", "last")
        assert all(getattr(found, name) == getattr(whole, name) for name in counts), found.name
        for name in ("mean", "std", "skew", "kurtosis"):
            expected = getattr(whole, name)
            assert getattr(found, name) == (expected and pytest.approx(expected, rel=1e-7, abs=1e-7))
        if found.histogram and whole.histogram:
            assert sum(found.histogram.counts) == sum(whole.histogram.counts)
        if found.median is not None and whole.std:
            assert found.median == pytest.approx(whole.median, abs=4 * whole.std / np.sqrt(N / 2))
    assert sampling.missing_map == evidence.missing_map
    assert value(sampling.spearman, "age", "other") == pytest.approx(
        value(evidence.spearman, "age", "other"), abs=4 / np.sqrt(N / 2)
    )


def test_the_analysis_is_the_same_on_one_to_four_threads(sampling: ExploreEvidence) -> None:
    connection = connect().con
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    try:
        for number in (1, 2, 4):
            connection.execute(f"SET threads = {number}")
            assert explored().model_dump_json() == sampling.model_dump_json()
    finally:
        connection.execute(f"SET threads = {threads}")
