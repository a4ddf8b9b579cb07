"""A new snapshot says what is new in it, and says the same however often collect runs."""

from __future__ import annotations

import json
import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.conftest import contract_of

from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.evidence import CollectEvidence
from fullcycle.core.project.project import Project
from fullcycle.cycle.collect import stage
from fullcycle.cycle.collect.change import chance_of, compare, population_stability_index
from fullcycle.cycle.collect.stage import run

COLUMNS = {"id": "text identifier", "age": "numeric", "plan": "categorical", "churn": "categorical target"}
CONTRACT = contract_of(COLUMNS, ["no", "yes"])


def source(rows: int, *, age: int = 0, plan: str = "basic", extra: str = "") -> str:
    chance = random.Random(3)
    lines = ["id,age,plan,churn" + (",extra" if extra else "")]
    for row in range(rows):
        words = [str(row), str(age + chance.randint(20, 60)), plan, chance.choice(["yes", "no"])]
        lines.append(",".join([*words, extra] if extra else words))
    return "\n".join(lines) + "\n"


def change_source(project: Project, text: str) -> CollectEvidence:
    (project.root / "source.csv").write_text(text, encoding="utf-8")
    return run(project)


def told(evidence: CollectEvidence) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(evidence.model_dump_json(exclude={"run"}))
    return content


def test_the_first_snapshot_is_no_change(make_project: Any) -> None:
    evidence = run(make_project(source(200), CONTRACT))
    assert evidence.change is None
    assert evidence.findings == ()
    assert evidence.snapshot_sha256


def test_rows_columns_and_distributions_are_told(make_project: Any) -> None:
    project = make_project(source(400), CONTRACT)
    before = run(project)
    after = change_source(project, source(500, age=30, plan="gold", extra="1"))
    assert after.change is not None
    assert after.change.previous_sha256 == before.snapshot_sha256
    assert (after.change.rows_before, after.change.rows_after) == (400, 500)
    assert (after.change.columns_added, after.change.columns_gone) == (("extra",), ())
    assert [column.column for column in after.change.changed] == ["age", "plan"]
    age, plan = after.change.changed
    assert (age.after or 0) - (age.before or 0) == pytest.approx(30, abs=3)
    assert (plan.new_values, plan.before, plan.after) == (("gold",), 1.0, 0.0)
    codes = [(finding.code, finding.columns) for finding in after.findings]
    assert codes == [("FC110", ("extra",)), ("FC109", ()), ("FC112", ("age",)), ("FC112", ("plan",))]


def test_a_column_that_is_gone_is_a_warning(make_project: Any) -> None:
    contract = contract_of(COLUMNS, ["no", "yes"], plan={"required": False})
    project = make_project(source(200), contract)
    run(project)
    after = change_source(project, source(200).replace(",basic", "").replace(",plan", ""))
    assert after.change is not None
    assert after.change.columns_gone == ("plan",)
    assert [finding.code for finding in after.findings] == ["FC109", "FC111"]


def test_more_rows_of_the_same_kind_change_no_distribution(make_project: Any) -> None:
    project = make_project(source(300), CONTRACT)
    run(project)
    after = change_source(project, source(3000))
    assert after.change is not None
    assert after.change.changed == ()


def test_missing_rates_that_moved_are_told(make_project: Any) -> None:
    project = make_project(source(300), CONTRACT)
    run(project)
    after = change_source(project, source(300).replace(",basic,yes", ",,yes"))
    assert after.change is not None
    [plan] = after.change.changed
    assert plan.missing_before == 0
    assert plan.missing_after > 0.3


def test_a_personal_column_gives_no_value(make_project: Any) -> None:
    contract = contract_of(COLUMNS, ["no", "yes"], plan={"personal": True}, age={"personal": True})
    project = make_project(source(300), contract)
    run(project)
    after = change_source(project, source(300, age=30, plan="Smith"))
    assert after.change is not None
    assert len(after.change.changed) == 2
    assert all((c.before, c.after, c.new_values) == (None, None, ()) for c in after.change.changed)
    assert "Smith" not in after.model_dump_json()


def test_the_same_source_again_keeps_what_was_told(make_project: Any) -> None:
    project = make_project(source(200), CONTRACT)
    run(project)
    first = change_source(project, source(300, age=30))
    assert told(run(project)) == told(first)


def test_a_run_that_was_killed_before_the_snapshot_took_its_place_tells_the_same(
    make_project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(source(200), CONTRACT)
    run(project)
    (project.root / "source.csv").write_text(source(300, age=30), encoding="utf-8")
    write_evidence = stage.write_evidence

    def killed(*arguments: Any) -> None:
        write_evidence(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "write_evidence", killed)
    with pytest.raises(KeyboardInterrupt):
        run(project)
    written = told(CollectEvidence.model_validate_json((project.paths.evidence / "collect.json").read_text()))
    monkeypatch.undo()
    assert told(run(project)) == written
    assert written["change"]["rows_after"] == 300


def test_without_the_snapshot_before_rows_and_columns_are_told(make_project: Any) -> None:
    project = make_project(source(200), CONTRACT)
    run(project)
    project.paths.raw.unlink()
    after = change_source(project, source(300, age=30, extra="1"))
    assert after.change is not None
    assert (after.change.rows_before, after.change.columns_added) == (200, ("extra",))
    assert after.change.changed == ()


@pytest.mark.parametrize(("before", "after"), [("int64", "float64"), ("string", "int64")])
def test_a_column_whose_type_changed_is_compared_by_what_it_means(before: str, after: str) -> None:
    contract = contract_of({"age": "numeric", "y": "numeric target"})

    def table(kind: str) -> Any:
        ages = pa.array([str(n % 50) for n in range(300)])
        columns = {"age": ages.cast(kind), "y": pa.array(range(300)), ROW: pa.array(range(300))}
        return from_arrow(pa.table(columns))

    assert compare(table(before), table(after), contract) == ((), None)


COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=10)


@given(counts=COUNTS, factor=st.integers(1, 5))
def test_equal_shares_have_no_distance_and_any_shares_one_that_is_never_negative(
    counts: list[int], factor: int
) -> None:
    other = list(reversed(counts))
    assert population_stability_index(counts, other) >= 0
    assert population_stability_index(counts, counts) == 0
    assert population_stability_index(counts, other) == pytest.approx(
        population_stability_index(other, counts)
    )
    assert chance_of([n * factor for n in counts], other) <= chance_of(counts, other) or sum(counts) == 0


def test_counts_without_rows_have_no_distance() -> None:
    assert population_stability_index([], []) == 0.0
    assert population_stability_index([0, 0], [1, 2]) == 0.0
