"""What every request passes: its id, its line in the log, its place in the metrics."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fullcycle.core.bundle import read_bundle
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app, logs

Row = dict[str, Any]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[logs.Format], io.StringIO]]:
    """Let the log go to a text in the form that a server would have."""
    loggers = [logging.getLogger(name) for name in (logs.LOGGER, "uvicorn")]
    before = [(each.handlers, each.propagate, each.level) for each in loggers]

    def start(form: logs.Format) -> io.StringIO:
        text = io.StringIO()
        monkeypatch.setattr("sys.stderr", text)
        logs.log_to_stderr(form)
        return text

    yield start
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate, logger.level = handlers, propagate, level


def numbers(client: Any) -> dict[tuple[str, ...], float]:
    """Every sample of /metrics: name, then label values in the order of their names."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_an_id_that_was_sent_comes_back_also_with_a_problem(client: Any, row: Row) -> None:
    for sent in (row, {}):
        answer = client.post("/predict", json=sent, headers={"x-request-id": "shop-7.a:b"})
        assert answer.headers["x-request-id"] == "shop-7.a:b"
    assert client.get("/model", headers={"x-request-id": "m"}).headers["x-request-id"] == "m"
    assert client.get("/none", headers={"x-request-id": "n"}).headers["x-request-id"] == "n"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, 'a"b', "a\tb", "é"])
def test_an_id_that_is_none_is_replaced_by_a_new_one(client: Any, row: Row, sent: str) -> None:
    headers = {"x-request-id": sent.encode("latin-1")}
    ids = {client.post("/predict", json=row, headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert sent not in ids


def test_each_line_is_json_with_the_id_of_its_request(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row, logged: Any
) -> None:
    text = logged("json")
    client = make_client(create_app(bundle_folder, ServeSettings(log_requests="all")))
    client.post("/predict", json=row, headers={"x-request-id": "one"})
    client.post("/predict", json={}, headers={"x-request-id": "two"})
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    assert [(line["request_id"], line["path"], line["status"]) for line in lines] == [
        ("one", "/predict", 200),
        ("two", "/predict", 422),
    ]
    assert lines[1]["problem"] == "bad-rows"
    assert all(line["event"] == "request" and line["ms"] > 0 for line in lines)


def test_by_default_only_problems_have_lines_and_a_failure_has_its_traceback(
    make_client: Callable[..., Any],
    bundle_folder: Path,
    row: Row,
    logged: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the reason")

    text = logged("json")
    client = make_client(create_app(bundle_folder, ServeSettings()))
    client.post("/predict", json=row)
    assert text.getvalue() == ""
    monkeypatch.setattr("fullcycle.live.service.as_answer", broken)
    answer = client.post("/predict", json=row, headers={"x-request-id": "three"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "three")
    failed, request = (json.loads(line) for line in text.getvalue().splitlines())
    assert (failed["event"], failed["request_id"]) == ("failed", "three")
    assert "RuntimeError: the reason" in failed["traceback"]
    assert (request["status"], request["level"]) == (500, "error")


def test_a_line_for_people_obeys_no_control_character(
    make_client: Callable[..., Any], bundle_folder: Path, logged: Any
) -> None:
    text = logged("console")
    client = make_client(create_app(bundle_folder, ServeSettings()))
    client.get("/%1b%5b31m%0afake", headers={"x-request-id": "four"})
    (line,) = text.getvalue().splitlines()
    assert "\x1b" not in line
    assert "request_id=four" in line
    assert "status=404" in line


def test_metrics_count_requests_rows_and_unexpected_values(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row
) -> None:
    client = make_client(create_app(bundle_folder, ServeSettings()))
    client.post("/predict", json=[row, {**row, "plan": "gold", "age": 200, "zzz": 1}])
    client.post("/predict", json=[row, {}, {}])
    client.get("/strangers-path-1")
    client.get("/strangers-path-2")
    found, version = numbers(client), read_bundle(bundle_folder).version
    assert found["fullcycle_requests_total", "/predict", "200"] == 1
    assert found["fullcycle_requests_total", "/predict", "422"] == 1
    assert found["fullcycle_requests_total", "unknown", "404"] == 2
    assert found["fullcycle_request_seconds_count", "/predict"] == 2
    assert found["fullcycle_rows_total", "champion", version] == 2
    assert found["fullcycle_rows_rejected_total",] == 2
    assert found["fullcycle_unexpected_values_total", "plan"] == 1
    assert found["fullcycle_unexpected_values_total", "(unknown column)"] == 1
    assert found["fullcycle_model_info", "left", "binary", version] == 1
    assert found["fullcycle_requests_in_progress",] == 1  # the one that asks


def test_contributions_of_an_answer_add_up_and_are_those_of_the_command_line(client: Any, row: Row) -> None:
    alone = client.post("/predict/explain", json=row)
    assert alone.status_code == 200
    explained = alone.json()
    explanation = explained.pop("explanation")
    assert explained == client.post("/predict", json=row).json()
    told = sum(part["contribution"] for part in explanation["contributions"])
    assert explanation["baseline"] + told == pytest.approx(explanation["total"], abs=1e-9)
    assert {part["column"] for part in explanation["contributions"]} == set(row)
    assert client.post("/predict/explain", json=[row, row]).json() == [alone.json()] * 2


def test_explanations_have_a_limit_of_their_own(
    make_client: Callable[..., Any], bundle_folder: Path, row: Row
) -> None:
    client = make_client(create_app(bundle_folder, ServeSettings(explained_rows_at_most=2)))
    problem = client.post("/predict/explain", json=[row] * 3)
    assert problem.status_code == 413
    assert "serve.explained_rows_at_most" in problem.json()["hint"]


def test_the_schema_of_a_row_stands_alone_and_takes_its_example(client: Any) -> None:
    from jsonschema import Draft202012Validator

    answer = client.get("/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    Draft202012Validator.check_schema(schema)
    (example,) = schema["examples"]
    assert Draft202012Validator(schema).is_valid(example)
    assert not Draft202012Validator(schema).is_valid({**example, "age": []})
