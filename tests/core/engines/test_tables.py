"""Tables are read, ordered and written the same whatever the engine does in between."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.engines.tables import (
    ROW,
    ROW_GROUP_ROWS,
    connect,
    from_arrow,
    read_parquet,
    write_parquet,
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


def test_distinct_rows_of_real_flights_give_the_same_bytes_each_time(tmp_path: Path) -> None:
    raw = pq.read_table(FLIGHTS).slice(0, 50_000)
    table = from_arrow(raw.append_column(ROW, pa.array(range(raw.num_rows), type=pa.int64())))
    digests = set()
    for number in range(3):
        path = tmp_path / f"{number}.parquet"
        assert write_parquet(table.distinct(), path) == 50_000
        digests.add(digest(path))
    assert len(digests) == 1


def test_a_filtered_file_gives_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    """Without sorting again, one write in forty cut other row groups: whichever thread came first."""
    raw = pq.read_table(FLIGHTS)
    write_parquet(
        from_arrow(raw.append_column(ROW, pa.array(range(raw.num_rows)))), tmp_path / "whole.parquet"
    )
    whole = read_parquet(tmp_path / "whole.parquet")
    some = whole.filter(whole[ROW].cast("string").hexdigest("md5") < "c").mutate(late=whole["dep_delay"] > 0)
    digests = set()
    [(usual,)] = connect().con.execute("SELECT current_setting('threads')").fetchall()
    for threads in (1, 2, 3, 8, usual):
        connect().raw_sql(f"SET threads = {threads}")
        write_parquet(some, tmp_path / "some.parquet")
        digests.add(digest(tmp_path / "some.parquet"))
    rows = pq.read_table(tmp_path / "some.parquet")[ROW].to_pylist()
    assert rows == sorted(rows)
    assert 0 < len(rows) < raw.num_rows
    assert len(digests) == 1
    groups = pq.ParquetFile(tmp_path / "some.parquet").metadata
    sizes = [groups.row_group(at).num_rows for at in range(groups.num_row_groups)]
    assert set(sizes[:-1]) == {ROW_GROUP_ROWS}  # cut by number of rows alone, and by no timing


def test_rows_are_written_in_the_order_of_the_key(tmp_path: Path) -> None:
    write_parquet(from_arrow(pa.table({ROW: [2, 0, 1], "x": ["c", "a", "b"]})), tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet")["x"].to_pylist() == ["a", "b", "c"]


def test_any_name_of_a_column_survives_writing_and_reading(tmp_path: Path) -> None:
    table = from_arrow(pa.table({ROW: [0], **{name: [name] for name in ODD_NAMES}}))
    path = tmp_path / "it's.parquet"
    write_parquet(table, path)
    assert read_parquet(path).to_pyarrow().to_pylist() == [{ROW: 0, **{name: name for name in ODD_NAMES}}]


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_parquet(from_arrow(pa.table({ROW: [0], "x": ["1"]})), path)
    before = digest(path)
    broken = from_arrow(pa.table({ROW: [0], "x": ["a"]})).mutate(y=lambda t: t.x.cast("int64"))
    with pytest.raises(Exception, match="Conversion Error"):
        write_parquet(broken, path)
    assert digest(path) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.parquet"]


def test_a_disk_that_refuses_is_said_in_words(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk, for root and for others."""
    script = f"""
import resource, signal, sys
from pathlib import Path
import pyarrow as pa
from fullcycle.core.engines.tables import from_arrow, write_parquet
from fullcycle.core.errors import UserError
import numpy as np
table = from_arrow(pa.table({{"_row": range(200_000), "x": np.random.default_rng(0).random(200_000)}}))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_parquet(table, Path({str(tmp_path / "t.parquet")!r}))
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "t.parquet: found a file that can't be written (File too large)" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


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
