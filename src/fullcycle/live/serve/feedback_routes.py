"""The address of feedback, as FastAPI and OpenAPI are told of it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from fullcycle.live.serve.asked import WORTHY_ID, asked_of
from fullcycle.live.serve.feedback import Feedback
from fullcycle.live.serve.openapi import body_problems, not_found
from fullcycle.live.serve.problems import NO_LOG

JSON = "application/json"
OUTCOME: dict[str, Any] = {
    "type": "object",
    "required": ["request_id", "outcome"],
    "additionalProperties": False,
    "properties": {
        "request_id": {
            "type": "string",
            "pattern": f"^{WORTHY_ID.pattern.decode()}$",
            "description": "The x-request-id of the answer",
        },
        "row": {
            "type": "integer",
            "minimum": 0,
            "default": 0,
            "description": "The row's place in its request",
        },
        "outcome": {
            "type": ["string", "number", "boolean"],
            "description": "One of the classes that GET /model lists, or a number in regression",
        },
    },
}
ACCEPTED: dict[str, Any] = {
    "type": "object",
    "required": ["accepted"],
    "properties": {"accepted": {"type": "integer", "minimum": 1}},
}


def add_feedback(app: FastAPI, feedback: Feedback, rows_at_most: int) -> None:
    """For OpenAPI, and for whatever the door leaves to routing."""
    several = {"type": "array", "items": OUTCOME, "minItems": 1, "maxItems": rows_at_most}
    body = {"required": True, "content": {JSON: {"schema": {"anyOf": [OUTCOME, several]}}}}
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "All of them are on record", "content": {JSON: {"schema": ACCEPTED}}},
        **not_found(NO_LOG),
        **body_problems(),
    }

    @app.post("/feedback", tags=["feedback"], openapi_extra={"requestBody": body}, responses=answers)
    async def learn(request: Request) -> Response:
        """Say what turned out to be true of answered rows; sending it again changes nothing."""
        return Response(await feedback.learn(asked_of(request.scope)), media_type=JSON)
