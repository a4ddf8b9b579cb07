"""An attempt is graded again: what its file says of itself counts for nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fullcycle.people.course.attempts import look_at_attempt
from fullcycle.people.course.course_file import QuizRules
from fullcycle.people.course.seen import QuizSeen
from fullcycle.people.quiz.attempt import Answer, Graded, draw
from fullcycle.people.quiz.bank import own_bank

BANK = own_bank()


def attempt(count: int = 10, wrong: int = 3, seed: int = 7, seconds: float = 30) -> dict[str, Any]:
    asked = draw(BANK, count, seed)
    letters = [None if place < wrong else each.right for place, each in enumerate(asked)]
    answers = tuple(Answer(letter, seconds) for letter in letters)
    return Graded(seed, "ru", asked, answers).as_dict()


def looked(path: Path, content: Any, **rules: Any) -> QuizSeen:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return look_at_attempt(path, QuizRules.model_validate(rules), BANK)


def problem(found: QuizSeen) -> str:
    assert found.problem is not None
    assert (found.right, found.questions) == (0, 0)
    return found.problem.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempt.json"


def test_an_attempt_has_the_points_of_its_letters(path: Path) -> None:
    found = looked(path, attempt())
    assert (found.questions, found.right, found.problem, found.missing) == (10, 7, None, False)
    assert found.weak


def test_a_grade_that_was_written_in_changes_nothing(path: Path) -> None:
    content = attempt()
    content.update(grade=10.0, right=10)
    for each in content["answers"]:
        each.update(is_right=True, right="a")
    assert looked(path, content).right == 7


def test_questions_and_options_are_those_that_the_seed_draws(path: Path) -> None:
    content = attempt()
    content["answers"][0]["options"]["a"] = "the easy one"
    assert problem(looked(path, content)) == "attempt_of_another_bank"
    assert problem(looked(path, {**attempt(), "seed": 8})) == "attempt_of_another_bank"
    twice = attempt()
    twice["answers"] = [twice["answers"][0]] * 10
    assert problem(looked(path, twice)) == "attempt_of_another_bank"


def test_a_short_attempt_and_one_of_another_draw_are_told(path: Path) -> None:
    assert problem(looked(path, attempt(count=3, wrong=0))) == "too_few_questions"
    assert looked(path, attempt(count=3, wrong=0), questions=3).right == 3
    assert problem(looked(path, attempt(), seed=8)) == "attempt_of_another_draw"
    assert looked(path, attempt(), seed=7).right == 7


def test_answers_after_the_time_of_the_course_count_as_none(path: Path) -> None:
    content = attempt(wrong=0, seconds=60)
    assert looked(path, content, minutes=4).right == 4
    assert looked(path, content, minutes=10).right == 10


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "{}", '{"seed": 1, "language": "en", "answers": []}', "[" * 10**5]
)
def test_what_is_no_attempt_is_told_and_not_graded(path: Path, content: str) -> None:
    assert problem(looked(path, content)) == "attempt_unreadable"


def test_nothing_there_is_missing(path: Path) -> None:
    assert look_at_attempt(path, QuizRules(), BANK) == QuizSeen(missing=True)
