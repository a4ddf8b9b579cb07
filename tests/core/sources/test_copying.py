"""A Parquet file that needs no change becomes the snapshot as it is, and later stages see the same table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.engines.tables import ROW, read_snapshot, to_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources import formats
from fullcycle.core.sources.source import Facts, open_source

NAN = float("nan")
CELLS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int8(): st.integers(-128, 127),
    pa.uint16(): st.integers(0, 65_535),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.string(): st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1, 1, 1), date(9999, 12, 31)),
    pa.timestamp("ms"): st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    pa.timestamp("us"): st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """A column of each kind that is kept, with gaps; NaN in some tables only, as most writers then lie."""
    rows, with_nan = draw(st.integers(1, 6)), draw(st.booleans())
    columns = {}
    for at, (kind, cells) in enumerate(CELLS.items()):
        column = draw(st.lists(st.none() | cells, min_size=rows, max_size=rows))
        known = [cell if with_nan or str(cell) != "nan" else None for cell in column]
        columns[f"c{at}"] = pa.array(known, kind)
    return pa.table(columns)


def snapshot_of(source: Path, name: str) -> tuple[Facts, Path]:
    target = source.with_name(name)
    with open_source(DataSettings(source=source.name), source.parent, snapshot=target) as opened:
        return opened.facts, target


def both_ways(source: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[tuple[Facts, Path], tuple[Facts, Path]]:
    """The snapshot as it is taken, and as it is when nothing may be copied."""
    taken = snapshot_of(source, "taken.parquet")
    with monkeypatch.context() as patch:
        patch.setattr(formats, "needs_no_change", lambda *_: False)
        return taken, snapshot_of(source, "rewritten.parquet")


def seen_by_stages(path: Path) -> tuple[ibis.Schema, list[str], str]:
    """Types, all cells in the order of rows, and answers that an engine may take from statistics."""
    table = read_snapshot(path)
    asked = {f"{name}_n": table[name].count() for name in table.columns}
    floats = [name for name, kind in table.schema().items() if kind.is_floating()]
    asked |= {f"{name}_nan": table[name].isnan().sum() for name in floats}
    asked |= {f"{name}_known": (~table[name].isnan()).sum() for name in floats}
    asked |= {f"{name}_low": table[name].min() for name in table.columns}
    asked |= {f"{name}_high": table[name].max() for name in table.columns}
    rows = to_arrow(table.order_by(ROW)).to_pylist()
    return table.schema(), [str(row) for row in rows], str(to_arrow(table.aggregate(**asked)).to_pylist())


@given(tables(), st.sampled_from(["arrow", "duckdb"]))
@settings(max_examples=examples(40))
def test_a_copy_is_the_same_table_as_one_written_anew(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, writer: str
) -> None:
    source = tmp_path_factory.mktemp("copied") / "t.parquet"
    if writer == "arrow":
        pq.write_table(table, source)
    else:
        duckdb.connect().from_arrow(table).write_parquet(str(source))
    with pytest.MonkeyPatch.context() as patch:
        (facts, taken), (_, rewritten) = both_ways(source, patch)
    assert facts.rows == table.num_rows
    assert facts.copied or (writer == "arrow" and "nan" in str(table.to_pylist()))
    assert facts.copied == (taken.read_bytes() == source.read_bytes())
    assert seen_by_stages(taken) == seen_by_stages(rewritten)


def written(**how: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        table = pa.table({"n": range(20_000), "x": [0.5] * 20_000, "t": ["a", "b"] * 10_000})
        pq.write_table(table, path, **how)

    return write


def nan(path: Path) -> None:
    pq.write_table(pa.table({"x": [1.0, NAN, 2.0]}), path)


@pytest.mark.parametrize(
    ("write", "copied"),
    [
        (written(), True),
        (written(compression="zstd"), True),
        (written(row_group_size=10_000), True),
        (written(compression="gzip"), False),
        (written(row_group_size=1_000), False),
        (nan, False),
        (lambda path: pq.write_table(pa.table({" n ": [1], "m": [2]}), path), False),
        (lambda path: pq.write_table(pa.table({"n": [[1]], "m": [2]}), path), False),
        (lambda path: pq.write_table(pa.table({"file_row_number": [1]}), path), False),
        (lambda path: pq.write_table(pa.table({"n": [Decimal("1.5")]}), path), False),
        (lambda path: pq.write_table(pa.table({"n": [datetime(2026, 1, 1, tzinfo=UTC)]}), path), False),
        (lambda path: duckdb.sql(f"COPY (SELECT 'nan'::DOUBLE AS x) TO '{path}' (FORMAT parquet)"), True),
    ],
)
def test_what_is_copied_and_what_is_not(tmp_path: Path, write: Callable[[Path], None], copied: bool) -> None:
    write(tmp_path / "t.parquet")
    facts, taken = snapshot_of(tmp_path / "t.parquet", "taken.parquet")
    assert facts.copied is copied
    assert (taken.read_bytes() == (tmp_path / "t.parquet").read_bytes()) is copied
    assert facts.sha256 == hashlib.sha256((tmp_path / "t.parquet").read_bytes()).hexdigest()
    assert read_snapshot(taken).columns[-1] == ROW


def test_a_damaged_page_is_told_before_a_copy_takes_its_place(tmp_path: Path) -> None:
    written(compression="none")(tmp_path / "w.parquet")
    whole = (tmp_path / "w.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[:4] + bytes(2000) + whole[2004:])
    with pytest.raises(UserError, match="a damaged Parquet file"):
        snapshot_of(tmp_path / "t.parquet", "taken.parquet")


def test_files_of_a_glob_are_put_together_and_not_copied(tmp_path: Path) -> None:
    for name in "ab":
        pq.write_table(pa.table({"n": [1, 2]}), tmp_path / f"{name}.parquet")
    reading = DataSettings(source="[ab].parquet")
    with open_source(reading, tmp_path, snapshot=tmp_path / "s.parquet") as opened:
        assert not opened.facts.copied
        assert to_arrow(opened.table).to_pylist() == [{"n": n, ROW: at} for at, n in enumerate([1, 2, 1, 2])]
