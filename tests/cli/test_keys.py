"""`fullcycle keys`: a key is shown once, and its hash kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fullcycle.cli.main import app
from fullcycle.cli.serve import _source_and_settings
from fullcycle.core.errors import UserError
from fullcycle.live.serve.keys import load_keys


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "fullcycle.yaml").write_text("version: 1\nname: people\ndata:\n  source: people.csv\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*words: str) -> tuple[str, str]:
    done = CliRunner().invoke(app, ["keys", *words], catch_exceptions=False, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout, done.stderr


def test_a_key_is_shown_once_and_kept_as_a_hash(project: Path) -> None:
    out, said = typed("new", "shop", "--role", "predict", "--role", "feedback")
    secret = out.strip()
    assert secret.startswith("fck_")
    assert secret not in said
    assert secret not in (project / "keys.txt").read_text()
    (key,) = load_keys(str(project / "keys.txt"))
    assert (key.name, key.roles) == ("shop", ("predict", "feedback"))


def test_keys_are_listed_and_removed(project: Path) -> None:
    for name in ("shop", "lab"):
        typed("new", name, "--role", "predict")
    assert json.loads(typed("list", "--json")[0]) == [
        {"name": "shop", "roles": ["predict"]},
        {"name": "lab", "roles": ["predict"]},
    ]
    typed("remove", "shop")
    assert typed("list")[0] == "lab  predict\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("new", "shop", "--role", "root"), "one of predict, feedback, admin"),
        (("new", "a b", "--role", "predict"), "letters, digits"),
        (("remove", "nobody"), "no key nobody"),
    ],
)
def test_a_mistake_says_what_was_expected(project: Path, words: tuple[str, ...], found: str) -> None:
    with pytest.raises(UserError, match=found):
        typed(*words)


def test_a_name_is_given_once(project: Path) -> None:
    typed("new", "shop", "--role", "predict")
    with pytest.raises(UserError, match="fullcycle keys remove shop"):
        typed("new", "shop", "--role", "admin")


def test_a_server_of_the_project_asks_for_its_keys(project: Path) -> None:
    _, before = _source_and_settings(None)
    assert before.model_name == "people"
    assert load_keys(before.keys_file) == ()
    typed("new", "shop", "--role", "predict")
    _, settings = _source_and_settings(None)
    assert [key.name for key in load_keys(settings.keys_file)] == ["shop"]


def test_a_file_of_keys_that_is_named_must_be_there(project: Path) -> None:
    with (project / "fullcycle.yaml").open("a") as settings:
        settings.write("serve:\n  keys_file: misspelt.txt\n")
    with pytest.raises(UserError, match=r"misspelt\.txt.*no such file"):
        _source_and_settings(None)
