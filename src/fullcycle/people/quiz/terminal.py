"""The quiz as a conversation: questions, answers with their times, the grade with explanations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from fullcycle.people.quiz.attempt import LETTERS, Answer, Asked, Graded, by_topic
from fullcycle.people.report.terms import plain
from fullcycle.people.report.words import Words

Show = Callable[[str], None]
Ask = Callable[[str], str]
Clock = Callable[[], float]
SECONDS_A_MINUTE = 60.0


def _(message: str) -> str:
    return message


TOPICS = {
    "testing": _("testing models"),
    "monitoring": _("monitoring"),
    "drift": _("drift"),
    "failures": _("failures"),
    "abtest": _("A/B tests"),
    "risks": _("risks"),
    "data": _("data"),
    "analysis": _("analysis"),
    "metrics": _("metrics"),
    "experiments": _("experiments"),
    "deployment": _("deployment"),
    "planning": _("planning"),
    "automation": _("automation"),
    "roles": _("roles"),
}


def take(
    asked: tuple[Asked, ...],
    seed: int,
    words: Words,
    show: Show,
    ask: Ask,
    *,
    minutes: float | None = None,
    clock: Clock = time.monotonic,
) -> Graded:
    """Ask everything in order. Once the time is over, what is left is not asked, and an answer that is given
    after it counts as none."""
    began = clock()
    show(_opening(words, len(asked), minutes))
    answers: list[Answer] = []
    for place, each in enumerate(asked, start=1):
        if _over(clock() - began, minutes):
            answers.append(Answer(None, late=True))
            continue
        show("")
        for line in _shown(words, each, place, len(asked)):
            show(line)
        shown = clock()
        letter = _letter(words, show, ask)
        answers.append(Answer(letter, clock() - shown, late=_over(clock() - began, minutes)))
    return Graded(seed, words.language, asked, tuple(answers), minutes)


def _over(seconds: float, minutes: float | None) -> bool:
    return minutes is not None and seconds > minutes * SECONDS_A_MINUTE


def _opening(words: Words, count: int, minutes: float | None) -> str:
    text = words.count(
        "%(n)s question, one right answer of four. Type its letter; an empty line leaves the question out.",
        "%(n)s questions, one right answer of four each. Type its letter; an empty line leaves one out.",
        count,
    )
    if minutes is None:
        return str(text)
    limit = words.say("The time ends after %(minutes)s min.", minutes=words.number(minutes))
    return f"{text} {limit}"


def _shown(words: Words, asked: Asked, place: int, count: int) -> Iterator[str]:
    yield f"{place}/{count}  {asked.question.said(words.language).question}"
    for letter, text in asked.options(words.language).items():
        yield f"  {letter}) {text}"


def _letter(words: Words, show: Show, ask: Ask) -> str | None:
    """A letter, or None for an empty line; whatever else is typed is asked for again."""
    while True:
        typed = ask("> ").strip().lower().rstrip(").")
        if not typed:
            return None
        if typed in LETTERS and len(typed) == 1:
            return typed
        show(words.gettext("a, b, c or d, or an empty line"))


def told(graded: Graded, words: Words) -> Iterator[str]:
    """The grade, each question with the right answer and why, and what to look at again."""
    yield words.gettext("%(right)s of %(all)s right: %(grade)s of 10 points.") % {
        "right": words.whole(graded.right),
        "all": words.whole(len(graded.asked)),
        "grade": words.number(graded.grade, 3),
    }
    if graded.seconds:
        yield words.gettext("Time: %(time)s.") % {"time": _duration(words, graded.seconds)}
    for place, asked in enumerate(graded.asked):
        yield ""
        yield from _explained(graded, words, place, asked)
    weak = [topic for topic, (right, count) in by_topic(graded).items() if right < count]
    if weak:
        yield ""
        yield words.gettext("Look again at: %(topics)s.") % {
            "topics": ", ".join(plain(words, TOPICS, topic) for topic in weak)
        }


def _duration(words: Words, seconds: float) -> str:
    minutes, rest = divmod(round(seconds), int(SECONDS_A_MINUTE))
    parts = [words.unit(words.whole(minutes), words.gettext("min"))] if minutes else []
    return " ".join([*parts, words.unit(words.whole(rest), words.gettext("s"))])


def _explained(graded: Graded, words: Words, place: int, asked: Asked) -> Iterator[str]:
    said, answer, options = (
        asked.question.said(words.language),
        graded.answers[place],
        asked.options(words.language),
    )
    yield f"{'+' if graded.is_right(place) else '-'} {place + 1}. {said.question}"
    if answer.late:
        yield "  " + words.gettext("Not in time.")
    elif answer.letter is None:
        yield "  " + words.gettext("Left out.")
    elif not graded.is_right(place):
        yield "  " + words.gettext("Yours: %(answer)s") % {"answer": options[answer.letter]}
    yield "  " + words.gettext("Right: %(answer)s") % {"answer": said.right}
    yield "  " + said.why
