"""Records, files, compaction and reading: what is written once is found exactly once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.released import ROW
from tests.tiers import examples

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import held_alone
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.route_settings import BreakerSettings
from fullcycle.live.log import compact as compacting
from fullcycle.live.log import writer
from fullcycle.live.log.compact import compact
from fullcycle.live.log.entries import Outcome
from fullcycle.live.log.files import part_files, raw_files
from fullcycle.live.log.read import open_log
from fullcycle.live.log.record import encode, read_records, unsealed
from fullcycle.live.log.writer import LogPlace, PredictionLog
from fullcycle.live.routes.breaker import Breaker
from fullcycle.live.routes.lane import Lane
from fullcycle.live.routes.router import Deployment, Served

Opens = Callable[..., PredictionLog]
IDS = "SELECT request_id, row FROM predictions ORDER BY ALL"


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Bundle:
    return read_bundle(bundle_folder)


@pytest.fixture
def place(tmp_path: Path) -> LogPlace:
    return LogPlace(tmp_path / "predictions", LogSettings())


@pytest.fixture
def opens(place: LogPlace, bundle: Bundle) -> Opens:
    """A worker's log, as often as asked for."""

    def opened(**settings: Any) -> PredictionLog:
        log = PredictionLog(LogPlace(place.folder, LogSettings(**settings)))
        log.meets(deployment_of(bundle))
        return log

    return opened


@pytest.fixture
def served(bundle: Bundle) -> list[Served]:
    return answers_of(bundle, [ROW])


def answers_of(bundle: Bundle, rows: Sequence[dict[str, Any]], route: Any = "champion") -> list[Served]:
    coerced = [bundle.coerce(row) for row in rows]
    return [
        Served(route, bundle.version, row, answer, 0.05)
        for row, answer in zip(coerced, bundle.answer(coerced), strict=True)
    ]


def deployment_of(bundle: Bundle) -> Deployment:
    lane = Lane("champion", bundle, Breaker(BreakerSettings()), Lock())
    return Deployment(lane, lambda _: None)


def found(folder: Path, sql: str = IDS) -> list[dict[str, Any]]:
    with open_log(folder) as log:
        return log.rows(sql)


def ids(folder: Path) -> list[str]:
    return [row["request_id"] for row in found(folder)]


# --- records

values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text()


@settings(max_examples=examples(50))
@given(
    st.dictionaries(st.text(min_size=1).filter(lambda name: name != "crc"), values, min_size=1, max_size=4),
    st.data(),
)
def test_a_record_reads_back_and_a_torn_or_damaged_one_is_recognised(
    record: dict[str, Any], data: st.DataObject
) -> None:
    try:
        line = encode(record)
    except TypeError:  # lone surrogates: the contract lets none through
        return
    assert line.count(b"\n") == 1
    assert unsealed(line) is not None
    cut = data.draw(st.integers(0, len(line) - 2))
    assert unsealed(line[:cut]) is None
    at = data.draw(st.integers(0, len(line) - 2))
    damaged = bytes([*line[:at], line[at] ^ 0x01, *line[at + 1 :]])
    assert unsealed(damaged) is None


def test_a_record_holds_what_was_coerced_and_said(
    opens: Opens, served: list[Served], place: LogPlace, bundle: Bundle
) -> None:
    opens(personal="omit").append("r1", served)
    [record] = read_records(raw_files(place.folder)[0].path)
    assert record is not None
    features = [column for column in bundle.contract.features if not column.personal]
    values = dict(zip([c.name for c in bundle.contract.features], served[0].row.values, strict=True))
    assert record["inputs"] == {column.name: values[column.name] for column in features}
    assert record["output"] == served[0].answer
    assert (record["request_id"], record["row"], record["route"]) == ("r1", 0, "champion")
    assert record["version"] == bundle.version


VERSION_1 = (
    b'{"v":1,"kind":"prediction","time":"2026-11-28T10:00:00.000001Z","request_id":"r1","row":0,'
    b'"route":"champion","version":"1db59b6bb9df6d4d","latency_ms":0.2334,"inputs":{"age":31.0,"city":"Oslo"},'
    b'"output":{"prediction":"Yes","probabilities":{"No":0.25,"Yes":0.75}},"crc":1191915503}\n'
)


def test_a_record_of_version_1_names_its_inputs_itself(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(VERSION_1)
    [record] = read_records(path)
    assert record is not None
    assert record["inputs"] == {"age": 31.0, "city": "Oslo"}


VERSION_2 = (
    b'{"v":2,"kind":"columns","version":"1db5","columns":["age","city"],"crc":4020994824}\n'
    b'{"v":2,"kind":"prediction","time":"2026-11-28T10:00:00.000001Z","request_id":"r1","row":0,'
    b'"route":"champion","version":"1db5","latency_ms":0.2334,"inputs":[31.0,"Oslo"],'
    b'"output":{"prediction":"Yes"},"unexpected":["city"],"crc":3878303881}\n'
    b'{"v":2,"kind":"feedback","time":"2026-11-28T11:00:00Z","request_id":"r1","row":0,"outcome":"Yes","crc":1940413450}\n'
)


def test_a_file_of_version_2_has_a_line_for_each_row(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(VERSION_2)
    said, known = read_records(path)
    assert said is not None
    assert known is not None
    assert said["inputs"] == {"age": 31.0, "city": "Oslo"}
    assert said["unexpected"] == ["city"]
    assert said["time"] == datetime(2026, 11, 28, 10, 0, 0, 1, UTC)
    assert (known["request_id"], known["outcome"]) == ("r1", "Yes")


def test_each_file_names_the_inputs_of_each_version_that_answers_in_it(
    opens: Opens, served: list[Served], place: LogPlace, bundle: Bundle
) -> None:
    log = opens(file_mb=1)
    log.append("r1", served)
    log.meets(deployment_of(personal_bundle(bundle, bundle.contract.features[0].name)))
    log.append("r2", [each._replace(version="personal") for each in served])
    log._leave()
    log.append("r3", served)
    of_files = [
        [record and record["inputs"].keys() for record in read_records(f.path)]
        for f in raw_files(place.folder)
    ]
    names = {column.name for column in bundle.contract.features}
    assert of_files == [[names, names], [names]]


def test_a_record_whose_names_are_lost_is_told_as_torn(
    opens: Opens, served: list[Served], place: LogPlace
) -> None:
    opens().append("r1", served)
    path = raw_files(place.folder)[0].path
    named, record = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(named[:20] + b"\n" + record)
    assert list(read_records(path)) == [None, None]


# --- what is personal


def personal_bundle(bundle: Bundle, name: str) -> Bundle:
    from dataclasses import replace

    columns = tuple(
        column.model_copy(update={"personal": column.name == name}) for column in bundle.contract.columns
    )
    contract = bundle.contract.model_copy(update={"columns": columns})
    return replace(bundle, version="personal", facts=bundle.facts.model_copy(update={"contract": contract}))


def test_personal_values_are_hashed_with_a_salt_of_the_project_or_left_out(
    tmp_path: Path, bundle: Bundle
) -> None:
    hidden = personal_bundle(bundle, "plan")
    answers = answers_of(hidden, [ROW, {**ROW, "plan": "basic"}, ROW, {**ROW, "plan": None}])

    def logged(name: str, **settings: Any) -> list[dict[str, Any]]:
        folder = tmp_path / name
        log = PredictionLog(LogPlace(folder, LogSettings(**settings)))
        log.meets(deployment_of(hidden))
        log.append("r", answers)
        assert b"premium" not in raw_files(folder)[0].path.read_bytes()
        return [record["inputs"] for record in read_records(raw_files(folder)[0].path) if record]

    first, second = logged("a"), logged("b")
    plans = [inputs["plan"] for inputs in first]
    assert plans[0] == plans[2] != plans[1]
    assert plans[3] is None
    assert plans[0] != second[0]["plan"]
    assert all("plan" not in inputs for inputs in logged("c", personal="omit"))


def test_the_salt_stays_the_same_and_is_the_owners_alone(place: LogPlace, opens: Opens) -> None:
    opens()
    salt = (place.folder / ".salt").read_bytes()
    opens()
    assert (place.folder / ".salt").read_bytes() == salt
    assert (place.folder / ".salt").stat().st_mode & 0o077 == 0


# --- files


def let_it_be(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written from now on is of this day."""
    noon = datetime.combine(day, time(12), UTC)
    monkeypatch.setattr(writer, "now_us", lambda: int(noon.timestamp()) * 1_000_000)


def test_each_day_and_each_full_file_begins_another(
    opens: Opens, served: list[Served], place: LogPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opens(file_mb=0.0005)
    for number in range(4):
        log.append(f"r{number}", served)
    assert len(raw_files(place.folder)) > 1
    let_it_be(date(2031, 1, 2), monkeypatch)
    log.append("later", served)
    assert raw_files(place.folder)[-1].day == date(2031, 1, 2)
    assert ids(place.folder) == ["later", "r0", "r1", "r2", "r3"]


def test_a_torn_record_at_the_end_is_skipped_and_counted(
    opens: Opens, served: list[Served], place: LogPlace
) -> None:
    log = opens()
    log.append("whole", served)
    log.append("torn", served)
    path = raw_files(place.folder)[0].path
    os.truncate(path, path.stat().st_size - 7)
    with open_log(place.folder) as read:
        assert [row["request_id"] for row in read.rows(IDS)] == ["whole"]
        assert read.torn == 1


# --- a disk that is full (a limit on the size of a file says it to root too)

FULL = """
import resource, signal, sys
from pathlib import Path
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.live.log.writer import LogPlace, NotLogged, PredictionLog
from tests.live.log.test_log import answers_of, deployment_of
from tests.released import ROW

folder, bundle, policy = Path(sys.argv[1]), read_bundle(Path(sys.argv[2])), sys.argv[3]
log = PredictionLog(LogPlace(folder, LogSettings(when_full=policy)))
log.meets(deployment_of(bundle))
served = answers_of(bundle, [ROW, ROW])
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
refused = 0
for number in range(10):
    try:
        log.append(f"{number:02}", served)
    except NotLogged:
        refused += 1
full = log.state()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append("again", served)
print(refused, full["lost"], log.state()["written"], bool(full["failing"]), log.state()["failing"])
"""


@pytest.mark.parametrize("policy", ["refuse", "go_on"])
def test_on_a_full_disk_requests_are_refused_or_counted_and_no_record_is_half_there(
    policy: str, place: LogPlace, bundle_folder: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, place.folder, bundle_folder, policy],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    refused, lost, written, failing, after = done.stdout.rstrip("\n").split(" ")
    there = ids(place.folder)
    assert failing == "True"
    assert after == ""
    assert there[-2:] == ["again", "again"]
    assert len(there) == int(written) > 2
    assert (int(refused) > 0, int(lost) > 0) == (policy == "refuse", policy == "go_on")
    assert int(refused) * 2 + int(lost) + int(written) == 22
    with open_log(place.folder) as log:
        assert log.torn == 0


def test_a_folder_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"log\.enabled: false"):
        PredictionLog(LogPlace(tmp_path / "file" / "predictions", LogSettings()))


# --- feedback


def test_an_outcome_joins_once_also_when_sent_twice_corrected_early_or_compacted(
    opens: Opens, bundle: Bundle, place: LogPlace
) -> None:
    log = opens(file_mb=0.0001)  # each request a file
    log.append_outcomes([Outcome("early", "yes")])
    log.append("early", answers_of(bundle, [ROW]))
    log.append("two", answers_of(bundle, [ROW, ROW]))
    log.append("two", answers_of(bundle, [ROW, ROW], "shadow"))
    log.append_outcomes([Outcome("two", "no", row=1), Outcome("two", "no", row=1)])
    log.append("again", answers_of(bundle, [ROW]))
    log.append("again", answers_of(bundle, [ROW]))
    log.append_outcomes([Outcome("again", "yes"), Outcome("nobody", "yes")])
    compact(place.folder, LogSettings())
    log.append_outcomes([Outcome("again", "no")])
    log.append_outcomes([Outcome("two", "no", row=1)])
    told = "SELECT request_id, row, route, outcome FROM predictions WHERE outcome IS NOT NULL ORDER BY ALL"
    for _ in range(2):
        assert [tuple(row.values()) for row in found(place.folder, told)] == [
            ("again", 0, "champion", "no"),
            ("early", 0, "champion", "yes"),
            ("two", 1, "champion", "no"),
            ("two", 1, "shadow", "no"),
        ]
        assert len(ids(place.folder)) == 7
        assert [row["request_id"] for row in found(place.folder, "FROM orphans")] == ["nobody"]
        log.close()
        compact(place.folder, LogSettings())
    assert raw_files(place.folder) == []


# --- compaction


def test_files_that_are_written_to_wait_and_days_that_are_over_go(
    opens: Opens, served: list[Served], place: LogPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, dead = opens(), opens()
    live.append("live", served)
    dead.append("dead", served)
    dead.close()
    done = compact(place.folder, LogSettings())
    assert (done.files, done.records, done.waiting) == (1, 1, 1)
    assert ids(place.folder) == ["dead", "live"]
    live.append("more", served)
    live.close()
    assert compact(place.folder, LogSettings()).records == 2
    monkeypatch.setattr(compacting, "today", lambda: date(2100, 1, 1))
    assert compact(place.folder, LogSettings(keep_days=30)).removed == 2
    assert ids(place.folder) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.live.log import compact as compacting

step, left = sys.argv[2], int(sys.argv[3])
def dies(real):
    def called(*given, **named):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*given, **named)
    return called
if step == "unlink":
    Path.unlink = dies(Path.unlink)
elif step == "replace":
    Path.replace = dies(Path.replace)
else:
    setattr(compacting, step, dies(getattr(compacting, step)))
compacting.compact(Path(sys.argv[1]), LogSettings())
"""


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("sync_folder", 0),  # the part has its name, and the files that it took over are all there
        ("unlink", 3),  # the first day is done
        *(
            pytest.param(*case, marks=pytest.mark.nightly)
            for case in [("write_part", 0), ("replace", 0), ("replace", 1), ("unlink", 1)]
        ),
    ],
)
def test_a_compaction_that_is_killed_loses_and_doubles_no_row(
    step: str, left: int, opens: Opens, served: list[Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opens(file_mb=0.0001)
    folder, expected = log.folder, []
    for day in (1, 2):
        let_it_be(date(2031, 1, day), monkeypatch)
        for number in range(3):
            log.append(f"{day}-{number}", served)
            expected.append(f"{day}-{number}")
    log.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, folder, step, str(left)], check=False)
    assert killed.returncode == -9
    assert ids(folder) == expected
    compact(folder, LogSettings())
    assert ids(folder) == expected
    assert raw_files(folder) == []
    assert not list(folder.glob(".*.part"))


def test_two_compactions_at_once_are_refused(place: LogPlace) -> None:
    place.folder.mkdir()
    lock, busy = place.folder / compacting.LOCK, UserError(where="here", found="held twice")
    with held_alone(lock, busy), pytest.raises(UserError, match="under way"):
        compact(place.folder, LogSettings())


def test_a_file_that_a_part_took_over_is_not_read_again(
    opens: Opens, served: list[Served], place: LogPlace
) -> None:
    log = opens()
    log.append("once", served)
    log.close()
    [raw] = raw_files(place.folder)
    content = raw.path.read_bytes()
    compact(place.folder, LogSettings())
    raw.path.write_bytes(content)  # as if the kill had come before it was removed
    assert ids(place.folder) == ["once"]
    assert len(part_files(place.folder)) == 1


def test_what_writes_needs_neither_pyarrow_nor_duckdb() -> None:
    heavy = "[name for name in ('pyarrow', 'duckdb', 'ibis', 'pandas', 'sklearn') if name in sys.modules]"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, fullcycle.live.log.writer; print({heavy})"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
