"""Every error of the API as problem JSON (RFC 9457): what it is, what was found, what was expected."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from fullcycle.live.answers import BadValue, RowsRejected
from fullcycle.live.log.writer import NotLogged
from fullcycle.live.routes.router import NoAnswer

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("fullcycle.serve")
RETRY_AFTER_S = "10"  # about as long as a breaker stays open
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
BAD_TENSOR = Kind(
    "bad-tensor",
    400,
    "A tensor of /v2 is not well formed",
    "Send columns of one length with name, datatype, shape and data; GET /v2/models/NAME lists them.",
)
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
UNAUTHORIZED = Kind(
    "unauthorized",
    401,
    "A key is needed",
    "Send the header authorization: Bearer KEY; `fullcycle keys new` makes one.",
)
FORBIDDEN = Kind("forbidden", 403, "This key may not ask that", "Use a key with the role that is named.")
WRONG_HOST = Kind(
    "wrong-host",
    421,
    "The server is not asked under this name",
    "Ask under a name that it has, or add this one to serve.hosts in fullcycle.yaml.",
)
TOO_OFTEN = Kind(
    "too-often",
    429,
    "Too many requests of one caller",
    "Send it again after the seconds of the header retry-after; serve.requests_per_s is the limit.",
)
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address", "The addresses stand above.")
WRONG_METHOD = Kind("wrong-method", 405, "This address answers other methods", "The header allow names them.")
NOT_HTTP = Kind("not-http", 400, "The bytes are not HTTP", "Send an HTTP/1.1 request.")
HEAD_TOO_LARGE = Kind(
    "head-too-large",
    431,
    "Address and headers are too large",
    "Send at most 100 headers, and at most 64 kB with the address.",
)
FRAMING_TOO_LARGE = Kind(
    "framing-too-large",
    400,
    "Too much stands around the body",
    "Send chunks without extensions, and no trailers: nothing here reads them.",
)
HEAD_TOO_SLOW = Kind("head-too-slow", 408, "The headers did not arrive in time", "Send all headers at once.")
OVERLOADED = Kind(
    "overloaded",
    503,
    "Too many requests are under way",
    "Send it again after the seconds of the header retry-after; serve.waiting_at_most is the limit.",
)
NO_ANSWER = Kind(
    "no-answer",
    503,
    "No model could answer",
    "Send it again after the seconds of retry-after; serve.routes.fallback says what answers instead.",
)
NOT_LOGGED = Kind(
    "not-logged",
    503,
    "The prediction log can't be written",
    "Send it again after the seconds of retry-after; log.when_full says what happens on a full disk.",
)
NO_LOG = Kind(
    "no-log",
    404,
    "Nothing is logged here",
    "Serve a project whose fullcycle.yaml does not say log.enabled: false.",
)
INTERNAL = Kind(
    "internal",
    500,
    "The server failed",
    "A bug of ours: please report it with the lines of the server's log.",
)

KINDS = (
    BAD_ROWS,
    NO_ROWS,
    BAD_TENSOR,
    NOT_JSON,
    WRONG_TYPE,
    TOO_LARGE,
    TOO_MANY_ROWS,
    TOO_SLOW,
    UNAUTHORIZED,
    FORBIDDEN,
    WRONG_HOST,
    TOO_OFTEN,
    NOT_FOUND,
    WRONG_METHOD,
    NOT_HTTP,
    HEAD_TOO_LARGE,
    FRAMING_TOO_LARGE,
    HEAD_TOO_SLOW,
    OVERLOADED,
    NO_ANSWER,
    NOT_LOGGED,
    NO_LOG,
    INTERNAL,
)


@dataclass
class Problem(Exception):
    """A request that gets no prediction. `detail` is about this request; `hint` says what to do."""

    kind: Kind
    detail: str
    hint: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The body of the answer."""
        body = {
            "type": f"/docs#{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        return {**body, **({"hint": self.hint} if self.hint else {}), **self.more}

    def body(self, path: str) -> tuple[bytes, str]:
        """The answer to a request at a path, and its media type: /v2 has a shape of its own."""
        if path == "/v2" or path.startswith("/v2/"):
            return orjson.dumps({"error": f"{self.kind.title}: {self.detail}"}), "application/json"
        return orjson.dumps(self.as_dict()), MEDIA_TYPE


def bad_rows(errors: Sequence[BadValue]) -> Problem:
    """Names every bad row, and spells out what was found and expected in each."""
    first, rows = errors[0], sorted({error.row for error in errors})
    place = f"row {first.row}" + (f", column {first.name}" if first.column is not None else "")
    others = f"; {len(errors)} such values in {len(rows)} rows" if len(errors) > 1 else ""
    return Problem(
        BAD_ROWS,
        f"{place}: found {first.found}, expected {first.expected}{others}",
        "GET /model lists every column with its type and what is expected",
        {"errors": [error.as_dict() for error in errors[:ERRORS_SPELLED_OUT]], "bad_rows": rows},
    )


def as_problem(error: Exception) -> Problem:
    """What a client is told of whatever a request ended in."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RowsRejected):
        return bad_rows(error.errors)
    if isinstance(error, NoAnswer):
        LOG.error("no answer by %s (%s): %s", error.version, error.reason, error.detail)
        told = f"bundle {error.version} failed ({error.reason or 'no model'}); the server's log says how"
        return Problem(NO_ANSWER, told, headers={"retry-after": RETRY_AFTER_S})
    if isinstance(error, NotLogged):
        told = "the server could not put it on record; the server's log says why"
        return Problem(NOT_LOGGED, told, headers={"retry-after": RETRY_AFTER_S})
    # The traceback stands in the server's log; a client has no use for it.
    return Problem(INTERNAL, "the reason is in the server's log, under the id of this request")


def add_problem_handlers(app: FastAPI) -> None:
    """Problem JSON for whatever a request behind the framework ends in; the door does the same before it."""

    async def refused(request: Request, error: Exception) -> Response:
        problem = as_problem(error)
        body, media_type = problem.body(request.url.path)
        return Response(body, problem.kind.status, problem.headers, media_type)

    for kind in (Problem, RowsRejected, NoAnswer, NotLogged, Exception):
        app.add_exception_handler(kind, refused)

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Response:
        problem = _routing_problem(request, error)
        body, media_type = problem.body(request.url.path)
        return Response(body, problem.kind.status, error.headers, media_type)


def _routing_problem(request: Request, error: HTTPException) -> Problem:
    asked = f"{request.method} {request.url.path}"
    if error.status_code == WRONG_METHOD.status:
        allowed = (error.headers or {}).get("Allow", "another method")
        return Problem(WRONG_METHOD, f"found {asked}, expected {allowed}")
    if error.status_code == NOT_FOUND.status:
        return Problem(NOT_FOUND, f"found no answer to {asked}", "GET /docs lists every address")
    return Problem(Kind("request", error.status_code, str(error.detail), ""), asked)
