"""What POST /predict answers: one in, one out; a list in, a list out; odd values answered and marked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.bundle import conftest as by_hand
from tests.tiers import examples

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app

Row = dict[str, Any]


def test_a_row_gets_the_answer_of_the_bundle(client: Any, row: Row, bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    answer = client.post("/predict", json=row)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    expected = bundle.answer([bundle.coerce(row)])[0]
    assert answer.json() == {**expected, "version": bundle.version, "route": "champion", "unexpected": []}
    assert set(expected["probabilities"]) == {"no", "yes"}


def test_a_list_gets_a_list_in_the_same_order_also_beyond_what_is_answered_inline(
    client: Any, row: Row
) -> None:
    rows = [{**row, "age": age} for age in range(20, 80)]
    together = client.post("/predict", json=rows).json()
    alone = [client.post("/predict", json=one).json() for one in rows]
    assert [a["prediction"] for a in together] == [a["prediction"] for a in alone]
    for one, other in zip(together, alone, strict=True):
        assert one["probabilities"]["yes"] == pytest.approx(other["probabilities"]["yes"], rel=1e-6)
    assert together[0]["probabilities"]["yes"] < together[-1]["probabilities"]["yes"]


def test_a_list_of_one_gets_a_list_of_one(client: Any, row: Row) -> None:
    assert client.post("/predict", json=[row]).json() == [client.post("/predict", json=row).json()]


def test_regression_answers_a_number_without_probabilities(
    make_client: Callable[..., Any], regression_folder: Path, row: Row
) -> None:
    client = make_client(create_app(regression_folder, ServeSettings()))
    answer = client.post("/predict", json=row).json()
    assert isinstance(answer["prediction"], float)
    assert set(answer) == {"prediction", "version", "route", "unexpected"}


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("plan", "gold", "one of basic, premium"),
        ("age", 130, "18"),
        ("age", -5.5, "90"),
    ],
)
def test_an_unexpected_value_is_answered_and_marked(
    client: Any, row: Row, column: str, value: object, expected: str
) -> None:
    answer = client.post("/predict", json={**row, column: value})
    assert answer.status_code == 200
    (mark,) = answer.json()["unexpected"]
    assert (mark["column"], mark["value"]) == (column, value)
    assert expected in mark["expected"]


def test_an_unknown_column_is_marked_so_that_a_misspelled_one_is_seen(client: Any, row: Row) -> None:
    answer = client.post("/predict", json={**row, "agee": 5}).json()
    assert [mark["column"] for mark in answer["unexpected"]] == ["agee"]


def test_columns_that_no_model_uses_may_come_along(client: Any, row: Row) -> None:
    answer = client.post("/predict", json={**row, "id": "7", "left": "yes"})
    assert answer.status_code == 200
    assert answer.json()["unexpected"] == []


def test_null_an_empty_text_and_a_missing_token_are_the_same_missing(client: Any, row: Row) -> None:
    answers = [client.post("/predict", json={**row, "age": age}).json() for age in (None, "", "?", "  ")]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0] != client.post("/predict", json=row).json()


def test_numbers_and_booleans_as_text_are_read_as_in_a_csv(client: Any, row: Row) -> None:
    as_text = {**row, "age": "52", "income": "1e6", "active": "true"}
    assert client.post("/predict", json=as_text).json() == client.post("/predict", json=row).json()


JSON_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
COLUMNS = ("age", "income", "plan", "active", "since", "e-mail", "id", "other")


@settings(max_examples=examples(60), deadline=None)
@given(rows=st.lists(st.dictionaries(st.sampled_from(COLUMNS), JSON_VALUES), min_size=1, max_size=3))
def test_whatever_the_rows_each_is_answered_or_named(client: Any, rows: list[Row]) -> None:
    response = client.post("/predict", json=rows)
    if response.status_code == 200:
        assert len(response.json()) == len(rows)
        return
    assert response.status_code == 422, response.text
    problem = response.json()
    assert problem["errors"], problem
    assert problem["bad_rows"] == sorted({error["row"] for error in problem["errors"]})


def test_a_server_imports_no_training_library_and_no_data_frame(bundle_folder: Path, row: Row) -> None:
    code = f"""
import asyncio, sys
from pathlib import Path
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app
app = create_app(Path({str(bundle_folder)!r}), ServeSettings())
body = {__import__("json").dumps(row).encode()!r}
sent = []
async def receive(): return {{"type": "http.request", "body": body}}
async def send(message): sent.append(message)
scope = {{"type": "http", "method": "POST", "path": "/predict", "raw_path": b"/predict", "query_string": b"",
         "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("test", 80), "client": None,
         "headers": [(b"content-type", b"application/json")]}}
asyncio.run(app(scope, receive, send))
assert sent[0]["status"] == 200, sent
forbidden = ("pandas", "pyarrow", "polars", "ibis", "duckdb", "sklearn", "lightgbm", "scipy", "mlflow", "dvc",
             "optuna", "skl2onnx", "onnxmltools", "onnx", "joblib", "pickle5", "fullcycle.core.models")
print([name for name in forbidden if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_a_damaged_bundle_never_becomes_an_app(tmp_path: Path, make_bundle: Callable[..., Path]) -> None:
    damaged = make_bundle(tmp_path)
    golden = damaged / "golden.json"
    golden.write_text(golden.read_text().replace('"prediction": "yes"', '"prediction": "no"', 1))
    with pytest.raises(UserError, match=r"golden\.json: found a damaged file"):
        create_app(damaged, ServeSettings())


def test_a_graph_that_answers_otherwise_is_refused_with_both_versions(
    tmp_path: Path, make_bundle: Callable[..., Path]
) -> None:
    graph = by_hand.make_graph(by_hand.make_contract(Task.binary), shift=-1.4)
    wrong = make_bundle(tmp_path / "wrong", model=graph, made_with="1.20.0")
    with pytest.raises(CheckFailed, match=r"(?s)onnxruntime \d.*onnxruntime 1\.20\.0"):
        create_app(wrong, ServeSettings())
