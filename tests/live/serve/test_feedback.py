"""POST /feedback: outcomes that can be joined are on record, and nothing else is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.live.conftest import Client

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.log.read import open_log
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve.app import app_of
from fullcycle.live.service import open_service

OUTCOMES = "SELECT request_id, row, prediction, outcome FROM predictions ORDER BY ALL"


def client_of(bundle: Path, folder: Path) -> Client:
    settings = ServeSettings(rows_at_most=100)
    place = LogPlace(folder, LogSettings())
    return Client(app_of(open_service(Source(bundle, log=place), settings), settings))


@pytest.fixture(scope="module")
def logging_client(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client_of(bundle_folder, tmp_path_factory.mktemp("log"))


def test_an_outcome_finds_its_answer_by_the_request_id_that_came_with_it(
    bundle_folder: Path, tmp_path: Path, row: dict[str, Any]
) -> None:
    client = client_of(bundle_folder, tmp_path)
    answered = client.post("/predict", json=[row, row])
    given, said = answered.headers["x-request-id"], answered.json()[0]["prediction"]
    client.post("/predict/explain", json=row, headers={"x-request-id": "mine"})
    for _ in range(2):
        told = client.post("/feedback", json=[{"request_id": given, "row": 1, "outcome": "yes"}])
        assert told.json() == {"accepted": 1}
    assert client.post("/feedback", json={"request_id": "mine", "outcome": "no"}).status_code == 200
    with open_log(tmp_path) as log:
        found = [tuple(each.values()) for each in log.rows(OUTCOMES)]
    expected = [(given, 0, said, None), (given, 1, said, "yes"), ("mine", 0, said, "no")]
    assert found == sorted(expected, key=lambda each: each[:2])
    assert b"fullcycle_feedback_total 3.0" in client.get("/metrics").content
    assert client.get("/health/ready").json()["log"]["written"] == 6


def test_in_regression_an_outcome_is_a_number(
    regression_folder: Path, tmp_path: Path, row: dict[str, Any]
) -> None:
    client = client_of(regression_folder, tmp_path)
    client.post("/predict", json=row, headers={"x-request-id": "r"})
    assert client.post("/feedback", json={"request_id": "r", "outcome": 12}).status_code == 200
    assert client.post("/feedback", json={"request_id": "r", "outcome": "12"}).status_code == 422
    with open_log(tmp_path) as log:
        assert [each["outcome"] for each in log.rows(OUTCOMES)] == ["12.0"]


@pytest.mark.parametrize(
    ("given", "column", "found"),
    [
        ({"outcome": "yes"}, "request_id", "nothing"),
        ({"request_id": "", "outcome": "yes"}, "request_id", "''"),
        ({"request_id": "a b", "outcome": "yes"}, "request_id", "'a b'"),
        ({"request_id": "\ud800", "outcome": "yes"}, None, None),
        ({"request_id": "r"}, "outcome", "nothing"),
        ({"request_id": "r", "outcome": "perhaps"}, "outcome", "'perhaps'"),
        ({"request_id": "r", "outcome": 1.5}, "outcome", "1.5"),
        ({"request_id": "r", "outcome": ["yes"]}, "outcome", "a list"),
        ({"request_id": "r", "outcome": "yes", "row": -1}, "row", "-1"),
        ({"request_id": "r", "outcome": "yes", "row": True}, "row", "true"),
        ({"request_id": "r", "outcome": "yes", "row": 2**31}, "row", "2147483648"),
        ({"request_id": "r", "outcome": "yes", "rows": 1}, "rows", "1"),
        ("r", None, "'r'"),
    ],
)
def test_what_is_no_outcome_is_named_and_none_of_the_request_is_kept(
    given: Any, column: str | None, found: str | None, logging_client: Client
) -> None:
    fine = {"request_id": "fine", "outcome": "yes"}
    body = {"content": b'[{"request_id":"\\ud800","outcome":"yes"}]'} if found is None else {}
    refused = logging_client.post(
        "/feedback",
        headers={"content-type": "application/json"},
        **(body or {"json": [fine, given]}),
    )
    if found is None:
        assert refused.status_code in (400, 422)
        return
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["row"], error["column"], error["found"]) == (1, column, found)
    assert logging_client.get("/health/ready").json()["log"]["written"] == 0


def test_a_server_that_logs_nothing_says_so(client: Any) -> None:
    refused = client.post("/feedback", json={"request_id": "r", "outcome": "yes"})
    assert refused.status_code == 404
    assert refused.json()["type"] == "/docs#no-log"
