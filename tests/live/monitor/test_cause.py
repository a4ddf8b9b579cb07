"""Which columns and segments moved, and what it did to the scores: the fault is named, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.bundle import conftest as by_hand

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.bundle.reference import Reference, learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.causes import CauseFacts
from fullcycle.live.monitor.cause import causes
from fullcycle.live.monitor.cause.cells import cells_of, values_of
from fullcycle.live.monitor.cause.explain import explain
from fullcycle.live.monitor.cause.moved import distance, jensen_shannon
from fullcycle.live.monitor.cause.pairs import paired
from fullcycle.live.monitor.cause.segments import Scored

Table = dict[str, np.ndarray[Any, Any]]
CITIES = ("Kazan", "Moscow", "Omsk", "Perm")


def table(rows: int, seed: int) -> Table:
    random = np.random.default_rng(seed)
    city = random.choice(CITIES, rows, p=[0.1, 0.5, 0.3, 0.1])
    return {
        "amount": np.where(random.random(rows) < 0.05, np.nan, random.gamma(2, 50, rows)),
        "rooms": random.integers(1, 6, rows).astype(float),
        "city": city.astype(object),
        "plan": random.choice(["basic", "pro"], rows).astype(object),
    }


def contract() -> Contract:
    kinds = {"amount": "numeric", "rooms": "numeric", "city": "categorical", "plan": "categorical"}
    columns = [Column(name=name, type=ColumnType(kind)) for name, kind in kinds.items()]
    target = Column(name="price", type=ColumnType.numeric, role=Role.target)
    return Contract(task=Task.regression, columns=(*columns, target))


def score(columns: Any) -> np.ndarray[Any, Any]:
    """Additive, so that contributions are known: 2 a room, 10 in Moscow, a hundredth of the amount."""
    amount = np.nan_to_num(columns["amount"], nan=100.0)
    return np.asarray(2 * columns["rooms"] + 10 * (columns["city"] == "Moscow") + amount / 100)


@pytest.fixture(scope="module")
def reference() -> Reference:
    before = table(20_000, 1)
    return learn_reference(contract(), before, predictions=score(before))


@pytest.fixture
def now() -> Table:
    return table(2000, 2)


Fault = Callable[[Table], None]


def unit(rows: Table) -> None:
    rows["amount"] *= 1000


def gone(rows: Table) -> None:
    rows["rooms"][:600] = np.nan


def renamed(rows: Table) -> None:
    rows["city"][rows["city"] == "Omsk"] = "OMSK"


def frozen(rows: Table) -> None:
    rows["amount"][:] = 71.5


def unseen(rows: Table) -> None:
    rows["plan"][:300] = "trial"


@pytest.mark.parametrize(
    ("fault", "column", "facts"),
    [
        (unit, "amount", {"kind": "factor"}),
        (gone, "rooms", {"kind": "missing"}),
        (renamed, "city", {"kind": "renamed", "before": "Omsk", "now": "OMSK"}),
        (frozen, "amount", {"kind": "constant"}),
        (unseen, "plan", {"kind": "unseen", "now": "trial"}),
    ],
)
def test_a_fault_is_named_with_its_column_and_no_other(
    fault: Fault, column: str, facts: dict[str, Any], reference: Reference, now: Table
) -> None:
    fault(now)
    [cause] = explain(reference, now, score).columns
    assert cause.column == column
    assert {name: getattr(cause, name) for name in facts} == facts
    if fault is unit:
        assert cause.factor == pytest.approx(1000, rel=0.1)


def test_nothing_is_blamed_where_nothing_changed(reference: Reference) -> None:
    found = [explain(reference, table(2000, seed), score) for seed in range(10, 30)]
    assert [each.columns for each in found] == [()] * 20


def test_contributions_are_exact_for_a_model_that_adds_up(reference: Reference, now: Table) -> None:
    before = float(2 * now["rooms"].mean())
    now["rooms"] = np.minimum(now["rooms"] + 2, 7)
    now["plan"][:] = "basic"
    facts = explain(reference, now, score)
    found = {cause.column: cause for cause in facts.columns}
    assert set(found) == {"rooms", "plan"}
    assert found["rooms"].contribution == pytest.approx(2 * now["rooms"].mean() - before, abs=0.1)
    assert found["rooms"].impact >= abs(found["rooms"].contribution) - 1e-9
    assert found["plan"].contribution == 0
    assert found["plan"].kind == "constant"
    assert parts(facts) == pytest.approx(facts.score_now - facts.score_before)
    assert facts.together == pytest.approx(0, abs=0.5)


def parts(facts: CauseFacts) -> float:
    return sum(cause.contribution for cause in facts.columns) + facts.together


def test_the_columns_that_drifted_may_be_decided_elsewhere(reference: Reference, now: Table) -> None:
    unit(now)
    facts = explain(reference, now, score, moved=["city", "plan"])
    assert {cause.column for cause in facts.columns} == {"city", "plan"}
    assert parts(facts) == pytest.approx(facts.score_now - facts.score_before)


def test_the_segment_that_grew_comes_first_with_what_its_share_does(reference: Reference, now: Table) -> None:
    more = np.flatnonzero(now["city"] == "Kazan")
    rows = np.concatenate([np.arange(2000), np.tile(more, 3)])
    grown = {name: values[rows] for name, values in now.items()}
    facts = explain(reference, grown, score)
    first = facts.segments[0]
    assert (first.column, first.value) == ("city", "Kazan")
    assert first.share_before == pytest.approx(0.1, abs=0.01)
    assert first.share_now == pytest.approx(0.4 / 1.3, abs=0.03)
    assert first.by_share < -0.5  # Kazan's scores lie below the mean
    assert facts.columns[0].kind == "shares"


def test_a_range_of_numbers_is_a_segment(reference: Reference, now: Table) -> None:
    low = np.flatnonzero(now["amount"] < 40)
    rows = np.concatenate([np.arange(2000), low, low])
    first = explain(reference, {name: values[rows] for name, values in now.items()}, score).segments[0]
    assert first.column == "amount"
    assert first.low is None
    assert first.high == pytest.approx(40, abs=12)


def test_training_rows_part_a_segments_change_into_its_share_and_its_own_mean(
    reference: Reference, now: Table
) -> None:
    low = np.flatnonzero(now["amount"] < 40)
    rows = np.concatenate([np.arange(2000), low, low])
    moved = {name: values[rows] for name, values in now.items()}
    without = explain(reference, moved, score).segments[0]
    assert (without.score_before, without.by_mean) == (None, None)
    before = Scored(now, score(now) - 1.0)  # the same rows were scored one lower
    first = explain(reference, moved, score, training=before).segments[0]
    assert (first.column, first.high) == (without.column, without.high)
    assert first.score_before is not None
    assert first.score_now is not None
    assert first.score_now - first.score_before == pytest.approx(1.0, abs=0.05)
    shares = (first.share_before + first.share_now) / 2
    assert first.by_mean == pytest.approx(shares * (first.score_now - first.score_before))


def test_a_bundle_is_asked_through_its_graph(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    facts = causes(bundle, coerced(bundle, 500, income=3.0))
    assert [cause.column for cause in facts.columns] == ["income"]
    assert facts.columns[0].factor == pytest.approx(3, rel=0.1)
    assert facts.of == "yes"
    assert facts.columns[0].contribution > 0.1
    assert parts(facts) == pytest.approx(facts.score_now - facts.score_before)
    assert causes(bundle, coerced(bundle, 500)).columns == ()


def coerced(bundle: Bundle, rows: int, income: float = 1.0) -> dict[str, Any]:
    columns = by_hand.training_columns(rows)
    columns["income"] = [None if value is None else value * income for value in columns["income"]]
    return {column.name: columns[column.name] for column in bundle.contract.features}


def test_pairs_of_a_column_that_did_not_move_are_equal(reference: Reference) -> None:
    known = {column.name: column for column in reference.columns}
    now = table(4000, 3)
    city = paired(known["city"], now["city"])
    assert (city == now["city"]).mean() > 0.97
    amount = paired(known["amount"], now["amount"])
    assert abs(int(np.isnan(amount).sum()) - 200) <= 2
    apart = np.abs(amount - now["amount"])
    assert np.nanmedian(apart) < 3


def test_pairs_have_the_distribution_of_the_reference_whatever_came(reference: Reference) -> None:
    known = {column.name: column for column in reference.columns}
    before = paired(known["city"], np.array(["Omsk"] * 1000, dtype=object))
    assert (before == "Moscow").sum() == pytest.approx(500, abs=15)
    gone_now = paired(known["amount"], np.full(1000, np.nan))
    assert np.isnan(gone_now).sum() == pytest.approx(50, abs=10)
    assert np.nanmedian(gone_now) == pytest.approx(84, abs=5)


def test_a_personal_column_is_never_blamed(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    columns = coerced(bundle, 300)
    columns["e-mail"] = [None] * 300
    assert causes(bundle, columns).columns == ()
    known = {column.name: column for column in bundle.reference.columns}["e-mail"]
    assert cells_of(known, values_of(known, columns["e-mail"])) is None


def test_distances_have_known_values() -> None:
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(np.log(2))
    assert jensen_shannon(np.array([0.5, 0.5]), np.array([0.5, 0.5])) == 0


def test_many_rare_categories_are_no_distance(reference: Reference) -> None:
    random = np.random.default_rng(4)
    names = np.array([f"t{number}" for number in range(900)], dtype=object)
    before, now = (random.choice(names, rows) for rows in (50_000, 1000))
    one = Contract(
        task=Task.regression,
        columns=(
            Column(name="tail", type=ColumnType.categorical),
            Column(name="price", type=ColumnType.numeric, role=Role.target),
        ),
    )
    [column] = learn_reference(one, {"tail": before}).columns
    cells = cells_of(column, now)
    assert cells is not None
    assert distance(cells, column.rows, 1000).value < 0.05
