"""What the API says about itself: health, model, OpenAPI, and a page that needs no network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.released import bundle_in, project_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy
from fullcycle.cycle.release.stage import Wish, release
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve import create_app, told
from fullcycle.live.serve.app import app_of
from fullcycle.live.serve.describe import describe
from fullcycle.live.service import open_service

Row = dict[str, Any]


def test_health_says_live_and_with_what_it_is_ready(client: Any, bundle_folder: Path) -> None:
    import onnxruntime

    assert client.get("/health/live").json() == {"status": "live"}
    bundle = read_bundle(bundle_folder)
    assert client.get("/health/ready").json() == {
        "status": "ready",
        "version": bundle.version,
        "golden_rows": len(bundle.golden.rows),
        "runtime": {"onnxruntime": onnxruntime.__version__},
        "log": None,
        "routing": {
            "number": 0,
            "routes": {"champion": bundle.version},
            "breakers": {"champion": "closed"},
            "switches": 0,
            "refusals": 0,
            "refused": [],
        },
    }


def test_model_lists_inputs_results_and_lineage(client: Any, bundle_folder: Path) -> None:
    model = client.get("/model").json()
    assert model["version"] == read_bundle(bundle_folder).version
    assert (model["task"], model["target"], model["classes"]) == ("binary", "left", ["no", "yes"])
    assert model["threshold"] == 0.4
    inputs = {given["name"]: given for given in model["inputs"]}
    assert list(inputs) == ["age", "income", "plan", "active", "since", "e-mail"]
    assert inputs["age"]["range"] == [18, 90]
    assert inputs["age"]["missing"] == ["?"]
    assert inputs["plan"]["allowed"] == ["basic", "premium"]
    assert model["tests"]["passed"] is True
    assert model["tests"]["headline"] == "roc_auc"
    assert model["lineage"]["source"] == "people.csv"


def test_the_example_is_answered_without_a_mark(client: Any) -> None:
    answer = client.post("/predict", json=client.get("/model").json()["example"])
    assert answer.status_code == 200
    assert answer.json()["unexpected"] == []


@pytest.fixture(params=["binary", "regression"])
def api(
    request: pytest.FixtureRequest,
    make_client: Callable[..., Any],
    bundle_folder: Path,
    regression_folder: Path,
) -> tuple[Any, dict[str, Any]]:
    folder = bundle_folder if request.param == "binary" else regression_folder
    client = make_client(create_app(folder, ServeSettings(rows_at_most=7)))
    return client, client.get("/openapi.json").json()


def schema(document: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


@pytest.mark.parametrize("path", ["/predict", "/predict/explain"])
def test_examples_of_openapi_are_what_really_happens(api: tuple[Any, dict[str, Any]], path: str) -> None:
    client, document = api
    operation = document["paths"][path]["post"]
    asked = operation["requestBody"]["content"]["application/json"]["examples"]
    answered = operation["responses"]["200"]["content"]["application/json"]["examples"]
    assert set(asked) == set(answered)
    for name, example in asked.items():
        response = client.post(path, json=example["value"])
        assert response.status_code == 200
        assert response.json() == answered[name]["value"]


def test_rows_answers_and_problems_follow_their_schemas(api: tuple[Any, dict[str, Any]]) -> None:
    client, document = api
    row = client.get("/model").json()["example"]
    schema(document, "Row").validate(row)
    schema(document, "Answer").validate(client.post("/predict", json=row).json())
    schema(document, "ExplainedAnswer").validate(client.post("/predict/explain", json=row).json())
    odd = client.post("/predict", json={**row, "age": 1000, "plan": "gold"}).json()
    schema(document, "Answer").validate(odd)
    assert len(odd["unexpected"]) == 2
    problem = client.post("/predict", json={**row, "age": []})
    schema(document, "Problem").validate(problem.json())
    operation = document["paths"]["/predict"]["post"]
    assert operation["responses"]["422"]["content"]["application/problem+json"]["example"]["bad_rows"] == [0]


def test_the_schema_of_a_row_refuses_what_the_api_refuses(api: tuple[Any, dict[str, Any]]) -> None:
    client, document = api
    row = client.get("/model").json()["example"]
    for bad in ({**row, "age": []}, {name: value for name, value in row.items() if name != "plan"}):
        assert not schema(document, "Row").is_valid(bad)
        assert client.post("/predict", json=bad).status_code == 422


def test_every_part_that_openapi_refers_to_is_there(api: tuple[Any, dict[str, Any]]) -> None:
    _, document = api
    referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert referred == set(document["components"]["schemas"])


def test_openapi_states_the_limit_of_rows(api: tuple[Any, dict[str, Any]]) -> None:
    _, document = api
    one, several = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]["anyOf"]
    assert one == several["items"]
    assert (several["minItems"], several["maxItems"]) == (1, 7)


def test_the_page_asks_nothing_of_any_other_host(client: Any) -> None:
    response = client.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#|openapi\.json)""", response.text)
    assert "://" not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy


def test_the_bare_address_leads_to_the_page(client: Any) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "docs")


def test_pages_follow_the_bundle_that_answers_now_and_are_made_once_for_it(
    make_client: Callable[..., Any], bundle_folder: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    project = project_in(tmp_path / "project")
    service = open_service(Source(bundle_folder, Deploy(project.paths.deploy)), ServeSettings())
    made: list[str] = []
    monkeypatch.setattr(told, "describe", lambda bundle: made.append(bundle.version) or describe(bundle))
    client = make_client(app_of(service, ServeSettings()))
    before = client.get("/model").json()
    release(project, bundle_in(tmp_path, shift=0.5), Wish(registry=False))
    assert service.follower.look()
    for _ in range(2):
        now = service.bundle.version
        assert client.get("/model").json()["version"] == now != before["version"]
        assert client.get("/health/ready").json()["version"] == now
        assert client.get("/openapi.json").json()["info"]["version"] == now
    assert made == [before["version"], now]
