"""`data.labels` is written into fullcycle.yaml and taken out again, with everything else as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.core.project.settings_yaml import settings_to_yaml
from fullcycle.live.label.setting import set_labels

AS_INIT = settings_to_yaml(Settings(name="people", data=DataSettings(source="people.csv")))
SHORT = "name: people\ndata:\n    # where it is\n    source: people.csv\nseed: 1\n"
FILE = "labels/labels.csv"


@pytest.mark.parametrize("text", [AS_INIT, SHORT])
def test_setting_and_taking_out_leaves_the_rest(text: str, tmp_path: Path) -> None:
    path = tmp_path / "fullcycle.yaml"
    path.write_text(text, encoding="utf-8")
    before = Project(tmp_path).settings
    assert set_labels(Project(tmp_path), FILE)
    assert Project(tmp_path).settings.data.labels == FILE
    assert not set_labels(Project(tmp_path), FILE)
    assert set_labels(Project(tmp_path), None)
    assert Project(tmp_path).settings == before
    if text == AS_INIT:
        assert path.read_text(encoding="utf-8") == text


def test_a_file_in_another_shape_stays_and_the_person_is_told_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "fullcycle.yaml"
    path.write_text("{name: people, data: {source: people.csv}}\n", encoding="utf-8")
    with pytest.raises(UserError, match=f"labels: {FILE}"):
        set_labels(Project(tmp_path), FILE)
    assert path.read_text(encoding="utf-8") == "{name: people, data: {source: people.csv}}\n"
