"""A recorded search is replayed where all that it depended on is equal, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cycle.experiment.conftest import contract_of

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.project.settings import DataSettings, ExperimentSettings, Settings, SplitSettings
from fullcycle.cycle.experiment.recorded import (
    Recorded,
    RecordedTrial,
    file_hash,
    read_recorded,
    search_key,
    write_recorded,
)

RECORDED = Recorded(
    key="k",
    ended_by="time",
    trials=(
        RecordedTrial(model="linear", parameters={"C": 0.1, "log_target": False}),
        RecordedTrial(model="lightgbm", parameters={"num_leaves": 7, "encoder": "one_hot"}),
    ),
)


def test_what_was_recorded_is_read_again_exactly_and_written_in_equal_bytes(tmp_path: Path) -> None:
    path = tmp_path / "experiment.lock.json"
    write_recorded(path, RECORDED)
    first = path.read_bytes()
    found = read_recorded(path, "k")
    assert found == RECORDED
    assert type(found.trials[1].parameters["num_leaves"]) is int
    write_recorded(path, found)
    assert path.read_bytes() == first


@pytest.mark.parametrize("content", ["{}\n", "", "no json", '{"key": "k"}'])
def test_a_file_that_holds_no_search_is_no_record(tmp_path: Path, content: str) -> None:
    path = tmp_path / "experiment.lock.json"
    path.write_text(content)
    assert read_recorded(path, "k") is None
    assert read_recorded(tmp_path / "absent.json", "k") is None


def test_a_search_of_another_key_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "experiment.lock.json"
    write_recorded(path, RECORDED)
    assert read_recorded(path, "other") is None


def key(
    task: Task = Task.binary, policies: tuple[ColumnPolicy, ...] = (), data: str = "d", **changed: Any
) -> str:
    sections = {name: changed.pop(name) for name in ("seed", "split") if name in changed}
    settings = Settings(
        name="x", data=DataSettings(source="x.csv"), experiment=ExperimentSettings(**changed), **sections
    )
    return search_key(settings, contract_of(task), policies, data)


def test_the_key_changes_with_everything_that_decides_a_search() -> None:
    keys = [
        key(),
        key(Task.regression),
        key(policies=(ColumnPolicy(column="age", missing="median"),)),
        key(data="other"),
        key(seed=1),
        key(split=SplitSettings(kind="random")),
        key(trials=17),
        key(time_budget_s=41.0),
        key(batch=5),
        key(models=["linear"]),
    ]
    assert len(set(keys)) == len(keys)


def test_workers_are_no_part_of_the_key() -> None:
    assert key(workers=1) == key(workers=8)


def test_a_file_is_known_by_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_hash(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")
