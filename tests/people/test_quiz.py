"""The quiz: a bank that asks fairly in both languages, attempts that can be repeated, and the right grade."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.cli.main import main
from fullcycle.core.errors import UserError
from fullcycle.people.quiz.attempt import LETTERS, Answer, Graded, draw, read_answers
from fullcycle.people.quiz.bank import Question, Topic, own_bank, parse_bank
from fullcycle.people.quiz.terminal import TOPICS, take, told
from fullcycle.people.report.words import Words
from tests.people.languages import CYRILLIC, foreign

# Names beside those of reports: programs that watch no model, and metrics as they are called.
NAMES = {"TensorBoard", "Microsoft", "Word", "Adobe", "Photoshop", "PowerPoint", "accuracy", "precision",
         "recall", "Git"}  # fmt: skip
ENOUGH_QUESTIONS = 40
LONGEST_AT_MOST = 0.4  # by chance a quarter: length must not give the right answer away
WORDS = Words("en")


def test_the_bank_has_enough_questions_and_every_point_of_the_course() -> None:
    bank = own_bank()
    assert len(bank) >= ENOUGH_QUESTIONS
    assert {question.point for question in bank if question.point} == set(range(1, 11))
    assert {question.topic for question in bank} == set(Topic.__args__) == set(TOPICS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("question", own_bank(), ids=lambda question: question.id)
def test_a_question_is_whole_in_both_languages_and_mixes_neither(question: Question) -> None:
    for said in (question.en, question.ru):
        assert len({text.lower() for text in said.options}) == len(LETTERS)
        assert said.question[-1] in "?."
        assert said.why[-1] == "."
    for language in ("en", "ru"):
        said = question.said(language)
        text = " ".join([said.question, *said.options, said.why])
        assert foreign(text, language, NAMES) == set()
        assert bool(CYRILLIC.search(said.question)) is (language == "ru")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_longest_option_is_seldom_the_right_one(language: str) -> None:
    said = [question.said(language) for question in own_bank()]
    longest = sum(len(each.right) > max(map(len, each.wrong)) for each in said)
    assert longest / len(said) < LONGEST_AT_MOST


def test_right_answers_are_spread_over_the_letters() -> None:
    letters = Counter(asked.right for seed in range(40) for asked in draw(own_bank(), 10, seed))
    assert min(letters.values()) > 60  # of 400; 100 by chance


@given(st.integers(0, 10**6), st.integers(1, len(own_bank())))
def test_the_same_seed_asks_the_same_and_no_question_twice(seed: int, count: int) -> None:
    asked = draw(own_bank(), count, seed)
    assert asked == draw(own_bank(), count, seed)
    assert len({each.question.id for each in asked}) == count
    for each in asked:
        assert each.options("en")[each.right] == each.question.en.right
        assert each.options("ru")[each.right] == each.question.ru.right


@given(st.lists(st.sampled_from([*LETTERS, None]), min_size=10, max_size=10))
def test_the_grade_is_ten_times_the_share_of_right_answers(letters: list[str | None]) -> None:
    asked = draw(own_bank(), 10, 3)
    graded = Graded(3, "en", asked, tuple(Answer(letter) for letter in letters))
    right = sum(letter == each.right for letter, each in zip(letters, asked, strict=True))
    assert (graded.right, graded.grade) == (right, right)
    assert graded.answered == sum(letter is not None for letter in letters)


def test_answers_after_the_time_count_as_none_and_the_rest_is_not_asked() -> None:
    asked = draw(own_bank(), 3, 1)
    moments: Iterator[float] = iter([0.0, 0.0, 1.0, 30.0, 30.0, 30.0, 50.0, 70.0, 70.0, 71.0])
    typed: Iterator[str] = iter([asked[0].right, f" {asked[1].right.upper()}) "])
    graded = take(
        asked,
        1,
        WORDS,
        lambda _text: None,
        lambda _prompt: next(typed),
        minutes=1,
        clock=lambda: next(moments),
    )
    assert [answer.late for answer in graded.answers] == [False, True, True]
    assert graded.right == 1
    text = "\n".join(told(graded, WORDS))
    assert text.count("Not in time.") == 2
    assert "1 of 3 right: 3.33 of 10 points." in text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_conversation_speaks_one_language(language: str) -> None:
    words, asked = Words(language), draw(own_bank(), 6, 1)
    typed: Iterator[str] = iter(["?", "", *(each.right for each in asked[1:4]), "a", "b"])
    said: list[str] = []

    def ask(prompt: str) -> str:
        said.append(prompt)
        return next(typed)

    graded = take(asked, 1, words, said.append, ask, minutes=5)
    text = "\n".join([*said, *told(graded, words)])
    assert foreign(text, language, NAMES | set(LETTERS)) == set()


def test_what_is_no_letter_is_asked_for_again_and_an_empty_line_leaves_out() -> None:
    asked = draw(own_bank(), 2, 1)
    typed: Iterator[str] = iter(["what?", "ab", asked[0].right, ""])
    said: list[str] = []
    graded = take(asked, 1, WORDS, said.append, lambda _prompt: next(typed))
    assert [answer.letter for answer in graded.answers] == [asked[0].right, None]
    assert said.count("a, b, c or d, or an empty line") == 2
    text = "\n".join(told(graded, WORDS))
    assert "Left out." in text
    assert all(each.question.en.why in text for each in asked)


@pytest.mark.parametrize("wrong", ["abx", "ab", "abcd"])
def test_answers_that_do_not_fit_are_refused(wrong: str) -> None:
    with pytest.raises(UserError, match="3 letters"):
        read_answers(wrong, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b", "no list"),
        ("- {id: x}", "question x"),
        ("- [", "no YAML"),
        ("- {id: x, topic: data, en: {question: q, right: r, wrong: [r, b, c], why: w}}", "say the same"),
    ],
)
def test_a_bank_that_is_wrong_is_told(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_bank(text, "own.yaml")
    assert said in str(caught.value)


def test_the_command_shows_grades_and_writes_an_attempt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["quiz", "--lang", "ru", "--questions", "4", "--seed", "7", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert len(shown["questions"]) == 4
    assert "right" not in json.dumps(shown)
    letters = "".join(asked.right for asked in draw(own_bank(), 4, 7))
    words = ["quiz", "--lang", "ru", "--questions", "4", "--seed", "7", "--answers", letters]
    assert main([*words, "--out", "attempt.json"]) == 0
    assert "Верно 4 из 4: 10 из 10 баллов." in capsys.readouterr().out
    attempt = json.loads((tmp_path / "attempt.json").read_text())
    assert (attempt["grade"], attempt["right"], attempt["seed"]) == (10.0, 4, 7)
    assert datetime.fromisoformat(attempt["taken"]).tzinfo == UTC
    assert main(["quiz", "--questions", "999"]) == 2
    assert "as many as the bank has" in capsys.readouterr().err
