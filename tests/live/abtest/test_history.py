"""What a table of the time before, and the log, say of a test to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.live.abtest.conftest import DAYS, Columns, design_of
from tests.released import project_in

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import DataSettings
from fullcycle.core.sources.source import open_source
from fullcycle.live.abtest.design import History, design, read_history
from fullcycle.live.abtest.logged import units_a_day
from fullcycle.live.log.record import encode

METRIC = {"revenue": {"covariate": "before", "effect": 1.0}}


def history_of(columns: Columns, folder: Path, **given: str) -> History:
    pq.write_table(pa.table(columns), folder / "before.parquet")
    with open_source(DataSettings(source="before.parquet"), folder) as opened:
        return read_history(opened, design_of(METRIC, **given), "before.parquet")


def test_value_spread_and_savings_are_those_of_the_rows(columns: Columns, tmp_path: Path) -> None:
    shifted = {**columns, "revenue": columns["revenue"] + 10 * (columns["country"] == "fr")}
    history = history_of(shifted, tmp_path, strata="country", time="seen")
    known, y = history.known["revenue"], shifted["revenue"]
    assert (known.base, known.sd) == (pytest.approx(y.mean()), pytest.approx(y.std(ddof=1)))
    assert known.by_cuped == pytest.approx(1 - np.corrcoef(y, shifted["before"])[0, 1] ** 2, rel=1e-6)
    within = sum(
        (shifted["country"] == name).mean() * y[shifted["country"] == name].var(ddof=1)
        for name in ("de", "fr", "it")
    )
    assert known.by_strata == pytest.approx(within / y.var(ddof=1), rel=1e-3)
    assert known.kept < min(known.by_cuped, known.by_strata)
    assert history.per_day == pytest.approx(len(y) / DAYS)


def test_what_is_saved_saves_units_and_what_is_said_goes_first(columns: Columns, tmp_path: Path) -> None:
    history = history_of(columns, tmp_path, time="seen")
    plain = design("t", design_of({"revenue": {"effect": 1.0}}), history)
    saved = design("t", design_of(METRIC), history)
    kept = history.known["revenue"].kept
    assert saved.units == pytest.approx(
        plain.units, rel=1e-9
    )  # both know the same history, with its covariate
    alone = design("t", design_of({"revenue": {"effect": 1.0, "base": 30.0, "sd": 20.0}}))
    told = design("t", design_of({"revenue": {**METRIC["revenue"], "base": 30.0, "sd": 20.0}}), history)
    assert told.metrics[0].base == 30.0
    assert told.units / alone.units == pytest.approx(kept, rel=0.01)
    assert saved.per_day_from == "history"
    assert saved.days is not None
    said = design("t", design_of(METRIC, per_day=10.0), history)
    assert (said.per_day, said.per_day_from) == (10.0, "said")


def test_a_history_without_the_column_is_told(columns: Columns, tmp_path: Path) -> None:
    without = {name: values for name, values in columns.items() if name != "before"}
    with pytest.raises(UserError, match="no column 'before'"):
        history_of(without, tmp_path)


def test_the_log_says_requests_a_day_of_whole_days(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    assert units_a_day(project) is None
    project.paths.predictions.mkdir()
    for ago, requests in ((0, 50), (1, 3), (2, 5)):
        moment = datetime.now(UTC) - timedelta(days=ago)
        records = [
            {
                "v": 1,
                "kind": "prediction",
                "time": moment,
                "request_id": f"{ago}-{number}",
                "row": row,
                "route": "champion",
                "version": "v",
                "latency_ms": 1.0,
                "inputs": {},
                "output": {"prediction": 1.0},
            }
            for number in range(requests)
            for row in (0, 1)
        ]
        name = f"{moment.date().isoformat()}_host-1_{ago}.jsonl"
        (project.paths.predictions / name).write_bytes(b"".join(map(encode, records)))
    found = units_a_day(project)
    assert found is not None
    assert (found.units, found.source) == (4.0, "log")  # today is not over
