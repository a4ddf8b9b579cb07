"""Small tables of tests whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.evidence.abtest import AnalysisFacts
from fullcycle.core.project.abtest_settings import AbTest
from fullcycle.live.abtest.analyse import Asked, analyse

Columns = dict[str, NDArray[Any]]
Analysed = Callable[..., AnalysisFacts]
DAYS = 10


def drawn(units: int = 4_000, seed: int = 0, shares: tuple[float, ...] = (0.5, 0.5)) -> Columns:
    """Two variants or more; B has more conversions and revenue, which `before` explains in part."""
    random = np.random.default_rng(seed)
    variant = random.choice(list("ABCD")[: len(shares)], units, p=shares)
    treated = variant != "A"
    before = random.gamma(2.0, 10.0, units)
    moment = np.datetime64("2026-03-01") + random.integers(0, DAYS * 86_400, units).astype("timedelta64[s]")
    return {
        "group": variant,
        "converted": (random.random(units) < 0.2 + 0.05 * treated).astype(np.int64),
        "revenue": 0.9 * before + random.gamma(2.0, 4.0, units) + 1.0 * treated,
        "before": before,
        "visits": random.poisson(3.0, units) + 1.0,
        "country": random.choice(["de", "fr", "it"], units, p=[0.6, 0.3, 0.1]),
        "seen": moment.astype("datetime64[us]"),
    }


def table_of(columns: Columns) -> Any:
    """As a source hands it out: with row numbers."""
    rows = len(next(iter(columns.values())))
    return from_arrow(pa.table({ROW: np.arange(rows), **columns}))


def design_of(metrics: dict[str, dict[str, Any]], **given: Any) -> AbTest:
    return AbTest.model_validate(
        {"variant": "group", "shares": {"A": 0.5, "B": 0.5}, "metrics": metrics, **given}
    )


@pytest.fixture(scope="session")
def columns() -> Columns:
    return drawn()


@pytest.fixture(scope="session")
def analysed() -> Analysed:
    """Facts of a table of columns, for metrics and further keys of the design; the same question once."""
    kept: dict[tuple[int, str], tuple[Columns, AnalysisFacts]] = {}

    def run(columns: Columns, metrics: dict[str, dict[str, Any]], **given: Any) -> AnalysisFacts:
        design = design_of(metrics, **given)
        key = id(columns), design.model_dump_json()
        if key not in kept:  # with the columns, so that nobody else gets their id
            kept[key] = columns, analyse(table_of(columns), Asked("t", design, "table"))
        return kept[key][1]

    return run
