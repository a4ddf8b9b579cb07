"""One record of the prediction log: a line of JSON whose last key is the CRC-32 of what stands before it.

    {"v":2,"kind":"columns","version":"1db5","columns":["age","city"],"crc":1234567890}
    {"v":2,"kind":"prediction","time":"2026-05-01T10:00:00Z","version":"1db5","inputs":[31,"Oslo"], ...}

The checksum is of the bytes up to `,"crc":`, so that a line torn by a kill or a full disk is recognised, also
where what is left of it would be JSON. Names of columns stand once in a file for each version that answers
there: with them in each record, a record was nearly twice as long and its log a third dearer.

To change the format: raise `LOG_VERSION` and let `Lines` go on reading what was written before (version 1 had
the names in each record).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

LOG_VERSION = 2
COLUMNS = "columns"  # the kind that names the inputs of those that follow
SEAL = b',"crc":'

Record = dict[str, Any]


def encode(record: Mapping[str, Any]) -> bytes:
    r"""A record as its line.

    >>> encode({"kind": "feedback"})
    b'{"kind":"feedback","crc":2257574870}\n'
    """
    return sealed(as_json(record)[:-1])


def sealed(head: bytes) -> bytes:
    """The line of a record that is JSON already, but for its closing brace."""
    return b"%b%b%d}\n" % (head, SEAL, crc32(head))


def as_json(value: Any) -> bytes:
    """Part of a record as it stands in the line."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def unsealed(line: bytes) -> Record | None:
    """What a line says by itself, or None where it is torn or damaged."""
    head, seal, tail = line.rstrip(b"\r\n").rpartition(SEAL)
    if not seal or not tail.endswith(b"}") or not tail[:-1].isdigit() or crc32(head) != int(tail[:-1]):
        return None
    record: Record = orjson.loads(head + b"}")
    return record


class Lines:
    """Reads the lines of one file in their order: those of the kind `columns` name the inputs of others."""

    def __init__(self) -> None:
        self._columns: dict[str, list[str]] = {}

    def read(self, line: bytes) -> Record | None:
        """A record with its inputs by name; None for a line that is torn, or whose names are lost."""
        record = unsealed(line)
        if record is None:
            return None
        if record.get("kind") == COLUMNS:
            self._columns[record["version"]] = record["columns"]
        inputs = record.get("inputs")
        if not isinstance(inputs, list):
            return record
        names = self._columns.get(record["version"])
        return None if names is None else {**record, "inputs": dict(zip(names, inputs, strict=True))}


def read_records(path: Path) -> Iterator[Record | None]:
    """Answers and outcomes of a file, in the order in which they were written; None for a torn line."""
    lines = Lines()
    with path.open("rb") as handle:
        for line in handle:
            record = lines.read(line)
            if record is None or record["kind"] != COLUMNS:
                yield record
