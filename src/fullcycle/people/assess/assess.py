"""Points by check, and their sums: as evidence, and as what `--json` prints."""

from __future__ import annotations

from typing import Any

from fullcycle.core.evidence.assess import (
    AssessEvidence,
    CheckFacts,
    CriterionFacts,
    CriterionId,
    SectionFacts,
    TestFacts,
)
from fullcycle.people.assess.checks import CRITERIA, Check
from fullcycle.people.assess.ml_test_score import SECTIONS
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.pages.assess_parts.said import CHECKS, TESTS, earn_text, test_earn_text
from fullcycle.people.report.pages.assess_parts.seen import seen_text
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words, as_line

WEIGHT = 20  # percent of each criterion
COLOURS = ((80, "#2e7d32"), (50, "#b26a00"), (0, "#b3261e"))  # white text stays readable on each


def assess(records: Records, repository: Repository) -> dict[str, Any]:
    """Readiness of 100, five criteria and the ML Test Score, as `--json` prints it: in English."""
    return as_dict(measure(records, repository))


def measure(records: Records, repository: Repository) -> AssessEvidence:
    """The same as evidence: every check with what it saw, as codes."""
    return AssessEvidence(
        criteria=tuple(_criterion(name, checks, records, repository) for name, checks in CRITERIA.items()),
        sections=tuple(
            SectionFacts(id=name, tests=tuple(test.seen(records, repository) for test in tests))
            for name, tests in SECTIONS.items()
        ),
    )


def _criterion(
    name: CriterionId, checks: tuple[Check, ...], records: Records, repository: Repository
) -> CriterionFacts:
    found = [(check.id, check.found(records, repository)) for check in checks]
    worth = WEIGHT / len(checks)
    facts = [CheckFacts(id=id_, worth=worth, earned=each.proven, seen=each.seen) for id_, each in found]
    return CriterionFacts(id=name, weight=WEIGHT, checks=tuple(facts))


def as_dict(evidence: AssessEvidence) -> dict[str, Any]:
    """Evidence with its sentences in English, beside the codes."""
    words = Words("en")
    sections = [
        {"id": each.id, "points": each.points, "tests": [_test(words, test) for test in each.tests]}
        for each in evidence.sections
    ]
    return {
        "points": evidence.points,
        "of": evidence.possible,
        "criteria": [
            {
                "id": each.id,
                "weight": each.weight,
                "points": each.points,
                "checks": [_check(words, check) for check in each.checks],
            }
            for each in evidence.criteria
        ],
        "ml_test_score": {"score": evidence.score, "sections": sections},
    }


def _check(words: Words, check: CheckFacts) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": words.gettext(CHECKS[check.id][0]),
        "found": as_line(seen_text(words, check.seen)),
        "points": check.points,
        "of": check.worth,
        "earn": None if check.earned else as_line(earn_text(words, check)),
        "code": check.seen.code,
        "facts": check.seen.facts,
    }


def _test(words: Words, test: TestFacts) -> dict[str, Any]:
    earn = test_earn_text(words, test)
    return {
        "id": test.id,
        "title": words.gettext(TESTS[test.id]),
        "points": test.points,
        "found": as_line(seen_text(words, test.seen)),
        "earn": as_line(earn) if earn else None,
        "code": test.seen.code,
        "facts": test.seen.facts,
    }


def badge(points: float) -> str:
    """A small picture for a README, without outside resources."""
    colour = next(colour for least, colour in COLOURS if points >= least)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="132" height="20" role="img" '
        f'aria-label="readiness {points:.0f} of 100"><rect width="72" height="20" fill="#444"/>'
        f'<rect x="72" width="60" height="20" fill="{colour}"/><g fill="#fff" font-size="11" '
        'font-family="Verdana,DejaVu Sans,sans-serif" text-anchor="middle">'
        f'<text x="36" y="14">readiness</text><text x="102" y="14">{points:.0f} / 100</text></g></svg>\n'
    )
