"""What `fullcycle log show` tells: counts by day, route and version, and the last answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from fullcycle.live.log.read import open_log

GROUPS = """
SELECT time::DATE::VARCHAR AS day, route, version, count(*) AS answers, count(outcome) AS outcomes,
    quantile_cont(latency_ms, 0.5) AS latency_p50_ms, quantile_cont(latency_ms, 0.99) AS latency_p99_ms,
    count(fallback) AS fallbacks
FROM predictions GROUP BY day, route, version ORDER BY day, route, version
"""
LAST = "SELECT * FROM predictions ORDER BY time DESC, request_id, row DESC, route LIMIT {}"
JSON_COLUMNS = ("inputs", "output", "unexpected")


@dataclass(frozen=True)
class Shown:
    """`files` are those that no compaction took over, `torn` lines that could not be read."""

    answers: int
    outcomes: int
    orphans: int
    torn: int
    files: int
    parts: int
    groups: list[dict[str, Any]]
    records: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def look(folder: Path, records: int = 0) -> Shown:
    """Count what the log holds; the last `records` answers are the newest last."""
    with open_log(folder) as log:
        groups = log.rows(GROUPS)
        [orphans] = log.rows("SELECT count(*) AS n FROM orphans")
        last = log.rows(LAST.format(int(records))) if records else []
        return Shown(
            answers=sum(group["answers"] for group in groups),
            outcomes=sum(group["outcomes"] for group in groups),
            orphans=orphans["n"],
            torn=log.torn,
            files=log.raw,
            parts=log.parts,
            groups=groups,
            records=[_plain(record) for record in reversed(last)],
        )


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    read = {name: None if record[name] is None else orjson.loads(record[name]) for name in JSON_COLUMNS}
    times = {name: value.isoformat() for name, value in record.items() if isinstance(value, datetime)}
    return {**record, **read, **times}
