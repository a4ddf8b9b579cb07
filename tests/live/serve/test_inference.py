"""The Open Inference Protocol v2: the same answers by column, as JSON and by its binary extension."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.change import roll_back
from fullcycle.core.routes.store import Deploy
from fullcycle.live.routes.follower import Source
from fullcycle.live.serve import create_app
from fullcycle.live.serve.app import app_of
from fullcycle.live.service import open_service

Row = dict[str, Any]
INFER = "/v2/models/model/infer"
TYPES = {
    "age": "FP64",
    "income": "FP64",
    "plan": "BYTES",
    "active": "BOOL",
    "since": "BYTES",
    "e-mail": "BYTES",
}


def tensors(rows: list[Row]) -> list[dict[str, Any]]:
    return [
        {"name": name, "shape": [len(rows), 1], "datatype": kind, "data": [row[name] for row in rows]}
        for name, kind in TYPES.items()
    ]


def as_bytes(kind: str, values: list[Any]) -> bytes:
    if kind == "BYTES":
        return b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in values)
    return np.array(values, {"FP64": "<f8", "FP32": "<f4", "BOOL": "?"}[kind]).tobytes()


def test_columns_get_the_answers_that_rows_get(client: Any, row: Row) -> None:
    rows = [row, {**row, "age": 20, "plan": None}]
    answer = client.post(INFER, json={"id": "42", "inputs": tensors(rows)})
    assert answer.status_code == 200
    said, expected = answer.json(), client.post("/predict", json=rows).json()
    assert (said["id"], said["model_name"], said["model_version"]) == ("42", "model", expected[0]["version"])
    label, probabilities = said["outputs"]
    assert (label["name"], label["shape"]) == ("label", [2, 1])
    assert label["data"] == [one["prediction"] for one in expected]
    assert (probabilities["name"], probabilities["shape"]) == ("probabilities", [2, 2])
    assert probabilities["data"] == [share for one in expected for share in one["probabilities"].values()]


def test_the_example_of_openapi_is_answered(client: Any) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v2/models/{name}/infer"]["post"]
    (name,) = operation["parameters"][0]["schema"]["enum"]
    asked = operation["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
    answer = client.post(f"/v2/models/{name}/infer", json=asked)
    assert answer.status_code == 200, answer.text
    expected = client.post("/predict", json=client.get("/model").json()["example"]).json()
    assert answer.json()["outputs"][0]["data"] == [expected["prediction"]]


def test_regression_answers_numbers_and_only_what_is_wanted(
    make_client: Callable[..., Any], regression_folder: Path, row: Row
) -> None:
    client = make_client(create_app(regression_folder, ServeSettings(model_name="houses")))
    asked = {"inputs": tensors([row]), "outputs": [{"name": "prediction"}]}
    (output,) = client.post("/v2/models/houses/infer", json=asked).json()["outputs"]
    assert output["data"] == [client.post("/predict", json=row).json()["prediction"]]
    assert client.post(INFER, json=asked).status_code == 404


def test_tensors_come_as_bytes_too_where_nan_is_missing(client: Any, row: Row) -> None:
    rows = [row, {**row, "age": float("nan")}]
    parts, inputs = [], []
    for tensor in tensors(rows):
        content = as_bytes(tensor["datatype"], tensor.pop("data"))
        inputs.append({**tensor, "parameters": {"binary_data_size": len(content)}})
        parts.append(content)
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"inference-header-content-length": str(len(head)), "content-type": "application/octet-stream"}
    answer = client.post(INFER, content=head + b"".join(parts), headers=headers)
    assert answer.status_code == 200, answer.text
    expected = client.post("/predict", json=[row, {**row, "age": None}]).json()
    assert answer.json()["outputs"][0]["data"] == [one["prediction"] for one in expected]
    assert answer.json()["outputs"][1]["data"][1] == expected[0]["probabilities"]["yes"]


@pytest.mark.parametrize("path", [INFER, "/v2/models/model/versions/{version}/infer"])
@pytest.mark.parametrize("named", [None, "probabilities"], ids=["every output", "one of them"])
def test_outputs_are_bytes_behind_a_head_where_they_are_asked_for_so(
    client: Any, row: Row, path: str, named: str | None
) -> None:
    asked: Row = {"inputs": tensors([row, {**row, "age": 20}])}
    plain = client.post(INFER, json=asked).json()["outputs"]
    if named is None:
        asked["parameters"] = {"binary_data_output": True}
    else:
        asked["outputs"] = [{"name": "label"}, {"name": named, "parameters": {"binary_data": True}}]
    version = client.get("/model").json()["version"]
    answer = client.post(path.format(version=version), json=asked)
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers["inference-header-content-length"])
    said, rest = json.loads(answer.content[:length]), answer.content[length:]
    for output, expected in zip(said["outputs"], plain, strict=True):
        assert output["shape"] == expected["shape"]
        if named is not None and output["name"] != named:
            assert output["data"] == expected["data"]
            continue
        size = output["parameters"]["binary_data_size"]
        assert rest[:size] == as_bytes(output["datatype"], expected["data"])
        rest = rest[size:]
    assert rest == b""


def test_a_version_that_is_named_answers_whatever_the_routes_say(
    make_client: Callable[..., Any], deploy: Deploy, put: Callable[..., str], bundles: Any, row: Row
) -> None:
    champion, challenger = put(bundles.first), put(bundles.second, "challenger", 1.0)
    service = open_service(Source(bundles.first, deploy), ServeSettings())
    client = make_client(app_of(service, ServeSettings()))
    assert client.get("/v2/models/model").json()["versions"] == [champion, challenger]
    asked = {"inputs": tensors([row])}
    said = {None: client.post(INFER, json=asked).json()}
    for version in (champion, challenger):
        here = f"/v2/models/model/versions/{version}"
        said[version] = client.post(f"{here}/infer", json=asked).json()
        assert said[version]["model_version"] == version
        assert client.get(f"{here}/ready").json() == {"ready": True}
    assert said[None]["outputs"] == said[challenger]["outputs"] != said[champion]["outputs"]
    counts = service.follower.deployment.challenger.counts
    assert counts.answers == 1  # nobody chose by chance who is asked by its version
    roll_back(deploy, None, who="Anna", why="")
    service.follower.look()
    assert client.post(f"/v2/models/model/versions/{challenger}/infer", json=asked).status_code == 404
    service.close()


def test_metadata_tells_inputs_and_outputs(client: Any, bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    model = client.get("/v2/models/model").json()
    assert {each["name"]: each["datatype"] for each in model["inputs"]} == TYPES
    assert [(each["name"], each["shape"]) for each in model["outputs"]] == [
        ("label", [-1, 1]),
        ("probabilities", [-1, 2]),
    ]
    assert (model["versions"], model["parameters"]) == ([bundle.version], {"classes": ["no", "yes"]})
    assert client.get(f"/v2/models/model/versions/{bundle.version}").json() == model
    assert client.get("/v2").json()["name"] == "fullcycle"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == client.get("/v2/models/model/ready").json()


AGE = {"name": "age", "shape": [1, 1], "datatype": "FP64", "data": [1]}


@pytest.mark.parametrize(
    ("sent", "status", "named"),
    [
        ([], 400, "inputs"),
        ({"inputs": []}, 400, "inputs"),
        ({"inputs": [3]}, 400, "found 3"),
        ({"inputs": [{**AGE, "datatype": "FP128"}]}, 400, "FP128"),
        ({"inputs": [{**AGE, "shape": [1, 2]}]}, 400, "[1, 2]"),
        ({"inputs": [{**AGE, "shape": [-1]}]}, 400, "[-1]"),
        ({"inputs": [{**AGE, "shape": [2]}]}, 400, "found 1 values, expected 2"),
        ({"inputs": [{**AGE, "data": None}]}, 400, "a list"),
        ({"inputs": [AGE, AGE]}, 400, "twice"),
        ({"inputs": [AGE, {**AGE, "name": "plan", "shape": [2], "data": ["a", "b"]}]}, 400, "found 2 rows"),
        ({"inputs": [{**AGE, "parameters": {"binary_data_size": 8}}]}, 400, "binary_data_size 8"),
        ({"inputs": [AGE], "outputs": 3}, 400, "outputs"),
        ({"inputs": [AGE]}, 422, "column income"),
        ({"inputs": [{**AGE, "shape": [0], "data": []}]}, 422, "no row"),
        ({"inputs": [{**AGE, "shape": [101], "data": [1] * 101}]}, 413, "101 rows"),
    ],
)
def test_an_error_has_the_protocols_shape_and_names_its_place(
    client: Any, sent: Any, status: int, named: str
) -> None:
    answer = client.post(INFER, json=sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert named in answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["/v2/models/other", "/v2/models/model/versions/9", "/v2/none", "/v2/models/other/ready"]
)
def test_what_is_not_there_is_a_404_in_the_protocols_shape(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("FP64", b"1234567"),
        ("BYTES", b"\x05\x00\x00\x00ab"),
        ("BYTES", b"\x01\x00"),
        ("BYTES", b"\x01\x00\x00\x00\xff"),
    ],
)
def test_bytes_that_are_no_tensor_are_a_400(client: Any, kind: str, content: bytes) -> None:
    given = {"name": "age", "shape": [1], "datatype": kind, "parameters": {"binary_data_size": len(content)}}
    head = json.dumps({"inputs": [given]}).encode()
    headers = {"inference-header-content-length": str(len(head))}
    answer = client.post(INFER, content=head + content, headers=headers)
    assert answer.status_code == 400, answer.text
    beyond = client.post(INFER, content=head, headers={"inference-header-content-length": "99999"})
    assert beyond.status_code == 400
