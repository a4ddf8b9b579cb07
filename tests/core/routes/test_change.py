"""Routes are switched whole, every switch is on record, and going back is one step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.core.routes.change import named, roll_back, set_beside
from fullcycle.core.routes.model import (
    PREVIOUS_AT_MOST,
    Routes,
    rolled_back,
    with_challenger,
    with_champion,
    with_shadow,
)
from fullcycle.core.routes.store import (
    Author,
    Deploy,
    audit_lines,
    change_routes,
    first_routes,
    parse_routes,
    person,
    read_routes,
)

ANNA = Author("Anna <anna@example.org>", "release as champion", "because")


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """A champion `b2`, `a1` before it, and `c3` unused."""
    made = Deploy(tmp_path / "deploy")
    for version in ("a1", "b2", "c3"):
        (made.bundle(version)).mkdir(parents=True)
        (made.bundle(version) / "MANIFEST.json").touch()
    change_routes(made, lambda _: first_routes("a1"), ANNA)
    change_routes(made, lambda there: with_champion(there, "b2"), ANNA)
    return made


def test_a_switch_is_on_record_with_who_why_from_and_to(deploy: Deploy) -> None:
    first, second = audit_lines(deploy)
    assert (first["from"], first["to"]) == (None, {"champion": "a1"})
    assert (second["from"], second["to"]) == ({"champion": "a1"}, {"champion": "b2"})
    assert (second["who"], second["action"], second["why"]) == (ANNA.who, ANNA.action, "because")
    routes = read_routes(deploy)
    assert routes is not None
    assert (routes.number, routes.changed) == (second["number"], second["at"])


def test_the_record_is_written_before_the_switch(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("fullcycle.core.routes.store.write_bytes_atomically", full)
    with pytest.raises(OSError, match="full"):
        roll_back(deploy, None, who="Anna", why="")
    assert [line["action"] for line in audit_lines(deploy)][-1] == "rollback"
    assert read_routes(deploy).champion == "b2"


def test_a_change_that_changes_nothing_leaves_no_trace(deploy: Deploy) -> None:
    before = deploy.routes_file.stat().st_ino
    change_routes(deploy, lambda there: with_champion(there, "b2"), ANNA)
    assert deploy.routes_file.stat().st_ino == before
    assert len(audit_lines(deploy)) == 2


def test_going_back_twice_goes_back_twice(deploy: Deploy) -> None:
    change_routes(deploy, lambda there: with_champion(there, "c3"), ANNA)
    assert roll_back(deploy, None, who="Anna", why="").champion == "b2"
    assert roll_back(deploy, None, who="Anna", why="").champion == "a1"
    with pytest.raises(UserError, match="no champion before a1"):
        roll_back(deploy, None, who="Anna", why="")


def test_going_back_takes_the_challenger_first_and_leaves_the_champion(deploy: Deploy) -> None:
    set_beside(deploy, challenger="c3", share=0.1, shadow=None, who="Anna", why="")
    after = roll_back(deploy, None, who="Anna", why="")
    assert (after.champion, after.challenger) == ("b2", None)


def test_going_back_to_a_version_leaves_nothing_beside_it(deploy: Deploy) -> None:
    set_beside(deploy, challenger="c3", share=0.1, shadow="a1", who="Anna", why="")
    after = roll_back(deploy, "a", who="Anna", why="it burns")
    assert (after.champion, after.challenger, after.shadow, after.previous) == ("a1", None, None, ("b2",))
    assert audit_lines(deploy)[-1]["why"] == "it burns"


def test_a_version_that_was_deleted_is_not_gone_back_to(deploy: Deploy) -> None:
    (deploy.bundle("a1") / "MANIFEST.json").unlink()
    with pytest.raises(UserError, match="no such bundle"):
        roll_back(deploy, None, who="Anna", why="")
    assert read_routes(deploy).champion == "b2"


def test_a_version_has_one_role() -> None:
    routes = with_shadow(first_routes("a"), "b")
    routes = with_challenger(routes, "b", 0.2)
    assert (routes.challenger.bundle, routes.shadow) == ("b", None)
    routes = with_champion(routes, "b")
    assert (routes.champion, routes.challenger, routes.previous) == ("b", None, ("a",))


def test_champions_that_alternate_are_remembered_once_and_not_for_ever() -> None:
    routes = first_routes("0")
    for version in [*map(str, range(1, 30)), "3"]:
        routes = with_champion(routes, version)
    assert len(routes.previous) == PREVIOUS_AT_MOST
    assert len(set(routes.previous)) == PREVIOUS_AT_MOST
    assert rolled_back(routes).champion == "29"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"challenger": "b2", "share": 0.1}, "which is the champion"),
        ({"challenger": "c3"}, "no share"),
        ({"share": 0.5}, "no challenger"),
        ({"shadow": "zz"}, "no such bundle"),
    ],
)
def test_what_cannot_stand_beside_the_champion_is_refused(deploy: Deploy, given: dict, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        set_beside(deploy, **{"challenger": None, "share": None, "shadow": None, **given}, who="A", why="")
    assert refused.value.hint
    assert len(audit_lines(deploy)) == 2


def test_a_version_may_be_told_by_its_first_letters_if_they_are_its_own(deploy: Deploy) -> None:
    (deploy.bundle("c4")).mkdir()
    (deploy.bundle("c4") / "MANIFEST.json").touch()
    assert named(deploy, "a") == "a1"
    with pytest.raises(UserError, match="2 bundles that begin so"):
        named(deploy, "c")


def test_a_reader_sees_whole_routes_while_many_write(deploy: Deploy) -> None:
    done = threading.Event()
    seen: list[Routes | None] = []

    def look() -> None:
        while not done.is_set():
            seen.append(read_routes(deploy))

    reader = threading.Thread(target=look)
    reader.start()

    def write(name: str) -> None:
        for turn in range(5):
            change_routes(deploy, partial(with_champion, version=f"{name}-{turn}"), ANNA)

    writers = [threading.Thread(target=write, args=(name,)) for name in "wxyz"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert None not in seen
    assert read_routes(deploy).number == 22  # none of twenty changes was lost
    assert [line["number"] for line in audit_lines(deploy)] == list(range(1, 23))


def test_newer_routes_are_refused_and_keys_that_are_not_known_are_left_alone(deploy: Deploy) -> None:
    content = json.loads(deploy.routes_file.read_text())
    deploy.routes_file.write_text(json.dumps({**content, "colour": "red"}))
    assert read_routes(deploy).champion == "b2"
    deploy.routes_file.write_text(json.dumps({**content, "version": 99}))
    with pytest.raises(UserError, match="format version 99"):
        read_routes(deploy)
    deploy.routes_file.write_text("{")
    with pytest.raises(UserError, match="no routes"):
        read_routes(deploy)


def test_routes_of_version_1_stay_readable() -> None:
    kept = Path(__file__).with_name("data") / "routes-1.json"
    routes = parse_routes(kept, kept.read_bytes())
    assert (routes.champion, routes.previous, routes.shadow) == ("b2", ("a1",), "d4")
    assert (routes.challenger.bundle, routes.challenger.share, routes.challenger.canary.step) == (
        "c3",
        0.05,
        0,
    )


def test_a_person_is_who_git_says_and_else_who_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Anna")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "anna@example.org")
    assert person(tmp_path) == "Anna <anna@example.org>"
    monkeypatch.setenv("PATH", "")
    assert person(tmp_path) not in ("", "Anna <anna@example.org>")


def test_going_back_imports_neither_mlflow_nor_a_training_library(deploy: Deploy) -> None:
    code = (
        "import sys\n"
        "from fullcycle.cli.main import main\n"
        "assert main(['rollback', '--why', 'now']) == 0\n"
        "heavy = {'mlflow', 'sklearn', 'pandas', 'ibis', 'numpy', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    root = deploy.folder.parent
    (root / "fullcycle.yaml").write_text("name: people\ndata:\n  source: people.csv\n")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    assert read_routes(deploy).champion == "a1"
