"""The same rows give the same bytes, whatever the engine does in between."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.engines.tables import ROW, connect, from_arrow, read_parquet, to_arrow
from fullcycle.core.engines.writing import ROW_GROUP_ROWS, write_parquet, write_parts

FLIGHTS = Path(__file__).parents[2] / "data" / "nyc_flights.parquet"
ODD_NAMES = ["at", "order", "select", 'a"b', "it's", "x.y", "[z]", "--", "<b>", "кот", "🎉", " "]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def test_nan_stays_nan_for_every_question(tmp_path: Path) -> None:
    """From statistics that pass over NaN, DuckDB answered that there was none."""
    table = from_arrow(pa.table({ROW: [0, 1, 2], "x": [1.0, float("nan"), 2.0]}))
    write_parquet(table, tmp_path / "t.parquet")
    read = read_parquet(tmp_path / "t.parquet")
    counted = read.aggregate(n=read.x.isnan().sum(), high=read.x.max(), kept=(~read.x.isnan()).sum())
    assert str(to_arrow(counted).to_pylist()) == "[{'n': 1, 'high': nan, 'kept': 2}]"


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
from fullcycle.core.engines.tables import from_arrow
from fullcycle.core.engines.writing import write_parquet
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


def parts_of(path: Path, folder: Path) -> dict[Path, list[int]]:
    """Every fifth row to one file, the rest to another, a few rows to neither."""
    whole = read_parquet(path)
    some = whole.filter(whole[ROW] % 1000 != 7)
    parts = {
        folder / "train.parquet": some.filter(some[ROW] % 5 != 0),
        folder / "test.parquet": some.filter(some[ROW] % 5 == 0),
    }
    write_parts(whole, parts)
    return {part: pq.read_table(part)[ROW].to_pylist() for part in parts}


def test_the_parts_of_a_table_are_written_in_one_reading(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({ROW: range(300_000), "x": ["a", None, "c"] * 100_000}), tmp_path / "whole.parquet"
    )
    train, test = parts_of(tmp_path / "whole.parquet", tmp_path).values()
    kept = [row for row in range(300_000) if row % 1000 != 7]
    assert train == [row for row in kept if row % 5]
    assert test == [row for row in kept if row % 5 == 0]


def test_a_part_without_rows_is_a_file_without_rows(tmp_path: Path) -> None:
    table = from_arrow(pa.table({ROW: [0, 1], "x": ["a", "b"]}))
    write_parts(table, {tmp_path / "none.parquet": table.filter(table[ROW] > 1)})
    assert pq.read_table(tmp_path / "none.parquet").to_pydict() == {ROW: [], "x": []}


@pytest.mark.nightly
def test_two_hundred_writes_have_the_same_bytes(tmp_path: Path) -> None:
    """DuckDB's own COPY without a sort cut 4 of 480 writes otherwise."""
    numbers = pa.table({ROW: range(400_000), "x": [f"v{i % 1000}" for i in range(400_000)]})
    pq.write_table(numbers, tmp_path / "whole.parquet", row_group_size=33_333)
    whole = read_parquet(tmp_path / "whole.parquet")
    digests = set()
    for number in range(200):
        connect().raw_sql(f"SET threads = {1 + number % 8}")
        parts_of(tmp_path / "whole.parquet", tmp_path)
        write_parquet(whole.filter(whole[ROW] % 7 != 0), tmp_path / "some.parquet")
        digests.add(tuple(digest(path) for path in sorted(tmp_path.glob("*.parquet"))))
    connect().raw_sql("RESET threads")
    assert len(digests) == 1
