"""How our processes open DVC."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from tests.automate.past import past_project

from fullcycle.automate.repository import open_dvc
from fullcycle.core.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return past_project(tmp_path / "people")


def refused(*_: Any) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def types(project: Project, kinds: str) -> list[str]:
    with open_dvc(project) as repo, repo.config.edit("local") as config:
        config["cache"] = {"type": kinds}
    with open_dvc(project) as repo:
        return list(repo.cache.local.cache_types)


def test_where_nothing_can_be_cloned_an_output_is_linked_into_the_cache(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dvc_objects.fs.system.reflink", refused)
    assert types(project, "reflink,hardlink,copy") == ["hardlink", "reflink", "copy"]
    assert types(project, "reflink,copy") == ["reflink", "copy"]  # a person's own wish
    table = project.root / "table.bin"
    table.write_bytes(b"x" * 100)
    before = table.stat().st_ino
    types(project, "reflink,hardlink,copy")
    with open_dvc(project) as repo:
        [stage] = repo.add(str(table))
        cached = Path(repo.cache.local.oid_to_path(stage.outs[0].hash_info.value))
    assert cached.stat().st_ino == table.stat().st_ino == before


def test_where_files_can_be_cloned_they_are(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dvc_objects.fs.system.reflink", lambda *_: None)
    assert types(project, "reflink,hardlink,copy") == ["reflink", "hardlink", "copy"]
