"""The door: exit codes, where errors go, and what `--help` costs."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from fullcycle.cli import main as door
from fullcycle.core.errors import CheckFailed, UserError

HEAVY = (
    "ibis duckdb pandas pyarrow numpy sklearn lightgbm optuna mlflow onnx onnxruntime dvc fastapi rich altair"
)
COMMANDS = """
    demo init run status schema collect clean explore experiment prepare verify
    hypotheses report release rollback versions checkout serve predict score bundle migrate gc plan quiz
    doctor
    contract features settings routes log monitor keys label abtest ci assess
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Type a command line: exit code, stdout, stderr."""
    monkeypatch.delenv("DVC_STAGE", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = door.main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch):
    """Make the app end with an error, as a command would."""

    def raising(error: BaseException) -> None:
        def app(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(door, "app", app)

    return raising


def test_help_lists_every_command_of_the_spine(run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    listed = [line.split()[0] for line in out.split("Commands:")[1].splitlines() if line.strip()]
    assert listed == COMMANDS.split()


def test_each_command_of_the_help_fits_its_line_in_a_narrow_terminal(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "..." not in run("--help")[1].split("Commands:")[1]


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["init", "--help"], ["--version"], ["colect"]]
)
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from fullcycle.cli.main import main; main(sys.argv[2:]);"
        "print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, HEAVY, *words], capture_output=True, text=True, check=True
    )
    assert answer.stderr.splitlines()[-1] == "[]"


def test_the_version_is_that_of_the_package(run) -> None:
    import fullcycle

    assert run("--version") == (0, f"fullcycle {fullcycle.__version__}\n", "")


def test_a_misspelt_command_gets_the_nearest_one_and_exit_code_2(run) -> None:
    code, out, err = run("colect")
    assert (code, out) == (2, "")
    assert "Did you mean 'collect'?" in err


def test_outside_a_project_a_command_says_so_and_exits_2(run) -> None:
    code, out, err = run("-C", "/", "run")
    assert (code, out) == (2, "")
    assert err.startswith("error: /: found no fullcycle.yaml")


def test_with_json_an_error_is_json_on_stdout_too(run) -> None:
    code, out, err = run("-C", "/", "status", "--json")
    assert code == 2
    assert json.loads(out)["error"]["where"] == "/"
    assert err.startswith("error: ")


def test_another_folder_is_left_again_after_the_command(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner").mkdir()
    assert run("-C", "inner", "schema", "-o", "schema.json")[0] == 0
    assert (tmp_path / "inner" / "schema.json").exists()
    assert Path.cwd() == tmp_path


def test_a_folder_that_is_not_there_is_an_error_of_the_option(run) -> None:
    code, _, err = run("-C", "/absent/for/sure", "status")
    assert code == 2
    assert err.startswith(
        "error: -C /absent/for/sure: found No such file or directory\nexpected: a folder that exists\nhint: "
    )


def test_a_folder_that_is_nearly_there_is_offered(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("churn", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "churn/fullcycle.yaml").write_text("name: churn\n")
    assert "hint: did you mean `-C churn`?" in run("-C", "chrun", "status")[2]
    assert f"hint: did you mean `-C {tmp_path}/churn`?" in run("-C", f"{tmp_path}/chrun", "status")[2]
    assert "hint: projects there: churn\n" in run("-C", "xyz", "status")[2]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError(where="a", found="b"), 2),
        (CheckFailed(where="a", found="b"), 1),
        (KeyboardInterrupt(), 130),
        (SystemExit(3), 3),
        (SystemExit(None), 0),
        (SystemExit("text"), 1),
    ],
)
def test_exit_codes_follow_the_kind_of_error(run, raising, error: BaseException, code: int) -> None:
    raising(error)
    assert run("anything")[0] == code


def test_ctrl_c_says_how_to_go_on(run, raising) -> None:
    raising(KeyboardInterrupt())
    assert run("run")[2] == "\nstopped; what was done is kept, and the same command goes on from there\n"


def test_under_dvc_the_stage_leaves_that_to_who_asked_for_it(
    run, raising, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "clean")
    raising(SystemExit(130))
    assert run("clean") == (130, "", "")


def test_a_full_disk_is_told_with_its_cure(run, raising) -> None:
    raising(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "data/raw.parquet"))
    code, out, err = run("run")
    assert (code, out) == (2, "")
    assert err == (
        "error: data/raw.parquet: found No space left on device\n"
        "hint: free some space, then run the same command again: "
        "files are replaced whole, so nothing is half written\n"
    )


def test_a_reader_that_went_away_is_no_error_of_ours() -> None:
    code = "import sys; from fullcycle.cli.main import main; sys.exit(main(['schema']))"
    pipe = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert pipe.stdout is not None
    assert pipe.stderr is not None
    pipe.stdout.close()
    assert b"Traceback" not in pipe.stderr.read()
    pipe.stderr.close()
    pipe.wait()


def test_a_bug_keeps_its_traceback_and_asks_for_a_report(
    run, raising, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run("run")
    assert "This is a bug in fullcycle" in capsys.readouterr().err


def test_schema_is_what_the_settings_are(run, tmp_path: Path) -> None:
    code, out, _ = run("schema")
    assert code == 0
    assert json.loads(out)["title"] == "fullcycle.yaml"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("fullcycle ex", ["explore", "experiment"]),
        ("fullcycle run pre", ["prepare"]),
        ("fullcycle run --f", ["--force", "--frozen"]),
    ],
)
def test_commands_stages_and_options_are_completed(typed: str, offered: list[str]) -> None:
    environment = {
        **os.environ,
        "_FULLCYCLE_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    code = "import sys; from fullcycle.cli.main import main; sys.exit(main([]))"
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.stdout.split() == offered


def test_every_command_is_registered_once() -> None:
    names = [
        command.name or command.callback.__name__
        for command in door.app.registered_commands
        if command.callback
    ]
    assert len(names) == len(set(names))
    assert isinstance(door.app, typer.Typer)
