"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import (
    replace_folder,
    write_bytes_atomically,
    write_text_atomically,
    written_aside,
)


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    write_text_atomically(path, "old")
    with pytest.raises(KeyboardInterrupt):
        interrupted_write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_not_be_written_is_told_with_its_place_and_the_cure(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where a folder should be")
    with pytest.raises(UserError, match="can't be written") as caught:
        write_bytes_atomically(tmp_path / "evidence/clean.json", b"{}")
    assert "free some space or mend the permissions" in caught.value.hint


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    for name, content in (("bundle", "old"), ("new", "new")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.md").write_text(content)
    (tmp_path / "bundle/extra").write_text("of the old one")
    replace_folder(tmp_path / "bundle", tmp_path / "new")
    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["card.md"]
    assert (tmp_path / "bundle/card.md").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def interrupted_write(path: Path) -> None:
    """Write half of the new content, then be interrupted."""
    with written_aside(path) as aside:
        aside.write_text("half")
        raise KeyboardInterrupt
