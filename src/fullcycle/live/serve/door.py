"""What every request passes: its id, its time, its place in metrics and log, and an answer whatever happens.

Plain ASGI around the application. The addresses that carry the traffic are answered here, without the routing
and the middleware of a framework: those cost as much as a model.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fullcycle.live.serve.asked import REQUEST_ID, WRITE, Asked, asked_of, read_asked
from fullcycle.live.serve.logs import RequestLog
from fullcycle.live.serve.metrics import Metrics
from fullcycle.live.serve.problems import OVERLOADED, Problem, as_problem

UNKNOWN = "unknown"  # the path of a request that no route answers: strangers' paths are no labels

Answering = Callable[[Asked], Awaitable[bytes]]
Check = Callable[[Asked], None]


class Door:
    """`rest` answers what isn't `busy`: POST addresses with what answers them in bytes.

    Each of `checks` may raise Problem before anything else is done.
    """

    def __init__(
        self,
        rest: ASGIApp,
        busy: Mapping[str, Answering],
        checks: tuple[Check, ...],
        metrics: Metrics,
        log: RequestLog,
    ) -> None:
        self._rest, self._busy, self._checks = rest, busy, checks
        self._metrics, self._log = metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._rest(scope, receive, send)
            return
        began = perf_counter()
        asked = read_asked(scope, receive)
        REQUEST_ID.set(asked.request_id)
        reply = _Reply(scope, send, asked.request_id)
        self._metrics.enters()
        try:
            await self._answer(scope, asked, reply)
        except Exception as error:  # noqa: BLE001 - an exception of any kind must end in an answer
            await self._refuse(error, asked, reply)
        finally:
            seconds = perf_counter() - began
            path = asked.path if asked.path in self._busy else getattr(scope.get("route"), "path", UNKNOWN)
            self._metrics.leaves(path, reply.status, seconds)
            self._log.answered(asked, reply.status, seconds, reply.problem)

    async def overloaded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What answers when too many requests are under way: the state of health, and nothing else."""
        if "/health/" in scope["path"]:
            await self(scope, receive, send)
            return
        reply = _Reply(scope, send, read_asked(scope, receive).request_id)
        self._metrics.enters()
        await self._refuse(_overloaded(), asked_of(scope), reply)
        self._metrics.leaves(UNKNOWN, reply.status, 0.0)

    async def _answer(self, scope: Scope, asked: Asked, reply: _Reply) -> None:
        for check in self._checks:
            check(asked)
        answering = self._busy.get(asked.path) if asked.method == "POST" else None
        if answering is None:
            await self._rest(scope, asked.receive, reply)
        else:
            body = await answering(asked)
            await reply.whole(200, body, *asked.kind)

    async def _refuse(self, error: Exception, asked: Asked, reply: _Reply) -> None:
        problem = as_problem(error)
        if problem.kind.status >= 500 and not isinstance(error, Problem):
            self._log.failed(asked, error)
        if not reply.started:
            headers = [(name.encode(), value.encode()) for name, value in problem.headers.items()]
            reply.problem = problem.kind.name
            body, media_type = problem.body(asked.path)
            kind = (b"content-type", media_type.encode())
            await reply.whole(problem.kind.status, body, kind, *headers)


def _overloaded() -> Problem:
    detail = "found too many requests under way, expected to be asked again"
    return Problem(OVERLOADED, detail, headers={"retry-after": "1"})


def _not_written(_: int, __: list[tuple[bytes, bytes]], ___: bytes) -> bool:
    """Under another server."""
    return False


class _Reply:
    """`send` that adds the request's id and remembers the status."""

    __slots__ = ("_header", "_send", "_write", "problem", "started", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._send, self._header = send, (b"x-request-id", request_id.encode("ascii"))
        self._write = scope.get(WRITE, _not_written)
        self.status, self.started, self.problem = 500, False, ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            message["headers"] = [*message.get("headers", ()), self._header]
        await self._send(message)

    async def whole(self, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        """An answer at once."""
        self.started, self.status = True, status
        length = (b"content-length", str(len(body)).encode())
        all_headers = [*headers, length, self._header]
        if self._write(status, all_headers, body):
            return
        await self._send({"type": "http.response.start", "status": status, "headers": all_headers})
        await self._send({"type": "http.response.body", "body": body})
