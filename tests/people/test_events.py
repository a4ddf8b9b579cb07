"""Event files say what evidence says: read back by TensorBoard itself."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fullcycle.core.errors import UserError
from fullcycle.people.events import write_events
from fullcycle.people.report.records import Records
from tests.people import evidence_factory as factory
from tests.people.monitor_factory import control, monitored, number, window

pytest.importorskip("tensorboard")
DAY_S = 86_400


def read_back(folder: Path) -> dict[str, list[tuple[int, float, float]]]:
    """Step, value and moment of each tag."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    from tensorboard.util import tensor_util

    [path] = folder.glob("events.out.tfevents.*")
    found: dict[str, list[tuple[int, float, float]]] = {}
    for event in LegacyEventFileLoader(str(path)).Load():
        for each in event.summary.value:
            value: Any = tensor_util.make_ndarray(each.tensor)
            found.setdefault(each.tag, []).append((event.step, float(value), event.wall_time))
    return found


def test_trials_folds_and_the_verdict_are_read_back_as_they_stand_in_evidence(tmp_path: Path) -> None:
    experiment, verify = factory.experiment(), factory.verify()
    counted = write_events(tmp_path, Records(experiment=experiment, verify=verify))
    search = read_back(tmp_path / "search")
    assert counted["search"] == sum(map(len, search.values()))
    for trial in experiment.trials:
        tag = f"{experiment.metric}/{trial.model}"
        assert (trial.number, pytest.approx(trial.score, rel=1e-6)) in [each[:2] for each in search[tag]]
        for fold, score in enumerate(trial.scores, start=1):
            told = search[f"{experiment.metric} of fold {fold}/{trial.model}"]
            assert (trial.number, pytest.approx(score, rel=1e-6)) in [each[:2] for each in told]
    verdict = read_back(tmp_path / "verdict")
    for metric in verify.metrics:
        [(step, value, _)] = verdict[metric.metric]
        assert (step, value) == (verify.openings, pytest.approx(metric.model.value, rel=1e-6))


def test_windows_are_steps_at_the_moments_when_they_began(tmp_path: Path) -> None:
    windows = [window(day, number("tenure", day > 2)) for day in (1, 2, 3)]
    evidence = monitored().model_copy(update={"control": (control(),)})
    write_events(tmp_path, Records(monitor=evidence), windows)
    found = read_back(tmp_path / "monitoring")
    moments = [moment for _, _, moment in found["effect/tenure"]]
    assert [later - first for first, later in pairwise(moments)] == [DAY_S, DAY_S]
    assert [value for _, value, _ in found["columns that moved"]] == [0, 0, 1]
    assert [step for step, _, _ in found["control/latency"]] == [*range(1, 14)], "the first has no value"


def test_an_export_takes_the_place_of_the_one_before_and_of_nothing_else(tmp_path: Path) -> None:
    records = Records(verify=factory.verify())
    assert write_events(tmp_path, records) == write_events(tmp_path, records)
    assert len([*(tmp_path / "verdict").iterdir()]) == 1
    (tmp_path / "verdict/mine.txt").write_text("mine")
    with pytest.raises(UserError, match=r"mine\.txt"):
        write_events(tmp_path, records)
    assert (tmp_path / "verdict/mine.txt").read_text() == "mine"
