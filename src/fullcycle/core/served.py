"""Rows that a model answered, put below those of the source once their outcome came.

`data/served.parquet` holds them as a CSV would: each cell as the contract's column writes it, so that they
are read, checked and cleaned as the source's rows are, in whatever type the source has a column. What the log
does not know (a column that no model sees) is missing there; an identifier is that of the request.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from fullcycle.core.contract.cells import as_text, number_of, physical_type
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.tables import ROW, read_parquet
from fullcycle.core.engines.tall import fetch
from fullcycle.core.evidence.collect import ServedFacts

REQUEST_ID, REQUEST_ROW, ANSWERED = "_request_id", "_request_row", "_answered"

# How a moment is written in a form that the contract lists, by strftime; of a count since 1970, its units.
STRFTIME = {
    "iso": "%Y-%m-%dT%H:%M:%S.%f",
    "dmy": "%d.%m.%Y %H:%M:%S.%f",
    "mdy": "%m/%d/%Y %H:%M:%S.%f",
    "ymd": "%Y/%m/%d %H:%M:%S.%f",
    "dmy2": "%d.%m.%y %H:%M:%S.%f",
    "mdy2": "%m/%d/%y %H:%M:%S.%f",
    "dmy_name": "%d %B %Y %H:%M:%S.%f",
    "mdy_name": "%B %d, %Y %H:%M:%S.%f",
}
SECONDS = {
    "epoch_s": "0.000001",
    "epoch_ms": "0.001",
    "epoch_us": "1",
    "epoch_ns": "1000",
}  # of its unit, a microsecond


def put_below(table: ibis.Table, path: Path, contract: Contract) -> tuple[ibis.Table, ServedFacts]:
    """The table with the served rows after its last one, and what they are. `table` has the row number."""
    served = read_parquet(path)
    [counted] = fetch(table.aggregate(rows=table[ROW].max()))
    after = -1 if counted["rows"] is None else int(counted["rows"])
    above: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for name in table.columns:
        column = next((each for each in contract.columns if each.name == name), None)
        ours = served[name] if name in served.columns else None
        above[name], below[name] = _alike(table[name], ours, column)
    below[ROW] = (served[ROW] + (after + 1)).cast("int64")
    above[ROW] = table[ROW].cast("int64")
    whole = table.select(**above).union(served.select(**below))
    return whole, _facts(path, served)


def _alike(theirs: Any, ours: Any, column: Column | None) -> tuple[Any, Any]:
    """A column of the source and of served rows (None where these have none), in one type that both can have
    without loss."""
    kind = theirs.type()
    physical = physical_type(kind)
    if ours is None or column is None:
        return theirs, ibis.null(kind)
    match column.type, physical:
        case _, "text":
            return theirs, ours
        case ColumnType.numeric, _:
            digits = theirs.cast("string") if physical == "decimal" else theirs
            return digits.cast("float64"), number_of(ours, column)
        case ColumnType.boolean, "boolean":
            return theirs, ours == "true"
        case ColumnType.datetime, "date" | "timestamp":
            moment = dt.Timestamp(scale=6)
            return theirs.cast(moment), ours.try_cast(moment)
    text = as_text(theirs, physical)
    return (theirs, ibis.null(kind)) if text is None else (text, ours)


def _facts(path: Path, served: ibis.Table) -> ServedFacts:
    asked = served.aggregate(rows=served.count(), first=served[ANSWERED].min(), last=served[ANSWERED].max())
    [found] = fetch(asked)
    first, last = (None if found[name] is None else found[name].isoformat() for name in ("first", "last"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ServedFacts(
        file=f"data/{path.name}", sha256=digest, rows=int(found["rows"]), first=first, last=last
    )
