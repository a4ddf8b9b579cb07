"""Whatever the table, `init` and `run` end in a clear error or a correct result: never a traceback, never a
broken project.

`init` is the command's own function, with its exit code and both streams; `run`, `status`, `serve` are
processes, as typed. Tables that are right run their stages in this process, which saves most of the time.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import fullcycle as fc
from fullcycle.core.project.project import Project
from tests.journeys import bad_tables as bad
from tests.journeys.bad_tables import Write, csv_of, good
from tests.journeys.commands import result_of
from tests.journeys.conftest import copy_of
from tests.journeys.typed import Typed, typed, typed_here
from tests.journeys.warm import FULLCYCLE
from tests.tiers import cases

STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")
LEFT_BY_A_KILL = (".*.part", ".*.old")


@dataclass(frozen=True)
class Refused:
    """A table that ends in an error. `says` are pieces of it: what was found, where, and what to do."""

    write: Write
    says: tuple[str, ...]
    by: str = "init"
    target: str = "y"
    options: tuple[str, ...] = ()
    name: str = "table.csv"


REFUSED = {
    "an empty file": Refused(bad.bytes_of(b""), ("table.csv", "empty")),
    "white space alone": Refused(bad.bytes_of(b" \n\n \n"), ("table.csv",)),
    "a header only": Refused(bad.bytes_of(b"amount,shop,visits,y\n"), ("table.csv", "row")),
    "one row": Refused(csv_of(good(rows=1)), ("row",), by="any"),
    "nine rows": Refused(csv_of(good(rows=9)), ("row",), by="any"),
    "one class": Refused(csv_of(bad.labelled(good(), lambda _: "yes")), ("y", "one"), by="any"),
    "a class with one row": Refused(
        csv_of(bad.labelled(good(), lambda at: "rare" if at == 7 else "yes" if at % 2 else "no")),
        ("1 row of class 'rare'", "leave it out"),
        by="run",
    ),
    "a constant target of a regression": Refused(
        csv_of(bad.labelled(good(), lambda _: "4.5")),
        ("y", "4.5"),
        by="any",
        options=("--task", "regression"),
    ),
    "a target without values": Refused(
        csv_of(bad.labelled(good(), lambda _: "")), ("y", "no value"), by="any"
    ),
    "a target that is not there": Refused(csv_of(good()), ("--target yy", "did you mean"), target="yy"),
    "two columns of one name": Refused(
        csv_of(bad.renamed(good(), "shop", "shop")), ("'shop'", "columns 1, 2", "rename")
    ),
    "names that differ in case only": Refused(
        csv_of(bad.renamed(good(), "SHOP", "shop")), ("'SHOP'", "case")
    ),
    "ten thousand columns": Refused(
        bad.wide(10_000, rows=20), ("10,001 columns", "at most 1,000", "--columns-at-most")
    ),
    "a ragged row": Refused(
        bad.bytes_of((bad.text_of(good()) + "1.0,north\n").encode()), ("line 152", "table.csv")
    ),
    "a row with too many cells": Refused(
        bad.bytes_of((bad.text_of(good()) + "1.0,north,5,yes,6,7\n").encode()), ("line 152", "table.csv")
    ),
    "a quote that never ends": Refused(
        bad.bytes_of((bad.text_of(good()) + '1.0,"north,5,yes\n' * 3).encode()), ("table.csv", "quote")
    ),
    "another encoding than the one given": Refused(
        csv_of(bad.renamed(good(), "сумма"), "cp1251"),
        ("utf-8", "--encoding"),
        options=("--encoding", "utf-8"),
    ),
    "an encoding that is none": Refused(csv_of(good()), ("utf-88",), options=("--encoding", "utf-88")),
    "a picture": Refused(
        bad.bytes_of(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20), ("table.csv",)
    ),
    "a Parquet file that is none": Refused(
        bad.bytes_of(b"PAR1 this is no table PAR1"), ("table.parquet",), name="table.parquet"
    ),
    "a gzip file cut short": Refused(
        lambda path: (
            path.write_bytes(__import__("gzip").compress(bad.text_of(good()).encode())[:-20]) and None
        ),
        ("table.csv.gz",),
        name="table.csv.gz",
    ),
    "a folder instead of a table": Refused(lambda path: path.mkdir(), ("table.csv", "folder")),
    "no file at all": Refused(lambda path: None, ("table.csv", "no such file")),
    "only the target": Refused(csv_of([["y"], *[[row[-1]] for row in good()[1:]]]), (), by="any"),
    "no column that tells anything": Refused(
        csv_of([["key", "same", "y"], *[[f"k{at}", "7", row[-1]] for at, row in enumerate(good()[1:])]]),
        ("feature",),
        by="any",
    ),
}


@pytest.fixture(autouse=True)
def outside_any_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


REFUSED_AT_NIGHT = ("only the target", "no column that tells anything", "nine rows")


@pytest.mark.parametrize("case", cases(REFUSED, REFUSED_AT_NIGHT))
def test_a_table_that_nothing_can_be_made_of_ends_in_a_clear_error(case: Refused, tmp_path: Path) -> None:
    table, project = tmp_path / case.name, tmp_path / "project"
    case.write(table)
    made = init(project, table, case.target, *case.options)
    if made.exit_code == 0:
        assert case.by in ("run", "any"), made.stdout
        made = typed("-C", project, "run", at=tmp_path)
        assert_whole(project)
    else:
        assert case.by in ("init", "any"), made.stderr
    assert_refused(made, case.says)
    assert_a_good_table_works_there(project, tmp_path)


def init(project: Path, table: Path, target: str = "y", *options: str) -> Typed:
    return typed_here("init", project, "--data", table, "--target", target, *options, at=table.parent)


def assert_refused(answer: Typed, says: tuple[str, ...], exit_code: int = 2) -> None:
    assert "Traceback" not in answer.stderr + answer.stdout, answer.stderr
    assert answer.exit_code == exit_code, answer
    assert "error: " in answer.stderr
    for piece in says:
        assert piece in answer.stderr, answer.stderr


def assert_whole(project: Path) -> None:
    """Nothing half written, and the project can still say where it stands."""
    left = [path for pattern in LEFT_BY_A_KILL for path in project.rglob(pattern)]
    assert not left
    status = typed_here("-C", project, "status", "--json", at=project.parent)
    assert status.exit_code == 0, status.stderr
    assert len(json.loads(status.stdout)["stages"]) == len(STAGES)


def assert_a_good_table_works_there(project: Path, folder: Path) -> None:
    """The refused table left nothing in the way of the next one."""
    bad.as_csv(good(), folder / "good.csv")
    force = ["--force"] if (project / "fullcycle.yaml").exists() else []
    made = init(project, folder / "good.csv", "y", *force)
    assert made.exit_code == 0, made.stderr


# Tables that look wrong and get a right answer.


@dataclass(frozen=True)
class Answered:
    """A table that ends in a bundle; `check` gets the finished project."""

    write: Write
    options: tuple[str, ...] = ()
    check: Callable[[Project], None] = field(default=lambda project: None)


def roles_of(project: Project) -> dict[str, str]:
    return {column.name: column.role.value for column in project.contract.columns}


def has_role(name: str, *roles: str) -> Callable[[Project], None]:
    def check(project: Project) -> None:
        assert roles_of(project)[name] in roles

    return check


def has_type(name: str, *types: str) -> Callable[[Project], None]:
    def check(project: Project) -> None:
        assert project.contract.column(name).type.value in types

    return check


def uses(*names: str) -> Callable[[Project], None]:
    """The columns are inputs of the graph under their own names, and pages show them escaped."""

    def check(project: Project) -> None:
        bundle = fc.load_bundle(project.paths.bundle)
        assert set(names) <= {given.name for given in bundle.inputs}
        pages = list((project.paths.reports).rglob("*.html"))
        assert pages
        assert not any("<script>alert" in page.read_text(encoding="utf-8") for page in pages)

    return check


ODD_NAMES = {
    "quotes": 'the "best" column\'s name',
    "brackets": "price [EUR] {net} (x)",
    "dots": "a.b.c",
    "SQL": "x; DROP TABLE raw; --",
    "HTML": "<script>alert(1)</script>",
    "emoji": "🦊 visits",
    "Cyrillic": "сумма заказа",
    "a keyword": "order",
    "a line end": "two\nlines",
    "a slash": "a/b\\c",
    "a percent": "100%",
    "a comma": "a,b",
    "a colon": "a: b",
    "a hash": "# a",
    "equals": "=1+1",
    "500 letters": "x" * 500,
}
MIXED = ["12", "a dozen", "", "3.5"]

ANSWERED = {
    "a column without values": Answered(
        csv_of(bad.with_column(good(), "nothing", [""] * bad.ROWS)),
        check=has_role("nothing", "constant", "ignore"),
    ),
    "a constant column": Answered(
        csv_of(bad.with_column(good(), "same", ["7"] * bad.ROWS)), check=has_role("same", "constant")
    ),
    "a cell of five megabytes": Answered(
        csv_of(
            bad.with_column(
                good(), "note", ["x" * 5_000_000, *(["short", "brief"] * bad.ROWS)[: bad.ROWS - 1]]
            )
        ),
        check=has_type("note", "categorical", "text"),
    ),
    "mixed types in a column": Answered(
        csv_of(bad.with_column(good(), "mixed", (MIXED * bad.ROWS)[: bad.ROWS])),
        check=has_type("mixed", "categorical", "text"),
    ),
    "infinities": Answered(
        csv_of(
            bad.with_column(good(), "ratio", (["inf", "-inf", "0.5", "1.5", "NaN"] * bad.ROWS)[: bad.ROWS])
        ),
    ),
    "numbers beyond a double": Answered(
        csv_of(bad.with_column(good(), "huge", (["1e999", "2", "-1e400", "3.5"] * bad.ROWS)[: bad.ROWS])),
    ),
    "another code page": Answered(
        csv_of(bad.renamed(bad.with_column(good(), "город", (["Москва", "Казань"] * 75)), "сумма"), "cp1251"),
        check=uses("сумма", "город"),
    ),
    "UTF-16": Answered(csv_of(good(), "utf-16"), check=uses("amount")),
    "a mark before UTF-8": Answered(csv_of(good(), "utf-8-sig"), check=uses("amount")),
    "line ends of Windows": Answered(
        bad.bytes_of(bad.text_of(good()).replace("\n", "\r\n").encode()), check=uses("amount")
    ),
    "no line end at the end": Answered(
        bad.bytes_of(bad.text_of(good()).rstrip("\n").encode()), check=uses("visits")
    ),
    "every row three times": Answered(csv_of([good()[0], *(good()[1:] * 3)]), check=uses("amount")),
    "few rows": Answered(csv_of(good(rows=40)), check=uses("amount")),
}
ANSWERED_AT_NIGHT = (
    "a cell of five megabytes",
    "a column without values",
    "numbers beyond a double",
    "UTF-16",
    "line ends of Windows",
    "no line end at the end",
    "few rows",
)


class NoTracker:
    """MLflow's place in these runs: starting it takes five seconds, and it never sees the table."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> NoTracker:
        return self

    def __exit__(self, *_: object) -> None: ...

    def log(self, *_: object) -> dict[str, str]:
        return {}


@pytest.mark.parametrize("case", cases(ANSWERED, ANSWERED_AT_NIGHT))
def test_a_table_that_looks_wrong_gets_a_bundle_that_answers(
    case: Answered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullcycle.cycle.experiment.stage.Tracker", NoTracker)
    project = finished(case.write, tmp_path, *case.options)
    case.check(project)
    answers_its_own_table(project)


@pytest.mark.nightly
def test_columns_with_any_name_are_used_under_it(tmp_path: Path) -> None:
    names = list(ODD_NAMES.values())
    table = good()
    for at, name in enumerate(names):
        table = bad.with_column(table, name, [f"{at}.{row % 7}" for row in range(bad.ROWS)])
    project = finished(csv_of(table), tmp_path)
    uses(*names)(project)
    answers_its_own_table(project)


@pytest.mark.nightly
@pytest.mark.parametrize("columns", [900, 60])
def test_as_many_columns_as_the_limit_allows_work(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fullcycle.cycle.experiment.stage.Tracker", NoTracker)
    project = finished(bad.wide(columns, rows=200), tmp_path)
    assert len(fc.load_bundle(project.paths.bundle).inputs) == columns
    answers_its_own_table(project)


def finished(write: Write, folder: Path, *options: str) -> Project:
    """`init` by the command line's own function, then every stage and the reports in this process."""
    from fullcycle.cli.stages import run_stage
    from fullcycle.people.report import build_reports

    write(folder / "table.csv")
    made = init(folder / "project", folder / "table.csv", "y", *options)
    assert made.exit_code == 0, made.stderr
    make_tiny(folder / "project")
    project = Project(folder / "project")
    for stage in STAGES:
        run_stage(project, stage)
    build_reports(project)
    assert_no_leftovers(project.root)
    return project


def make_tiny(project: Path) -> None:
    """A trial of each model on two folds: what is tried here is the way, not the model."""
    from ruamel.yaml import YAML

    yaml, path = YAML(), project / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings.setdefault("experiment", {}).update(trials=2, folds=2, models=["linear", "lightgbm"], workers=1)
    settings.setdefault("prepare", {}).update(variants=False)
    settings.setdefault("verify", {}).update(bootstrap=100)
    settings["languages"] = ["en"]
    yaml.dump(settings, path)


def assert_no_leftovers(project: Path) -> None:
    assert not [path for pattern in LEFT_BY_A_KILL for path in project.rglob(pattern)]


def answers_its_own_table(project: Project) -> None:
    """Every row of the very source is answered, whatever cleaning did with it."""
    import pyarrow.parquet as pq

    raw = pq.read_table(project.paths.raw)
    raw = raw.select([name for name in raw.column_names if name != "_row"])
    answered = fc.load_bundle(project.paths.bundle).predict(raw).to_pylist()
    assert len(answered) == raw.num_rows
    assert {row["prediction"] for row in answered} <= {"yes", "no"}
    assert all(0 <= row["probability_yes"] <= 1 for row in answered)


# A bundle that was changed, a disk that is full. A run that was stopped: see test_interrupt.


def sealed(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project / "bundle").iterdir())}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def tamper_with_golden(bundle: Path) -> None:
    """Another answer, with checksums made right again: golden rows find what checksums can't."""
    import hashlib

    golden, manifest = bundle / "golden.json", bundle / "MANIFEST.json"
    content = json.loads(golden.read_text(encoding="utf-8"))
    content["rows"][0]["probabilities"] = [0.123, 0.877]
    golden.write_text(json.dumps(content), encoding="utf-8")
    from fullcycle.core.bundle.write import content_version

    listed = json.loads(manifest.read_text(encoding="utf-8"))
    listed["files"]["golden.json"] = {
        "sha256": hashlib.sha256(golden.read_bytes()).hexdigest(),
        "bytes": golden.stat().st_size,
    }
    listed["bundle"] = content_version({path.name: path.read_bytes() for path in bundle.iterdir()})
    manifest.write_text(json.dumps(listed), encoding="utf-8")


DAMAGE: dict[str, tuple[Callable[[Path], Any], int, str]] = {
    "a graph with one bit changed": (lambda bundle: flip(bundle / "model.onnx"), 2, "model.onnx"),
    "a contract with one bit changed": (lambda bundle: flip(bundle / "contract.json"), 2, "contract.json"),
    "a graph cut short": (
        lambda bundle: (bundle / "model.onnx").write_bytes((bundle / "model.onnx").read_bytes()[:100]),
        2,
        "model.onnx",
    ),
    "a manifest that is no JSON": (
        lambda bundle: (bundle / "MANIFEST.json").write_text("{"),
        2,
        "MANIFEST.json",
    ),
    "no manifest": (lambda bundle: (bundle / "MANIFEST.json").unlink(), 2, "MANIFEST.json"),
    "no graph": (lambda bundle: (bundle / "model.onnx").unlink(), 2, "model.onnx"),
    "other golden answers under a manifest that fits": (tamper_with_golden, 1, "golden rows"),
    "no bundle": (shutil.rmtree, 2, "bundle"),
}


DAMAGE_AT_NIGHT = ("a graph cut short", "a manifest that is no JSON", "no graph")


@pytest.mark.parametrize("damage", cases(DAMAGE, DAMAGE_AT_NIGHT))
def test_a_damaged_bundle_answers_nothing_and_is_made_again(
    damage: tuple[Callable[[Path], Any], int, str], finished_project: Path, tmp_path: Path
) -> None:
    harm, exit_code, names = damage
    project = copy_of(finished_project, tmp_path)
    detach(project / "bundle")
    harm(project / "bundle")
    for answer in (
        typed_here("-C", project, "predict", "--example", at=tmp_path),
        typed("-C", project, "serve", "--port", "0", at=tmp_path),
    ):
        assert_refused(answer, (names, "fullcycle run"), exit_code)
    looked = typed_here("-C", project, "doctor", "--json", at=tmp_path)
    states = {check["id"]: check["state"] for check in json.loads(looked.stdout)}
    assert states["bundle"] in ("wrong", "warning")
    assert_whole(project)


@pytest.mark.nightly
def test_a_run_makes_a_damaged_bundle_again(finished_project: Path, tmp_path: Path) -> None:
    project = copy_of(finished_project, tmp_path)
    before = sealed(project)["model.onnx"]
    detach(project / "bundle")
    flip(project / "bundle" / "model.onnx")
    answer = typed("-C", project, "run", at=tmp_path)
    assert answer.exit_code in (0, 1), answer.stderr
    assert sealed(project)["model.onnx"] == before


def detach(folder: Path) -> None:
    """DVC may have linked files to its cache, read-only; damage must not reach that."""
    for path in folder.iterdir():
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)


def test_a_full_disk_ends_in_a_clear_error_and_the_old_result_is_whole(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path)
    before = result_of(project)
    settings = project / "fullcycle.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + "\nseed: 1\n"
        if "seed" not in settings.read_text()
        else settings.read_text(encoding="utf-8").replace("seed: 0", "seed: 1"),
        encoding="utf-8",
    )

    def little_room() -> None:
        # A file may grow to 20 kB: what a full disk says too late, this says to any user, root too.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [FULLCYCLE, "-C", str(project), "run"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, preexec_fn=little_room,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (1, 2), done.stderr
    assert "error: " in done.stderr
    assert result_of(project) == before
    assert_whole(project)


# Files of a project that a person, a merge or a disk has spoiled.

NO_YAML = "a: [1\n<<<<<<< HEAD\nb: }\n"


def spoil(path: Path, text: str) -> None:
    """Replace a file that DVC may have linked to its cache."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")


SPOILED: dict[str, tuple[str, str, int | None]] = {
    "settings that are no YAML": ("fullcycle.yaml", NO_YAML, 2),
    "settings that are empty": ("fullcycle.yaml", "", 2),
    "settings that are a list": ("fullcycle.yaml", "- 1\n", 2),
    "a contract that is no YAML": ("contract.yaml", NO_YAML, 2),
    "a contract that is empty": ("contract.yaml", "", 2),
    "a contract without columns": ("contract.yaml", "version: 1\ntask: binary\ncolumns: {}\n", 2),
    "a contract of a later version": ("contract.yaml", "version: 99\ntask: binary\ncolumns: {}\n", 2),
    "a graph that is no YAML": ("dvc.yaml", NO_YAML, 2),
    "a graph with a stage that is none": ("dvc.yaml", "stages:\n  mine: {cmd: 5, deps: 7}\n", 2),
    "a lock in the middle of a merge": ("dvc.lock", NO_YAML, 2),
    "an empty lock": ("dvc.lock", "", None),
    "recorded trials that are no JSON": ("experiment.lock.json", "{", None),
    "evidence that is no JSON": ("evidence/clean.json", "{", None),
    "evidence that is empty": ("evidence/experiment.json", "", None),
    "a table that is none": ("data/train.parquet", "PAR1", None),
    "a snapshot that is none": ("data/raw.parquet", "PAR1", None),
    "openings that are no JSON": ("evidence/openings.jsonl", "{\n", None),
    "a tracking store that is no database": ("mlflow.db", "no database" * 1000, None),
}


# Each takes a new search, of 20 seconds.
SEARCHED_AGAIN = (
    *("recorded trials that are no JSON", "evidence that is empty", "evidence that is no JSON"),
    "a table that is none",
)


@pytest.mark.parametrize(
    ("file", "text", "exit_code"),
    [
        pytest.param(*case, id=name, marks=[pytest.mark.nightly] * (name in SEARCHED_AGAIN))
        for name, case in SPOILED.items()
    ],
)
def test_a_spoiled_file_is_named_or_made_again(
    file: str, text: str, exit_code: int | None, finished_project: Path, tmp_path: Path
) -> None:
    project = copy_of(finished_project, tmp_path)
    spoil(project / file, text)
    stood = typed_here("-C", project, "status", at=tmp_path)
    ran = typed("-C", project, "run", at=tmp_path)
    for answer in (stood, ran):
        assert "Traceback" not in answer.stderr + answer.stdout, answer.stderr
        assert answer.exit_code in (0, 1, 2), answer
    if exit_code is not None:
        assert ran.exit_code == exit_code, ran
        assert Path(file).name in ran.stderr, ran.stderr
