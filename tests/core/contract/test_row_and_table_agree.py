"""The promise behind "no train/serve skew": a row and a table coerce every cell to the same value, or both
refuse it. Each example is one column of 200 cells, as an Ibis execution costs about 10 ms (DECISIONS 41)."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullcycle.core.contract.cells import read_columns
from fullcycle.core.contract.grammar import DATE_FORMS, NEGATIVES, WHITE
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.row import RowRejected, compile_row
from fullcycle.core.contract.table import check_table, coerce_table
from fullcycle.core.engines.tables import from_arrow

CELLS = 200
EPOCH = datetime(1970, 1, 1)
TOKENS = ["NA", "n/a", "?", "-", "None", "-999", "0", "1.0", "нет", "É", "1900-01-01", "true", "inf"]
CATEGORIES = [
    "Yes",
    "no",
    "Café",
    "Кот",
    "ÉCLAIR",
    "001",
    "12",
    "İstanbul",
    "straße",
    "ſ",
    "K",
    "a|b",
    "x.*",
    "\\d",
    "'; --",
    "<b>",
    "🎉",
    "",
]
ODD_NUMBERS = """
    0x1F 1'000 １２ ١٢ ½ ² Infinity -inf nan 1e . - + .e1 -0 -0.0 0.0 -00.0 007.0 5. .5 1.7976931348623157e308
    1.7976931348623159e308 4.9e-324 2.4703282292062327e-324 9007199254740993 0.1 1d5 1f 12% $5 1.2.3 True null
    1_000
""".split()  # noqa: SIM905
FLOATS = [-0.0, 2.0**63, -(2.0**63), 1e16, 1e15, 0.1, 5e-324, 20130131.0, 1359627300.5, 1359627300.0, -999.0]
FLOATS += [1.3596273e18, -1001.0, 2.5340230079999e17]
ODD_SPACES = [
    "\x00",
    "\x1c",
    "\x1f",
    "\u180e",
    "\u200c",
    "\u2060",
    "\u00ad",
]  # white to some libraries, not to us

quick = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
thorough = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def columns() -> st.SearchStrategy[Column]:
    """Columns of every type with every coercion that a person may set."""
    return st.builds(
        Column,
        name=st.sampled_from(["x", "at", "order", 'q"uo[te].;--', "<b>", "кот 🎉"]),
        type=st.sampled_from(ColumnType),
        role=st.just(Role.feature),
        missing=st.lists(st.sampled_from(TOKENS), max_size=4).map(tuple),
        decimal=st.sampled_from([".", ","]),
        thousands=st.none() | st.sampled_from([",", ".", " ", "'"]),
        unit=st.sampled_from(["", "", "$", "%", "USD", "руб.", "E", "."]),
        negative=st.lists(st.sampled_from(sorted(NEGATIVES)), max_size=3, unique=True).map(tuple),
        zero=st.sampled_from(["", "", "-", ".", "0x"]),
        formats=st.lists(st.sampled_from(sorted(DATE_FORMS)), max_size=3, unique=True).map(tuple),
        strip=st.booleans(),
        lower=st.booleans(),
        spelling=st.dictionaries(st.sampled_from(CATEGORIES), st.sampled_from(CATEGORIES), max_size=3),
        allowed=st.none() | st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True).map(tuple),
        range=st.none() | st.sampled_from([(0.0, 1.0), (-1e300, 1e300), (5.0, 5.0)]),
    )


# --- cells as a CSV or a JSON string may hold them


def number_text(rng: random.Random) -> str:
    digits = "".join(rng.choices("0123456789", k=rng.choice([1, 1, 2, 3, 17, 25, 320])))
    fraction = rng.choice(["", ".", ",", ".0", ".00", ".5", ",5", ".25000", ".000000000000000000000001"])
    exponent = rng.choice(["", "", "", "e5", "E+05", "e-5", "e308", "e-320", "e999", "e-999", "e", "e5.0"])
    return (
        rng.choice(["", "", "-", "+", "--"])
        + rng.choice(["", "0", "00", "1_"])
        + digits
        + fraction
        + exponent
    )


def odd_number_text(rng: random.Random) -> str:
    return rng.choice(ODD_NUMBERS)


def grouped_text(rng: random.Random) -> str:
    mark = rng.choice([",", ".", " ", "'", "\u2019", "\xa0", "\u202f", "\u2009", "_"])
    groups = [f"{rng.randint(0, 999):0{rng.choice([1, 3, 3, 3])}}" for _ in range(rng.randint(1, 4))]
    number = rng.choice(["", "-", "+"]) + mark.join(groups) + rng.choice(["", ".5", ",50", ".", ",00", "e3"])
    if rng.random() < 0.5:
        sign = rng.choice(
            ["({})", "( {} )", "{}-", "{} -", "\u2212{}", "-\u2013{}", "({}", "(-{})", "(({}))", "{})-"]
        )
        number = sign.format(number if rng.random() < 0.3 else number.lstrip("+-"))
    unit, gap = (
        rng.choice(["$", "%", "usd", "USD", "руб.", "Руб.", "E", ".", ""]),
        rng.choice(["", " ", "\xa0", "  "]),
    )
    signed = number if rng.random() < 0.8 else rng.choice(["-", "+"]) + unit + number
    bracketed = f"({unit}{gap}{number})", f"({number}{gap}{unit})", f"{unit}-", f"- {unit}", "-"
    return rng.choice([unit + gap + number, number + gap + unit, signed, unit + number + unit, *bracketed])


def named_moment_text(rng: random.Random) -> str:
    months = (
        "jan January FEB мар марта Apr. may мая июн June jul Aug авгус SEPT September окт ноября Dec декабрь"
    )
    month, day = rng.choice(months.split()), rng.choice(["1", "01", "12", "31", "30", "0", "32", "3rd"])
    year = rng.choice(["2013", "1999", "13", "99", "68", "69", "0001", "9999", "5"])
    gap = rng.choice([" ", "-", "/", "", ". "])
    text = rng.choice(
        [f"{day}{gap}{month}{gap}{year}", f"{month} {day}, {year}", f"{month}{gap}{day} {year}"]
    )
    weekday = rng.choice(["", "", "Tue, ", "wednesday ", "SUN,", "Mo "])
    return weekday + text + clock_text(rng)


def short_moment_text(rng: random.Random) -> str:
    parts = [rng.choice(["1", "01", "12", "13", "31", "29", "2"]) for _ in range(2)]
    mark = rng.choice("./-")
    return mark.join([*parts, rng.choice(["00", "13", "68", "69", "99", "0"])]) + clock_text(rng)


def moment_text(rng: random.Random) -> str:
    year = rng.choice([0, 1, 999, 1582, 1900, 1970, 2013, 2024, 9999, rng.randint(1, 9999)])
    month, day = rng.randint(0, 13), rng.choice([0, 1, 9, 28, 29, 30, 31, 32])
    two, mark = rng.choice(["{:02}", "{}"]), rng.choice(["-", "/", ".", "", "--"])
    parts = [f"{year:04}", two.format(month), two.format(day)]
    order = rng.choice([(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    return mark.join(parts[at] for at in order) + clock_text(rng)


def clock_text(rng: random.Random) -> str:
    if rng.random() < 0.4:
        return ""
    hour, minute = rng.choice([0, 1, 5, 9, 12, 13, 23, 24]), rng.choice([0, 30, 59, 60])
    text = (
        rng.choice([" ", ", ", ",", "T", "t", "  "])
        + rng.choice(["{:02}", "{}"]).format(hour)
        + f":{minute:02}"
    )
    text += rng.choice(["", ":00", ":59", ":60", ":07.5", ":07.123456789", ":07.1234567891", ":07,5"])
    if rng.random() < 0.3:
        return text + rng.choice(["AM", " AM", "pm", " p.m.", " P.M", " PMZ", "  PM", "\u202fPM", " m"])
    return text + rng.choice(
        [
            "",
            "Z",
            " Z",
            " UTC",
            "\u202fGMT",
            "UTCZ",
            "z",
            "+03",
            "-03:30",
            "+0330",
            "+14:59",
            "-15:00",
            "+3",
            " UTC",
        ]
    )


def epoch_text(rng: random.Random) -> str:
    number = rng.choice(
        [
            *(0, 1, -1, 1359627300, -62135596800, -62135596801, 253402300799, 253402300800, 1359627300123),
            *(1359627300123456, 1359627300123456789, 253402300799999999, 253402300800000000, -1001, 999),
        ]
    )
    return f"{number}{rng.choice(['', '.0', '.5', '.999999', '.9999999', '.123456789', '.1234567891'])}"


def word_text(rng: random.Random) -> str:
    word = rng.choice(
        ["true", "False", "YES", "no", "t", "F", "y", "N", "on", "OFF", "1", "0", "2", *TOKENS, *CATEGORIES]
    )
    return rng.choice([str, str.upper, str.lower, str.title])(word)


def any_text(rng: random.Random) -> str:
    alphabet = [
        *"aé1 .-",
        *WHITE,
        *ODD_SPACES,
        "\u0301",
        "\u0308",
        "\u0327",
        "ﬁ",
        "Å",
        "각",
        "\U0001f468\u200d\U0001f469",
    ]
    drawn = [rng.choice(alphabet) for _ in range(rng.randint(0, 6))]
    drawn.append(
        chr(rng.choice([rng.randint(1, 0x2FF), rng.randint(0x300, 0xD7FF), rng.randint(0xE000, 0x10FFFF)]))
    )
    rng.shuffle(drawn)
    return "".join(drawn)


def text_cell(rng: random.Random) -> str | None:
    if rng.random() < 0.03:
        return None
    makers: list[Callable[[random.Random], str]] = [
        number_text, odd_number_text, moment_text, moment_text, epoch_text, grouped_text,
        named_moment_text, short_moment_text, word_text, word_text, any_text,
    ]  # fmt: skip
    text = rng.choice(makers)(rng)
    if rng.random() < 0.3:
        edges = [*WHITE, *ODD_SPACES] if rng.random() < 0.3 else list(WHITE)
        text = (
            "".join(rng.choices(edges, k=rng.randint(0, 3)))
            + text
            + "".join(rng.choices(edges, k=rng.randint(0, 3)))
        )
    return unicodedata.normalize(rng.choice(["NFC", "NFD"]), text) if rng.random() < 0.5 else text


# --- cells as Parquet and data frames may hold them


def float_cell(rng: random.Random) -> float:
    whole = float(rng.randint(-(2**62), 2**62)) if rng.random() < 0.3 else float(rng.randint(-3, 20))
    tiny_to_huge = rng.uniform(-1, 1) * 10.0 ** rng.randint(-320, 308)
    return rng.choice([whole, rng.uniform(-10, 10), tiny_to_huge, rng.choice(FLOATS)])


def int_cell(rng: random.Random) -> int:
    return rng.choice(
        [rng.randint(-(2**63), 2**63 - 1), 0, 1, 20130131, 1359627300, -999, 1359627300123456789]
    )


def decimal_cell(rng: random.Random) -> Decimal:
    return Decimal(rng.choice([0, 1000, -999000, rng.randint(-(10**17), 10**17)])).scaleb(-3)


def zoned_cell(rng: random.Random) -> datetime:
    return datetime(2013, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randint(-9000, 9000))


def moment_cell(rng: random.Random) -> datetime:
    days = rng.choice([0, 365, rng.randint(0, 3652058)])
    return datetime(1, 1, 1) + timedelta(days=days, microseconds=rng.choice([0, 1, 500_000, 86_399_999_999]))


PHYSICAL: dict[str, tuple[pa.DataType, Callable[[random.Random], Any]]] = {
    "text": (pa.string(), text_cell),
    "int8": (pa.int8(), lambda rng: rng.randint(-3, 3)),
    "int64": (pa.int64(), int_cell),
    "uint64": (pa.uint64(), lambda rng: rng.choice([rng.randint(0, 2**64 - 1), 0, 1, 20130131])),
    "float64": (pa.float64(), float_cell),
    "float32": (pa.float32(), lambda rng: rng.choice([0.5, 1.0, 0.1, 1e10, -0.0, rng.uniform(-9, 9)])),
    "boolean": (pa.bool_(), lambda rng: rng.random() < 0.5),
    "decimal": (pa.decimal128(20, 3), decimal_cell),
    "date": (pa.date32(), lambda rng: date.fromordinal(rng.randint(1, 3652059))),
    "timestamp": (pa.timestamp("us"), moment_cell),
    "zoned": (pa.timestamp("us", tz="Europe/Moscow"), zoned_cell),
}


# --- the comparison


def contract_of(column: Column) -> Contract:
    target = Column(name="target", type=ColumnType.categorical, role=Role.target, required=False)
    return Contract(
        task=Task.binary,
        classes=("a", "b"),
        columns=(column.model_copy(update={"type": column.type}), target),
    )


def by_row(column: Column, cells: list[Any]) -> list[tuple[Any, bool, bool]]:
    """Value, out of type, marked - of each cell, as a request is read."""
    # A text column reaches no model, so no request is asked for it; as a category it is read the same.
    kind = ColumnType.categorical if column.type is ColumnType.text else column.type
    read = compile_row(contract_of(column.model_copy(update={"type": kind})))
    answers = []
    for cell in cells:
        try:
            coerced = read({column.name: cell})
        except RowRejected:
            answers.append((None, True, False))
        else:
            answers.append((coerced.values[0], False, bool(coerced.marks)))
    return answers


def by_table(column: Column, cells: list[Any], kind: pa.DataType) -> list[tuple[Any, bool]]:
    """Value and out of type, as a table is read; moments as microseconds."""
    table = from_arrow(pa.table({column.name: pa.array(cells, type=kind), "n": range(len(cells))}))
    parsed, [read] = read_columns(table, [column], keep=["n"])
    value, n = read.value, parsed["n"]
    rows = parsed.select(n=n, value=value, out=read.out_of_type).order_by("n").to_pyarrow().to_pylist()
    return [(plain(row["value"]), bool(row["out"])) for row in rows]


def plain(value: Any) -> Any:
    return (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value


def compare(column: Column, physical: str, seed: int) -> None:
    kind, make = PHYSICAL[physical]
    rng = random.Random(seed)
    # Arrow's own cells, so that a float32 is what the column holds.
    cells = pa.array([make(rng) for _ in range(CELLS)], type=kind).to_pylist()
    rows, table = by_row(column, cells), by_table(column, cells, kind)
    for cell, (row_value, row_out, _), (table_value, table_out) in zip(cells, rows, table, strict=True):
        same = row_value == table_value and type(row_value) is type(table_value) and row_out == table_out
        both = f"row {row_value!r} out={row_out}\ntable {table_value!r} out={table_out}"
        assert same, f"{cell!r} in {physical} as {column}:\n{both}"
    found = {
        violation.kind: violation.rows
        for violation in check_table(as_table(column, cells, kind), contract_of(column))
    }
    assert found.get("out_of_type", 0) == sum(out for _, out, _ in rows)
    assert found.get("unexpected_value", 0) + found.get("out_of_range", 0) == sum(
        marked for *_, marked in rows
    )


def as_table(column: Column, cells: list[Any], kind: pa.DataType) -> Any:
    return from_arrow(pa.table({column.name: pa.array(cells, type=kind)}))


@given(columns(), st.integers(0, 2**32))
@quick
def test_a_text_is_coerced_the_same_in_a_table_and_in_a_request(column: Column, seed: int) -> None:
    compare(column, "text", seed)


@given(columns(), st.sampled_from(sorted(set(PHYSICAL) - {"text"})), st.integers(0, 2**32))
@quick
def test_a_typed_value_is_coerced_the_same_in_a_table_and_in_a_request(
    column: Column, physical: str, seed: int
) -> None:
    compare(column, physical, seed)


@pytest.mark.nightly
@given(columns(), st.sampled_from(["text"] * 10 + sorted(PHYSICAL)), st.integers(0, 2**32))
@thorough
def test_every_value_of_every_type_is_coerced_the_same_on_both_sides(
    column: Column, physical: str, seed: int
) -> None:
    compare(column, physical, seed)


def test_each_character_of_unicode_is_cleaned_the_same_on_both_sides() -> None:
    column = Column(name="x", type=ColumnType.categorical)
    cells = [f"a{chr(code)}" for code in range(0x3100) if not 0xD800 <= code < 0xE000]
    rows, table = by_row(column, cells), by_table(column, cells, pa.string())
    assert [value for value, *_ in rows] == [value for value, _ in table]


def test_coerced_columns_have_the_types_that_the_contract_promises() -> None:
    made = [Column(name=kind.value, type=kind, required=False) for kind in ColumnType]
    target = Column(name="y", type=ColumnType.categorical, role=Role.target)
    contract = Contract(task=Task.binary, classes=("a", "b"), columns=(*made, target))
    coerced = coerce_table(from_arrow(pa.table({"y": ["a"]})), contract).to_pyarrow()
    kinds = {field.name: field.type for field in coerced.schema}
    assert kinds == {
        "numeric": pa.float64(),
        "categorical": pa.string(),
        "boolean": pa.bool_(),
        "datetime": pa.timestamp("us"),
        "text": pa.string(),
        "y": pa.string(),
    }
