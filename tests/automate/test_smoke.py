"""A service that answers otherwise than its bundle is found out; one that answers rightly is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from tests.released import bundle_in
from tests.servers import send, web

from fullcycle.automate.served import served
from fullcycle.automate.smoke import smoke
from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.errors import UserError

Change = Callable[[str, Any, int], tuple[Any, int]]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return read_bundle(bundle_in(tmp_path_factory.mktemp("smoke")))


@pytest.fixture(scope="module")
def url(bundle: Bundle) -> Iterator[str]:
    with served(bundle.folder) as (address, _):
        yield address


def between(url: str, change: Change) -> Any:
    """A service that passes requests on and changes what comes back."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    def answer(request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length") or 0)
        body = request.rfile.read(length) if length else None
        try:
            with urlopen(Request(url + request.path, body, {"content-type": "application/json"})) as told:
                status, content = told.status, json.load(told)
        except HTTPError as error:
            status, content = error.code, json.load(error)
        changed, status = change(request.path, content, status)
        send(request, json.dumps(changed).encode(), "application/json", status)

    return web(answer)


def test_the_bundles_own_service_passes(bundle: Bundle, url: str) -> None:
    found = smoke(url, bundle, "staging")
    assert found.passed, found.problems
    assert found.golden_rows == len(bundle.golden.rows)
    assert found.broken_rows > len(bundle.contract.features)
    assert 0 < found.speed["p50_ms"] <= found.speed["p99_ms"]


def kinds(url: str, bundle: Bundle, change: Change) -> set[str]:
    with between(url, change) as changed:
        return {problem.kind for problem in smoke(changed, bundle, "staging", patience_s=0).problems}


def test_another_bundle_is_found_out(bundle: Bundle, url: str, tmp_path: Path) -> None:
    other = read_bundle(bundle_in(tmp_path, shift=0.5))
    [problem] = smoke(url, other, "staging", patience_s=0).problems
    assert (problem.kind, problem.found) == ("other_version", bundle.version)


def test_a_probability_that_is_a_little_off_is_found_out(bundle: Bundle, url: str) -> None:
    def change(path: str, content: Any, status: int) -> tuple[Any, int]:
        if path == "/predict" and status == 200:
            content["probabilities"]["yes"] += 1e-4
        return content, status

    assert kinds(url, bundle, change) == {"golden"}


def test_answers_of_a_fallback_are_found_out(bundle: Bundle, url: str) -> None:
    def change(path: str, content: Any, status: int) -> tuple[Any, int]:
        return (
            {**content, "fallback": "constant"} if path == "/predict" and status == 200 else content
        ), status

    assert kinds(url, bundle, change) == {"other_version"}


def test_a_service_that_answers_broken_rows_is_found_out(bundle: Bundle, url: str) -> None:
    def change(path: str, content: Any, status: int) -> tuple[Any, int]:
        return ({"prediction": "yes"}, 200) if status == 422 else (content, status)

    assert kinds(url, bundle, change) == {"accepted"}


def test_an_error_that_names_no_column_is_found_out(bundle: Bundle, url: str) -> None:
    def change(path: str, content: Any, status: int) -> tuple[Any, int]:
        return ({"title": "bad"}, 422) if status == 422 else (content, status)

    assert kinds(url, bundle, change) == {"rejected_otherwise"}


def test_a_service_that_is_not_there_is_told_as_such(bundle: Bundle) -> None:
    [problem] = smoke("http://127.0.0.1:9", bundle, "staging", patience_s=0).problems
    assert problem.kind == "not_ready"


def test_a_server_that_cannot_start_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no bundle"), served(tmp_path / "nothing"):
        pass
