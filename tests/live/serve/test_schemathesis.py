"""Schemathesis over the whole OpenAPI document: no answer is a failure of ours, or one that it leaves out.

Two of its checks are left out: `negative_data_rejection` and `positive_data_acceptance` hold a schema for the
whole truth. Ours says how a row is best sent; the contract reads more (numbers as text, as a CSV has them)
and less (a text that is no date).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
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

from fullcycle.core.project.settings import ServeSettings
from fullcycle.live.serve import create_app, logs

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
IN_TEST, NIGHTLY = 100, 5000  # examples over all operations


@pytest.fixture(scope="module")
def operations(bundle_folder: Path) -> Iterator[list[Any]]:
    app = create_app(bundle_folder, ServeSettings(rows_at_most=20, body_mb_at_most=0.1))
    logger = logging.getLogger(logs.LOGGER)
    logger.disabled = True  # thousands of refusals say nothing here
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    yield [found.ok() for found in schema.get_all_operations()]
    logger.disabled = False


def check(operations: list[Any], examples: int) -> None:
    """So many examples over all operations; those that take a body get as many as all the others."""
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
            seen.add((case.operation.path, case.call_and_validate(checks=CHECKS).status_code))

        ask()
    for operation in operations:  # each was asked in earnest: rows were looked at, not an address alone
        deep = {200, 422} if operation.path.startswith("/predict") else {200, 400, 422}
        assert {status for path, status in seen if path == operation.path} & deep, operation.path


def _given(operation: Any) -> Any:
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    return given(case=modes[0] | modes[1])


def test_no_operation_fails_or_answers_what_it_does_not_describe(operations: list[Any]) -> None:
    check(operations, IN_TEST)


@pytest.mark.nightly
def test_no_operation_fails_in_five_thousand_examples(operations: list[Any]) -> None:
    check(operations, NIGHTLY)
