"""A project with a released bundle made by hand, and tables that look like its training rows, or don't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.core.bundle.conftest import training_columns
from tests.released import bundle_in, project_in

from fullcycle.core.project.project import Project
from fullcycle.live.monitor.stage import Asked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Table = Callable[..., str]


@pytest.fixture(scope="session")
def people_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("people"))


@pytest.fixture
def watched_project(tmp_path: Path, people_bundle: Path) -> Project:
    project = project_in(tmp_path / "project")
    project.paths.bundle.symlink_to(people_bundle)
    return project


def people(rows: int, seed: int = 1) -> dict[str, Any]:
    """Coerced columns drawn as training rows were."""
    columns = training_columns(500)
    random = np.random.default_rng(seed)
    chosen = random.integers(0, 500, rows)
    drawn = {name: [values[at] for at in chosen] for name, values in columns.items()}
    drawn["since"] = [None if each is None else each // 1_000_000 for each in drawn["since"]]
    return drawn


@pytest.fixture
def make_table(tmp_path: Path) -> Table:
    """Write rows as Parquet, with some columns changed (None takes one out); gives the path."""

    def made(rows: int = 1000, *, seed: int = 1, **changes: Any) -> str:
        columns = people(rows, seed)
        for name, change in changes.items():
            if change is None:
                del columns[name]
            else:
                columns[name] = change(columns[name]) if name in columns else change(None)
        columns["since"] = [
            None if each is None else datetime.fromtimestamp(each, UTC).isoformat()
            for each in columns["since"]
        ]
        path = tmp_path / f"rows{seed}-{len(changes)}.parquet"
        pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)
        return str(path)

    return made


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[str], Asked]:
    return lambda source, **more: Asked(source=source, here=tmp_path, **more)
