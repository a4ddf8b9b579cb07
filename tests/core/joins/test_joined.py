"""A join puts columns beside rows: never more rows, never fewer, never in another order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycle.conftest import contract_of
from tests.tiers import examples

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.tables import ROW, connect, from_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.joins.joined import Joined, join_table
from fullcycle.core.project.settings import Join

CONTRACT = contract_of({"late": "categorical target"}, ["no", "yes"])
HOUR = timedelta(hours=1)
NOON = datetime(2013, 1, 1, 12, tzinfo=UTC)


def table(**columns: Any) -> Any:
    arrow = pa.table(columns)
    return from_arrow(arrow.append_column(ROW, pa.array(range(arrow.num_rows), pa.int64())))


def joined(left: Any, right: Any, contract: Contract = CONTRACT, **join: Any) -> Joined:
    return join_table(left, right, Join(source="planes.csv", **join), contract)


def rows(result: Joined) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connect().to_pyarrow(result.table.order_by(ROW)).to_pylist()
    return found


def refused(left: Any, right: Any, contract: Contract = CONTRACT, **join: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        joined(left, right, contract, **join)
    assert caught.value.where.startswith("fullcycle.yaml, key data.joins[0] (planes.csv)")
    return caught.value


def test_columns_come_beside_the_rows_and_names_of_keys_may_differ() -> None:
    left, right = table(tail=["b", "a", "b"], n=[1, 2, 3]), table(number=["a", "b"], seats=[10, 20])
    result = joined(left, right, on={"tail": "number"})
    assert result.table.columns == ("tail", "n", "seats", ROW)
    assert [row["seats"] for row in rows(result)] == [20, 10, 20]
    assert (result.facts.rows, result.facts.matched, result.facts.joined_rows) == (3, 3, 2)
    assert result.findings == ()


def test_a_left_join_keeps_rows_without_a_match_and_says_so() -> None:
    left, right = table(tail=["a", "x", None, "x"]), table(tail=["a", None], seats=[10, 20])
    result = joined(left, right, on={"tail": "tail"})
    assert [row["seats"] for row in rows(result)] == [10, None, None, None]
    [found] = result.findings
    assert (found.code, found.columns) == ("FC113", ("tail",))
    assert found.facts == {"source": "planes.csv", "rows": 3, "share": 0.75, "examples": ["x", "(missing)"]}


def test_an_inner_join_that_would_drop_rows_is_an_error() -> None:
    error = refused(table(tail=["a", "x"]), table(tail=["a"], seats=[1]), on={"tail": "tail"}, how="inner")
    assert error.found == "1 of 2 rows without a match, such as x"
    assert "how: left" in error.hint


def test_a_key_on_several_joined_rows_is_an_error_that_counts_what_would_become_of_the_rows() -> None:
    error = refused(
        table(tail=["a", "a", "b"]), table(tail=["a", "a", "b"], seats=[1, 2, 3]), on={"tail": "tail"}
    )
    assert "1 keys of planes.csv on more than one row, 2 rows in all, such as a on 2" in error.found
    assert error.found.endswith("3 rows would become 5")


def test_a_joined_row_that_matches_twice_breaks_one_to_one() -> None:
    left, right = table(tail=["a", "a", "b"]), table(tail=["a", "b"], seats=[1, 2])
    error = refused(left, right, on={"tail": "tail"}, cardinality="one_to_one")
    assert "3 matched rows that share 2 joined ones, such as a on 2" in error.found
    assert "many_to_one" in error.hint
    assert rows(joined(left, right, on={"tail": "tail"}))[0]["seats"] == 1


def test_examples_never_show_a_personal_key() -> None:
    contract = contract_of(
        {"late": "categorical target", "tail": "text"}, ["no", "yes"], tail={"personal": True}
    )
    left, right = table(tail=["Smith", "Miller"]), table(tail=["Smith", "Smith"], seats=[1, 2])
    assert "Smith" not in str(refused(left, right, contract, on={"tail": "tail"}))
    result = joined(left, table(tail=["x"], seats=[1]), contract, on={"tail": "tail"})
    assert "Smith" not in str((result.facts, result.findings))


def test_a_clash_of_names_asks_for_a_prefix_whatever_the_case() -> None:
    left, right = table(tail=["a"], Year=[2013]), table(tail=["a"], year=[1999])
    error = refused(left, right, on={"tail": "tail"})
    assert "'year'" in error.found
    assert "`prefix: planes_`" in error.hint
    assert rows(joined(left, right, on={"tail": "tail"}, prefix="plane_"))[0]["plane_year"] == 1999


def test_columns_that_are_named_are_the_ones_taken() -> None:
    left, right = table(tail=["a"]), table(tail=["a"], seats=[1], speed=[2])
    assert joined(left, right, on={"tail": "tail"}, columns=["speed"]).table.columns == ("tail", "speed", ROW)
    error = refused(left, right, on={"tail": "tail"}, columns=["sped"])
    assert (error.found, error.hint) == ("no column 'sped' in planes.csv", "did you mean 'speed'?")
    assert "the table so far" in refused(left, right, on={"tale": "tail"}).found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["12", " 7 "], [12, 7]),
        (["12", "7.0"], [12.0, 7.0]),
        ([12, 7], [12.0, 7.0]),
        ([12.0, 7.0], ["12", "7"]),
        (["true", "no"], [True, False]),
        (["2013-01-01T12:00:00Z", "2013-01-01 14:00:00+01:00"], [NOON, NOON + HOUR]),
        ([NOON, NOON + HOUR], [NOON.replace(tzinfo=None), (NOON + HOUR).replace(tzinfo=None)]),
        ([NOON, NOON + HOUR], [t.astimezone(None) for t in (NOON, NOON + HOUR)]),
        ([2**60, 2**60 + 1], [2**60, 2**60 + 1]),
    ],
)
def test_keys_of_different_types_meet_in_one_form(left: Any, right: Any) -> None:
    result = joined(table(k=left), table(k=right, v=[1, 2]), on={"k": "k"})
    assert [row["v"] for row in rows(result)] == [1, 2]


def test_a_code_with_leading_zeros_is_no_number() -> None:
    assert joined(table(k=["007"]), table(k=[7], v=[1]), on={"k": "k"}).facts.matched == 0


def test_zones_are_one_moment_however_they_are_written() -> None:
    moscow = pa.array([NOON], pa.timestamp("us", tz="Europe/Moscow"))
    result = joined(
        table(t=moscow), table(t=pa.array([NOON], pa.timestamp("ms", tz="UTC")), v=[1]), on={"t": "t"}
    )
    assert rows(result)[0]["v"] == 1


def test_keys_that_cannot_be_compared_are_an_error() -> None:
    error = refused(table(k=[True]), table(k=[1], v=[1]), on={"k": "k"})
    assert "'k', which is of type boolean" in error.found
    error = refused(table(t=[NOON]), table(t=["noon"], v=[1]), on={"t": "t"})
    assert "1 texts in column 't' that are no moments, such as 'noon'" in error.found


AS_OF = {"left": "t", "right": "seen"}


def test_an_as_of_join_takes_the_latest_row_that_is_not_later() -> None:
    left = table(k=["a", "a", "a", "b"], t=[NOON, NOON + HOUR, NOON - 9 * HOUR, NOON])
    right = table(k=["a", "a", "a"], seen=[NOON - 2 * HOUR, NOON, NOON + 3 * HOUR], v=[1, 2, 3])
    result = joined(left, right, on={"k": "k"}, as_of=AS_OF)
    assert [row["v"] for row in rows(result)] == [2, 2, None, None]
    assert result.table.columns == ("k", "t", "v", ROW)
    assert result.facts.as_of


def test_a_joined_row_that_is_too_old_is_none() -> None:
    left, right = table(k=["a", "a"], t=[NOON, NOON + 2 * HOUR]), table(k=["a"], seen=[NOON], v=[1])
    result = joined(left, right, on={"k": "k"}, as_of={**AS_OF, "within_s": 3600})
    assert [row["v"] for row in rows(result)] == [1, None]
    assert result.facts.unmatched_examples == ("a, 2013-01-01 14:00:00",)


def test_two_joined_rows_of_one_moment_leave_open_which_one_counts() -> None:
    left, right = table(k=["a"], t=[NOON]), table(k=["a", "a"], seen=[NOON, NOON], v=[1, 2])
    assert "1 keys of planes.csv" in refused(left, right, on={"k": "k"}, as_of=AS_OF).found


def test_moments_may_be_numbers_but_not_both() -> None:
    left, right = table(k=["a", "a"], t=[5, 1]), table(k=["a"], seen=[2.5], v=[1])
    assert [row["v"] for row in rows(joined(left, right, on={"k": "k"}, as_of=AS_OF))] == [1, None]
    error = refused(table(k=["a"], t=[NOON]), right, on={"k": "k"}, as_of=AS_OF)
    assert error.expected.startswith("two columns of moments")


KEYS = st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=8)
TIMES = st.integers(0, 6)


@settings(max_examples=examples(30), deadline=None)
@given(left=KEYS, right=st.sets(st.sampled_from("abc"), min_size=1))
def test_a_join_by_key_is_a_look_up(left: list[str | None], right: set[str]) -> None:
    known = {key: place for place, key in enumerate(sorted(right))}
    result = joined(
        table(k=pa.array(left, pa.string()), n=list(range(len(left)))),
        table(k=list(known), v=list(known.values())),
        on={"k": "k"},
    )
    assert [(row["n"], row["v"]) for row in rows(result)] == [
        (n, known.get(key) if key else None) for n, key in enumerate(left)
    ]


@settings(max_examples=examples(30), deadline=None)
@given(
    left=st.lists(st.tuples(st.sampled_from("ab"), TIMES), min_size=1, max_size=8),
    right=st.sets(st.tuples(st.sampled_from("ab"), TIMES), min_size=1, max_size=6),
    within=st.sampled_from([None, 1, 2]),
)
def test_an_as_of_join_is_that_of_pandas(
    left: list[tuple[str, int]], right: set[tuple[str, int]], within: int | None
) -> None:
    keys, times = zip(*left, strict=True)
    history = pd.DataFrame(sorted(right, key=lambda row: row[1]), columns=["k", "seen"])
    history["v"] = [float(place) for place in range(len(history))]
    frame = pd.DataFrame({"k": keys, "t": times, "n": range(len(left))}).sort_values("t", kind="stable")
    wanted = pd.merge_asof(frame, history, left_on="t", right_on="seen", by="k", tolerance=within)
    result = joined(
        table(k=list(keys), t=list(times)),
        table(k=list(history["k"]), seen=history["seen"].tolist(), v=history["v"].tolist()),
        on={"k": "k"},
        as_of={**AS_OF, "within_s": within},
    )
    expected = [None if pd.isna(v) else v for v in wanted.sort_values("n")["v"]]
    assert [row["v"] for row in rows(result)] == expected
