"""A source opens whole, or says where it is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.engines.tables import ROW, connect
from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.source import OpenedSource, open_source


def opened(folder: Path, content: str | bytes, name: str = "table.csv", **settings: object) -> OpenedSource:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_source(DataSettings(source=name, **settings), folder)  # type: ignore[arg-type]


def rows(source: OpenedSource) -> list[dict[str, object]]:
    return connect().to_pyarrow(source.table.order_by(ROW)).to_pylist()


def refusal(folder: Path, content: str | bytes, name: str = "table.csv", **settings: object) -> UserError:
    with pytest.raises(UserError) as caught:
        opened(folder, content, name, **settings)
    assert caught.value.hint
    return caught.value


def test_text_stays_text_and_rows_are_numbered(tmp_path: Path) -> None:
    source = opened(tmp_path, 'id,amount,note\n001,1e5,"a, b"\n002,,x\n')
    assert rows(source) == [
        {"id": "001", "amount": "1e5", "note": "a, b", ROW: 0},
        {"id": "002", "amount": None, "note": "x", ROW: 1},
    ]
    assert source.facts.rows == 2
    assert [c.name for c in source.facts.columns] == ["id", "amount", "note"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_is_found_though_others_stand_inside_values(tmp_path: Path, separator: str) -> None:
    others = [s for s in ",;\t|" if s != separator]
    lines = [["a", "b", "c"], ["1", f'"x{others[0]}y"', "2"], ["3", f'"{others[1]}{others[2]}"', "4"]]
    source = opened(tmp_path, "\n".join(separator.join(line) for line in lines))
    assert source.facts.separator == separator
    assert [row["c"] for row in rows(source)] == ["2", "4"]


def test_a_single_column_needs_no_separator(tmp_path: Path) -> None:
    assert [row["text"] for row in rows(opened(tmp_path, "text\na,b\nc,d,e\n"))] == ["a,b", "c,d,e"]


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1,5", "2,25"], ","),
        (["1.5", "2.25"], "."),
        (["1,500", "2,000"], "."),
        (["1,500", "2,5"], ","),
        (["x"], "."),
    ],
)
def test_a_decimal_comma_is_told_from_a_comma_of_thousands(
    tmp_path: Path, cells: list[str], decimal: str
) -> None:
    source = opened(tmp_path, "a;b\n" + "".join(f"{cell};z\n" for cell in cells))
    assert source.decimal == decimal


def test_settings_win_over_what_would_be_found(tmp_path: Path) -> None:
    source = opened(tmp_path, "a|b;c\n1|2;3\n", separator=";", decimal=",")
    assert list(source.table.columns) == ["a|b", "c", ROW]
    assert source.facts.decimal == ","


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r"]
)
def test_cyrillic_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = "город,отток\n" + "Нижний Новгород,да\nМосква,нет\nКазань,нет\n" * 5
    source = opened(tmp_path, text.encode(encoding))
    assert rows(source)[0] == {"город": "Нижний Новгород", "отток": "да", ROW: 0}
    guessed = encoding in ("cp1251", "koi8-r", "utf-16-le", "utf-16-be")
    assert [f.code for f in source.findings] == ["FC101"] * guessed


def test_a_latin_code_page_is_guessed_under_its_usual_name(tmp_path: Path) -> None:
    source = opened(tmp_path, "ville,client\nOrléans,Chloé\nNîmes,Zoë\n".encode("latin-1"))
    assert source.facts.encoding == "cp1252"
    assert rows(source)[1]["client"] == "Zoë"


def test_a_wrong_encoding_names_the_line(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a,b\n1,x\n2,é\n".encode("latin-1"), encoding="utf-8")
    assert error.where == "table.csv, line 3"
    assert "e9" in error.found


def test_an_unknown_encoding_names_the_setting(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a\n1\n", encoding="utf-9").where == "fullcycle.yaml, key data.encoding"


def test_gzip_is_known_by_its_bytes_and_may_have_members(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    source = opened(tmp_path, packed, "table.data")
    assert source.facts.compression == "gzip"
    assert [row["b"] for row in rows(source)] == ["2", "4"]


def test_gzip_of_another_encoding_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(("город,б\n" + "Москва,1\nКазань,2\n" * 9).encode("cp1251"))
    assert rows(opened(tmp_path, packed, "t.csv.gz"))[1]["город"] == "Казань"


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b[:20] + b"\xff" * 9 + b[29:]])
def test_a_damaged_gzip_is_said(tmp_path: Path, damage: object) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(999)))
    assert "damaged gzip" in refusal(tmp_path, damage(packed), "t.csv.gz").found  # type: ignore[operator]


@pytest.mark.parametrize(
    ("body", "line", "found"),
    [
        ("1,2,3\n4,5\n", 3, "2 fields"),
        ("1,2,3\n4,5,6,7\n8,9,10\n", 3, "4 fields"),
        ('1,"x\ny",3\n4\n', 4, "1 field"),
        ('1,2,"3\n4,5,6\n', 2, "a quote"),
        ('1,"2"x,3\n', 2, "a quote"),
    ],
)
def test_a_ragged_row_is_named_by_its_line(tmp_path: Path, body: str, line: int, found: str) -> None:
    error = refusal(tmp_path, "a,b,c\n" + body)
    assert error.where == f"table.csv, line {line}"
    assert error.found.startswith(found)
    assert "fields" not in found or error.expected.startswith("3, as in the header")


def test_a_ragged_row_far_from_the_start_is_named_too(tmp_path: Path) -> None:
    body = "".join(f"{i},{i}\n" for i in range(300_000)) + "1,2,3\n"
    assert refusal(tmp_path, "a,b\n" + body).where == "table.csv, line 300002"


@pytest.mark.parametrize(
    "content",
    [
        "a,b\r\n1,2\r\n3,4\n",
        "a,b\r1,2\r3,4\r",
        'a,b\r\n1,"2"\n3,4',
        "\ufeffa,b\n1,2\n\n3,4\n\n",
        '"a",b\n1,2\n3,4\n',
    ],
)
def test_unusual_line_ends_are_read(tmp_path: Path, content: str) -> None:
    assert rows(opened(tmp_path, content)) == [{"a": "1", "b": "2", ROW: 0}, {"a": "3", "b": "4", ROW: 1}]


def test_odd_characters_within_values_survive(tmp_path: Path) -> None:
    values = ['5" pipe', "a\u2028b", "tab\tin", "a'b", "-", "\u00a0x", "null", "NaN", "\\N", "😀"]
    source = opened(tmp_path, "a;b\n" + "".join(f"{value};1\n" for value in values))
    assert [row["a"] for row in rows(source)] == values


@pytest.mark.parametrize("content", ["", "\n\n", "  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said(tmp_path: Path, content: str | bytes) -> None:
    assert refusal(tmp_path, content).found == "an empty file"


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "a,b\n\n"])
def test_a_header_without_rows_is_said(tmp_path: Path, content: str) -> None:
    assert refusal(tmp_path, content).found == "a header and no rows"


@pytest.mark.parametrize("header", ["a,b,a", "a,b,A"])
def test_equal_names_are_refused(tmp_path: Path, header: str) -> None:
    error = refusal(tmp_path, f"{header}\n1,2,3\n")
    assert error.where == "table.csv, header"
    assert "columns 1, 3" in error.found


def test_the_name_of_the_row_number_is_refused(tmp_path: Path) -> None:
    assert "'_row'" in refusal(tmp_path, "_row,b\n1,2\n").found


def test_empty_names_are_made_up_and_said(tmp_path: Path) -> None:
    source = opened(tmp_path, ",a,\n1,2,3\n")
    assert list(source.table.columns) == ["column_1", "a", "column_3", ROW]
    assert [f.code for f in source.findings] == ["FC108", "FC108"]


def test_ten_thousand_columns_are_refused_by_count(tmp_path: Path) -> None:
    error = refusal(tmp_path, ",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n")
    assert error.found == "10,000 columns"
    assert "data.columns_at_most" in error.hint


def test_nine_hundred_columns_are_read(tmp_path: Path) -> None:
    header = ",".join(f"c{i}" for i in range(900))
    source = opened(tmp_path, header + "\n" + ",".join(map(str, range(900))) + "\n")
    assert rows(source)[0]["c899"] == "899"


def test_a_cell_of_five_megabytes_is_read(tmp_path: Path) -> None:
    source = opened(tmp_path, f'a,b\n1,"{"x" * 5_000_000}"\n2,y\n')
    assert [len(str(row["b"])) for row in rows(source)] == [5_000_000, 1]


def test_any_name_is_a_name(tmp_path: Path) -> None:
    names = [
        'q"uote',
        "a[0]",
        "x.y",
        "1; DROP TABLE users; --",
        "<b>bold</b>",
        "😀",
        "доход",
        "order",
        "o'neil",
        "a b",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    source = opened(tmp_path, header + "\n" + ",".join(map(str, range(10))) + "\n")
    assert rows(source)[0] == {**{name: str(i) for i, name in enumerate(names)}, ROW: 0}


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"SQLite format 3\0", b"BZh91AY"])
def test_other_formats_are_named(tmp_path: Path, start: bytes) -> None:
    assert "CSV" in refusal(tmp_path, start).expected


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    for source, found in [("none.csv", "no such file"), (".", "a folder")]:
        with pytest.raises(UserError) as caught:
            open_source(DataSettings(source=source), tmp_path)
        assert (caught.value.where, caught.value.found) == (source, found)


def parquet(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_keeps_its_types_and_flattens_what_is_nested(tmp_path: Path) -> None:
    parquet(tmp_path / "t.parquet", n=[1, None], text=["001", "x"], nested=[[1], [2, 3]], raw=[b"a", b"b"])
    source = open_source(DataSettings(source="t.parquet"), tmp_path)
    assert rows(source) == [
        {"n": 1, "text": "001", "nested": "[1]", "raw": "a", ROW: 0},
        {"n": None, "text": "x", "nested": "[2, 3]", "raw": "b", ROW: 1},
    ]
    assert [c.physical_type for c in source.facts.columns][:2] == ["int64", "string"]


def test_rows_of_a_large_parquet_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"n": range(400_000)}), path, row_group_size=10_000)
    table = open_source(DataSettings(source="t.parquet"), tmp_path).table
    assert table.filter(table.n != table[ROW]).count().execute() == 0


def test_damaged_parquet_is_said(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "w.parquet", a=list(range(9999)), b=[str(i) for i in range(9999)]).read_bytes()
    for content in (whole[:-20], whole[:400] + bytes(2000) + whole[2400:], b"PAR1", b"not parquet"):
        error = refusal(tmp_path, content, "t.parquet")
        assert "damaged Parquet" in error.found


def test_equal_names_in_parquet_are_refused(tmp_path: Path) -> None:
    pq.write_table(
        pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "t.parquet"
    )
    with pytest.raises(UserError, match="2 columns of one name"):
        open_source(DataSettings(source="t.parquet"), tmp_path)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with open_source(
        DataSettings(source="t.csv"), tmp_path, snapshot=tmp_path / "data" / "raw.parquet"
    ) as source:
        assert source.facts.rows == 1
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["raw.parquet"]


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(250_000)))
    for run in range(3):
        open_source(DataSettings(source="t.csv"), tmp_path, snapshot=tmp_path / f"{run}.parquet").close()
    assert len({(tmp_path / f"{run}.parquet").read_bytes() for run in range(3)}) == 1
