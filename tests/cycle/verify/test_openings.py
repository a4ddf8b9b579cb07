"""No look at the test set goes unrecorded, and none is counted twice."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.cycle.verify.openings import Opening, count_openings, record_opening


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "evidence" / "openings.jsonl"


def opening(build: str = "b1", test: str = "t1") -> Opening:
    return Opening(opened="2024-02-29T00:00:00+00:00", build=build, test=test, commit="c1")


def test_each_look_is_a_line_with_what_was_judged(record: Path) -> None:
    record_opening(record, opening())
    record_opening(record, opening())
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    expected = {"opened": "2024-02-29T00:00:00+00:00", "build": "b1", "test": "t1", "commit": "c1"}
    assert lines == [expected, expected]


def test_what_counts_is_how_many_models_were_judged_on_the_same_rows(record: Path) -> None:
    assert record_opening(record, opening("b1")) == 1
    assert record_opening(record, opening("b1")) == 1
    assert record_opening(record, opening("b2")) == 2
    assert record_opening(record, opening("b2", test="another test set")) == 1
    assert count_openings(record, "never opened") == 0


def test_a_torn_line_counts_and_does_not_swallow_the_next(record: Path) -> None:
    record_opening(record, opening("b1"))
    with record.open("a") as handle:
        handle.write('{"opened": "2024-03-01", "bui')
    assert record_opening(record, opening("b2")) == 3
    assert json.loads(record.read_text().splitlines()[-1])["build"] == "b2"


@pytest.mark.parametrize("line", ["[]", "null", "nonsense", "\x00\x00", '"a"'])
def test_a_line_that_is_no_opening_counts_as_one(record: Path, line: str) -> None:
    record.parent.mkdir()
    record.write_text(line + "\n")
    assert record_opening(record, opening()) == 2


def test_no_record_is_no_opening(record: Path) -> None:
    assert count_openings(record, "t1") == 0


def test_a_line_is_on_disk_before_the_call_returns(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(
            str(Path(f"/proc/self/fd/{handle}").readlink()) if Path("/proc/self/fd").exists() else ""
        )
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    record_opening(record, opening())
    assert len(synced) == 2, "the line, and the folder's entry of a new file"
    assert synced[0] in ("", str(record))


def test_a_record_that_cannot_be_written_is_an_error_with_a_cure(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, content: bytes) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UserError, match="No space left on device") as refusal:
        record_opening(record, opening())
    assert "free some space" in refusal.value.hint
