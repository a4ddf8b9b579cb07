"""An attempt: questions drawn and shuffled by a seed, answers with their times, and the grade.

The same seed gives the same questions with the same order of options in every language: an attempt can be
shown, repeated and graded again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.people.quiz.bank import Question

LETTERS = "abcd"
NOTHING = "-"  # what stands for a question that was left out
GRADE_AT_MOST = 10.0
Letter = str


@dataclass(frozen=True)
class Asked:
    """A question as this attempt shows it; `right` is the letter of its right option."""

    question: Question
    order: tuple[int, ...]

    @property
    def right(self) -> Letter:
        return LETTERS[self.order.index(0)]

    def options(self, language: str) -> dict[Letter, str]:
        """By letter."""
        texts = self.question.said(language).options
        return {letter: texts[place] for letter, place in zip(LETTERS, self.order, strict=True)}


@dataclass(frozen=True)
class Answer:
    """A letter, or None for none, and the seconds that it took; `late` is one after the time was over."""

    letter: Letter | None
    seconds: float = 0.0
    late: bool = False


@dataclass(frozen=True)
class Graded:
    """An attempt with its answers, one for each question. A late answer counts as none."""

    seed: int
    language: str
    asked: tuple[Asked, ...]
    answers: tuple[Answer, ...]
    minutes: float | None = None

    def is_right(self, place: int) -> bool:
        """Whether that answer was right and in time."""
        answer = self.answers[place]
        return not answer.late and answer.letter == self.asked[place].right

    @property
    def right(self) -> int:
        """How many were."""
        return sum(self.is_right(place) for place in range(len(self.asked)))

    @property
    def answered(self) -> int:
        """In time."""
        return sum(answer.letter is not None and not answer.late for answer in self.answers)

    @property
    def grade(self) -> float:
        """On the ten-point scale, not rounded: the course rounds once, at its end."""
        return GRADE_AT_MOST * self.right / len(self.asked)

    @property
    def seconds(self) -> float:
        """For all answers."""
        return sum(answer.seconds for answer in self.answers)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with explanations."""
        return {
            "seed": self.seed,
            "language": self.language,
            "questions": len(self.asked),
            "answered": self.answered,
            "right": self.right,
            "grade": self.grade,
            "seconds": round(self.seconds, 1),
            "minutes": self.minutes,
            "answers": [self._told(place) for place in range(len(self.asked))],
        }

    def _told(self, place: int) -> dict[str, Any]:
        asked, answer = self.asked[place], self.answers[place]
        return {
            **as_asked(asked, self.language),
            "answer": answer.letter,
            "late": answer.late,
            "seconds": round(answer.seconds, 1),
            "right": asked.right,
            "is_right": self.is_right(place),
            "why": asked.question.said(self.language).why,
        }


def as_asked(asked: Asked, language: str) -> dict[str, Any]:
    """A question for JSON, without its answer."""
    return {
        "id": asked.question.id,
        "topic": asked.question.topic,
        "question": asked.question.said(language).question,
        "options": asked.options(language),
    }


def draw(bank: Sequence[Question], count: int, seed: int) -> tuple[Asked, ...]:
    """So many questions by lot. UserError where the bank has fewer."""
    if not 1 <= count <= len(bank):
        raise UserError(
            where="--questions", found=str(count), expected=f"1 to {len(bank)}, as many as the bank has"
        )
    chance = random.Random(seed)
    chosen = chance.sample(list(bank), count)
    return tuple(
        Asked(question, tuple(chance.sample(range(len(LETTERS)), len(LETTERS)))) for question in chosen
    )


def read_answers(text: str, count: int) -> tuple[Answer, ...]:
    """Letters in the order of the questions, `-` for none.

    >>> [answer.letter for answer in read_answers("aB-d", 4)]
    ['a', 'b', None, 'd']
    """
    letters = [letter for letter in text.lower() if not letter.isspace() and letter != ","]
    wrong = [letter for letter in letters if letter not in LETTERS + NOTHING]
    if wrong or len(letters) != count:
        raise UserError(
            where="--answers",
            found=f"{wrong[0]!r}" if wrong else f"{len(letters)} letters",
            expected=f"{count} letters of {', '.join(LETTERS)}, or {NOTHING} for a question that is left out",
        )
    return tuple(Answer(None if letter == NOTHING else letter) for letter in letters)


def by_topic(graded: Graded) -> Mapping[str, tuple[int, int]]:
    """Right answers and questions, by topic."""
    found: dict[str, tuple[int, int]] = {}
    for place, asked in enumerate(graded.asked):
        right, count = found.get(asked.question.topic, (0, 0))
        found[asked.question.topic] = right + graded.is_right(place), count + 1
    return found
