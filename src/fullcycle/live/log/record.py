"""The lines of the prediction log: JSON whose last key is the CRC-32 of what stands before it.

    {"v":3,"kind":"columns","version":"1db5","columns":["age","city"],"crc":1234567890}
    {"v":3,"kind":"predictions","time":1777629600000000,"rows":[["r1",0,"champion","1db5",0.05,[31,"Oslo"],{...}]],"crc":...}
    {"v":3,"kind":"feedback","time":1777629700000000,"request_id":"r1","row":0,"outcome":"yes","crc":...}

The checksum is of the bytes up to `,"crc":`, so that a line torn by a kill or a full disk is recognised, also
where what is left of it would be JSON. Answers that are written together are one line, and it holds no name
twice. A row has its values in the order of `ANSWERED`, and where something was odd an object of `fallback`
and `unexpected` after them. Times are microseconds since 1970 UTC.

To change the format: raise `LOG_VERSION` and let `Lines` go on reading what was written before (version 1 had
a line for each row with names of inputs, version 2 one without them; both had times as text).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

LOG_VERSION = 3
COLUMNS = "columns"  # the kind that names the inputs of those that follow
PREDICTIONS = "predictions"  # the kind that holds several rows
ANSWERED = ("request_id", "row", "route", "version", "latency_ms", "inputs", "output")
SEAL = b',"crc":'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Record = dict[str, Any]


def encode(record: Mapping[str, Any]) -> bytes:
    r"""A record as its line.

    >>> encode({"kind": "feedback"})
    b'{"kind":"feedback","crc":2257574870}\n'
    """
    head = orjson.dumps(record, option=orjson.OPT_UTC_Z)[:-1]
    return b"".join((head, SEAL, str(crc32(head)).encode(), b"}\n"))


def answered(rows: Sequence[Sequence[Any]], time_us: int) -> bytes:
    """The line of rows that are answered together; each has its values in the order of `ANSWERED`."""
    return encode({"v": LOG_VERSION, "kind": PREDICTIONS, "time": time_us, "rows": rows})


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

    def read(self, line: bytes) -> list[Record | None]:
        """Answers and outcomes with inputs by name; None for what is torn, or whose names are lost."""
        said = unsealed(line)
        if said is None:
            return [None]
        if said.get("kind") == COLUMNS:
            self._columns[said["version"]] = said["columns"]
            return []
        return [self._named(record) for record in _rows(said)]

    def _named(self, record: Record) -> Record | None:
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
            yield from lines.read(line)


def without(line: bytes, unwanted: Callable[[Record], bool]) -> tuple[bytes, int]:
    """A line less its unwanted records, and how many those were; one that is torn stays as it is."""
    said = unsealed(line)
    if said is None or said.get("kind") == COLUMNS:
        return line, 0
    records = _rows(said)
    kept = [at for at, record in enumerate(records) if not unwanted(record)]
    if len(kept) == len(records):
        return line, 0
    rest = encode({**said, "rows": [said["rows"][at] for at in kept]}) if kept else b""
    return rest, len(records) - len(kept)


def _rows(said: Record) -> list[Record]:
    """What a line says, row by row, each with its moment."""
    moment = _moment(said["time"])
    if said["kind"] != PREDICTIONS:
        return [{**said, "time": moment}]
    common = {"kind": "prediction", "time": moment}
    return [{**common, **dict(zip(ANSWERED, row, strict=False)), **_odd(row)} for row in said["rows"]]


def _moment(told: int | str) -> datetime:
    if isinstance(told, str):  # until version 2
        return datetime.fromisoformat(told)
    return EPOCH + timedelta(microseconds=told)


def _odd(row: Sequence[Any]) -> Record:
    return row[len(ANSWERED)] if len(row) > len(ANSWERED) else {}
