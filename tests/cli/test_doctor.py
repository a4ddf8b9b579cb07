"""What doctor prints; what it looks at is tested beside it."""

from __future__ import annotations

import pytest

from fullcycle.automate import doctor
from fullcycle.cli.main import main


def test_outside_a_project_only_the_installation_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        doctor.Check("git", "ok", "git version 2"),
        doctor.Check("libgomp", "missing", "no libgomp.so.1", "apt-get install libgomp1"),
    ]
    monkeypatch.setattr(doctor, "checks", lambda project: found if project is None else [])
    assert main(["-C", "/", "doctor"]) == 1
    out, err = capsys.readouterr()
    assert out == (
        "+ git      git version 2\nx libgomp  no libgomp.so.1\n           to mend: apt-get install libgomp1\n"
    )
    assert "no project here" in err
