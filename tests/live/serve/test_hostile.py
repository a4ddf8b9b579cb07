"""A corpus of hostile requests: each gets an answer that fits, and a good request is answered after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from tests.live.conftest import Client

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live import service
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Source
from fullcycle.live.routes.timed import TooSlow
from fullcycle.live.serve.app import app_of

ROW = {
    "age": 52,
    "income": 1_000_000.0,
    "plan": "premium",
    "active": True,
    "since": "2019-05-01T10:00:00",
    "e-mail": "person@example.org",
}
GOOD = json.dumps(ROW).encode()
INFER = "/v2/models/model/infer"
TAKE_JSON = ("/predict", "/predict/explain", "/feedback", INFER)
ANSWER_BYTES_AT_MOST = 300_000  # of refusals: no small request may cost a large one
AS_JSON = {"content-type": "application/json"}


class Hostile(NamedTuple):
    """A request, and the status and kind of problem that fit."""

    content: bytes
    status: int
    kind: str
    column: str | None = None


def cell(column: str, raw: bytes) -> bytes:
    """The good row with a value as it is written."""
    return json.dumps({**ROW, column: "@"}).encode().replace(b'"@"', raw)


def not_json(content: bytes) -> Hostile:
    return Hostile(content, 400, "not-json")


def bad_rows(content: bytes, column: str | None = None) -> Hostile:
    return Hostile(content, 422, "bad-rows", column)


# What no address that takes JSON may read: each of TAKE_JSON is asked all of them.
NO_JSON = {
    "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists without an end": b"[" * 100_000,
    "a number beyond doubles": cell("age", b"1e400"),
    "a number below them": cell("age", b"-1e400"),
    "an exponent of five digits": cell("age", b"1E+50000"),
    "5,000 digits": cell("age", b"9" * 5000),
    "not a number with a sign": cell("age", b"-NaN"),
    "hexadecimal": cell("age", b"0x10"),
    "octal": cell("age", b"010"),
    "a plus": cell("age", b"+1"),
    "no digit after the point": cell("age", b"1."),
    "an underscore": cell("age", b"1_000"),
    "a NUL in a text": cell("plan", b'"\x00"'),
    "a NUL behind": GOOD + b"\x00",
    "an unknown escape": cell("plan", b'"\\x41"'),
    "surrogates in the wrong order": cell("plan", b'"\\udc00\\ud800"'),
    "a surrogate in a name": GOOD[:-1] + b', "\\ud800": 1}',
    "a surrogate as UTF-8": cell("plan", b'"\xed\xa0\x80"'),
    "a slash in two bytes": cell("plan", b'"\xc0\xaf"'),
    "beyond Unicode": cell("plan", b'"\xf4\x90\x80\x80"'),
    "UTF-16 with its mark": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32-le"),
    "two documents": GOOD + GOOD,
    "a comment": b"/* x */" + GOOD,
    "a comma at the end": GOOD[:-1] + b",}",
    "JSON lines": GOOD + b"\n" + GOOD,
    "a form": b"age=52&plan=premium",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
    "gzip that nobody declared": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\x00" * 20,
}
ROWS = {
    "1,000 lists deep": bad_rows(b"[" * 1000 + b"]" * 1000),
    "1,000 objects deep": bad_rows(b'{"a":' * 1000 + b"1" + b"}" * 1000, "age"),
    "rows in rows": bad_rows(b"[[" + GOOD + b"]]"),
    "a list among the rows": bad_rows(b"[" + GOOD + b",[]]"),
    "truth as a number": bad_rows(cell("age", b"true"), "age"),
    "a digit of another script": bad_rows(cell("active", '"٣"'.encode()), "active"),
    "a huge truth": bad_rows(cell("active", b"18446744073709551616"), "active"),
    "infinity as a text": bad_rows(cell("age", b'"Infinity"'), "age"),
    "infinity by an exponent": bad_rows(cell("age", b'"1e400"'), "age"),
    "5,000 digits as a text": bad_rows(cell("age", b'"' + b"9" * 5000 + b'"'), "age"),
    "the year 10000": bad_rows(cell("since", b'"10000-01-01T00:00:00"'), "since"),
    "the year 0": bad_rows(cell("since", b'"0000-01-01"'), "since"),
    "a zone of 99 hours": bad_rows(cell("since", b'"2019-05-01T10:00:00+99:99"'), "since"),
    "the hour 25": bad_rows(cell("since", b'"2019-05-01T25:00:00"'), "since"),
    "a moment as a huge number": bad_rows(cell("since", b"1e308"), "since"),
    "a thousand digits of a second": bad_rows(
        cell("since", b'"2019-05-01T10:00:00.' + b"9" * 1000 + b'"'), "since"
    ),
    "a column twice behind depth": bad_rows(
        GOOD[:-1] + b', "o": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b', "age": 1}', "age"
    ),
    "a column 10,000 times": bad_rows(b"{" + b",".join([b'"age":1'] * 10_000) + b"}", "age"),
    "a long name twice": bad_rows(b'{"%b": 1, "%b": 2}' % (b"k" * 100_000, b"k" * 100_000)),
    "10,000 unknown columns": bad_rows(json.dumps({**ROW, **{str(at): at for at in range(10_000)}}).encode()),
    "empty rows": bad_rows(b"[" + b",".join([b"{}"] * 20) + b"]", "age"),
    "400,000 numbers": Hostile(b"[" + b",".join([b"1"] * 400_000) + b"]", 413, "too-many-rows"),
}


@pytest.fixture(scope="module")
def served(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Client:
    settings = ServeSettings(rows_at_most=50, body_mb_at_most=1)
    place = LogPlace(tmp_path_factory.mktemp("log"), LogSettings())
    return Client(app_of(service.open_service(Source(bundle_folder, log=place), settings), settings))


@pytest.fixture
def still_answers(served: Client) -> Iterator[None]:
    """After a test: a good row is answered as ever."""
    yield
    assert served.post("/predict", content=GOOD, headers=AS_JSON).json()["unexpected"] == []


def refused(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem that a refusal holds, in the shape of its address."""
    assert response.status_code == status, response.text[:500]
    assert len(response.content) < ANSWER_BYTES_AT_MOST
    assert response.headers["x-request-id"]
    told: dict[str, Any] = response.json()
    if response.request.url.path.startswith("/v2"):
        assert response.headers["content-type"] == "application/json"
        assert list(told) == ["error"]
        return told
    assert response.headers["content-type"] == "application/problem+json"
    assert (told["status"], told["type"]) == (status, f"/docs#{kind}")
    assert "found" in told["detail"]
    assert "expected" in told["detail"] or status == 404
    assert told["title"]
    return told


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused_wherever_json_is_taken(served: Client, content: bytes) -> None:
    for path in TAKE_JSON:
        refused(served.post(path, content=content, headers=AS_JSON), 400, "not-json")


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize("path", ["/predict", "/predict/explain"])
@pytest.mark.parametrize("sent", ROWS.values(), ids=ROWS)
def test_rows_that_break_the_contract_are_named(served: Client, path: str, sent: Hostile) -> None:
    problem = refused(served.post(path, content=sent.content, headers=AS_JSON), sent.status, sent.kind)
    for error in problem.get("errors", ()):
        assert set(error) == {"row", "column", "found", "expected"}
        assert error["found"]
        assert error["expected"]
    if sent.column is not None:
        assert problem["errors"][0]["column"] == sent.column


ADDRESSES = {
    "two slashes": ("POST", "//predict", 404),
    "a slash behind": ("POST", "/predict/", 404),
    "up, encoded": ("POST", "/health/%2e%2e/predict", 404),
    "up, encoded twice": ("GET", "/%252e%252e/%252e%252e/etc/passwd", 404),
    "up with backslashes": ("GET", "/..%5c..%5cwindows%5cwin.ini", 404),
    "a NUL": ("GET", "/model%00.json", 404),
    "a line end": ("GET", "/model%0d%0aset-cookie:%20a=b", 404),
    "bytes that are no UTF-8": ("GET", "/%c0%ae%c0%ae/%ff", 404),
    "other letters": ("POST", "/PREDICT", 404),
    "a slash in a model's name": ("GET", "/v2/models/..%2f..%2fetc/ready", 404),
    "another model's answers": ("POST", "/v2/models/other/infer", 404),
    "50,000 characters": ("GET", "/" + "x" * 50_000, 404),
    "50,000 characters as a model": ("GET", "/v2/models/" + "x" * 50_000, 404),
    "PUT of rows": ("PUT", "/predict", 405),
    "DELETE of rows": ("DELETE", "/predict", 405),
    "TRACE of rows": ("TRACE", "/predict", 405),
    "BREW of rows": ("BREW", "/predict", 405),
    "OPTIONS of outcomes": ("OPTIONS", "/feedback", 405),
    "POST of health": ("POST", "/health/ready", 405),
    "POST of the metrics": ("POST", "/metrics", 405),
    "GET of tensors": ("GET", INFER, 405),
}


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize(("method", "path", "status"), ADDRESSES.values(), ids=ADDRESSES)
def test_tricks_with_the_address_lead_nowhere(served: Client, method: str, path: str, status: int) -> None:
    answer = served.request(method, path, content=GOOD, headers=AS_JSON)
    assert "set-cookie" not in answer.headers
    refused(answer, status, {404: "not-found", 405: "wrong-method"}[status])
    if status == 405:
        assert answer.headers["allow"]


TYPES: dict[str, dict[str, str]] = {
    "gzip": {"content-encoding": "gzip"},
    "two encodings": {"content-encoding": "identity, br"},
    "zstd": {"content-encoding": "zstd"},
    "several parts": {"content-type": "multipart/form-data; boundary=a"},
    "JSON in a text": {"content-type": "text/json"},
    "an empty type": {"content-type": ""},
    "a type of 10,000 characters": {"content-type": "x" * 10_000},
    "UTF-7": {"content-type": "application/json; charset=utf-7"},
    "JavaScript": {"content-type": "application/javascript+json+x"},
}


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize("headers", TYPES.values(), ids=TYPES)
@pytest.mark.parametrize("path", ["/predict", "/predict/explain", "/feedback"])
def test_what_is_not_declared_as_plain_json_is_refused(
    served: Client, path: str, headers: dict[str, str]
) -> None:
    refused(served.post(path, content=GOOD, headers={**AS_JSON, **headers}), 415, "wrong-type")


@pytest.mark.usefixtures("still_answers")
@pytest.mark.parametrize("path", TAKE_JSON)
@pytest.mark.parametrize("length", ["1000001", "9" * 30, "9" * 5000])
def test_a_length_beyond_the_limit_is_refused_unread(served: Client, path: str, length: str) -> None:
    answer = served.post(path, content=b"{}", headers={**AS_JSON, "content-length": length})
    refused(answer, 413, "too-large")


def test_a_name_of_megabytes_is_cut_in_an_answer(served: Client) -> None:
    content = GOOD[:-1] + b', "' + b"k" * 900_000 + b'": 1}'
    for path in ("/predict", "/predict/explain"):
        answer = served.post(path, content=content, headers=AS_JSON)
        assert answer.status_code == 200
        assert len(answer.content) < 5000


def test_texts_too_long_to_explain_are_refused_and_still_predicted(served: Client) -> None:
    content = json.dumps([ROW, {**ROW, "plan": "x" * 200_000}]).encode()
    assert served.post("/predict", content=content, headers=AS_JSON).status_code == 200
    problem = refused(served.post("/predict/explain", content=content, headers=AS_JSON), 422, "bad-rows")
    assert (problem["bad_rows"], problem["errors"][0]["column"]) == ([1], None)
    assert "200,018 characters" in problem["detail"]


def test_an_explanation_that_takes_too_long_is_asked_for_again(
    served: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        raise TooSlow("no answer within 1000 ms")

    monkeypatch.setattr("fullcycle.core.bundle.contributions.contributions", slow)
    answer = served.post("/predict/explain", content=GOOD, headers=AS_JSON)
    assert answer.headers["retry-after"]
    assert answer.json()["type"] == "/docs#no-answer"


def test_an_output_asked_for_without_end_is_given_once_or_not_at_all(served: Client) -> None:
    example = served.get("/openapi.json").json()["paths"]["/v2/models/{name}/infer"]["post"]
    asked = example["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
    assert served.post(INFER, json=asked).status_code == 200
    outputs = [{"name": "probabilities"}] * 10_000
    refused(served.post(INFER, json={**asked, "outputs": outputs}), 400, "bad-tensor")


@pytest.mark.parametrize("length", ["-1", "1e3", "\u00b2", "0x10", "9" * 5000, "0" * 5000 + "9999"])
def test_a_length_of_a_tensors_head_that_is_none_is_refused(served: Client, length: str) -> None:
    headers = {"inference-header-content-length": length.encode("latin-1")}
    refused(served.post(INFER, content=b"{}", headers=headers), 400, "bad-tensor")
