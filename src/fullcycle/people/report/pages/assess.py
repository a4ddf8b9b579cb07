"""The page about readiness: points by criterion, what each check saw, and the ML Test Score beside it."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.assess import AssessEvidence, CheckFacts, CriterionFacts, SectionFacts
from fullcycle.people.report.blocks import (
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
    Tone,
    Verdict,
)
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.pages.assess_parts.said import (
    CHECKS,
    CRITERIA,
    IN_CHARTS,
    SECTIONS,
    TESTS,
    earn_text,
    test_earn_text,
)
from fullcycle.people.report.pages.assess_parts.seen import seen_text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import plain
from fullcycle.people.report.words import Words

NONE, PAPER = "–", "ML Test Score"
TESTS_EACH = 7
MUCH, SOME = 80, 50  # points from which the tone changes, as the badge's colour does


def assess_page(words: Words, records: Records) -> Page:
    """The report of assess."""
    evidence = records.assess
    assert evidence is not None
    return Page(
        stage="assess",
        title=words.gettext("Readiness"),
        lede=words.say(
            "What evidence and repository prove, and nothing that somebody declares. What can't be proven"
            " gives no points, and says so."
        ),
        verdict=Verdict(_points_text(words, evidence), _tone(evidence.points), _weakest(words, evidence)),
        tiles=_tiles(words, evidence),
        conclusions=_outdated(words, records),
        sections=_sections(words, evidence),
        created=evidence.run.created if evidence.run else "",
    )


def readiness(words: Words, records: Records) -> list[Conclusion]:
    """In one line, for the first page; nothing where nobody has asked."""
    evidence = records.assess
    if evidence is None:
        return []
    text = words.say(
        "Readiness: %(points)s of %(all)s points; %(name)s: %(score)s.",
        name=words.data(PAPER),
        points=words.number(evidence.points),
        all=words.whole(evidence.possible),
        score=words.number(evidence.score),
    )
    return [Conclusion(text, link="assess.html"), *_outdated(words, records)]


def _outdated(words: Words, records: Records) -> list[Conclusion]:
    """Stages that ran since may have earned or lost points."""
    asked = records.assess.run if records.assess else None
    later = [each for each in records.in_order if each.run and asked and each.run.created > asked.created]
    if not later:
        return []
    text = words.say(
        "Stages have run since readiness was assessed: type %(command)s again.",
        command=words.code("fullcycle assess"),
    )
    return [Conclusion(text, "warning", link="assess.html")]


def _tone(points: float) -> Tone:
    return "good" if points >= MUCH else "warning" if points >= SOME else "bad"


def _points_text(words: Words, evidence: AssessEvidence) -> Markup:
    return words.say(
        "%(points)s of %(all)s points are proven.",
        points=words.number(evidence.points),
        all=words.whole(evidence.possible),
    )


def _weakest(words: Words, evidence: AssessEvidence) -> Text:
    lowest = min(evidence.criteria, key=lambda each: each.points)
    if lowest.points == lowest.weight:
        return ""
    return words.say(
        "The most is missing here: %(criterion)s, %(points)s of %(all)s.",
        criterion=plain(words, CRITERIA, lowest.id),
        points=words.number(lowest.points),
        all=words.whole(lowest.weight),
    )


def _tiles(words: Words, evidence: AssessEvidence) -> list[Tile]:
    checks = [check for criterion in evidence.criteria for check in criterion.checks]
    passed = words.say(
        "%(passed)s of %(all)s",
        passed=words.whole(sum(check.earned for check in checks)),
        all=words.whole(len(checks)),
    )
    of = words.say("of %(all)s", all=words.whole(evidence.possible))
    seven = words.say("of %(all)s: the lowest of four sections", all=words.whole(TESTS_EACH))
    return [
        Tile(words.gettext("Points"), words.number(evidence.points), of, _tone(evidence.points)),
        Tile(words.gettext("Practices proven"), passed),
        Tile(words.data(PAPER), words.number(evidence.score), seven),
    ]


def _sections(words: Words, evidence: AssessEvidence) -> list[Section]:
    overview = Section(
        "criteria",
        words.gettext("Points by criterion"),
        [Charts([_criteria_chart(words, evidence)]), _criteria_table(words, evidence)],
    )
    return [
        overview,
        *(_criterion_section(words, each) for each in evidence.criteria),
        _ml_test_score(words, evidence),
    ]


def _criteria_chart(words: Words, evidence: AssessEvidence) -> Chart:
    return _chart(
        words,
        words.gettext("What each criterion gives"),
        [(plain(words, IN_CHARTS, each.id), each.points) for each in evidence.criteria],
        max(each.weight for each in evidence.criteria),
    )


def _chart(words: Words, title: str, data: list[tuple[str, float]], whole: int) -> Chart:
    picture = bars(
        data,
        label=title,
        x_title=str(words.say("points of %(all)s", all=words.whole(whole))),
        value_format=words.numbers(),
        whole=whole,
    )
    return Chart(title, picture, words.gettext("The pale bar is what could be earned."))


def _criteria_table(words: Words, evidence: AssessEvidence) -> Table:
    columns = [
        Column(words.gettext("criterion")),
        Column(words.gettext("points"), numeric=True),
        Column(words.gettext("not proven"), wide=True),
    ]
    rows = [
        [
            cell(plain(words, CRITERIA, each.id)),
            _points(words, each.points, each.weight),
            cell(_missing(words, each)),
        ]
        for each in evidence.criteria
    ]
    return Table(words.gettext("What each criterion gives, and what is missing"), columns, rows)


def _missing(words: Words, criterion: CriterionFacts) -> Text:
    titles = [_title(words, check) for check in criterion.checks if not check.earned]
    return Markup("; ").join(titles) or NONE


def _title(words: Words, check: CheckFacts) -> Text:
    return words.gettext(CHECKS[check.id][0]) if check.id in CHECKS else words.code(check.id)


def _criterion_section(words: Words, criterion: CriterionFacts) -> Section:
    title = plain(words, CRITERIA, criterion.id)
    rows = [
        [
            cell(_title(words, check)),
            _points(words, check.points, check.worth),
            cell(seen_text(words, check.seen)),
            cell(NONE if check.earned or check.id not in CHECKS else earn_text(words, check)),
        ]
        for check in criterion.checks
    ]
    caption = words.say(
        "%(criterion)s: %(points)s of %(all)s points",
        criterion=title,
        points=words.number(criterion.points),
        all=words.whole(criterion.weight),
    )
    return Section(criterion.id, title, [Table(caption, _columns(words, words.gettext("practice")), rows)])


def _columns(words: Words, what: Text) -> list[Column]:
    return [
        Column(what, wide=True),
        Column(words.gettext("points"), numeric=True),
        Column(words.gettext("what was found"), wide=True),
        Column(words.gettext("how to earn the rest"), wide=True),
    ]


def _points(words: Words, points: float, of: float) -> Cell:
    shown = words.say("%(part)s of %(all)s", part=words.number(points), all=words.number(of))
    return cell(shown, points)


def _ml_test_score(words: Words, evidence: AssessEvidence) -> Section:
    about = words.say(
        "Seven tests in each of four sections (%(source)s). A test gives 1 where CI runs the command that"
        " makes its evidence, and 0.5 where the evidence was made by hand. The score is the lowest of the"
        " four sections.",
        source=words.data("Breck et al., IEEE Big Data 2017"),
    )
    chart = _chart(
        words,
        words.gettext("Points by section"),
        [(plain(words, SECTIONS, each.id), each.points) for each in evidence.sections],
        TESTS_EACH,
    )
    tables = [_section_table(words, each) for each in evidence.sections]
    return Section("ml-test-score", words.data(PAPER), [Paragraphs([about]), Charts([chart]), *tables])


def _section_table(words: Words, section: SectionFacts) -> Table:
    rows = [
        [
            cell(words.gettext(TESTS[test.id]) if test.id in TESTS else words.code(test.id)),
            _points(words, test.points, 1),
            cell(seen_text(words, test.seen)),
            cell(test_earn_text(words, test) or NONE),
        ]
        for test in section.tests
    ]
    caption = words.say(
        "%(section)s: %(points)s of %(all)s points",
        section=plain(words, SECTIONS, section.id),
        points=words.number(section.points),
        all=words.whole(len(section.tests)),
    )
    return Table(caption, _columns(words, words.gettext("test")), rows)
