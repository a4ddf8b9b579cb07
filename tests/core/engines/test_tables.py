"""Tables are read, ordered and written the same whatever the engine does in between."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest

from fullcycle.core.engines.tables import (
    connect,
    from_arrow,
    read_parquet,
)
from fullcycle.core.errors import UserError

FLIGHTS = Path(__file__).parents[2] / "data" / "nyc_flights.parquet"
ODD_NAMES = ["at", "order", "select", 'a"b', "it's", "x.y", "[z]", "--", "<b>", "кот", "🎉", " "]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_engine_creates_a_table(tmp_path: Path) -> None:
    """The smoke test for changes of the lock: with sqlglot 29 every `create_table` of ibis 12.0 fails."""
    made = connect().create_table("smoke", from_arrow(pa.table({"x": [1, 2]})), temp=True, overwrite=True)
    assert made.count().to_pyarrow().as_py() == 2


def test_a_file_that_is_no_parquet_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_text("hello, this is not Parquet at all")
    with pytest.raises(UserError, match="a file that is no Parquet"):
        read_parquet(path)
    with pytest.raises(UserError, match="no such file"):
        read_parquet(tmp_path / "absent.parquet")


def test_a_table_that_no_stage_has_made_yet_is_told_by_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_parquet(tmp_path / "churn/data/raw.parquet")
    assert str(error.value) == (
        "project churn: found no raw rows yet\n"
        "expected: stage collect before this command\n"
        "hint: run `fullcycle run collect`, then the same command again"
    )


@pytest.mark.parametrize("names", [["a", "a"], ["Age", "age"]])
def test_two_columns_of_one_name_are_refused(names: list[str]) -> None:
    with pytest.raises(UserError, match="columns of one name"):
        from_arrow(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=names))


def test_names_that_differ_in_other_letters_are_two_columns() -> None:
    assert from_arrow(pa.table({"Ж": [1], "ж": [2]})).to_pyarrow().to_pylist() == [{"Ж": 1, "ж": 2}]


def test_arrow_tables_that_nobody_holds_are_let_go() -> None:
    def registered() -> int:
        shown = connect().con.execute("SHOW TABLES").fetchall()
        return sum(name.startswith("ibis_arrow") for (name,) in shown)

    from_arrow(pa.table({"x": [1]})).to_pyarrow()
    before = registered()
    for _ in range(20):
        from_arrow(pa.table({"x": [1]})).to_pyarrow()
    assert registered() <= before + 2


def test_nothing_is_fetched_at_run_time() -> None:
    names = "('autoinstall_known_extensions', 'autoload_known_extensions')"
    told = connect().con.execute(f"SELECT value FROM duckdb_settings() WHERE name IN {names}").fetchall()
    assert told == [("false",), ("false",)]
