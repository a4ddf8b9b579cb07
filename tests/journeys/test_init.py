"""From a table to a project: what is inferred, what is written, and what is never overwritten."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from fullcycle.cli.main import main
from tests.journeys.typed import Type, Typed, typed


@pytest.fixture
def fullcycle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Type:
    """Type a command in a fresh folder; in this process, which has imported what it needs."""

    def run(*words: str | Path, at: Path = tmp_path) -> Typed:
        monkeypatch.chdir(at)
        code = main([str(word) for word in words])
        return Typed(code, *capfd.readouterr())

    return run


@pytest.fixture
def whole_telco(tmp_path: Path) -> Path:
    with as_file(files("fullcycle.data") / "telco_churn.csv") as shipped:
        return Path(shutil.copy(shipped, tmp_path / "telco_churn.csv"))


@pytest.fixture
def telco(small_table: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(small_table, tmp_path / "telco_churn.csv"))


@pytest.fixture(autouse=True)
def outside_any_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def columns(made: Typed) -> dict[str, dict[str, object]]:
    assert made.exit_code == 0, made.stderr
    return {column["name"]: column for column in json.loads(made.stdout)["contract"]["columns"]}


def test_a_project_is_made_from_a_table(whole_telco: Path, tmp_path: Path) -> None:
    made = typed("init", "churn", "--data", whole_telco, "--target", "churn", at=tmp_path)
    assert made.exit_code == 0, made.stderr
    assert "7,043 rows, 20 columns" in made.stdout
    assert "churn: Yes against No (binary)" in made.stdout
    assert made.stderr.rstrip().endswith("fullcycle -C churn run")
    written = {entry.name for entry in (tmp_path / "churn").iterdir()}
    assert written == {
        *(".dvc", ".dvcignore", ".fullcycle", ".git", ".gitignore", "README.md"),
        *("contract.yaml", "dvc.yaml", "experiment.lock.json", "fullcycle.yaml"),
    }


def test_it_ends_with_a_first_commit_and_nothing_left_over(
    telco: Path, fullcycle: Type, tmp_path: Path
) -> None:
    fullcycle("init", "churn", "--data", telco, "--target", "churn")
    assert git(tmp_path / "churn", "status", "--porcelain") == ""
    assert git(tmp_path / "churn", "log", "--format=%s") == "Start churn with fullcycle"


def test_the_new_project_knows_what_to_do_next(telco: Path, fullcycle: Type, tmp_path: Path) -> None:
    fullcycle("init", "churn", "--data", telco, "--target", "churn")
    status = json.loads(fullcycle("-C", "churn", "status", "--json").stdout)
    assert {stage["state"] for stage in status["stages"]} == {"missing"}
    assert status["next"] == "fullcycle -C churn run"


def test_another_target_makes_another_task(telco: Path, fullcycle: Type) -> None:
    made = fullcycle("init", "charges", "--data", telco, "--target", "monthly_charges", "--json")
    assert json.loads(made.stdout)["contract"]["task"] == "regression"
    assert columns(made)["monthly_charges"]["role"] == "target"
    assert columns(made)["churn"]["role"] == "feature"


def test_a_target_of_several_texts_is_multiclass(telco: Path, fullcycle: Type) -> None:
    made = fullcycle("init", "nets", "--data", telco, "--target", "internet_service", "--json")
    assert json.loads(made.stdout)["contract"]["classes"] == ["DSL", "Fiber optic", "No"]


def test_a_task_that_a_person_gives_wins(telco: Path, fullcycle: Type) -> None:
    made = fullcycle(
        "init", "tenure", "--data", telco, "--target", "tenure", "--task", "regression", "--json"
    )
    assert json.loads(made.stdout)["contract"]["task"] == "regression"


def test_roles_that_a_person_gives_are_in_the_contract(telco: Path, fullcycle: Type) -> None:
    roles = ("--time", "tenure", "--group", "payment_method", "--id", "total_charges")
    found = columns(fullcycle("init", "churn", "--data", telco, "--target", "churn", *roles, "--json"))
    assert [found[name]["role"] for name in ("tenure", "payment_method", "total_charges")] == [
        "time",
        "group",
        "identifier",
    ]


def test_a_table_inside_the_project_is_named_relative_to_it(
    telco: Path, fullcycle: Type, tmp_path: Path
) -> None:
    (tmp_path / "churn").mkdir()
    telco.rename(tmp_path / "churn" / "telco.csv")
    made = fullcycle("init", "churn", "--data", "churn/telco.csv", "--target", "churn", "--json")
    assert json.loads(made.stdout)["source"] == "telco.csv"


def test_a_table_outside_is_named_absolutely_and_relative_to_the_caller(
    telco: Path, fullcycle: Type, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    made = fullcycle(
        "init", "churn", "--data", "../telco_churn.csv", "--target", "churn", "--json", at=tmp_path / "work"
    )
    assert json.loads(made.stdout)["source"] == str(telco)


def test_in_a_repository_of_a_person_nothing_is_committed(
    telco: Path, fullcycle: Type, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet")
    made = fullcycle("init", "models/churn", "--data", telco, "--target", "churn")
    assert made.exit_code == 0, made.stderr
    assert not (tmp_path / "models" / "churn" / ".git").exists()
    assert (tmp_path / "models" / "churn" / ".dvc" / "config").exists()
    assert "git -C models/churn add ." in made.stderr
    assert fullcycle("-C", "models/churn", "status").exit_code == 0


MISTAKES = {
    "a target that isn't there": (
        ["--data", "telco_churn.csv", "--target", "chrun"],
        "--target chrun: found no such column in telco_churn.csv",
        "did you mean `--target churn`?",
    ),
    "a target in other case": (
        ["--data", "telco_churn.csv", "--target", "Churn"],
        "--target Churn: found no such column",
        "did you mean `--target churn`?",
    ),
    "a table that isn't there": (
        ["--data", "telco_chrun.csv", "--target", "churn"],
        "--data telco_chrun.csv: found no such file",
        "did you mean `--data telco_churn.csv`?",
    ),
    "a time that is no time": (
        ["--data", "telco_churn.csv", "--target", "churn", "--time", "contract"],
        "--time contract: found a categorical column",
        "choose another column",
    ),
    "a time that is a measurement": (
        ["--data", "telco_churn.csv", "--target", "churn", "--time", "monthly_charges"],
        "--time monthly_charges: found numbers with fractions, 18.",
        "choose another column, or leave --time out",
    ),
    "one column for two roles": (
        ["--data", "telco_churn.csv", "--target", "churn", "--group", "churn"],
        "--group: found column 'churn', which is --target too",
        "a column has one role",
    ),
    "an unknown task": (
        ["--data", "telco_churn.csv", "--target", "churn", "--task", "binray"],
        "--task: found 'binray'",
        "did you mean `--task binary`?",
    ),
    "an unknown encoding": (
        ["--data", "telco_churn.csv", "--target", "churn", "--encoding", "utf-9"],
        "utf-9",
        "error: ",
    ),
    "too many columns": (
        ["--data", "telco_churn.csv", "--target", "churn", "--columns-at-most", "5"],
        "found 20 columns",
        "or give --columns-at-most",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_and_nothing_is_written(
    telco: Path, fullcycle: Type, tmp_path: Path, mistake: str
) -> None:
    words, found, help_text = MISTAKES[mistake]
    made = fullcycle("init", "churn", *words)
    assert made.exit_code == 2
    assert made.stdout == ""
    assert found in made.stderr
    assert help_text in made.stderr
    assert "Traceback" not in made.stderr
    assert not (tmp_path / "churn").exists()


def test_an_empty_table_is_told_and_nothing_is_written(fullcycle: Type, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    made = fullcycle("init", "churn", "--data", "empty.csv", "--target", "churn")
    assert made.exit_code == 2
    assert made.stderr.startswith("error: empty.csv: found an empty file")
    assert not (tmp_path / "churn").exists()


def test_a_project_that_is_there_stays_as_it_is(telco: Path, fullcycle: Type, tmp_path: Path) -> None:
    (tmp_path / "churn").mkdir()
    (tmp_path / "churn" / "contract.yaml").write_text("# reviewed\n")
    made = fullcycle("init", "churn", "--data", telco, "--target", "churn")
    assert made.exit_code == 2
    assert "found a project that is there already (contract.yaml)" in made.stderr
    assert (tmp_path / "churn" / "contract.yaml").read_text() == "# reviewed\n"
    assert [entry.name for entry in (tmp_path / "churn").iterdir()] == ["contract.yaml"]


def test_force_writes_settings_and_contract_anew_and_nothing_else_of_a_person(
    telco: Path, fullcycle: Type, tmp_path: Path
) -> None:
    root = tmp_path / "churn"
    root.mkdir()
    for name in ("contract.yaml", "fullcycle.yaml", "README.md", "notes.txt"):
        (root / name).write_text("mine\n")
    assert fullcycle("init", "churn", "--data", telco, "--target", "churn", "--force").exit_code == 0
    assert (root / "README.md").read_text() == "mine\n"
    assert (root / "notes.txt").read_text() == "mine\n"
    assert (root / "contract.yaml").read_text() != "mine\n"
    assert "notes.txt" not in git(root, "ls-files").split()


def test_force_makes_a_project_again(telco: Path, fullcycle: Type, tmp_path: Path) -> None:
    words = ("init", "churn", "--data", telco, "--target", "churn", "--json")
    first = fullcycle(*words)
    assert (
        fullcycle(*words, "--force").stdout.replace('"committed": false', '"committed": true') == first.stdout
    )


def test_a_file_is_no_folder(telco: Path, fullcycle: Type) -> None:
    made = fullcycle("init", telco, "--data", telco, "--target", "churn")
    assert made.exit_code == 2
    assert "found a file\nexpected: a folder, or a name that is free" in made.stderr


def test_a_folder_that_cannot_be_made_is_told(telco: Path, fullcycle: Type, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("a file where the folder should be: root may write anywhere else")
    made = fullcycle("init", "thesis.txt/churn", "--data", telco, "--target", "churn")
    assert made.exit_code == 2
    assert "thesis.txt/churn: found Not a directory" in made.stderr
    assert "Traceback" not in made.stderr


def test_a_name_with_spaces_is_quoted_in_what_to_type(telco: Path, fullcycle: Type) -> None:
    made = fullcycle("init", "who leaves", "--data", telco, "--target", "churn")
    assert "fullcycle -C 'who leaves' run" in made.stderr
