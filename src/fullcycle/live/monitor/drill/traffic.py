"""Traffic to break: rows of the log, drawn anew into days, with answers of the bundle and outcomes.

Nobody's log is touched: days are written into a project of their own. Drawn at random from all of the log,
they have no drift of their own but what lies between log and reference, which rings before the fault, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.errors import UserError
from fullcycle.live.log.cells import quoted
from fullcycle.live.log.read import open_log

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle

ROWS_AT_MOST = 20_000
ROWS_AT_LEAST = 100
DAY = timedelta(days=1)
DELAY_S = 86_400.0  # of outcomes, where the log has none
LATENCY_MS = 1.0
READ = """
SELECT inputs, latency_ms, outcome, epoch(outcome_time) - epoch(time) AS delay_s FROM predictions
WHERE version = {version} AND route <> 'shadow' AND fallback IS NULL ORDER BY time DESC LIMIT {rows}
"""
Random = np.random.Generator


@dataclass(frozen=True)
class Traffic:
    """Rows by column, in the order of the contract's features, with outcomes as the log has them."""

    bundle: Bundle
    columns: dict[str, list[Any]]
    outcomes: list[Any]
    delays_s: list[float]
    latencies_ms: list[float]

    def __len__(self) -> int:
        return len(self.outcomes)


@dataclass
class Day:
    """What came in one day, until somebody writes it down; a fault changes it."""

    start: datetime
    columns: dict[str, list[Any]]
    outcomes: list[Any]
    delays_s: list[float | None]
    latencies_ms: list[float]


def read_traffic(folder: Path, bundle: Bundle, seed: int = 0) -> Traffic:
    """The newest answers of this bundle. Raises UserError where there are too few to make days of.

    Where no outcome is known, they are drawn from the answers' probabilities.
    """
    with open_log(folder) as log:
        rows = log.rows(READ.format(version=quoted(bundle.version), rows=ROWS_AT_MOST))
    if len(rows) < ROWS_AT_LEAST:
        raise UserError(
            where=str(folder),
            found=f"{len(rows)} answers of {bundle.version}",
            expected=f"{ROWS_AT_LEAST} or more, to make days of",
            hint="let `fullcycle serve` answer first",
        )
    inputs = [orjson.loads(row["inputs"]) for row in rows]
    names = [column.name for column in bundle.contract.features]
    columns = {name: [each.get(name) for each in inputs] for name in names}
    known = [row["delay_s"] for row in rows if row["delay_s"] is not None]
    outcomes = [row["outcome"] for row in rows]
    drawn = _drawn(bundle, columns, len(rows), seed)
    return Traffic(
        bundle,
        columns,
        [said if told is None else told for told, said in zip(outcomes, drawn, strict=True)],
        [max(each, 0.0) for each in known] or [DELAY_S],
        [row["latency_ms"] or LATENCY_MS for row in rows],
    )


def a_day(traffic: Traffic, start: datetime, rows: int, random: Random) -> Day:
    """Rows, delays and times drawn from the log."""
    chosen = random.integers(0, len(traffic), rows)
    return Day(
        start,
        {name: [values[at] for at in chosen] for name, values in traffic.columns.items()},
        [traffic.outcomes[at] for at in chosen],
        [float(each) for each in random.choice(traffic.delays_s, rows)],
        [float(each) for each in random.choice(traffic.latencies_ms, rows)],
    )


def records_of(bundle: Bundle, day: Day) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Answers of the day as the log keeps them, and outcomes with the moment at which they come."""
    rows = len(day.outcomes)
    answers = answers_to(bundle, day.columns, rows)
    said, known = [], []
    for at in range(rows):
        asked = {"request_id": f"{day.start:%Y%m%d}-{at}", "row": 0}
        moment = day.start + DAY * at / rows
        said.append(
            {
                **asked,
                "kind": "prediction",
                "time": moment,
                "route": "champion",
                "version": bundle.version,
                "latency_ms": day.latencies_ms[at],
                "inputs": orjson.dumps({name: values[at] for name, values in day.columns.items()}).decode(),
                "output": orjson.dumps(answers[at]).decode(),
                "prediction": str(answers[at]["prediction"]),
            }
        )
        delay_s = day.delays_s[at]
        if delay_s is not None and day.outcomes[at] is not None:
            came = moment + timedelta(seconds=delay_s)
            known.append({**asked, "kind": "feedback", "time": came, "outcome": str(day.outcomes[at])})
    return said, known


def answers_to(bundle: Bundle, columns: dict[str, list[Any]], rows: int) -> Sequence[Any]:
    """What the bundle says; of a personal value the log has a stand-in at most, so it is asked without."""
    personal = {column.name for column in bundle.contract.features if column.personal}
    asked = [[None] * rows if name in personal else values for name, values in columns.items()]
    return bundle.answer([CoercedRow(values, ()) for values in zip(*asked, strict=True)])


def _drawn(bundle: Bundle, columns: dict[str, list[Any]], rows: int, seed: int) -> list[Any]:
    """Outcomes as the probabilities foresee them; a predicted number comes true."""
    answers = answers_to(bundle, columns, rows)
    if bundle.classes is None:
        return [answer["prediction"] for answer in answers]
    shares = np.array([[answer["probabilities"][name] for name in bundle.classes] for answer in answers])
    below = np.cumsum(shares, axis=1)[:, :-1]
    codes = (np.random.default_rng(seed).random((rows, 1)) > below).sum(axis=1)
    return [bundle.classes[code] for code in codes]
