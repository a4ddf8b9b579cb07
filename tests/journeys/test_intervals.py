"""A number with its interval, from a table to an answer: `prepare.intervals` through the whole cycle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fullcycle.automate.init import NewProject, init_project
from fullcycle.core.bundle import read_bundle
from fullcycle.core.project.project import Project
from fullcycle.cycle.clean import stage as clean
from fullcycle.cycle.collect import stage as collect
from fullcycle.cycle.experiment import stage as experiment
from fullcycle.cycle.explore import stage as explore
from fullcycle.cycle.prepare import stage as prepare
from fullcycle.cycle.verify import stage as verify
from tests.cycle.experiment.conftest import SilentTracker

SETTINGS = """
name: flats
data: {source: ../flats.csv}
experiment: {trials: 2, folds: 3, models: [linear, lightgbm]}
prepare: {variants: false, intervals: 0.8}
"""


def test_a_predicted_number_is_answered_with_its_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    rooms = random.integers(1, 6, 800)
    rent = 300 + 250 * rooms + random.normal(0, 60, 800)
    source = tmp_path / "flats.csv"
    pd.DataFrame({"rooms": rooms, "floor": random.integers(1, 9, 800), "rent": rent.round(1)}).to_csv(
        source, index=False
    )
    made = init_project(NewProject(tmp_path / "flats", source, "rent")).project
    made.paths.settings.write_text(SETTINGS)
    project = Project(made.root)
    monkeypatch.setattr(experiment, "Tracker", SilentTracker)
    for stage in (collect, clean, explore, experiment, prepare):
        stage.run(project)
    evidence = verify.run(project)
    assert evidence.coverage is not None
    assert evidence.coverage.claimed == 0.8
    assert evidence.coverage.covered > evidence.coverage.by_chance
    assert sum(part.rows for part in evidence.coverage.parts) == evidence.rows
    assert evidence.coverage.low is not None
    assert evidence.coverage.high is not None
    assert evidence.coverage.low < evidence.coverage.covered < evidence.coverage.high
    assert "interval_coverage" in {each.id for each in evidence.checks}
    bundle = read_bundle(project.paths.bundle)
    [answer] = bundle.answer([bundle.coerce({"rooms": 3, "floor": 2})])
    assert answer["prediction_low"] < answer["prediction"] < answer["prediction_high"]  # type: ignore[operator]
    assert 100 < answer["prediction_high"] - answer["prediction_low"] < 220  # 2 * 1.28 * 60 is 154
    table = bundle.predict(pd.DataFrame({"rooms": [1, 5], "floor": [1, 1]}))
    assert list(table.columns) == ["prediction", "prediction_low", "prediction_high"]
