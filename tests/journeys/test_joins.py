"""Flights with weather and planes, through the command line: joins, a source that grows, and the way back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest
from ruamel.yaml import YAML

from tests.conftest import Once
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import make_small
from tests.journeys.typed import typed

DATA = Path(__file__).parents[1] / "data"
FLIGHTS = f"'{DATA / 'nyc_flights.parquet'}'"
LEAKS = "dep_time, dep_delay, arr_time, arr_delay, air_time"  # known only after the departure
WEATHER = {
    "source": str(DATA / "nyc_weather.parquet"),
    "on": {"origin": "origin", "time_hour": "time_hour"},
    "columns": ["temp", "wind_speed", "precip", "visib"],
}
PLANES = {"source": str(DATA / "nyc_planes.parquet"), "on": {"tailnum": "tailnum"}, "prefix": "plane_"}
HISTORY = {
    "source": str(DATA / "nyc_weather.parquet"),
    "on": {"origin": "origin"},
    "as_of": {"left": "time_hour", "right": "time_hour", "within_s": 7200},
    "columns": ["temp", "wind_speed", "precip", "visib"],
}


def write_flights(path: Path, *, one_in: int, more: str = "") -> None:
    """Every so-many-th flight of the year."""
    numbered = f"SELECT *, row_number() OVER () AS n FROM {FLIGHTS}"
    query = f"SELECT * EXCLUDE (n, {LEAKS}){more} FROM ({numbered}) WHERE n % {one_in} = 0 ORDER BY n"
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


@pytest.fixture(scope="module")
def fresh(once: Once) -> Path:
    def fill(folder: Path) -> None:
        write_flights(folder / "flights.parquet", one_in=150)
        words = ("--data", folder / "flights.parquet", "--target", "late", "--time", "time_hour")
        fullcycle("init", folder / "late", *words)
        make_small(folder / "late")

    return once("flights", fill) / "late"


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    """A copy of its own, whose source lies beside it."""
    shutil.copytree(fresh.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    change_settings(tmp_path / "late", source="../flights.parquet")
    return tmp_path / "late"


def change_settings(project: Path, **data: Any) -> None:
    yaml = YAML()
    path = project / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings["data"].update(data)
    yaml.dump(settings, path)


def collected(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fullcycle("-C", project, "collect", "--json"))
    return found


def raw(project: Path) -> Any:
    return duckdb.sql(f"SELECT * FROM '{project / 'data/raw.parquet'}'")


@pytest.mark.nightly  # by day the guide walks this way: make docs
def test_weather_and_planes_come_beside_the_flights_and_reach_the_analysis(project: Path) -> None:
    rows = duckdb.sql(f"SELECT count(*) FROM '{project.parent / 'flights.parquet'}'").fetchall()
    change_settings(project, joins=[WEATHER, PLANES])
    told = collected(project)
    assert [join["matched"] < join["rows"] for join in told["joins"]] == [True, True]
    assert [finding["code"] for finding in told["findings"]] == ["FC113", "FC113", "FC110"]
    assert raw(project).aggregate("count(*)").fetchall() == rows
    added = json.loads(fullcycle("-C", project, "contract", "learn", "--json"))["added"]
    assert [column["name"] for column in added[:5]] == [*WEATHER["columns"], "plane_year"]
    fullcycle("-C", project, "run", "explore")
    explored = json.loads((project / "evidence/explore.json").read_text(encoding="utf-8"))
    assert {"temp", "plane_seats"} <= {column["name"] for column in explored["columns"]}
    assert json.loads(fullcycle("-C", project, "run", "explore", "--json"))["ran"] == []


@pytest.mark.nightly
def test_a_joined_feature_must_come_in_the_request(project: Path) -> None:
    change_settings(project, joins=[WEATHER])
    fullcycle("-C", project, "contract", "learn")
    fullcycle("-C", project, "run")
    served = json.loads((project / "bundle/contract.json").read_text(encoding="utf-8"))
    assert "precip" in json.dumps(served)


def test_weather_of_the_latest_earlier_hour(project: Path) -> None:
    change_settings(project, joins=[HISTORY])
    told = collected(project)
    [join] = told["joins"]
    assert join["as_of"]
    assert join["matched"] > 0.99 * join["rows"]
    wanted = duckdb.sql(f"SELECT f.temp FROM '{project / 'data/raw.parquet'}' f ORDER BY f._row").fetchall()
    flights, weather = project.parent / "flights.parquet", WEATHER["source"]
    latest = (
        f"SELECT arg_max_null(w.temp, w.time_hour) FROM '{weather}' w WHERE w.origin = f.origin"
        " AND w.time_hour BETWEEN f.time_hour - INTERVAL 2 HOUR AND f.time_hour"
    )
    numbered = f"SELECT *, row_number() OVER () AS n FROM '{flights}'"
    assert wanted == duckdb.sql(f"SELECT ({latest}) FROM ({numbered}) f ORDER BY n").fetchall()


@pytest.mark.parametrize(
    ("join", "told"),
    [
        ({**PLANES, "how": "inner"}, "rows without a match"),
        ({**WEATHER, "on": {"origin": "origin"}}, "rows would become"),
        ({**PLANES, "cardinality": "one_to_one"}, "joined ones, such as"),
        ({**PLANES, "prefix": ""}, "`prefix: nyc_planes_`"),
        ({**PLANES, "on": {"late": "year"}}, "which is of type boolean"),
        ({**PLANES, "source": "absent.parquet"}, "no such file"),
    ],
)
def test_a_join_that_cannot_be_is_told_and_writes_nothing(project: Path, join: Any, told: str) -> None:
    change_settings(project, joins=[join])
    answer = typed("collect", at=project)
    assert answer.exit_code == 2, answer.stderr
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (project / "data/raw.parquet").exists()
    assert not list(project.rglob("*.part"))


@pytest.mark.nightly
def test_a_grown_source_says_what_is_new_and_an_earlier_commit_brings_the_old_snapshot_back(
    project: Path,
) -> None:
    before = collected(project)
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "before")
    write_flights(project.parent / "flights.parquet", one_in=75, more=", distance * 2 AS twice")
    printed = typed("collect", at=project)
    assert "~ beside the snapshot before" in printed.stdout
    assert "twice new" in printed.stdout
    assert "fullcycle contract learn" in printed.stdout
    after = json.loads((project / "evidence/collect.json").read_text(encoding="utf-8"))
    assert after["change"]["previous_sha256"] == before["snapshot_sha256"]
    assert after["rows"] == after["change"]["rows_after"] > after["change"]["rows_before"] == before["rows"]
    assert "changed" in after["change"]
    assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == []
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "after")
    git(project, "checkout", "--quiet", "HEAD~1")
    subprocess.run(
        [Path(sys.executable).with_name("dvc"), "checkout", "--quiet", "data/raw.parquet"],
        cwd=project,
        check=True,
        capture_output=True,
    )
    assert raw(project).aggregate("count(*)").fetchall() == [(before["rows"],)]


@pytest.mark.nightly
def test_a_joined_file_that_changed_is_collected_again(project: Path) -> None:
    planes = project.parent / "planes.parquet"
    duckdb.sql(f"COPY (FROM '{PLANES['source']}') TO '{planes}' (FORMAT parquet)")
    change_settings(project, joins=[{**PLANES, "source": "../planes.parquet"}])
    assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == ["collect"]
    assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == []
    duckdb.sql(f"COPY (FROM '{PLANES['source']}' WHERE seats > 100) TO '{planes}' (FORMAT parquet)")
    assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == ["collect"]


def test_a_source_that_is_elsewhere_is_fetched_by_collect_and_by_no_run_in_which_nothing_changed(
    project: Path,
) -> None:
    with served(project.parent) as address:
        change_settings(project, source=f"{address}/flights.parquet")
        assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == ["collect"]
        before = json.loads((project / "evidence/collect.json").read_text(encoding="utf-8"))["rows"]
        write_flights(project.parent / "flights.parquet", one_in=75)
        assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == []
        assert collected(project)["change"]["rows_before"] == before
    assert json.loads(fullcycle("-C", project, "run", "collect", "--json"))["ran"] == [], (
        "no network is needed"
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder behind a web address of this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_table_is_held_against_the_contract(project: Path, tmp_path: Path) -> None:
    good = typed("-C", project, "contract", "check", project.parent / "flights.parquet", at=tmp_path)
    assert (good.exit_code, "keeps the contract" in good.stdout) == (0, True), good.stderr
    query = f"SELECT * REPLACE ('soon' AS hour, 'XXX' AS dest) FROM {FLIGHTS} LIMIT 50"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path / 'bad.csv'}'")
    bad = typed("-C", project, "contract", "check", "bad.csv", "--json", at=tmp_path)
    assert bad.exit_code == 1, bad.stderr
    found = {(v["column"], v["kind"]): v for v in json.loads(bad.stdout)["violations"]}
    assert found["hour", "out_of_type"]["rows"] == 50
    assert found["dest", "unexpected_value"]["rejected"] is False
    assert "dep_delay" in json.loads(bad.stdout)["unknown"]
    absent = typed("-C", project, "contract", "check", DATA / "nyc_planes.parquet", at=tmp_path)
    assert absent.exit_code == 2
    assert "no column" in absent.stderr


def git(project: Path, *words: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=project, check=True, capture_output=True)
