"""Every error of the API as problem JSON (RFC 9457): what it is, what was found, what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from fullcycle.live.answers import BadValue, RowsRejected

MEDIA_TYPE = "application/problem+json"
ERRORS_SPELLED_OUT = 1000  # of one request; beyond, bad rows are still all named by their index


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its address is /docs#NAME, where the same words stand."""

    name: str
    status: int
    title: str
    cure: str


BAD_ROWS = Kind(
    "bad-rows",
    422,
    "Some values break the contract",
    "Mend the values listed under errors and send the request again; no row of it was answered.",
)
NO_ROWS = Kind("no-rows", 422, "The request holds no row", "Send one JSON object, or a list of at least one.")
NOT_JSON = Kind(
    "not-json", 400, "The body is not JSON", "Send UTF-8 JSON; a missing value is null, never NaN."
)
WRONG_TYPE = Kind(
    "wrong-type", 415, "The body is not declared as JSON", "Send the header content-type: application/json."
)
TOO_LARGE = Kind(
    "too-large", 413, "The body is too large", "Send several requests, or raise serve.body_mb_at_most."
)
TOO_MANY_ROWS = Kind(
    "too-many-rows",
    413,
    "The request holds too many rows",
    "Send several requests, or raise serve.rows_at_most.",
)
TOO_SLOW = Kind("too-slow", 408, "The body did not arrive in time", "Send the whole body at once.")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address", "The addresses stand above.")
WRONG_METHOD = Kind("wrong-method", 405, "This address answers other methods", "The header allow names them.")
INTERNAL = Kind(
    "internal",
    500,
    "The server failed",
    "A bug of ours: please report it with the lines of the server's log.",
)

KINDS = (
    BAD_ROWS,
    NO_ROWS,
    NOT_JSON,
    WRONG_TYPE,
    TOO_LARGE,
    TOO_MANY_ROWS,
    TOO_SLOW,
    NOT_FOUND,
    WRONG_METHOD,
    INTERNAL,
)


@dataclass
class Problem(Exception):
    """A request that gets no prediction. `detail` is about this request; `hint` says what to do."""

    kind: Kind
    detail: str
    hint: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The body of the answer."""
        body = {
            "type": f"/docs#{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        return {**body, **({"hint": self.hint} if self.hint else {}), **self.more}


def bad_rows(errors: Sequence[BadValue]) -> Problem:
    """Names every bad row, and spells out what was found and expected in each."""
    first, rows = errors[0], sorted({error.row for error in errors})
    place = f"row {first.row}" + (f", column {first.column}" if first.column is not None else "")
    others = f"; {len(errors)} such values in {len(rows)} rows" if len(errors) > 1 else ""
    return Problem(
        BAD_ROWS,
        f"{place}: found {first.found}, expected {first.expected}{others}",
        "GET /model lists every column with its type and what is expected",
        {"errors": [error.as_dict() for error in errors[:ERRORS_SPELLED_OUT]], "bad_rows": rows},
    )


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request with a problem."""
    return Response(
        orjson.dumps(problem.as_dict()),
        problem.kind.status,
        headers=dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every exception that a request may end in into problem JSON."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return problem_response(error)

    @app.exception_handler(RowsRejected)
    async def rejected(request: Request, error: RowsRejected) -> Response:
        return problem_response(bad_rows(error.errors))

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Response:
        return problem_response(_routing_problem(request, error), error.headers)

    @app.exception_handler(Exception)
    async def internal(request: Request, error: Exception) -> Response:
        # uvicorn writes the traceback to the server's log; a client has no use for it.
        return problem_response(Problem(INTERNAL, "the reason is in the server's log"))


def _routing_problem(request: Request, error: HTTPException) -> Problem:
    asked = f"{request.method} {request.url.path}"
    if error.status_code == WRONG_METHOD.status:
        allowed = (error.headers or {}).get("Allow", "another method")
        return Problem(WRONG_METHOD, f"found {asked}, expected {allowed}")
    if error.status_code == NOT_FOUND.status:
        return Problem(NOT_FOUND, f"found no answer to {asked}", "GET /docs lists every address")
    return Problem(Kind("request", error.status_code, str(error.detail), ""), asked)
