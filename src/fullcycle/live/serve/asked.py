"""A request as the server looks at it: headers read once, and an id that goes into every line about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import count
from os import urandom
from typing import Any

from starlette.types import Receive, Scope

# What stands in an ASGI scope besides: the request as read here; by our own protocol that its body has come
# whole, and what writes an answer at once.
STATE, WHOLE, WRITE, TASKS = "fullcycle.asked", "fullcycle.whole", "fullcycle.write", "fullcycle.tasks"
JSON_TYPE = (b"content-type", b"application/json")
WORTHY_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")  # goes into logs and files as it is: nothing else may come
_numbers = count()
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(slots=True)
class Asked:
    """Header names are in lower case; of equal ones the last counts. `caller` is a key's name or address, and
    `kind` are the headers that say what the answer is. `whole` says that nobody has to wait for the body,
    `tasks` what is under way in this process, if known."""

    method: str
    path: str
    headers: Mapping[bytes, bytes]
    receive: Receive
    request_id: str
    caller: str = ""
    whole: bool = False
    tasks: Collection[object] = ()
    kind: tuple[tuple[bytes, bytes], ...] = (JSON_TYPE,)

    @property
    def alone(self) -> bool:
        """Whether no other request is under way."""
        return len(self.tasks) == 1

    def header(self, name: bytes) -> str:
        """A header as text, "" where there is none."""
        return self.headers.get(name, b"").decode("latin-1")


def read_asked(scope: Scope, receive: Receive) -> Asked:
    """The request of a scope, which remembers it for whoever answers."""
    headers = dict(scope["headers"])
    client = scope.get("client")
    asked = Asked(
        scope["method"],
        scope["path"],
        headers,
        receive,
        _request_id(headers.get(b"x-request-id")),
        client[0] if client else "",
        WHOLE in scope,
        scope.get(TASKS, ()),
    )
    scope[STATE] = asked
    return asked


def asked_of(scope: Mapping[str, Any]) -> Asked:
    """The request that stands at a scope."""
    asked: Asked = scope[STATE]
    return asked


def _request_id(sent: bytes | None) -> str:
    """The client's own, if it is one; else a new one."""
    if sent is not None and WORTHY_ID.fullmatch(sent):
        return sent.decode("ascii")
    return f"{_process_id()}{next(_numbers):012x}"


@cache
def _process_id() -> str:
    """80 random bits; with a number behind them an id is unique, and the system is not asked each time."""
    return urandom(10).hex()
