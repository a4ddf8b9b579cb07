"""What is learned from a table, and that the contract accepts the very table that it was learned from."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fullcycle.data
from fullcycle.core.contract.frames import as_arrow
from fullcycle.core.contract.infer import Inference, infer_contract
from fullcycle.core.contract.model import Column, ColumnType, Role, Sentinel, Task
from fullcycle.core.contract.table import check_table, coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.errors import UserError

DATA = Path(__file__).parents[2] / "data"
TELCO = Path(fullcycle.data.__file__).parent / "telco_churn.csv"
ROWS = 60
TARGET = {"y": ["no", "no", "yes"] * (ROWS // 3)}


def as_text(path: Path) -> pa.Table:
    """A CSV as collect reads it: every cell a text, an empty one null."""
    names = path.open("rb").readline() if path.suffix == ".csv" else pa.input_stream(str(path)).read(10_000)
    header = names.decode().splitlines()[0].split(",")
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return pc.read_csv(path, convert_options=options)


def learn(
    target: str = "y", *, decimal: Any = ".", task: Task | None = None, **columns: list[Any]
) -> Inference:
    return infer_contract(from_arrow(pa.table(columns)), target, decimal=decimal, task=task)


def learned(values: list[Any], *, name: str = "x", decimal: Any = ".") -> Column:
    """The column that is learned from values, repeated to 60 rows."""
    times = -(-ROWS // len(values))
    return learn(decimal=decimal, **{name: (values * times)[:ROWS]}, **TARGET).contract.column(name)


def repeated(values: list[Any]) -> list[Any]:
    return (values * -(-ROWS // len(values)))[:ROWS]


def codes(inference: Inference) -> list[tuple[str, tuple[str, ...]]]:
    return [(found.code, found.columns) for found in inference.findings]


# --- real data


def test_telco_is_learned_as_people_know_it() -> None:
    table = from_arrow(as_text(TELCO))
    inference = infer_contract(table, "churn")
    contract = inference.contract
    assert (contract.task, contract.classes) == (Task.binary, ("No", "Yes"))
    numeric = {column.name for column in contract.columns if column.type is ColumnType.numeric}
    assert numeric == {
        "female", "senior_citizen", "partner", "dependents", "tenure", "phone_service", "paperless_billing",
        "monthly_charges", "total_charges",
    }  # fmt: skip
    assert contract.column("contract").allowed == ("Month-to-month", "Two year", "One year")
    assert contract.column("tenure").range == (0.0, 72.0)
    assert len(contract.features) == 19
    assert inference.findings == ()
    assert check_table(table, contract) == []


def test_in_ames_none_means_no_veneer_and_stays_a_value() -> None:
    table = from_arrow(as_text(DATA / "ames_housing.csv.gz"))
    contract = infer_contract(table, "Sale_Price").contract
    assert (contract.task, contract.classes) == (Task.regression, None)
    veneer = contract.column("Mas_Vnr_Type")
    assert veneer.missing == ()
    assert "None" in (veneer.allowed or ())
    assert contract.column("Year_Sold").type is ColumnType.numeric
    assert contract.column("Sale_Price").range == (12789.0, 755000.0)
    assert check_table(table, contract) == []


def test_flights_have_a_datetime_feature_a_constant_year_and_true_last() -> None:
    table = from_arrow(pq.read_table(DATA / "nyc_flights.parquet"))
    inference = infer_contract(table, "late")
    contract = inference.contract
    assert (contract.task, contract.classes) == (Task.binary, ("false", "true"))
    assert (contract.column("time_hour").type, contract.column("time_hour").role) == (
        ColumnType.datetime,
        Role.feature,
    )
    assert contract.column("year").role is Role.constant
    assert contract.column("tailnum").allowed is None
    assert codes(inference) == [("FC106", ("year",))]
    assert check_table(table, contract) == []


# --- types and missing tokens


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-1e3"], ColumnType.numeric),
        (["1.0", "0.0"], ColumnType.numeric),
        (["0", "1"], ColumnType.numeric),
        (["001", "12"], ColumnType.categorical),
        (["yes", "No"], ColumnType.boolean),
        (["TRUE", "false"], ColumnType.boolean),
        (["yes", "no", "maybe"], ColumnType.categorical),
        (["yes", "n"], ColumnType.categorical),
        (["2013-01-31", "2013-02-01T10:00:00Z"], ColumnType.datetime),
        (["2013-01-31", "2013-02-30"], ColumnType.categorical),
        (["12 km", "13 km"], ColumnType.numeric),
        (["$1,200", "-$15.50"], ColumnType.numeric),
        (["1 234,50 руб.", "12 000"], ColumnType.numeric),
        (["12 xy", "13 xy"], ColumnType.categorical),
        (["A1", "A2"], ColumnType.categorical),
        (["0.5", "45%"], ColumnType.categorical),
        (["12 Jan 2020", "3 February 2021"], ColumnType.datetime),
        (["January 12, 2020", "May 1, 2020 1:05 PM"], ColumnType.datetime),
        (["12 января 2020", "3 мая 2021"], ColumnType.datetime),
        (["Tue, 12 Mar 2024 10:00:00 GMT", "Wednesday, 3 April 2024"], ColumnType.datetime),
        (["3/13/2024, 5:10:00\u202fPM", "Mar 12, 24"], ColumnType.datetime),
        (["31.01.13", "01.02.13"], ColumnType.datetime),
        (["1,234", "12,345,678"], ColumnType.numeric),
        (["0x1F", "1"], ColumnType.categorical),
        ([1, 2, None], ColumnType.numeric),
        ([1.5, float("nan")], ColumnType.numeric),
        ([True, None, False], ColumnType.boolean),
        ([date(2013, 1, 31), date(2013, 2, 1)], ColumnType.datetime),
        ([datetime(2013, 1, 31), None, datetime(2014, 1, 1)], ColumnType.datetime),
        ([b"a", b"b"], ColumnType.text),
        ([[1], [2]], ColumnType.text),
    ],
)
def test_types_follow_the_values(values: list[Any], kind: ColumnType) -> None:
    assert learned(values).type is kind


def test_prose_is_text_and_reaches_no_model() -> None:
    sentences = [f"The customer called {at} times about the bill, and was not pleased" for at in range(ROWS)]
    inference = learn(note=sentences, **TARGET)
    assert inference.contract.column("note").type is ColumnType.text
    assert inference.contract.features == ()
    assert codes(inference) == [("FC104", ("note",))]


@pytest.mark.parametrize("token", ["?", "NA", "-", "None", "n/a", "NaN", "#N/A", "null", "нет данных", "inf"])
def test_usual_words_are_missing_among_numbers_and_dates(token: str) -> None:
    assert learned(["1", "2", token]).missing == (token,)
    assert learned(["2013-01-31", "2013-02-01", token]).missing == (token,)


def test_words_that_may_be_categories_stay_values_among_words() -> None:
    column = learned(["a", "b", "NA", "-", "None", "unknown"])
    assert (column.type, column.missing) == (ColumnType.categorical, ())
    assert set(column.allowed or ()) == {"a", "b", "NA", "-", "None", "unknown"}


@pytest.mark.parametrize("token", ["?", "n/a", "#N/A", "NULL", "NaN", "н/д"])
def test_what_nobody_calls_a_category_is_missing_among_words(token: str) -> None:
    column = learned(["a", "b", token, "c"])
    assert (column.type, column.missing) == (ColumnType.categorical, (token,))
    assert column.allowed == ("a", "b", "c")
    assert learned(["yes", "no", token]).missing == (token,)


def test_a_token_in_many_cases_is_learned_once() -> None:
    assert learned(["1", "NA", "na", " Na ", "2", "?"]).missing == ("?", "NA")


def test_slips_among_numbers_are_tokens_with_a_warning() -> None:
    amounts = [str(at) for at in range(300)] + ["12O", "x"]
    inference = learn(amount=amounts, y=["no", "yes"] * 151)
    column = inference.contract.column("amount")
    assert (column.type, column.missing) == (ColumnType.numeric, ("12O", "x"))
    [found] = [found for found in inference.findings if found.code == "FC102"]
    assert (found.columns, found.facts["rows"], found.facts["examples"]) == (("amount",), 2, ["12O", "x"])


def test_many_words_among_numbers_make_categories() -> None:
    assert learned(["1", "2", "three"]).type is ColumnType.categorical


def test_sentinels_are_proposed_with_counts_and_never_applied() -> None:
    inference = learn(age=[-999, *range(20, 79)], income=[*range(58), 99999, 99999], **TARGET)
    age, income = inference.contract.column("age"), inference.contract.column("income")
    assert (age.missing, age.proposed_missing) == ((), (Sentinel(value="-999", rows=1),))
    assert (income.missing, income.proposed_missing) == ((), (Sentinel(value="99999", rows=2),))
    assert age.range == (-999.0, 78.0)
    found = [
        (found.code, found.columns, found.facts) for found in inference.findings if found.code == "FC103"
    ]
    assert found == [
        ("FC103", ("age",), {"value": "-999", "rows": 1}),
        ("FC103", ("income",), {"value": "99999", "rows": 2}),
    ]


@pytest.mark.parametrize("values", [[-1, -2, 3], [-1, 5], [99, 98, 1], [9999, 9998]])
def test_numbers_among_their_like_are_no_sentinels(values: list[int]) -> None:
    expected = (Sentinel(value="-1", rows=30),) if values == [-1, 5] else ()
    assert learned(values).proposed_missing == expected


@pytest.mark.parametrize(
    ("values", "decimal", "mark", "high"),
    [
        (["1,5", "2,25"], ",", ",", 2.25),
        (["1,5", "2,25"], ".", ",", 2.25),
        (["1.5", "2.25"], ",", ".", 2.25),
        (["1", "2"], ",", ".", 2.0),
        (["1,0", "2,0"], ",", ",", 2.0),
    ],
)
def test_the_decimal_mark_is_found_by_column(values: list[str], decimal: str, mark: str, high: float) -> None:
    column = learned(values, decimal=decimal)
    assert (column.type, column.decimal, column.range and column.range[1]) == (ColumnType.numeric, mark, high)


@pytest.mark.parametrize(
    ("values", "forms"),
    [
        (["2013-01-31", "2013-02-01"], ("iso",)),
        (["31.01.2013", "1.2.2013"], ("dmy",)),
        (["01/31/2013", "2/1/2013 10:00"], ("mdy",)),
        (["2013/01/31", "2013/02/01"], ("ymd",)),
        (["20130131", "20130201"], ("ymd",)),
        ([20130131, 20130201], ("ymd",)),
        (["2013-01-31", "31.01.2013"], ("iso", "dmy")),
        (["1/2/2013", "3/4/2013"], ("mdy",)),
    ],
)
def test_date_forms_are_found(values: list[Any], forms: tuple[str, ...]) -> None:
    column = learned(values)
    assert (column.type, column.formats) == (ColumnType.datetime, forms)


def test_accountants_numbers_are_read_and_what_may_mean_another_number_is_told() -> None:
    columns: dict[str, list[Any]] = {
        "brackets": ["(1,234.50)", "12.5", "-7"],
        "currency": ["$(1,234)", "($20)", "$-", "$15.50"],
        "rouble": ["(1 234,50 ₽)", "7,25 ₽", "12 ₽"],
        "percent": ["(3%)", "4.5%", "12%"],
        "trailing": ["1,234.50-", "7.5", "8 -"],
        "dash": ["\u22125.5", "\u20137", "6"],
        "dashes": ["(5)", "-", "6"],
        "all_so": ["(5)", "(6)", "(7)"],
        "footnotes": ["5 (1)", "6 (2)", "7 (3)"],
    }
    inference = learn(**{name: repeated(values) for name, values in columns.items()}, **TARGET)
    table = {
        name: (c.negative, c.unit, c.zero) for c in inference.contract.columns if (name := c.name) != "y"
    }
    assert table == {
        "brackets": (("brackets",), "", ""),
        "currency": (("brackets",), "$", "-"),
        "rouble": (("brackets",), "₽", ""),
        "percent": (("brackets",), "%", ""),
        "trailing": (("trailing",), "", ""),
        "dash": (("dash",), "", ""),
        "dashes": (("brackets",), "", ""),
        "all_so": (("brackets",), "", ""),
        "footnotes": ((), "", ""),
    }
    ranges = {c.name: c.range for c in inference.contract.columns}
    assert ranges["brackets"] == (-1234.5, 12.5)
    assert ranges["currency"] == (-1234, 15.5)
    assert ranges["rouble"] == (-1234.5, 12)
    assert ranges["percent"] == (-3, 12)
    assert ranges["trailing"] == (-1234.5, 7.5)
    assert ranges["dash"] == (-7, 6)
    assert [(f.columns[0], f.facts["other"]) for f in inference.findings if f.code == "FC114"] == [
        ("dashes", "- is 0"),
        ("all_so", "(12) is 12"),
    ]
    everything = pa.table({name: repeated(values) for name, values in columns.items()} | TARGET)
    assert check_table(from_arrow(everything), inference.contract) == []


def test_seconds_since_1970_are_proposed_and_read_where_a_person_calls_them_the_time() -> None:
    day, start = 86_400, 1_704_067_200  # 2024-01-01
    odd = [start + 7_919 * at for at in range(ROWS)]
    columns: dict[str, list[Any]] = {
        "created_at": odd,
        "event_ts": [str(1000 * each + 7) for each in odd],
        "loaded": [start + day * (at // 2) for at in range(ROWS)],
        "last_login": [0, *odd[1:]],
        "login_time": [-1, *odd[1:]],
        "phone": [2_125_550_100 + 7 * at for at in range(ROWS)],
        "account": odd[::-1],
        "time_hour": [each % 24 for each in range(ROWS)],
        "changed": [10**9 * each for each in odd[::2] * 2],
        "tick": [10**9 * each + 1 for each in odd[::2] * 2],
    }
    table = from_arrow(pa.table({**columns, **TARGET}))
    inference = infer_contract(table, "y", time="tick")
    asked = {c.name: c.proposed_formats for c in inference.contract.columns if c.proposed_formats}
    assert asked == {
        "created_at": ("epoch_s",),
        "event_ts": ("epoch_ms",),
        "loaded": ("epoch_s",),
        "login_time": ("epoch_s",),
    }
    assert all(inference.contract.column(name).type is ColumnType.numeric for name in asked)
    tick = inference.contract.column("tick")
    assert (tick.type, tick.formats) == (ColumnType.datetime, ("epoch_ns",))
    told = {found.columns[0]: found.facts for found in inference.findings if found.code == "FC116"}
    assert told.keys() == {*asked, "tick"}
    assert told["login_time"] == {
        "form": "epoch_s",
        "rows": ROWS - 1,
        "first": "2024-01-01 02:11",
        "last": "2024-01-06 09:47",
        "never": 1,
        "action": "proposed",
    }
    assert check_table(table, inference.contract) == []


def test_whole_numbers_that_are_no_dates_stay_numbers() -> None:
    assert learned([20130131, 20130199]).type is ColumnType.numeric


# --- roles


def test_keys_are_identifiers_and_measurements_are_not() -> None:
    numbers = list(range(ROWS))
    inference = learn(
        customerID=[f"{at:04}-ABC" for at in numbers],
        row=numbers,
        order_id=[at * 17 % 1009 for at in numbers],
        price=[at * 1.5 + 0.25 for at in numbers],
        area=[at * at + 3 for at in numbers],
        city=["Rome", "Oslo"] * (ROWS // 2),
        **TARGET,
    )
    roles = {
        column.name: column.role for column in inference.contract.columns if column.role is not Role.feature
    }
    assert roles == dict.fromkeys(["customerID", "row", "order_id"], Role.identifier) | {"y": Role.target}
    assert not inference.contract.column("row").required


@pytest.mark.parametrize("name", ["__index_level_0__", "Unnamed: 0", "Unnamed: 0.1"])
@pytest.mark.parametrize("values", [[at * at for at in range(ROWS)], [*range(ROWS // 2)] * 2])
def test_row_numbers_that_pandas_wrote_are_no_feature_and_are_told(name: str, values: list[int]) -> None:
    for written in (values, [str(value) for value in values]):
        inference = learn(**{name: written}, city=["Rome", "Oslo"] * (ROWS // 2), **TARGET)
        assert inference.contract.column(name).role is Role.identifier
        assert ("FC107", (name,)) in codes(inference)


def test_an_index_without_a_name_that_is_no_row_number_stays_a_feature() -> None:
    days = [date(2024, 1, 1) + timedelta(days=at) for at in range(ROWS)]
    inference = learn(
        **{"__index_level_0__": days, "Unnamed: 0": [at / 4 for at in range(ROWS)]},
        **{"Unnamed: 3": [at * at for at in range(ROWS)]},
        **TARGET,
    )
    assert {column.role for column in inference.contract.columns if column.name != "y"} == {Role.feature}


def test_constant_and_empty_columns_are_told_and_kept_from_the_model() -> None:
    inference = learn(
        country=["DE"] * ROWS, fax=[None] * ROWS, blank=[" "] * ROWS, pool=["yes", None] * 30, **TARGET
    )
    roles = {column.name: column.role for column in inference.contract.columns}
    constant = dict.fromkeys(["country", "fax", "blank"], Role.constant)
    assert roles == {**constant, "pool": Role.feature, "y": Role.target}
    assert codes(inference) == [("FC106", ("country",)), ("FC105", ("fax",)), ("FC105", ("blank",))]


def test_the_row_number_is_no_column_of_the_contract() -> None:
    inference = learn(**{ROW: list(range(ROWS))}, x=["a", "b"] * 30, **TARGET)
    assert [column.name for column in inference.contract.columns] == ["x", "y"]


# --- the target


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["Yes", "No", "No"], Task.binary, ("No", "Yes")),
        ([1, 0, 0], Task.binary, ("0", "1")),
        ([1.0, 0.0, None], Task.binary, ("0", "1")),
        (["1.0", "0.0", "NA"], Task.binary, ("0", "1")),
        ([True, False, False], Task.binary, ("false", "true")),
        (["True", "FALSE", "true"], Task.binary, ("false", "true")),
        (["late", "on time", "on time"], Task.binary, ("on time", "late")),
        (["<=50K", ">50K", ">50K"], Task.binary, ("<=50K", ">50K")),
        (["cat", "dog", "dog"], Task.binary, ("dog", "cat")),
        (["-1", "1", "1"], Task.binary, ("-1", "1")),
        (["b", "a", "c"], Task.multiclass, ("a", "b", "c")),
        ([3, 1, 2], Task.multiclass, ("1", "2", "3")),
        (["10", "9", "NA"], Task.binary, ("9", "10")),
        ([1.5, 2.5, 3.5], Task.regression, None),
        (list(range(100, 160)), Task.regression, None),
    ],
)
def test_the_target_sets_the_task(values: list[Any], task: Task, classes: tuple[str, ...] | None) -> None:
    contract = learn("t", t=(values * ROWS)[:ROWS], x=list(range(ROWS))).contract
    assert (contract.task, contract.classes) == (task, classes)


def test_classes_are_what_the_coerced_target_holds() -> None:
    table = from_arrow(pa.table({"t": ["True", "FALSE", " true"] * 20, "x": range(ROWS)}))
    contract = infer_contract(table, "t").contract
    values = set(coerce_table(table, contract).to_pyarrow()["t"].to_pylist())
    assert values == {"false", "true"} == set(contract.classes or ())


def test_a_person_may_ask_for_another_task() -> None:
    assert learn("t", t=[1, 2, 3] * 20, x=range(ROWS), task=Task.regression).contract.task is Task.regression
    assert learn("t", t=list(range(30)) * 2, x=range(ROWS), task=Task.multiclass).contract.classes == tuple(
        map(str, range(30))
    )


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([None] * 3, None, "the target t: found no value in any row"),
        (["a"] * 3, None, "the target t: found one class in every row ('a')"),
        ([7, 7, 7], None, "the target t: found the same number in every row (7)"),
        (["a", "b", "c"], Task.regression, "the target t: found values that are no numbers"),
        (["a", "b", "c"], Task.binary, "the target t: found 3 classes (a, b, c)"),
        ([str(at) + "x" for at in range(200)], None, "the target t: found more than 100 different values"),
        ([date(2013, 1, 1)] * 3, None, "the target t: found a date column"),
    ],
)
def test_an_unfit_target_is_said_in_words(values: list[Any], task: Task | None, message: str) -> None:
    with pytest.raises(UserError) as raised:
        learn("t", t=values, x=list(range(len(values))), task=task)
    assert str(raised.value).startswith(message)


def test_an_absent_target_and_an_empty_table_are_said_in_words() -> None:
    with pytest.raises(UserError, match=r"the target: found no column 'z'\nexpected: one of x, y"):
        learn("z", x=[1], y=[2])
    with pytest.raises(UserError, match="a header and no rows"):
        infer_contract(from_arrow(pa.table({"x": pa.array([], pa.string())})), "x")


def test_a_table_of_one_row_has_one_class() -> None:
    with pytest.raises(UserError, match="one class in every row"):
        learn("y", x=["1"], y=["a"])


# --- a contract accepts the very table that it was learned from


def gaps(rng: random.Random, values: list[Any], share: float) -> list[Any]:
    return [None if rng.random() < share else value for value in values]


def made_frame(rng: random.Random, rows: int) -> dict[str, list[Any]]:
    """Columns of many kinds with gaps, as data frames hold them."""
    words = ["a", "b ", "Ünï", "None", "?", "1", "001", "x" * 80, "it's", "a|b", "кот", "\u00a0z"]
    numbers = ["1", " 2.5", "-1e3", "NA", "?", "1e400", "+7", "inf"]
    dates = ["2013-01-31", "31.12.2013", "NA", "2013-02-01T10:00Z"]
    drawn: dict[str, list[Any]] = {
        "int": [rng.randint(-5, 5) for _ in range(rows)],
        "wide": [rng.randint(-(2**53), 2**53) for _ in range(rows)],
        "float": [rng.choice([rng.random(), -999.0, 1e300, -0.0]) for _ in range(rows)],
        "truth": [rng.random() < 0.5 for _ in range(rows)],
        "word": [rng.choice(words[: rng.randint(1, len(words))]) for _ in range(rows)],
        "number text": [rng.choice(numbers[: rng.randint(1, len(numbers))]) for _ in range(rows)],
        "date text": [rng.choice(dates[: rng.randint(1, len(dates))]) for _ in range(rows)],
        "yes/no": [rng.choice(["yes", "No"]) for _ in range(rows)],
        "moment": [datetime(2013, 1, 1) + timedelta(hours=rng.randint(0, 9000)) for _ in range(rows)],
        "key": [f"k{at}" for at in range(rows)],
        "prose": [" ".join(rng.choices(words, k=12)) for _ in range(rows)],
        "mess": [rng.choice([*words, *numbers, *dates]) for _ in range(rows)],
    }
    share = rng.choice([0.0, 0.1, 0.9])
    return {name: gaps(rng, values, share) for name, values in drawn.items()}


def frames_of(drawn: dict[str, list[Any]]) -> dict[str, Any]:
    plain = pd.DataFrame(drawn)
    return {
        "pandas NumPy": plain,
        "pandas nullable": plain.convert_dtypes(),
        "pandas Arrow": plain.convert_dtypes(dtype_backend="pyarrow"),
        "polars": pl.DataFrame(drawn, strict=False),
        "arrow": pa.table(drawn),
    }


def accepts_its_own_table(seed: int, rows: int) -> None:
    rng = random.Random(seed)
    drawn = made_frame(rng, rows) | {"y": [rng.choice(["no", "yes"]) for _ in range(rows)] + []}
    drawn["y"][:2] = ["no", "yes"]
    for kind, frame in frames_of(drawn).items():
        table = from_arrow(as_arrow(frame))
        contract = infer_contract(table, "y").contract
        violations = check_table(table, contract)
        assert violations == [], f"{kind}: {violations}"
        assert coerce_table(table, contract).to_pyarrow().num_rows == rows


@given(st.integers(0, 2**32), st.sampled_from([2, 25, 200]))
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_contract_accepts_the_table_it_was_learned_from_in_any_kind_of_frame(seed: int, rows: int) -> None:
    accepts_its_own_table(seed, rows)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4))  # beside each other
@given(seed=st.integers(0, 2**32), rows=st.sampled_from([2, 3, 25, 200, 1000]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_contracts_accept_the_tables_they_were_learned_from(part: int, seed: int, rows: int) -> None:
    accepts_its_own_table(4 * seed + part, rows)


def test_columns_that_hold_lists_or_bytes_are_ignored() -> None:
    table = from_arrow(pa.table({"x": [[1], [2], None] * 20, "z": [b"a", b"b", b"c"] * 20, **TARGET}))
    contract = infer_contract(table, "y").contract
    assert {column.role for column in contract.columns[:2]} == {Role.ignore}
    assert contract.features == ()
    assert check_table(table, contract) == []


def test_a_column_of_infinities_is_accepted_with_a_warning() -> None:
    inference = learn(x=[1.5, float("inf"), float("-inf"), 2.5] * 15, **TARGET)
    table = from_arrow(pa.table({"x": [1.5, float("inf"), float("-inf"), 2.5] * 15, **TARGET}))
    assert check_table(table, inference.contract) == []
    assert [found.code for found in inference.findings] == ["FC102"]
    assert inference.contract.column("x").range == (1.5, 2.5)
