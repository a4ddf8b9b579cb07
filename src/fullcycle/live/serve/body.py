"""From the bytes of a request to raw rows: limits first, then JSON, and nothing that JSON leaves open.

Whether values are right is the contract's business; here it is only that there are rows to look at.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.types import Receive

from fullcycle.core.contract.row import shown
from fullcycle.live.answers import BadValue, RowsRejected
from fullcycle.live.serve.asked import Asked
from fullcycle.live.serve.problems import (
    BAD_ROWS,
    NO_ROWS,
    NOT_JSON,
    TOO_LARGE,
    TOO_MANY_ROWS,
    TOO_SLOW,
    WRONG_TYPE,
    Problem,
)

BODY_WITHIN_S = 30.0  # a client that sends one byte a second must not hold a connection for ever
JSON_HEADER = "content-type: application/json"
PLAIN_JSON = b"application/json"
ONE_OR_LIST = "one flat JSON object, or a list of them"


def check_headers(asked: Asked, bytes_at_most: int) -> None:
    """Refuse what no body can mend: another type (a stranger's web page can send those), or its length."""
    if asked.headers.get(b"content-type") != PLAIN_JSON:
        _check_type(asked.header(b"content-type"))
    encoding = asked.header(b"content-encoding").lower()
    if encoding not in ("", "identity"):
        raise Problem(
            WRONG_TYPE, f"found content-encoding {shown(encoding)}, expected none", "send it uncompressed"
        )
    length = asked.headers.get(b"content-length", b"")
    if length.isdigit() and (size := size_of(length)) > bytes_at_most:
        raise _too_large(f"{size:,} bytes", bytes_at_most)


def size_of(digits: bytes) -> int:
    """A length as a header says it, of 20 digits at most: Python refuses to read thousands."""
    return int(digits.lstrip(b"0")[:20] or b"0")


def _check_type(content_type: str) -> None:
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem(
            WRONG_TYPE, f"found content-type {shown(kind)}, expected application/json", f"send {JSON_HEADER}"
        )
    charset = parameters.partition("charset=")[2].strip(" \"'").lower()
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Problem(WRONG_TYPE, f"found charset {shown(charset)}, expected utf-8", f"send {JSON_HEADER}")


async def read_body(asked: Asked, bytes_at_most: int) -> bytes:
    """The whole body, also when it comes in chunks without a declared length."""
    body = bytearray()
    if asked.whole:  # a timer costs more than what it would watch here
        return await _received(asked.receive, bytes_at_most, body)
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _received(asked.receive, bytes_at_most, body)
    except TimeoutError:
        raise Problem(
            TOO_SLOW, f"found {len(body):,} bytes after {BODY_WITHIN_S:g} s, expected the whole body"
        ) from None


async def _received(receive: Receive, bytes_at_most: int, body: bytearray) -> bytes:
    """The whole body; what has come of it stands in `body`."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":  # nobody reads this answer
            raise Problem(NOT_JSON, f"the connection ended after {len(body):,} bytes")
        came: bytes = message.get("body", b"")
        if len(body) + len(came) > bytes_at_most:
            raise _too_large(f"more than {bytes_at_most:,} bytes", bytes_at_most)
        if not message.get("more_body", False):
            return bytes(body + came) if body else came
        body += came


def parse_rows(body: bytes, rows_at_most: int, setting: str = "rows_at_most") -> tuple[list[Any], bool]:
    """Rows as sent, and whether they are a list. Raises Problem, or RowsRejected for a repeated column."""
    content = parse_json(body)
    if isinstance(content, dict):
        rows, is_list = [content], False
    elif isinstance(content, list):
        rows, is_list = content, True
    else:
        raise Problem(BAD_ROWS, f"found {shown(content)}, expected {ONE_OR_LIST}")
    refuse_too_many(len(rows), rows_at_most, setting)
    _refuse_repeated_columns(body, rows)
    return rows, is_list


def refuse_too_many(rows: int, rows_at_most: int, setting: str = "rows_at_most") -> None:
    """Raises Problem where there are too many rows, or none."""
    if not rows:
        raise Problem(NO_ROWS, f"found no row, expected {ONE_OR_LIST}")
    if rows > rows_at_most:
        raise Problem(
            TOO_MANY_ROWS,
            f"found {rows:,} rows, expected at most {rows_at_most:,}",
            f"send several requests, or raise serve.{setting} in fullcycle.yaml",
        )


def parse_json(body: bytes) -> Any:
    """What the body says, or Problem."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _not_json(body, error) from None


def _refuse_repeated_columns(body: bytes, rows: Sequence[Any]) -> None:
    """JSON leaves open which of two equal keys holds, and orjson takes the last in silence.

    Every key is followed by a colon: as many colons as keys means that no key came twice, without a second
    look at the body. More colons (a time of day in a value, say) are looked at.
    """
    keys = sum(len(row) for row in rows if isinstance(row, dict))
    if body.count(b":") == keys:
        return
    try:
        pairs = json.loads(body, object_pairs_hook=_Pairs, parse_int=_ignore, parse_float=_ignore)
    except (ValueError, RecursionError):  # nested far deeper than a flat row: the contract refuses it by name
        return
    errors = [
        BadValue(index, name, "the column twice", "each column once")
        for index, row in enumerate(
            pairs if isinstance(pairs, list) and not isinstance(pairs, _Pairs) else [pairs]
        )
        if isinstance(row, _Pairs)
        for name in row.repeated()
    ]
    if errors:
        raise RowsRejected(errors)


class _Pairs(list[tuple[str, Any]]):
    """An object's keys and values before Python makes a dict of them."""

    def repeated(self) -> list[str]:
        """Keys that came more than once."""
        return [name for name, times in Counter(name for name, _ in self).items() if times > 1]


def _ignore(text: str) -> None:
    """Numbers don't matter here, and Python refuses to read very long ones."""


def _not_json(body: bytes, error: orjson.JSONDecodeError) -> Problem:
    if not body.strip():
        return Problem(NOT_JSON, f"found an empty body, expected {ONE_OR_LIST}")
    hint = ""
    if b"NaN" in body or b"Infinity" in body:
        hint = "NaN and Infinity are no JSON: send null for a missing value"
    elif body.startswith(b"'") or b"{'" in body:
        hint = "strings and keys stand in double quotes"
    return Problem(NOT_JSON, f"found no JSON ({error}), expected {ONE_OR_LIST}", hint)


def _too_large(found: str, bytes_at_most: int) -> Problem:
    return Problem(
        TOO_LARGE,
        f"found {found}, expected at most {bytes_at_most:,}",
        "send several requests, or raise serve.body_mb_at_most in fullcycle.yaml",
    )
