"""How a project remembers where its table lies (DECISIONS 10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.automate.init import NewProject, init_project, propose, stored_source
from fullcycle.core.contract.model import ColumnType, Role
from fullcycle.core.errors import UserError


def test_a_table_inside_is_relative_to_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert stored_source(Path("churn/tables/a.csv"), Path("churn")) == "tables/a.csv"
    assert stored_source(Path("churn/x/../a.csv"), tmp_path / "churn") == "a.csv"


def test_a_table_outside_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert stored_source(Path("a.csv"), Path("churn")) == str(tmp_path / "a.csv")
    assert stored_source(Path("churn-2/a.csv"), Path("churn")) == str(tmp_path / "churn-2" / "a.csv")


def test_a_link_inside_the_project_is_a_file_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "churn"
    root.mkdir()
    (tmp_path / "a.csv").write_text("a\n")
    (root / "link.csv").symlink_to(tmp_path / "a.csv")
    assert stored_source(root / "link.csv", root) == "link.csv"


def test_a_project_reached_by_a_link_knows_its_own_files(tmp_path: Path) -> None:
    root = tmp_path / "churn"
    root.mkdir()
    (tmp_path / "way").symlink_to(root)
    assert stored_source(root / "a.csv", tmp_path / "way") == "a.csv"


@pytest.mark.parametrize("step", [1, 7])
def test_whole_numbers_may_be_the_time_even_a_running_number(tmp_path: Path, step: int) -> None:
    rows = "".join(f"{number * step},{number % 3},{'yes' if number % 2 else 'no'}\n" for number in range(40))
    (tmp_path / "a.csv").write_text(f"at,x,y\n{rows}")
    wanted = NewProject(directory=tmp_path / "p", source=tmp_path / "a.csv", target="y", time="at")
    proposed = propose(wanted)
    at = proposed.contract.column("at")
    assert (at.type, at.role) == (ColumnType.numeric, Role.time)
    assert not [found for found in proposed.findings if "at" in found.columns]


def test_what_is_wrong_with_the_table_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    wanted = NewProject(directory=tmp_path / "churn", source=tmp_path / "a.csv", target="churn")
    with pytest.raises(UserError, match="an empty file"):
        init_project(wanted)
    assert not (tmp_path / "churn").exists()
