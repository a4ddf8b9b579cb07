"""The course file: what stands in it, what is wrong with it and where, and one that is proposed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fullcycle.core.errors import UserError
from fullcycle.people.course.course_file import read_course
from fullcycle.people.course.propose import propose
from tests.people.course.factory import write_project

GOOD = """\
learners:
  - id: anna
    name: Анна
    projects: [anna/churn, https://example.org/a.git, 'git@example.org:a.git']
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "course.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    place = read_course(write(tmp_path, GOOD))
    course = place.course
    assert (course.rounding, course.missing, course.late.count) == ("half_up", "open", "full")
    assert (course.marks, course.learners[0].name, place.folder) == ("marks.xlsx", "Анна", tmp_path)
    assert course.clone.protocols == ("https", "ssh")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roundng: up\n" + GOOD, ["line 1", "key roundng", "did you mean `rounding`?"]),
        ("rounding: half\n" + GOOD, ["line 1", "one of half_up, half_even", "did you mean"]),
        ("deadlines:\n  quiz: soon\n" + GOOD, ["line 2", "deadlines.quiz", "a date, such as 2026-09-30"]),
        ("timezone: Mars\n" + GOOD, ["line 1", "Europe/Moscow"]),
        ("minimum: 11\n" + GOOD, ["line 1", "at most 10"]),
        ("title: x\n", ["no key 'learners'"]),
        ("learners: []\n", ["key learners"]),
        (GOOD.replace("anna\n", "../anna\n", 1), ["line 2", "learners[0].id"]),
        (GOOD + "  - {id: Anna, name: B}\n", ["line 5", "learners[1].id", "the id of learner 1 too"]),
        (GOOD.replace("https:", "http:"), ["line 4", "projects[1]", "of the protocol http", "https, ssh"]),
        (GOOD.replace("https://example.org/a.git", "'ext::sh -c id'"), ["line 4", "names a program"]),
        (GOOD.replace("https://example.org", "ssh://-oProxyCommand=id"), ["line 4", "starts with a dash"]),
        (GOOD.replace("anna/churn", "--upload-pack=id"), ["line 4", "projects[0]"]),
        (GOOD.replace("https://example.org/a.git", "file:///etc"), ["line 4", "the protocol file"]),
    ],
)
def test_a_mistake_names_line_and_key(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        read_course(write(tmp_path, text))
    assert [part for part in ["course.yaml", *said] if part not in str(caught.value)] == []


def test_a_file_that_is_not_there_is_proposed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="assess course init"):
        read_course(tmp_path / "course.yaml")


def test_a_course_is_proposed_from_a_folder_of_folders(tmp_path: Path) -> None:
    write_project(tmp_path / "Анна Б." / "churn")
    (tmp_path / "Анна Б." / "homework").mkdir()
    write_project(tmp_path / "boris")
    (tmp_path / "boris" / "1.md").write_text("essay")
    attempt = {"seed": 1, "language": "en", "answers": []}
    (tmp_path / "boris" / "quiz.json").write_text(json.dumps(attempt))
    (tmp_path / "boris" / "other.json").write_text("{")
    write_project(tmp_path / "carol" / "a")
    write_project(tmp_path / "carol" / "b")
    (tmp_path / "empty").mkdir()
    learners = read_course(write(tmp_path, propose(tmp_path))).course.learners
    assert [(each.id, each.name) for each in learners] == [
        ("boris", "boris"),
        ("carol", "carol"),
        ("Анна-Б", "Анна Б."),
    ]
    assert [each.projects for each in learners] == [("boris",), ("carol",), ("Анна Б./churn",)]
    assert [each.homework for each in learners] == ["boris", None, "Анна Б./homework"]
    assert [each.quiz for each in learners] == ["boris/quiz.json", None, None]


def test_a_folder_without_work_proposes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder with a project"):
        propose(tmp_path)
