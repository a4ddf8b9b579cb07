"""Records as Arrow: the columns that both forms of the log have. Needs pyarrow: runs outside the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from fullcycle.live.log.record import Record, read_records

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 20_000
SOURCES = b"fullcycle.log.files"  # a part's metadata: the files whose rows it took over
FORMAT = b"fullcycle.log.version"


def schema() -> pa.Schema:
    """`inputs`, `output` and `unexpected` are JSON: they differ from one contract to the next."""
    import pyarrow as pa

    return pa.schema(
        [
            ("kind", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("request_id", pa.string()),
            ("row", pa.int32()),
            ("route", pa.string()),
            ("version", pa.string()),
            ("latency_ms", pa.float64()),
            ("fallback", pa.string()),
            ("inputs", pa.string()),
            ("output", pa.string()),
            ("prediction", pa.string()),
            ("unexpected", pa.string()),
            ("outcome", pa.string()),
        ]
    )


class Torn:
    """How many lines could not be read."""

    def __init__(self) -> None:
        self.lines = 0


def batches(paths: Sequence[Path], torn: Torn) -> Iterator[pa.RecordBatch]:
    """All whole records of several files, in order, at constant memory."""
    import pyarrow as pa

    kept: list[dict[str, Any]] = []
    for record in _whole(paths, torn):
        kept.append(_flat(record))
        if len(kept) == BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(kept, schema=schema())
            kept = []
    if kept:
        yield pa.RecordBatch.from_pylist(kept, schema=schema())


def write_part(target: Path, paths: Sequence[Path], torn: Torn) -> int:
    """Write the records of several files as Parquet that names them; returns how many there are."""
    import pyarrow.parquet as pq

    from fullcycle.live.log.record import LOG_VERSION

    named = orjson.dumps([path.name for path in paths])
    described = schema().with_metadata({SOURCES: named, FORMAT: str(LOG_VERSION).encode()})
    rows = 0
    with pq.ParquetWriter(target, described, compression="zstd") as writer:
        for batch in batches(paths, torn):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def sources_of(part: Path) -> frozenset[str]:
    """The names of the files that a part took over."""
    import pyarrow.parquet as pq

    metadata = pq.read_schema(part).metadata or {}
    return frozenset(orjson.loads(metadata.get(SOURCES, b"[]")))


def _whole(paths: Iterable[Path], torn: Torn) -> Iterator[Record]:
    for path in paths:
        for record in read_records(path):
            if record is None:
                torn.lines += 1
            else:
                yield record


def _flat(record: Record) -> dict[str, Any]:
    output = record.get("output")
    return {
        **{name: record.get(name) for name in ("kind", "time", "request_id", "row", "route", "version")},
        "latency_ms": record.get("latency_ms"),
        "fallback": record.get("fallback"),
        "inputs": _json(record.get("inputs")),
        "output": _json(output),
        "prediction": None if output is None else _text(output["prediction"]),
        "unexpected": _json(record.get("unexpected")),
        "outcome": _text(record.get("outcome")),
    }


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _text(value: Any) -> str | None:
    """Numbers as their shortest text that reads back as the same number."""
    return value if value is None or isinstance(value, str) else repr(float(value))
