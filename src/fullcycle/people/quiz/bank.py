"""Reading the bank: every question in every language, with one right answer of four."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fullcycle.core.errors import UserError

WRONG = 3
Topic = Literal[
    "testing",
    "monitoring",
    "drift",
    "failures",
    "abtest",
    "risks",
    "data",
    "analysis",
    "metrics",
    "experiments",
    "deployment",
    "planning",
    "automation",
    "roles",
]


class Part(BaseModel):
    """Frozen; an unknown key is a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Wording(Part):
    """A question in one language; `why` is one line, shown after grading."""

    question: str = Field(min_length=1)
    right: str = Field(min_length=1)
    wrong: tuple[str, ...] = Field(min_length=WRONG, max_length=WRONG)
    why: str = Field(min_length=1, pattern=r"^[^\n]+$")

    @property
    def options(self) -> tuple[str, ...]:
        """The right one first: an attempt shuffles them."""
        return (self.right, *self.wrong)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len(set(self.options)) != len(self.options):
            raise ValueError("two options say the same")
        return self


class Question(Part):
    """`point` is the point of the course's own test that it asks for."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    topic: Topic
    point: int | None = Field(None, ge=1, le=10)
    en: Wording
    ru: Wording

    def said(self, language: str) -> Wording:
        """In one language."""
        return self.ru if language == "ru" else self.en


@lru_cache(maxsize=1)
def own_bank() -> tuple[Question, ...]:
    """The bank that comes with fullcycle."""
    path = resources.files("fullcycle.people.quiz") / "bank.yaml"
    return parse_bank(path.read_text(encoding="utf-8"), "bank.yaml")


def read_bank(path: Path) -> tuple[Question, ...]:
    """A teacher's own bank. UserError names the file, the question and the key."""
    try:
        return parse_bank(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UserError(
            where=str(path), found=error.strerror or str(error), expected="a bank of questions in YAML"
        ) from error


def parse_bank(text: str, where: str) -> tuple[Question, ...]:
    """Questions in the order of the file, each id once."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content: Any = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise UserError(where=where, found=f"no YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(content, list) or not content:
        raise UserError(where=where, found="no list of questions", expected="- id: ..., topic: ..., en, ru")
    questions = tuple(_question(each, where, place) for place, each in enumerate(content, start=1))
    ids = [question.id for question in questions]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise UserError(where=where, found=f"two questions with the id {twice[0]}", expected="each id once")
    return questions


def _question(content: Any, where: str, place: int) -> Question:
    try:
        return Question.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        name = content.get("id", place) if isinstance(content, Mapping) else place
        key = ".".join(map(str, first["loc"]))
        raise UserError(
            where=f"{where}, question {name}, key {key}",
            found=first["msg"].removeprefix("Value error, "),
            expected="question, right, three wrong answers and why, in en and ru",
        ) from error
