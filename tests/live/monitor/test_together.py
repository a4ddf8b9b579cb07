"""All columns together: what no column shows by itself is found, and chance is not taken for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.live.monitor.conftest import NOW, Table
from tests.live.monitor.test_stage import Ask

from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.monitor import JointFacts
from fullcycle.core.project.project import Project
from fullcycle.live.monitor.drift import together
from fullcycle.live.monitor.drift.together import told_together
from fullcycle.live.monitor.stage import run

COLUMNS = (
    Column(name="x", type=ColumnType.numeric),
    Column(name="y", type=ColumnType.numeric),
    Column(name="c", type=ColumnType.categorical),
    Column(name="when", type=ColumnType.datetime),
    Column(name="who", type=ColumnType.categorical, personal=True),
)


def rows(seed: int, correlation: float = 0.0, count: int = 800) -> pa.Table:
    random = np.random.default_rng(seed)
    x, noise = random.normal(size=(2, count))
    return pa.table(
        {
            "x": pa.array(x),
            "y": pa.array(correlation * x + np.sqrt(1 - correlation**2) * noise),
            "c": pa.array(random.choice(["a", "b", None], count).tolist(), pa.string()),
            "when": pa.array(np.arange(count) + seed * 1_000_000, pa.timestamp("us")),
            "who": pa.array([f"{seed}-{at}" for at in range(count)]),
        }
    )


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "PERMUTATIONS", 300)
    monkeypatch.setattr(together, "TREES", 30)


def test_columns_that_go_together_otherwise_are_told_apart_and_named() -> None:
    found = told_together(rows(1), rows(2, correlation=0.9), COLUMNS, seed=0)
    assert found.ran
    assert found.auc is not None
    assert found.auc > 0.7
    assert found.p is not None
    assert found.p < 0.01
    assert set(found.columns[:2]) == {"x", "y"}


def test_equal_rows_are_not_told_apart_and_moments_and_persons_are_not_looked_at() -> None:
    ps = [told_together(rows(seed), rows(seed + 50), COLUMNS, seed=seed).p for seed in range(5)]
    assert all(p is not None and p > 0.01 for p in ps)


def test_few_rows_are_told() -> None:
    found = told_together(rows(1, count=100), rows(2), COLUMNS, seed=0)
    assert found == JointFacts(ran=False, why_not="too_few_rows", rows=100)


def test_without_training_rows_it_is_told_that_it_did_not_run(
    watched_project: Project, make_table: Table, ask: Ask, tmp_path: Path
) -> None:
    evidence = run(watched_project, ask(make_table()), NOW)
    assert evidence.together == JointFacts(ran=False, why_not="no_reference_rows")
    watched_project.paths.data.mkdir()
    pq.write_table(pa.table({"age": [1.0]}), watched_project.paths.train)  # of another bundle
    evidence = run(watched_project, ask(make_table()), NOW)
    assert evidence.together == JointFacts(ran=False, why_not="no_reference_rows")
