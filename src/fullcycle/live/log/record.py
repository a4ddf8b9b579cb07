"""One record of the prediction log: a line of JSON whose last key is the CRC-32 of what stands before it.

    {"kind":"prediction","time":"2026-05-01T10:00:00.000001Z", ... ,"crc":1234567890}

The checksum is of the bytes up to `,"crc":`, so that a line torn by a kill or a full disk is recognised, also
where what is left of it would be JSON. Any tool that reads lines of JSON reads the log.

To change the format: raise `LOG_VERSION` and let `decode` go on reading what was written before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

LOG_VERSION = 1
SEAL = b',"crc":'
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS

Record = dict[str, Any]


def encode(record: Mapping[str, Any]) -> bytes:
    r"""A record as its line.

    >>> encode({"kind": "feedback"})
    b'{"kind":"feedback","crc":2257574870}\n'
    """
    head = orjson.dumps(record, option=OPTIONS)[:-1]
    return b"%b%b%d}\n" % (head, SEAL, crc32(head))


def decode(line: bytes) -> Record | None:
    """The record of a line, or None where the line is torn or damaged."""
    head, seal, tail = line.rstrip(b"\r\n").rpartition(SEAL)
    if not seal or not tail.endswith(b"}") or not tail[:-1].isdigit() or crc32(head) != int(tail[:-1]):
        return None
    record: Record = orjson.loads(head + b"}")
    return record


def read_records(path: Path) -> Iterator[Record | None]:
    """Every record of a file in the order in which they were written; None for a line that is torn."""
    with path.open("rb") as lines:
        for line in lines:
            yield decode(line)
