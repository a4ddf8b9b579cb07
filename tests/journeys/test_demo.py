"""The demo is what a newcomer sees first: the whole cycle on real data, and what to type next."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

import fullcycle as fc
from fullcycle.cli.main import main
from tests.conftest import Once
from tests.journeys.typed import Type, Typed, typed

pytestmark = pytest.mark.nightly  # by day the guide walks this way: make docs
STAGES = ["collect", "clean", "explore", "experiment", "prepare", "verify"]


@dataclass(frozen=True)
class Demo:
    """The project that `fullcycle demo` made, and what it said. Never write into the folder: copy it."""

    folder: Path
    typed: Typed


@pytest.fixture(scope="session")
def demo(once: Once) -> Demo:
    """Made once for all workers of pytest-xdist."""
    made = once("demo", lambda folder: told(folder).write_text(json.dumps(asdict(typed("demo", at=folder)))))
    return Demo(folder=made / "demo", typed=Typed(**json.loads(told(made).read_text())))


def told(folder: Path) -> Path:
    """Where it is kept what the command told."""
    return folder / "told.json"


@pytest.fixture
def demo_copy(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the demo to write into, as `cp -r` makes it."""
    return Path(shutil.copytree(demo.folder, tmp_path / "copy", symlinks=True))


@pytest.fixture
def fullcycle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Type:
    """Type a command; in this process, while DVC starts stages in processes of their own."""

    def run(*words: str | Path, at: Path = tmp_path) -> Typed:
        monkeypatch.chdir(at)
        code = main([str(word) for word in words])
        return Typed(code, *capfd.readouterr())

    return run


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def unwrapped(demo: Demo) -> str:
    """What it told, whatever the width of the terminal."""
    return " ".join(demo.typed.stdout.split())


def test_the_demo_ends_well(demo: Demo) -> None:
    assert demo.typed.exit_code == 0, demo.typed.stderr


def test_it_tells_what_was_found_and_cleaned(demo: Demo) -> None:
    out = demo.typed.stdout
    assert "7,043 rows and 20 columns read from telco_churn.csv" in out
    assert re.search(r"\d+ of 7,043 rows dropped", out)
    assert "total_charges" in out


def test_it_tells_the_champion_with_its_interval_against_the_trivial_baseline(demo: Demo) -> None:
    verdict = re.search(
        r"ROC AUC (0\.\d+) \((0\.\d+) to (0\.\d+)\) on [\d,]+ sealed rows, (0\.\d+) for the trivial baseline",
        unwrapped(demo),
    )
    assert verdict is not None, demo.typed.stdout
    value, low, high, baseline = map(float, verdict.groups())
    assert baseline < low < value < high
    assert value > 0.8


def test_it_tells_size_and_latency_of_the_onnx_form(demo: Demo) -> None:
    assert re.search(r"one ONNX graph of [\d,]+ KB", unwrapped(demo))
    assert re.search(r"one row in \d+ microseconds", unwrapped(demo))


def test_the_reports_that_it_names_are_there(demo: Demo) -> None:
    pages = re.findall(r"report +(\S+index\.html)", demo.typed.stdout)
    assert len(pages) == 2
    for page in pages:
        assert (demo.folder.parent / page).read_text(encoding="utf-8").startswith("<!")


def test_it_ends_with_three_commands_and_the_first_ones_are_ready_to_type(
    demo: Demo, fullcycle: Type
) -> None:
    commands = [line.strip() for line in demo.typed.stdout.split("Next:")[1].splitlines() if line.strip()]
    assert [line.split("#")[0].split()[0] for line in commands] == ["fullcycle"] * 3
    assert fullcycle(*commands[1].split("#")[0].split()[1:], at=demo.folder.parent).exit_code == 0


def test_answers_go_to_stdout_and_progress_to_stderr(demo: Demo) -> None:
    for stage in STAGES:
        assert f"{stage} (" in demo.typed.stderr
    assert "Running stage" not in demo.typed.stdout + demo.typed.stderr  # DVC's words for the same


def test_it_is_a_repository_of_its_own_with_everything_committed(demo: Demo) -> None:
    assert git(demo.folder, "rev-parse", "--show-toplevel") == str(demo.folder.resolve())
    assert git(demo.folder, "status", "--porcelain") == ""
    assert "telco_churn.csv" in git(demo.folder, "ls-files")


def test_evidence_names_the_commit_and_the_versions(demo: Demo) -> None:
    for stage in STAGES:
        run = json.loads((demo.folder / "evidence" / f"{stage}.json").read_text())["run"]
        assert run["commit"] == git(demo.folder, "rev-parse", "HEAD~1")
        assert run["dirty"] is False
        assert {"python", "fullcycle"} <= set(run["versions"])


def test_status_says_that_all_is_fresh_and_to_release(demo: Demo, fullcycle: Type) -> None:
    answer = fullcycle("status", "--json", at=demo.folder)
    status = json.loads(answer.stdout)
    assert [(stage["stage"], stage["state"]) for stage in status["stages"]] == [
        (name, "fresh") for name in STAGES
    ]
    assert status["next"] == "fullcycle release"


def test_a_second_run_in_a_copy_has_nothing_to_do(demo_copy: Path, fullcycle: Type) -> None:
    answer = json.loads(fullcycle("run", "--json", at=demo_copy).stdout)
    assert answer["ran"] == []
    assert answer["passed"] is True


def test_the_demo_goes_on_where_it_was(demo_copy: Path, fullcycle: Type) -> None:
    answer = fullcycle("demo", demo_copy, at=demo_copy.parent)
    assert answer.exit_code == 0
    assert "is there already: running what changed" in answer.stderr
    assert "collect (" not in answer.stderr


def test_a_changed_setting_makes_stale_what_depends_on_it(demo_copy: Path, fullcycle: Type) -> None:
    settings = demo_copy / "fullcycle.yaml"
    settings.write_text(settings.read_text().replace("bins: 20", "bins: 10"))
    states = json.loads(fullcycle("status", "--json", at=demo_copy).stdout)
    stale = {stage["stage"]: stage["state"] for stage in states["stages"]}
    assert stale["explore"] == "stale"
    assert stale["experiment"] == "fresh"
    assert states["next"] == "fullcycle run"
    ran = json.loads(fullcycle("run", "explore", "--json", at=demo_copy).stdout)
    assert ran["ran"] == ["explore"]
    assert ran["passed"] is None


def test_a_single_stage_prints_its_findings_or_its_evidence(demo_copy: Path, fullcycle: Type) -> None:
    told = fullcycle("clean", at=demo_copy)
    assert told.exit_code == 0
    assert "rows dropped" in told.stdout
    evidence = json.loads(fullcycle("clean", "--json", at=demo_copy).stdout)
    assert evidence["rows_in"] == 7043


def test_a_mistake_in_the_settings_stops_a_run_before_it_starts(demo_copy: Path, fullcycle: Type) -> None:
    settings = demo_copy / "fullcycle.yaml"
    settings.write_text(settings.read_text().replace("bins:", "bns:"))
    answer = fullcycle("run", at=demo_copy)
    assert answer.exit_code == 2
    assert "key explore.bns: found an unknown key 'bns'" in answer.stderr
    assert "did you mean `bins`?" in answer.stderr


def test_reports_come_back_when_they_were_deleted(demo_copy: Path, fullcycle: Type) -> None:
    shutil.rmtree(demo_copy / "reports")
    assert fullcycle("run", at=demo_copy).exit_code == 0
    assert (demo_copy / "reports" / "ru" / "index.html").exists()
    shutil.rmtree(demo_copy / "reports")
    pages = fullcycle("report", "--lang", "en", at=demo_copy).stdout.split()
    assert pages
    assert all((demo_copy / page).exists() for page in pages)


def test_python_users_get_the_same(demo: Demo) -> None:
    project = fc.Project.open(demo.folder / "data")
    assert project.root == demo.folder.resolve()
    assert project.settings.name == "Telco churn"
    assert project.contract.target.name == "churn"
    assert project.evidence("verify").passed  # type: ignore[attr-defined]
    assert project.bundle().version == fc.load_bundle(demo.folder / "bundle").version


def test_python_users_run_it_too(demo_copy: Path) -> None:
    outcome = fc.Project.open(demo_copy).run()
    assert (outcome.ran, outcome.passed) == ((), True)
    with pytest.raises(fc.UserError, match="did you mean `fullcycle run explore`"):
        fc.Project.open(demo_copy).run("explor")


def test_a_bundle_is_shown_as_text_and_as_json(demo: Demo, fullcycle: Type) -> None:
    shown = json.loads(fullcycle("bundle", "--json", at=demo.folder).stdout)
    assert shown["tests"]["passed"] is True
    told = fullcycle("bundle", demo.folder / "bundle").stdout
    assert told.startswith(f"bundle {shown['version']} in ")
    assert "predicts   churn (binary, one of No, Yes)" in told
    assert f"{shown['golden_rows']} golden rows answered as they must be" in told


@pytest.fixture
def example(demo: Demo, fullcycle: Type) -> dict[str, object]:
    return json.loads(fullcycle("predict", "--example", at=demo.folder).stdout)


def test_an_answer_is_explained_and_the_parts_add_up(
    demo: Demo, fullcycle: Type, example: dict[str, object]
) -> None:
    row = ("--json-row", json.dumps(example), "--explain")
    [answer] = json.loads(fullcycle("predict", *row, "--json", at=demo.folder).stdout)
    explained = answer["explanation"]
    amounts = [part["contribution"] for part in explained["contributions"]]
    assert explained["baseline"] + sum(amounts) == pytest.approx(explained["total"], abs=1e-9)
    told = fullcycle("predict", *row, at=demo.folder).stdout
    assert "the usual row (log-odds of Yes)" in told
    assert f"{explained['contributions'][0]['column']}: " in told


def test_a_row_is_answered_in_every_way_that_it_can_be_given(
    demo: Demo, fullcycle: Type, example: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(example)
    as_csv = ",".join(example) + "\n" + ",".join(str(value) for value in example.values()) + "\n"
    for name, content in (("row.json", text), ("row.csv", as_csv)):
        (tmp_path / name).write_text(content)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    ways = (
        ["--json-row", text],
        ["--file", tmp_path / "row.json"],
        ["--file", tmp_path / "row.csv"],
        ["--file", "-"],
        [f"{name}={value}" for name, value in example.items()],
    )
    bundle = ("--bundle", demo.folder / "bundle")
    answers = [json.loads(fullcycle("predict", *way, "--json", *bundle).stdout) for way in ways]
    assert answers[0][0]["prediction"] in ("Yes", "No")
    assert all(answer == answers[0] for answer in answers)


def test_an_answer_for_people_has_its_chances_and_an_unusual_value_is_marked(
    demo: Demo, fullcycle: Type, example: dict[str, object]
) -> None:
    row = json.dumps({**example, "contract": "Weekly"})
    answer = fullcycle("predict", "--json-row", row, at=demo.folder)
    assert re.fullmatch(r"(Yes|No)    \(No 0\.\d{3}, Yes 0\.\d{3}\)\n", answer.stdout)
    assert "row 0, column contract: found" in answer.stderr
    assert "Weekly" in answer.stderr


def test_a_row_that_is_not_given_or_given_twice_is_a_mistake(demo: Demo, fullcycle: Type) -> None:
    none, twice = (
        fullcycle("predict", at=demo.folder),
        fullcycle("predict", "a=1", "--json-row", "{}", at=demo.folder),
    )
    assert (none.exit_code, twice.exit_code) == (2, 2)
    assert "fullcycle predict: found no row" in none.stderr
    assert "found rows given in more than one way" in twice.stderr


def test_doctor_finds_nothing_to_mend(demo: Demo, fullcycle: Type) -> None:
    answer = fullcycle("doctor", at=demo.folder)
    assert answer.exit_code == 0, answer.stdout
    assert "+ bundle" in answer.stdout
    assert {check["state"] for check in json.loads(fullcycle("doctor", "--json", at=demo.folder).stdout)} <= {
        "ok",
        "warning",
    }


def test_doctor_names_the_cure_and_exits_1(demo_copy: Path, fullcycle: Type) -> None:
    graph = demo_copy / "bundle" / "model.onnx"
    graph.chmod(0o644)
    graph.write_bytes(graph.read_bytes()[:-1])
    answer = fullcycle("doctor", at=demo_copy)
    assert answer.exit_code == 1
    assert re.search(r"x bundle .*\n +to mend: ", answer.stdout)


def test_a_folder_with_something_else_is_not_touched(fullcycle: Type, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("mine")
    answer = fullcycle("demo", at=tmp_path)
    assert answer.exit_code == 2
    assert "found something that is no demo" in answer.stderr
    assert [entry.name for entry in (tmp_path / "demo").iterdir()] == ["thesis.txt"]
