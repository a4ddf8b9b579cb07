"""The server's log: a line for each event on stderr, JSON or for people, each with the id of its request."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from fullcycle.live.serve.asked import REQUEST_ID, Asked

LOGGER = "fullcycle.serve"
FIELDS = "fields"  # of a log record: what stands in the line beside its message

Format = Literal["console", "json"]
Which = Literal["all", "problems", "none"]


class RequestLog:
    """Lines about requests: of all, of those that were refused or failed, or of failures of ours alone."""

    def __init__(self, which: Which) -> None:
        self._from = {"all": 0, "problems": 400, "none": 1000}[which]
        self._logger = logging.getLogger(LOGGER)

    def answered(self, asked: Asked, status: int, seconds: float, problem: str) -> None:
        """A request has its answer."""
        if status < self._from:
            return
        fields = {
            "method": asked.method,
            "path": asked.path,
            "status": status,
            "ms": round(seconds * 1000, 3),
            "caller": asked.caller,
            **({"problem": problem} if problem else {}),
        }
        level = logging.INFO if status < 500 else logging.ERROR
        self._logger.log(level, "request", extra={FIELDS: fields})

    def failed(self, asked: Asked, error: Exception) -> None:
        """A bug of ours, with its traceback: the client only gets the request's id."""
        self._logger.error(
            "failed", exc_info=error, extra={FIELDS: {"method": asked.method, "path": asked.path}}
        )


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, request_id and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Never raises for a field that JSON has no form for."""
        line = {**_common(record), **getattr(record, FIELDS, {})}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class ForPeople(logging.Formatter):
    """Time, level, event, and fields as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """A control character that a client sent is shown, never obeyed."""
        common = _common(record)
        fields: dict[str, Any] = {**getattr(record, FIELDS, {}), "request_id": common["request_id"]}
        told = " ".join(f"{name}={_shown(value)}" for name, value in fields.items() if value != "")
        line = f"{common['time'][11:23]} {record.levelname.lower():7} {common['event']} {told}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _common(record: logging.LogRecord) -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": record.getMessage(),
        "request_id": REQUEST_ID.get(),
    }


def _shown(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def log_to_stderr(form: Format) -> None:
    """Let the server's and uvicorn's lines go to stderr in one form. For a process that serves."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else ForPeople())
    for name, level in ((LOGGER, logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
