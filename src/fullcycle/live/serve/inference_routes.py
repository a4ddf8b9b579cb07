"""The addresses below /v2, and what OpenAPI says of them."""

from __future__ import annotations

from enum import Enum
from typing import Any

from fastapi import FastAPI, Request, Response

from fullcycle.live.serve.asked import asked_of
from fullcycle.live.serve.inference import BINARY, KNOWN, Inference
from fullcycle.live.serve.openapi import body_problems, not_found

JSON = "application/json"
TENSOR = {
    "type": "object",
    "required": ["name", "shape", "datatype", "data"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": 2},
        "datatype": {"enum": list(KNOWN)},
        "data": {"type": "array"},
    },
}
REQUEST = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string"},
        "parameters": {"type": "object", "properties": {"binary_data_output": {"type": "boolean"}}},
        "inputs": {"type": "array", "items": TENSOR, "minItems": 1},
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "parameters": {"type": "object", "properties": {"binary_data": {"type": "boolean"}}},
                },
            },
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["model_name", "model_version", "outputs"],
    "properties": {
        "id": {"type": "string"},
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "outputs": {"type": "array", "items": TENSOR},
    },
}
TAGS: list[str | Enum] = ["open inference protocol"]


def add_inference(app: FastAPI, inference: Inference) -> None:
    """Let the app answer by the protocol."""
    _add_health(app)

    @app.get("/v2", tags=TAGS)
    async def server() -> Response:
        """What this server is."""
        return _json(inference.server())

    @app.get("/v2/models/{name}", tags=TAGS, responses=not_found())
    async def model(name: str) -> Response:
        """Inputs and outputs of the model that answers."""
        return _json(inference.model(name))

    @app.get("/v2/models/{name}/versions/{version}", tags=TAGS, responses=not_found())
    async def model_version(name: str, version: str) -> Response:
        """The same of one version: the champion, or the challenger."""
        return _json(inference.model(name, version))

    @app.get("/v2/models/{name}/ready", tags=TAGS, responses=not_found())
    async def model_ready(name: str) -> Response:
        """Whether the model answers."""
        inference.check(name)
        return _json(b'{"ready":true}')

    @app.get("/v2/models/{name}/versions/{version}/ready", tags=TAGS, responses=not_found())
    async def version_ready(name: str, version: str) -> Response:
        """Whether that version answers."""
        inference.check(name, version)
        return _json(b'{"ready":true}')

    @app.post("/v2/models/{name}/infer", tags=TAGS, **_infer_operation())
    async def infer(name: str, request: Request) -> Response:
        """Answer columns of rows with columns of answers."""
        return await _inferred(inference, name, None, request)

    @app.post("/v2/models/{name}/versions/{version}/infer", tags=TAGS, **_infer_operation())
    async def version_infer(name: str, version: str, request: Request) -> Response:
        """The same by that version, champion or challenger, whatever the routes say."""
        return await _inferred(inference, name, version, request)


async def _inferred(inference: Inference, name: str, version: str | None, request: Request) -> Response:
    inference.check(name, version)
    asked = asked_of(request.scope)
    body = await inference.infer(asked, version)
    return Response(body, headers={key.decode(): value.decode() for key, value in asked.kind})


def _add_health(app: FastAPI) -> None:
    @app.get("/v2/health/live", tags=TAGS)
    async def live() -> Response:
        """Whether the process answers at all."""
        return _json(b'{"live":true}')

    @app.get("/v2/health/ready", tags=TAGS)
    async def ready() -> Response:
        """Whether predictions are answered."""
        return _json(b'{"ready":true}')


def _infer_operation() -> dict[str, Any]:
    return {
        "openapi_extra": {"requestBody": {"required": True, "content": {JSON: {"schema": REQUEST}}}},
        "responses": {
            200: {
                "description": "Answers by column; bytes behind a JSON head where an output is asked for so",
                "content": {JSON: {"schema": ANSWER}, BINARY.decode(): {}},
            },
            **body_problems(),
            **not_found(),
        },
    }


def _json(body: bytes) -> Response:
    return Response(body, media_type=JSON)
