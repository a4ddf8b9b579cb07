"""An attempt at the quiz, graded again: from its letters, its seed and the bank, never from its own grade."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from fullcycle.core.errors import UserError
from fullcycle.people.course.course_file import QuizRules
from fullcycle.people.course.seen import Problem, QuizSeen, Refused
from fullcycle.people.quiz.attempt import Answer, Asked, Graded, by_topic, draw
from fullcycle.people.quiz.bank import Question, own_bank, read_bank

ATTEMPT_AT_MOST = 10**6  # bytes
SECONDS_A_MINUTE = 60


class Answered(BaseModel):
    """What counts of an answer in the file."""

    id: str
    options: dict[str, str]
    answer: str | None = Field(None, pattern="^[a-d]$")
    late: bool = False
    seconds: float = Field(0, ge=0)


class Attempt(BaseModel):
    """What counts of the file: its grade and its right letters are not read."""

    seed: int
    language: str
    answers: tuple[Answered, ...] = Field(min_length=1)
    minutes: float | None = None
    taken: str | None = None


def bank_of(rules: QuizRules, folder: Path) -> tuple[Question, ...]:
    """The bank of the course."""
    return own_bank() if rules.bank is None else read_bank(folder / rules.bank)


def look_at_attempt(path: Path, rules: QuizRules, bank: Sequence[Question]) -> QuizSeen:
    """The attempt in a file; one that can't be graded is told and never counted as wrong answers."""
    if not path.exists():
        return QuizSeen(missing=True)
    try:
        return _graded_again(_read(path), rules, bank)
    except Refused as refused:
        return QuizSeen(problem=refused.problem)


def _read(path: Path) -> Attempt:
    try:
        if not path.is_file() or path.stat().st_size > ATTEMPT_AT_MOST:
            raise Refused(Problem(code="attempt_unreadable", about=path.name))
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        return Attempt.model_validate(content)
    except ValidationError as error:
        key = ".".join(map(str, error.errors()[0]["loc"]))
        raise Refused(Problem(code="attempt_unreadable", about=path.name, said=key)) from error
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(Problem(code="attempt_unreadable", about=path.name)) from error


def _graded_again(attempt: Attempt, rules: QuizRules, bank: Sequence[Question]) -> QuizSeen:
    asked = _as_drawn(attempt, bank)
    if rules.seed is not None and attempt.seed != rules.seed:
        raise Refused(Problem(code="attempt_of_another_draw", about=str(attempt.seed), said=str(rules.seed)))
    if len(asked) < rules.questions:
        raise Refused(Problem(code="too_few_questions", about=str(len(asked)), said=str(rules.questions)))
    graded = Graded(attempt.seed, attempt.language, asked, _in_time(attempt.answers, rules.minutes))
    weak = tuple(topic for topic, (right, count) in by_topic(graded).items() if right < count)
    return QuizSeen(questions=len(asked), right=graded.right, taken=attempt.taken, weak=weak)


def _as_drawn(attempt: Attempt, bank: Sequence[Question]) -> tuple[Asked, ...]:
    """What the seed draws from the bank, which must be what the file shows."""
    language = "ru" if attempt.language == "ru" else "en"
    try:
        asked = draw(bank, len(attempt.answers), attempt.seed)
    except UserError as error:
        raise Refused(Problem(code="attempt_of_another_bank")) from error
    same: Mapping[str, dict[str, str]] = {each.question.id: each.options(language) for each in asked}
    if [(each.id, each.options) for each in attempt.answers] != list(same.items()):
        raise Refused(Problem(code="attempt_of_another_bank"))
    return asked


def _in_time(answers: Sequence[Answered], minutes: float | None) -> tuple[Answer, ...]:
    spent, kept = 0.0, []
    for each in answers:
        spent += each.seconds
        over = minutes is not None and spent > minutes * SECONDS_A_MINUTE
        kept.append(Answer(each.answer, each.seconds, late=each.late or over))
    return tuple(kept)
