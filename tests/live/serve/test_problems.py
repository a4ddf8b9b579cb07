"""Requests that get no prediction: each is problem JSON that says where, what was found and expected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import body, create_app
from fullcycle.live.serve.problems import KINDS

Row = dict[str, Any]
AS_JSON = {"content-type": "application/json"}


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= set(problem)
    return problem


def test_every_bad_value_of_every_row_is_named(client: Any, row: Row) -> None:
    rows = [row, {**row, "age": "soon", "active": "perhaps"}, row, {**row, "since": "someday"}]
    problem = problem_of(client.post("/predict", json=rows), 422)
    assert [(e["row"], e["column"], e["found"]) for e in problem["errors"]] == [
        (1, "age", "'soon'"),
        (1, "active", "'perhaps'"),
        (3, "since", "'someday'"),
    ]
    assert all(error["expected"] for error in problem["errors"])
    assert problem["bad_rows"] == [1, 3]
    assert "row 1, column age: found 'soon'" in problem["detail"]


def test_an_absent_column_is_an_error_and_never_a_missing_value(client: Any, row: Row) -> None:
    del row["plan"]
    (error,) = problem_of(client.post("/predict", json=row), 422)["errors"]
    assert (error["row"], error["column"], error["found"]) == (0, "plan", "no such column")


@pytest.mark.parametrize("value", [[1], {"a": 1}, [], {}])
def test_a_nested_value_is_named(client: Any, row: Row, value: object) -> None:
    (error,) = problem_of(client.post("/predict", json={**row, "age": value}), 422)["errors"]
    assert error["column"] == "age"


@pytest.mark.parametrize(("sent", "found"), [(3, "3"), (None, "null"), ([1], "a list"), ("x", "'x'")])
def test_a_row_that_is_no_object_is_named(client: Any, row: Row, sent: object, found: str) -> None:
    (error,) = problem_of(client.post("/predict", json=[row, sent]), 422)["errors"]
    assert (error["row"], error["column"], error["found"]) == (1, None, found)


@pytest.mark.parametrize("content", [b'"x"', b"3", b"null", b"true"])
def test_a_scalar_is_no_row(client: Any, content: bytes) -> None:
    problem_of(client.post("/predict", content=content, headers=AS_JSON), 422)


def test_an_empty_list_holds_no_row(client: Any) -> None:
    assert problem_of(client.post("/predict", json=[]), 422)["type"] == "/docs#no-rows"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"{",
        b'{"age": }',
        b"{'age': 1}",
        b"\xff\xfe",
        b'{"age": "\\ud800"}',
        b"[" * 5000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_is_a_400(client: Any, content: bytes) -> None:
    problem = problem_of(client.post("/predict", content=content, headers=AS_JSON), 400)
    assert problem["type"] == "/docs#not-json"


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_nan_is_no_json_and_the_hint_says_what_is(client: Any, row: Row, word: bytes) -> None:
    content = json.dumps({**row, "age": 0}).encode().replace(b'"age": 0', b'"age": ' + word)
    assert "send null" in problem_of(client.post("/predict", content=content, headers=AS_JSON), 400)["hint"]


def test_a_number_too_large_for_a_double_is_refused(client: Any, row: Row) -> None:
    content = json.dumps({**row, "age": 0}).encode().replace(b'"age": 0', b'"age": 1e999')
    problem_of(client.post("/predict", content=content, headers=AS_JSON), 400)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_a_body_not_declared_as_plain_json_is_a_415(client: Any, row: Row, headers: dict[str, str]) -> None:
    content = json.dumps(row).encode()
    problem = problem_of(client.post("/predict", content=content, headers=headers), 415)
    assert problem["hint"]


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"]
)
def test_json_by_any_of_its_names_is_taken(client: Any, row: Row, kind: str) -> None:
    answer = client.post("/predict", content=json.dumps(row).encode(), headers={"content-type": kind})
    assert answer.status_code == 200


def test_too_many_rows_are_refused_with_the_limit(client: Any, row: Row) -> None:
    assert client.post("/predict", json=[row] * 100).status_code == 200
    problem = problem_of(client.post("/predict", json=[{}] * 101), 413)
    assert "101 rows, expected at most 100" in problem["detail"]


def test_a_body_too_large_is_refused_by_its_declared_length(client: Any, row: Row) -> None:
    problem = problem_of(client.post("/predict", json={**row, "plan": "x" * 200_000}), 413)
    assert problem["type"] == "/docs#too-large"
    assert "100,000" in problem["detail"]


def test_a_body_too_large_is_refused_also_when_it_comes_in_chunks(client: Any) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 10_000

    problem = problem_of(client.post("/predict", content=chunks(), headers=AS_JSON), 413)
    assert "more than 100,000 bytes" in problem["detail"]


def test_a_body_in_chunks_within_the_limit_is_answered(client: Any, row: Row) -> None:
    content = json.dumps(row).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 7):
            yield content[at : at + 7]

    assert client.post("/predict", content=chunks(), headers=AS_JSON).status_code == 200


def test_a_body_that_does_not_arrive_in_time_is_a_408(
    client: Any, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "BODY_WITHIN_S", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    problem_of(client.post("/predict", content=endless(), headers=AS_JSON), 408)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b'{"age": 1, "age": 2}', [(0, "age")]),
        (b'[{"age": 1}, {"plan": "a:b", "age": 1, "plan": "c"}]', [(1, "plan")]),
        (b'{"age":1,"\\u0061ge":2}', [(0, "age")]),
    ],
)
def test_a_column_given_twice_is_an_error_not_the_last_one(
    client: Any, content: bytes, columns: list[tuple[int, str]]
) -> None:
    problem = problem_of(client.post("/predict", content=content, headers=AS_JSON), 422)
    assert [(error["row"], error["column"]) for error in problem["errors"]] == columns


def test_a_colon_inside_a_value_is_no_second_column(client: Any, row: Row) -> None:
    assert client.post("/predict", json={**row, "e-mail": "a:b::c"}).status_code == 200


def test_depth_in_an_unknown_column_is_no_failure(client: Any, row: Row) -> None:
    deep = b"[" * 900 + b"]" * 900
    content = json.dumps(row).encode()[:-1] + b', "other": ' + deep + b', "note": "a:b"}'
    assert client.post("/predict", content=content, headers=AS_JSON).status_code in (200, 422)


def test_a_cell_of_megabytes_is_shortened_in_the_answer(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row
) -> None:
    client = make_client(create_app(bundle_folder, ServeSettings()))
    bad = client.post("/predict", json={**row, "age": "x" * 5_000_000})
    assert len(problem_of(bad, 422)["errors"][0]["found"]) < 200
    odd = client.post("/predict", json={**row, "plan": "x" * 5_000_000})
    assert odd.status_code == 200
    assert len(odd.content) < 2000


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("GET", "/predict/"), ("GET", "/../etc/passwd")]
)
def test_an_unknown_address_is_a_404(client: Any, method: str, path: str) -> None:
    problem_of(client.request(method, path), 404)


def test_a_wrong_method_names_the_right_one(client: Any) -> None:
    response = client.get("/predict")
    assert "POST" in problem_of(response, 405)["detail"]
    assert response.headers["allow"] == "POST"


def test_a_failure_of_ours_is_a_500_without_a_traceback(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("fullcycle.live.service.as_answer", broken)
    response = make_client(create_app(bundle_folder, ServeSettings())).post("/predict", json=row)
    problem_of(response, 500)
    assert "secret" not in response.text


def test_many_errors_are_counted_and_all_bad_rows_named(
    make_client: Callable[..., Any], bundle_folder: Path
) -> None:
    client = make_client(create_app(bundle_folder, ServeSettings(rows_at_most=1000)))
    problem = problem_of(client.post("/predict", json=[{}] * 1000), 422)
    assert problem["bad_rows"] == list(range(1000))
    assert len(problem["errors"]) == 1000
    assert "6000 such values in 1000 rows" in problem["detail"]


def test_every_kind_of_problem_has_its_place_on_the_page(client: Any) -> None:
    page = client.get("/docs").text
    for kind in KINDS:
        assert f'id="{kind.name}"' in page
        assert kind.cure
