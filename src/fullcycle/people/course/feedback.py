"""A learner's own page: the grade and how it came about, every part, and what would earn what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from fullcycle.core.evidence.assess import AssessEvidence
from fullcycle.people.course.course_file import Course
from fullcycle.people.course.grade import HOMEWORK as HOMEWORK_WEIGHT
from fullcycle.people.course.grade import PROJECT as PROJECT_WEIGHT
from fullcycle.people.course.grade import QUIZ as QUIZ_WEIGHT
from fullcycle.people.course.gradebook import rules_text
from fullcycle.people.course.said import (
    CREDIT,
    FIVE_POINT,
    HOMEWORK,
    STATES,
    item_title,
    notes_of,
    points_text,
    problem_text,
    shown_text,
    work_title,
)
from fullcycle.people.course.works import Item, Result, Work
from fullcycle.people.quiz.terminal import TOPICS
from fullcycle.people.report.blocks import (
    Block,
    Column,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
    Tone,
    Verdict,
)
from fullcycle.people.report.build import environment, shared_words
from fullcycle.people.report.final.markdown import page_as_markdown
from fullcycle.people.report.pages.assess_parts.said import CHECKS, CRITERIA, earn_text
from fullcycle.people.report.pages.assess_parts.seen import seen_text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import plain
from fullcycle.people.report.words import Words

GOOD_FROM = 6  # of ten
TEMPLATE = "feedback.html.j2"


def as_html(course: Course, result: Result, words: Words) -> str:
    """The page; a name or comment stays what it is, whatever it holds."""
    page = feedback(course, result, words)
    name = result.learner.name
    return environment().get_template(TEMPLATE).render(page=page, learner=name, **shared_words(words))


def as_markdown(course: Course, result: Result, words: Words) -> str:
    """The same for mail and wikis."""
    return page_as_markdown(words, feedback(course, result, words))


def feedback(course: Course, result: Result, words: Words) -> Page:
    """The page as data."""
    sections = [
        *(_homework(words, course, work, number) for number, work in enumerate(result.homework, start=1)),
        *(_project(words, course, result, place) for place in range(len(result.projects))),
        _quiz(words, course, result),
        Section("rules", words.gettext("How grades are made"), [Paragraphs(list(rules_text(course, words)))]),
    ]
    return Page(
        stage="feedback",
        title=words.say("Feedback for %(name)s", name=words.data(result.learner.name)),
        lede=Markup('<span translate="no">{}</span>').format(course.title),
        verdict=_verdict(words, result),
        tiles=list(_tiles(words, result)),
        sections=[_overview(words, course, result), *sections],
    )


def _verdict(words: Words, result: Result) -> Verdict:
    grade = result.grade
    if grade is None:
        left = words.joined([Markup("{}").format(work_title(words, work.id)) for work in result.open])
        detail = words.say("Nothing can be said for sure before these are there: %(works)s.", works=left)
        return Verdict(words.say("The grade is still open."), "warning", detail)
    text = words.say(
        "Final grade: %(ten)s of 10, %(words)s (%(five)s of 5), %(credit)s.",
        ten=words.whole(grade.ten),
        words=words.gettext(FIVE_POINT[grade.five]),
        five=words.whole(grade.five),
        credit=words.gettext(CREDIT[grade.passed]),
    )
    detail = words.say("%(exact)s before it was rounded.", exact=points_text(words, grade.exact))
    tone: Tone = "good" if grade.ten >= GOOD_FROM else "warning" if grade.passed else "bad"
    return Verdict(text, tone, detail)


def _tiles(words: Words, result: Result) -> Iterator[Tile]:
    for title, points, weight in (
        (words.gettext("Mean of homework"), result.homework_mean, HOMEWORK_WEIGHT),
        (words.gettext("Mean of projects"), result.project_mean, PROJECT_WEIGHT),
        (words.gettext("Quiz"), result.quiz.counted, QUIZ_WEIGHT),
    ):
        share = words.say("%(share)s of the grade", share=words.percent(float(weight)))
        yield Tile(title, points_text(words, points), share)


def _overview(words: Words, course: Course, result: Result) -> Section:
    columns = [
        Column(words.gettext("Work")),
        Column(words.gettext("Counts, of ten"), numeric=True),
        Column(words.gettext("Remark"), wide=True),
    ]
    rows = [
        [
            cell(work_title(words, work.id)),
            cell(points_text(words, work.counted)),
            cell(_capital("; ".join(notes_of(words, work, course)))),
        ]
        for work in result.works
    ]
    table = Table(words.gettext("What counts for the grade"), columns, rows, compact=True)
    return Section("overview", words.gettext("Overview"), [table])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _homework(words: Words, course: Course, work: Work, number: int) -> Section:
    return Section(work.id, words.gettext(HOMEWORK[number]), list(_blocks(words, course, work)))


def _blocks(words: Words, course: Course, work: Work) -> Iterator[Block]:
    told: list[Text] = []
    if work.problem:
        told.append(problem_text(words, work.problem))
    if work.earned is not None and work.earned != work.counted:
        told.append(
            words.say(
                "Earned: %(earned)s; counted: %(counted)s.",
                earned=points_text(words, work.earned),
                counted=points_text(words, work.counted),
            )
        )
    if told:
        yield Paragraphs(told)
    yield _items(words, work)


def _items(words: Words, work: Work) -> Table:
    columns = [
        Column(words.gettext("Part"), wide=True),
        Column(words.gettext("Points"), numeric=True),
        Column(words.gettext("of"), numeric=True),
        Column(words.gettext("Why"), wide=True),
    ]
    rows = [
        [
            cell(_part(words, item)),
            cell(points_text(words, item.points)),
            cell(points_text(words, item.worth)),
            cell(_why(words, item)),
        ]
        for item in work.items
    ]
    return Table(words.gettext("Points by part"), columns, rows, compact=True)


def _part(words: Words, item: Item) -> str:
    """Below the title of its work a criterion needs no work's name."""
    part = item.id.partition(".")[2]
    return words.gettext(CRITERIA[part]) if part in CRITERIA else item_title(words, item.id)


def _why(words: Words, item: Item) -> Markup:
    """Who judged, on what, and the teacher's comment."""
    parts: list[Text] = []
    if item.mark is not None:
        parts.append(words.gettext("the teacher's mark"))
        if item.evidence is not None and item.evidence != item.mark:
            by_evidence = words.gettext("by evidence it would be %(points)s")
            parts.append(by_evidence % {"points": points_text(words, item.evidence)})
    elif item.state != "scored":
        parts.append(words.gettext(STATES[item.state]))
    shown = shown_text(words, item)
    if shown:
        parts.append(shown)
    told = Markup("{}").format(_capital("; ".join(map(str, parts))))
    if item.comment:
        comment = words.say("Comment: %(comment)s", comment=words.data(item.comment))
        return Markup("{}. {}").format(told, comment) if told else comment
    return told


def _project(words: Words, course: Course, result: Result, place: int) -> Section:
    work, seen = result.projects[place], result.seen.projects[place]
    blocks = list(_blocks(words, course, work))
    if seen.claimed is not None and seen.assessed is not None:
        blocks.insert(0, Paragraphs([_made_again(words, seen.claimed, seen.assessed.points)]))
    if seen.assessed is not None:
        blocks.append(_unearned(words, seen.assessed))
    return Section(work.id, work_title(words, work.id), blocks)


def _unearned(words: Words, assessed: AssessEvidence) -> Table:
    """What the project did not prove, and what to type for it."""
    columns = [
        Column(words.gettext("Check"), wide=True),
        Column(words.gettext("Found"), wide=True),
        Column(words.gettext("What earns it"), wide=True),
    ]
    rows = [
        [
            cell(words.gettext(CHECKS[check.id][0])),
            cell(seen_text(words, check.seen)),
            cell(earn_text(words, check)),
        ]
        for criterion in assessed.criteria
        for check in criterion.checks
        if not check.earned
    ]
    return Table(words.gettext("What the project has not proven yet"), columns, rows, compact=True)


def _made_again(words: Words, claimed: float, found: float) -> Markup:
    return words.say(
        "The project was made again: %(found)s of 100 points, and %(claimed)s by what was handed in.",
        found=words.number(found),
        claimed=words.number(claimed),
    )


def _quiz(words: Words, course: Course, result: Result) -> Section:
    seen = result.seen.quiz
    blocks = list(_blocks(words, course, result.quiz))
    if seen.questions:
        right = words.gettext("%(right)s of %(all)s answers are right.") % {
            "right": words.whole(seen.right),
            "all": words.whole(seen.questions),
        }
        weak = ", ".join(plain(words, TOPICS, topic) for topic in seen.weak)
        look = words.gettext("Look again at: %(topics)s.") % {"topics": weak} if weak else ""
        blocks.insert(0, Paragraphs([f"{right} {look}".strip()]))
    return Section("quiz", words.gettext("Quiz"), blocks)
