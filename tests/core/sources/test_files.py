"""Files of every format, alone and by a glob."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.engines.writing import ROW_GROUP_ROWS
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.kinds import local_files
from fullcycle.core.sources.source import OpenedSource, open_source


def opened(folder: Path, source: str, **settings: object) -> OpenedSource:
    return open_source(DataSettings(source=source, **settings), folder)  # type: ignore[arg-type]


def rows(source: OpenedSource) -> list[dict[str, object]]:
    return connect().to_pyarrow(source.table.order_by(ROW)).to_pylist()


def refusal(folder: Path, source: str, **settings: object) -> UserError:
    with pytest.raises(UserError) as caught:
        opened(folder, source, **settings)
    assert caught.value.hint
    return caught.value


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


PACK = {".gz": gzip.compress, ".zst": zstd, "": bytes}


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_text_is_unpacked_whatever_its_encoding(tmp_path: Path, packed: str, encoding: str) -> None:
    text = "город\tотток\n" + "Нижний Новгород\tда\nМосква\tнет\n" * 9
    content = PACK[packed](text.encode(encoding))
    (tmp_path / f"t.tsv{packed}").write_bytes(content)
    source = opened(tmp_path, f"t.tsv{packed}")
    assert rows(source)[1] == {"город": "Москва", "отток": "нет", ROW: 1}
    assert source.facts.sha256 == hashlib.sha256(content).hexdigest()
    assert source.facts.compression == {".gz": "gzip", ".zst": "zstd", "": None}[packed]


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_a_ragged_line_is_named_inside_a_packed_file(tmp_path: Path, packed: str) -> None:
    (tmp_path / f"t.csv{packed}").write_bytes(PACK[packed](b"a,b\n1,2\n3\n"))
    assert refusal(tmp_path, f"t.csv{packed}").where == f"t.csv{packed}, line 3"


def test_several_zstd_frames_are_one_file_and_a_broken_one_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(zstd(b"a\n1\n") + zstd(b"2\n"))
    assert [row["a"] for row in rows(opened(tmp_path, "t.csv"))] == ["1", "2"]
    (tmp_path / "cut.csv").write_bytes(zstd(b"a,b\n" + bytes(range(32, 127)) * 99)[:-9])
    assert "damaged zstd" in refusal(tmp_path, "cut.csv").found


@pytest.mark.parametrize("packed", PACK)
def test_json_lines_are_text_that_the_contract_types(tmp_path: Path, packed: str) -> None:
    lines = [
        {"id": "001", "n": 1, "big": 12345678901234567890123},
        {"n": 1.5, "nested": {"a": [1, 2]}, "flag": True, "id": None},
        {"order": "x", "quote": 'a"b\n'},
    ]
    content = "\n".join(json.dumps(line) for line in lines).encode()
    (tmp_path / f"t.jsonl{packed}").write_bytes(PACK[packed](content))
    source = opened(tmp_path, f"t.jsonl{packed}")
    read = rows(source)
    assert list(read[0]) == ["id", "n", "big", "nested", "flag", "order", "quote", ROW]
    assert (read[0]["id"], read[0]["n"], read[0]["big"]) == ("001", "1", "12345678901234567890123")
    assert (read[1]["n"], read[1]["flag"], read[1]["id"]) == ("1.5", "true", None)
    assert json.loads(str(read[1]["nested"])) == {"a": [1, 2]}
    assert (read[2]["quote"], source.facts.format) == ('a"b\n', "jsonl")


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        ('{"a": 1}\n{"a":\n', 2, "can't be read"),
        ('{"a": 1}\n3\n', 2, "no object"),
        ('[{"a": 1}]', 1, "a JSON array"),
        ('{"a": 1, "A": 2}\n', None, "columns of one name"),
    ],
)
def test_json_that_is_no_table_is_told(tmp_path: Path, content: str, line: int | None, found: str) -> None:
    (tmp_path / "t.jsonl").write_text(content)
    error = refusal(tmp_path, "t.jsonl")
    assert found in error.found
    assert line is None or error.where.startswith("t.jsonl, line")


def workbook(path: Path, **sheets: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)


def test_excel_keeps_numbers_and_dates_and_loses_nothing_of_what_is_mixed(tmp_path: Path) -> None:
    day, moment = dt.date(2024, 5, 31), dt.datetime(2024, 5, 31, 10, 30)
    workbook(
        tmp_path / "t.xlsx",
        data=[
            ["whole", "real", "day", "moment", "flag", "code", "mixed", "late", None],
            [1, 1.5, day, moment, True, "001", 7, day, "x"],
            [],
            [2, None, day, moment, False, None, "n/a", "n/a", None],
        ],
    )
    source = opened(tmp_path, "t.xlsx")
    kinds = [column.physical_type for column in source.facts.columns]
    assert kinds == ["int64", "double", "date32[day]", "timestamp[us]", "bool", *["string"] * 4]
    first, second = rows(source)
    assert list(first.values()) == [1, 1.5, day, moment, True, "001", "7", "2024-05-31", "x", 0]
    assert list(second.values()) == [2, None, day, moment, False, None, "n/a", "n/a", None, 1]
    assert [finding.code for finding in source.findings] == ["FC108"]


def test_of_several_sheets_one_is_chosen_by_a_person(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx", first=[["a"], [1]], second=[["b"], [2]], notes=[])
    assert "2 sheets" in refusal(tmp_path, "t.xlsx").found
    assert rows(opened(tmp_path, "t.xlsx", table="second")) == [{"b": 2, ROW: 0}]
    assert "'third'" in refusal(tmp_path, "t.xlsx", table="third").found
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    assert "can't be read" in refusal(tmp_path, "broken.xlsx").found


def test_files_of_a_glob_stand_one_after_another_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024/b.csv").write_text("n;x\n3;c\n")
    (folder / "2024/a.csv.gz").write_bytes(gzip.compress(b"x,n\na,1\nb,2\n"))
    source = opened(tmp_path, "in/*/*.csv*")
    assert [(row["x"], row["n"], row[ROW]) for row in rows(source)] == [
        ("a", "1", 0),
        ("b", "2", 1),
        ("c", "3", 2),
    ]
    named = [(file.name, file.rows) for file in source.facts.files]
    assert named == [("2024/a.csv.gz", 2), ("2024/b.csv", 1)]
    assert source.facts.rows == 3
    assert source.facts.bytes == sum(file.stat().st_size for file in folder.rglob("*.*"))
    assert str(tmp_path) not in repr(opened(tmp_path, f"{folder}/2024/*").facts.files)
    assert local_files("in/*/*.csv*", tmp_path) == ("in/2024/a.csv.gz", "in/2024/b.csv")


def test_a_glob_of_parquet_keeps_types_and_row_numbers(tmp_path: Path) -> None:
    for part in range(3):
        table = pa.table({"n": range(part * 70_000, (part + 1) * 70_000), "t": ["x"] * 70_000})
        pq.write_table(table, tmp_path / f"{part}.parquet", row_group_size=999)
    table = opened(tmp_path, "*.parquet").table
    assert table.filter(table.n != table[ROW]).count().execute() == 0
    assert table.count().execute() == 210_000


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"n": [1]}, "lacks 't'"),
        ({"n": [1], "t": ["x"], "z": [1]}, "has 'z'"),
        ({"n": ["1"], "t": ["x"]}, "'n' is string, not int64"),
    ],
)
def test_a_file_of_other_columns_is_named(tmp_path: Path, other: dict[str, list[object]], found: str) -> None:
    pq.write_table(pa.table({"n": [1], "t": ["x"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table(other), tmp_path / "b.parquet")
    error = refusal(tmp_path, "*.parquet")
    assert (error.where, error.found) == ("*.parquet, file b.parquet", found)
    assert "a.parquet" in error.expected


def test_a_glob_without_a_file_is_told_and_brackets_may_be_a_name(tmp_path: Path) -> None:
    assert refusal(tmp_path, "in/*.csv").found == "no file that matches"
    (tmp_path / "a[1].csv").write_text("a\n1\n")
    assert opened(tmp_path, "a[1].csv").facts.rows == 1


def test_a_column_called_as_the_engine_calls_its_row_number_is_a_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"file_row_number": [7, 8]}), tmp_path / "t.parquet")
    assert rows(opened(tmp_path, "t.parquet")) == [
        {"file_row_number": 7, ROW: 0},
        {"file_row_number": 8, ROW: 1},
    ]


def test_threads_change_no_byte_of_a_snapshot(tmp_path: Path) -> None:
    table = pa.table({"n": range(500_000), "t": [f"v{i % 1000}" for i in range(500_000)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=33_333, compression="gzip")  # no copy
    hashes = set()
    try:
        for threads in (1, 2, 8, 8):
            connect().con.execute(f"SET threads = {threads}")
            snapshot = tmp_path / "snapshot"
            open_source(DataSettings(source="t.parquet"), tmp_path, snapshot=snapshot)
            hashes.add(hashlib.sha256(snapshot.read_bytes()).hexdigest())
    finally:
        connect().con.execute("RESET threads")
    assert len(hashes) == 1
    groups = pq.ParquetFile(snapshot).metadata
    sizes = [groups.row_group(at).num_rows for at in range(groups.num_row_groups)]
    assert sizes[:-1] == [ROW_GROUP_ROWS] * 4  # whatever the groups of the source


def test_settings_of_a_database_are_refused_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    assert "data.table" in refusal(tmp_path, "t.csv", table="x").found
    assert refusal(tmp_path, "t.csv", query="SELECT 1").where == "data.query"


@pytest.fixture
def databases(tmp_path: Path) -> Path:
    import sqlite3

    with duckdb.connect(str(tmp_path / "d.db")) as db:
        db.execute("CREATE TABLE t AS SELECT i AS id, i / 2 AS half, ['a'] AS list FROM range(9) r(i)")
    with sqlite3.connect(tmp_path / "s.db") as db:
        db.execute('CREATE TABLE "my t" ("id", "real", "mixed", "nothing", "code" TEXT)')
        db.executemany(
            'INSERT INTO "my t" VALUES (?,?,?,?,?)',
            [(1, 1, 1, None, "001"), (2, 2.5, "x", None, "002"), (3, None, b"raw", None, None)],
        )
    return tmp_path


def test_a_duckdb_file_is_read_by_table_or_query(databases: Path) -> None:
    source = opened(databases, "duckdb:d.db", table="t")
    assert rows(source)[3] == {"id": 3, "half": 1.5, "list": "[a]", ROW: 3}
    assert source.facts.format == "duckdb"
    asked = opened(databases, "duckdb:d.db", query="SELECT id FROM t ORDER BY id DESC")
    assert [row["id"] for row in rows(asked)][:2] == [8, 7]
    assert local_files("duckdb:d.db", databases) == ("d.db",)


def test_a_sqlite_file_gets_the_types_that_its_values_have(databases: Path) -> None:
    source = opened(databases, "sqlite:s.db", table="my t")
    kinds = [column.physical_type for column in source.facts.columns]
    assert kinds == ["int64", "double", "string", "string", "string"]
    assert [row["mixed"] for row in rows(source)] == ["1", "x", "raw"]
    assert [row["code"] for row in rows(source)] == ["001", "002", None]
    asked = opened(databases, "sqlite:s.db", query='SELECT id FROM "my t" ORDER BY id DESC;')
    assert [row["id"] for row in rows(asked)] == [3, 2, 1]


@pytest.mark.parametrize("source", ["duckdb:d.db", "sqlite:s.db"])
def test_a_database_file_that_gives_nothing_is_told(databases: Path, source: str) -> None:
    before = {path.name: path.read_bytes() for path in databases.iterdir()}
    assert "no table and no query" in refusal(databases, source).found
    assert refusal(databases, source).hint.endswith("; it has t" if source[0] == "d" else "; it has my t")
    nowhere = refusal(databases, source, table="nowhere")
    assert "gave no rows" in nowhere.found
    assert nowhere.hint.endswith("; it has t" if source[0] == "d" else "; it has my t")
    refusal(databases, source, query='DROP TABLE "t"')
    assert refusal(databases, source.replace(".db", ".none"), table="t").found == "no such file"
    assert {path.name: path.read_bytes() for path in databases.iterdir()} == before


@pytest.mark.parametrize("source", ["duckdb:odd.db", "sqlite:odd.db"])
def test_names_with_spaces_quotes_and_dots_are_found_as_they_are(tmp_path: Path, source: str) -> None:
    import sqlite3

    module: Any = duckdb if source[0] == "d" else sqlite3
    with module.connect(str(tmp_path / "odd.db")) as db:
        for name in ("Order items", "v1.orders", 'say ""hi""'):
            db.execute(f'CREATE TABLE "{name}" AS SELECT 1 AS " id ", 2 AS "two  words", 3 AS "a""b"')
    row = {"id": 1, "two  words": 2, 'a"b': 3, ROW: 0}
    for table in (
        "Order items",
        "v1.orders",
        'say "hi"',
        '"v1.orders"',
        'main."v1.orders"',
        "main.Order items",
    ):
        assert rows(opened(tmp_path, source, table=table)) == [row], table
    asked = 'SELECT " id ", "two  words", "a""b" FROM "Order items" -- a remark behind it'
    assert rows(opened(tmp_path, source, query=asked)) == [row]
    twice = 'SELECT 1 AS " id", 2 AS "id "'
    assert "2 columns of one name ('id', 'id': columns 1, 2)" in refusal(tmp_path, source, query=twice).found


def test_a_kind_of_another_package_is_found_by_its_scheme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    from fullcycle.core.sources import kinds

    point = EntryPoint("mine", "tests.core.sources.plugin:Mine", kinds.GROUP)
    monkeypatch.setattr(kinds, "entry_points", lambda group: [point] if group == kinds.GROUP else [])
    assert rows(opened(tmp_path, "mine:3")) == [{"n": str(i), ROW: i} for i in range(3)]
    assert "entry point 'yours'" in refusal(tmp_path, "yours://3").hint
