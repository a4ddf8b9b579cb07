"""Schemathesis over the whole OpenAPI document: no answer is a failure of ours, or one that it leaves out.

Two of its checks are left out: `negative_data_rejection` and `positive_data_acceptance` hold a schema for the
whole truth. Ours says how a row is best sent; the contract reads more (numbers as text, as a CSV has them)
and less (a text that is no date).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve import logs
from fullcycle.live.serve.app import app_of
from fullcycle.live.serve.keys import new_key
from fullcycle.live.service import open_service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
IN_TEST, NIGHTLY = 100, 5000  # examples over all operations


@dataclass(frozen=True)
class Api:
    """What is asked, and the headers that every request carries."""

    operations: list[Any]
    headers: dict[str, str]


@pytest.fixture(scope="module", params=["plain", "number", "logged", "with keys"])
def api(
    request: pytest.FixtureRequest,
    bundle_folder: Path,
    regression_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """A classifier; a regression; one that logs and takes outcomes; one that asks for keys too."""
    settings, headers = ServeSettings(rows_at_most=20, body_mb_at_most=0.1), dict[str, str]()
    folder, log = tmp_path_factory.mktemp("api"), None
    if request.param in ("logged", "with keys"):
        log = LogPlace(folder, LogSettings())
    if request.param == "with keys":
        secret, key = new_key("tester", ["admin"])
        (folder / "keys.txt").write_text(key.as_line())
        settings = settings.model_copy(update={"keys_file": str(folder / "keys.txt")})
        headers = {"authorization": f"Bearer {secret}"}
    bundle = regression_folder if request.param == "number" else bundle_folder
    service = open_service(Source(bundle, log=log), settings)
    logger = logging.getLogger(logs.LOGGER)
    logger.disabled = True  # thousands of refusals say nothing here
    schema = schemathesis.openapi.from_asgi("/openapi.json", app_of(service, settings), headers=headers)
    yield Api([found.ok() for found in schema.get_all_operations()], headers)
    logger.disabled = False
    service.close()


def check(api: Api, examples: int) -> None:
    """So many examples over all operations; those that take a body get as many as all the others."""
    operations = api.operations
    seen: set[tuple[str, int]] = set()
    posts = [each for each in operations if each.method == "post"]
    assert {"/predict", "/predict/explain", "/v2/models/{name}/infer"} <= {each.path for each in posts}
    for operation in operations:
        alike = len(posts) if operation.method == "post" else len(operations) - len(posts)

        @settings(
            max_examples=max(1, examples // 2 // alike),
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=examples == IN_TEST,
            database=None,
        )
        @_given(operation)
        def ask(case: Any) -> None:
            seen.add(
                (case.operation.path, case.call_and_validate(checks=CHECKS, headers=api.headers).status_code)
            )

        ask()
    for operation in operations:  # each was asked in earnest: rows were looked at, not an address alone
        deep = {200, 422} if operation.path.startswith("/predict") else {200, 400, 422}
        assert {status for path, status in seen if path == operation.path} & deep, operation.path


def _given(operation: Any) -> Any:
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    return given(case=modes[0] | modes[1])


@pytest.mark.parametrize("api", ["plain"], indirect=True)
def test_no_operation_fails_or_answers_what_it_does_not_describe(api: Api) -> None:
    check(api, IN_TEST)


@pytest.mark.nightly
def test_no_operation_fails_in_five_thousand_examples(api: Api) -> None:
    check(api, NIGHTLY)
