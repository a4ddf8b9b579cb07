"""What is said of a bundle made again: equal only if every answer is, and what a stage lacks is named."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.core.bundle.conftest import training_columns
from tests.released import bundle_in, project_in

from fullcycle.automate.rebuild import _compared, _lend_inputs, _track_apart
from fullcycle.core.errors import UserError
from fullcycle.core.project.dvc_lock import md5_of
from fullcycle.core.project.project import Project

LOCK = """stages:
  collect: {{deps: [{{path: people.csv, md5: 0}}], outs: [{{path: data/raw.parquet, md5: 1}}]}}
  clean: {{deps: [{{path: data/raw.parquet, md5: 1}}, {{path: towns.csv, md5: {towns}}}]}}
"""


def finished(folder: Path, shift: float) -> Project:
    project = project_in(folder / "project")
    bundle_in(folder, shift=shift).rename(project.paths.bundle)
    columns = training_columns(60)
    columns["since"] = pa.array(columns["since"], type=pa.timestamp("us"))
    project.paths.data.mkdir()
    for path in (project.paths.train, project.paths.test):
        pq.write_table(pa.table(columns), path)
    return project


def test_the_same_answers_are_equal_and_one_other_number_is_not(tmp_path: Path) -> None:
    was = finished(tmp_path / "was", -1.5)
    same = _compared(was, finished(tmp_path / "same", -1.5))
    assert (same.equal, same.same_graph, same.same_tables, same.test_rows) == (True, True, True, 60)
    other = _compared(was, finished(tmp_path / "other", -1.500001))
    assert (other.equal, other.same_graph, other.same_tables) == (False, False, True)
    assert other.test_differing > 0
    assert other.as_dict()["equal"] is False


def test_a_table_beside_the_snapshot_is_lent_if_it_is_what_it_was(tmp_path: Path) -> None:
    project, again = project_in(tmp_path / "here"), project_in(tmp_path / "clone")
    towns = project.root / "towns.csv"
    towns.write_text("town\nA\n")
    (again.root / "dvc.lock").write_text(LOCK.format(towns=md5_of(towns)))
    _lend_inputs(project, again)
    assert (again.root / "towns.csv").read_text() == towns.read_text()
    assert not (again.root / "people.csv").exists()  # the source is not read again
    (again.root / "towns.csv").unlink()
    towns.write_text("town\nB\n")
    with pytest.raises(UserError, match="changed since that run"):
        _lend_inputs(project, again)
    towns.unlink()
    with pytest.raises(UserError, match="no such file"):
        _lend_inputs(project, again)


def test_no_server_hears_of_a_rebuild(tmp_path: Path) -> None:
    again = project_in(tmp_path, "tracking:\n  uri: https://mlflow.example.com  # ours\n")
    _track_apart(again)
    assert Project(again.root).settings.tracking.uri == "sqlite:///mlflow.db"


def test_settings_that_were_not_committed_with_their_run_are_named(tmp_path: Path) -> None:
    from fullcycle.automate.frozen import differing_settings

    again = project_in(tmp_path, "seed: 7\n")
    (tmp_path / "dvc.lock").write_text(
        "stages: {clean: {params: {fullcycle.yaml: {seed: 0, name: people}}}}\n"
    )
    assert [str(each) for each in differing_settings(again)] == [
        "fullcycle.yaml, key seed: found 7, recorded 0"
    ]
