"""An error of a stage reaches who asked for the run whole, and once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullcycle.automate.running import StageFailed
from fullcycle.cli.handover import FAILURE, hand_over, handed_over
from fullcycle.cli.main import main
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.lock import PARENT_VARIABLE

ERROR = UserError(where="data/raw.parquet, row 3", found="'x'", expected="a number", hint="mend it")


@pytest.fixture
def under_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DVC_STAGE", "clean")
    monkeypatch.setenv(PARENT_VARIABLE, "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [UserError, CheckFailed])
def test_the_run_raises_what_the_stage_laid_down(under_a_run: Path, kind: type[UserError]) -> None:
    with pytest.raises(UserError) as caught, handed_over(under_a_run):  # noqa: PT012 - the block is the run
        hand_over(kind(**ERROR.as_dict()))
        raise StageFailed("clean", kind.exit_code)
    assert type(caught.value) is kind
    assert caught.value.as_dict() == ERROR.as_dict()
    assert not (under_a_run / FAILURE).exists()


def test_a_stage_that_died_without_a_word_is_told_as_such(under_a_run: Path) -> None:
    with pytest.raises(StageFailed), handed_over(under_a_run):
        raise StageFailed("clean", 1)


def test_an_error_of_an_earlier_run_is_not_told_again(under_a_run: Path) -> None:
    hand_over(ERROR)
    with pytest.raises(StageFailed), handed_over(under_a_run):
        raise StageFailed("clean", 1)


def test_the_stage_itself_stays_silent_and_keeps_its_exit_code(
    under_a_run: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["-C", "/", "clean"]) == 2
    assert capfd.readouterr() == ("", "")


def test_under_plain_dvc_the_stage_tells_it(
    under_a_run: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(PARENT_VARIABLE)
    assert main(["-C", "/", "clean"]) == 2
    assert "found no fullcycle.yaml" in capfd.readouterr().err
    assert not (under_a_run / FAILURE).exists()


def test_where_it_cannot_be_laid_down_the_stage_tells_it(
    under_a_run: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (under_a_run / FAILURE.parent).write_text("a file in the way")
    assert main(["-C", "/", "clean"]) == 2
    assert "found no fullcycle.yaml" in capfd.readouterr().err
