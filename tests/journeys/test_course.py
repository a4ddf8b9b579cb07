"""A teacher's evening: two learners, a form, a gradebook, feedback; nothing that isn't there is a grade."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fullcycle.people.course.course_file import read_course
from fullcycle.people.course.readers import read_all
from fullcycle.people.course.rebuild import rebuild_all
from fullcycle.people.quiz.attempt import draw
from fullcycle.people.quiz.bank import own_bank
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")


def test_a_course_is_graded_from_its_folders_to_the_gradebook(finished_project: Path, tmp_path: Path) -> None:
    course = tmp_path / "class"
    project = copy_of(finished_project, course / "anna")
    (course / "anna/homework").mkdir()
    for number in (1, 2, 3):
        (course / f"anna/homework/{number}.md").write_text("An essay.")
    right = "".join(asked.right for asked in draw(own_bank(), 10, 7))
    fullcycle("quiz", "--seed", "7", "--answers", right, "--out", course / "anna/quiz.json")
    shutil.copytree(course / "anna/homework", course / "boris/homework")

    told = fullcycle("assess", "course", "init", course)
    assert "2 learners" in told
    file = course / "course.yaml"
    file.write_text(
        file.read_text().replace("marks.xlsx", "marks.yaml") + "    submitted: {quiz: 2026-01-01}\n"
    )
    assert "wait for a mark" in fullcycle("assess", "course", "form", "--file", file)
    table = fullcycle("assess", "course", "--file", file)
    assert table.count("   open\n") == 2
    assert "halves up" in table

    marks = course / "marks.yaml"
    marks.write_text("\n".join(filled(line) for line in marks.read_text().splitlines()) + "\n")
    graded = fullcycle(
        "assess", "course", "--file", file, "--json", "--lang", "ru", "--out", tmp_path / "out"
    )
    after = json.loads(graded)
    anna, boris = after["learners"]
    readiness = json.loads(fullcycle("-C", project, "assess", "--json"))["points"]
    assert anna["project"] == pytest.approx(readiness / 10)
    assert anna["quiz"] == 10
    exact = 0.5 * anna["homework"] + 0.3 * anna["project"] + 0.2 * anna["quiz"]
    assert (anna["exact"], anna["final"]) == (pytest.approx(exact), int(exact + 0.5))
    assert (boris["final"], boris["open"]) == (None, ["homework_2", "homework_3", "project", "quiz"])
    assert (course / "gradebook/gradebook.xlsx").is_file()
    feedback = (tmp_path / "out/feedback/anna.html").read_text()
    assert f"Итоговая оценка: {anna['final']} из 10" in feedback


def filled(line: str) -> str:
    """One point for every part that waits for the teacher."""
    name = line.strip().partition(":")[0]
    by_teacher = name.startswith("homework_1.") or name.endswith("_written")
    return line.replace("mark: null", "mark: 1") if by_teacher and not name.startswith("#") else line


def declare_source(project: Path) -> None:
    """Beside the project, so that a copy of both has it."""
    settings = project / "fullcycle.yaml"
    text = re.sub(r"^  source: .*$", "  source: ../customers.csv", settings.read_text(), count=1, flags=re.M)
    settings.write_text(text)


@pytest.mark.nightly
def test_a_project_is_made_again_from_its_source_and_evidence_that_was_edited_counts_for_nothing(
    finished_project: Path, tmp_path: Path
) -> None:
    for name in ("honest", "forged", "broken"):
        project = copy_of(finished_project, tmp_path / name)
        declare_source(project)
        for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "all")):
            subprocess.run([*GIT, *command], cwd=project, check=True, capture_output=True)
    prepared = tmp_path / "forged/churn/evidence/prepare.json"
    prepared.write_text(prepared.read_text().replace('"passed": true', '"passed": false'))
    (tmp_path / "broken/customers.csv").unlink()
    file = tmp_path / "course.yaml"
    names = ("honest", "forged", "broken")
    file.write_text(
        "learners:\n" + "".join(f"  - {{id: {name}, name: {name}, projects: [{name}]}}\n" for name in names)
    )
    place = read_course(file)
    honest, forged, broken = (each.projects[0] for each in rebuild_all(place, read_all(place)))
    assert honest.problem is None
    assert honest.assessed is not None
    assert forged.assessed is not None
    # Its settings changed after its evidence, so what was handed in is overtaken; what is made again is not.
    assert honest.claimed is not None
    assert honest.claimed < honest.assessed.points == forged.assessed.points
    assert broken.assessed is None
    assert broken.problem is not None
    assert (broken.problem.code, broken.problem.about) == ("rebuild_failed", "collect")
