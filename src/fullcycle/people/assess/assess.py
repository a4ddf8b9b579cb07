"""Points by check, and their sums."""

from __future__ import annotations

from typing import Any

from fullcycle.people.assess.checks import CRITERIA, Check
from fullcycle.people.assess.ml_test_score import SECTIONS, Test
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records

WEIGHT = 20  # percent of each criterion
COLOURS = ((80, "#2e7d32"), (50, "#b26a00"), (0, "#b3261e"))  # white text stays readable on each


def assess(records: Records, repository: Repository) -> dict[str, Any]:
    """Readiness of 100, five criteria and the ML Test Score, as `--json` prints it."""
    criteria = [_criterion(name, checks, records, repository) for name, checks in CRITERIA.items()]
    return {
        "points": round(sum(each["points"] for each in criteria), 6),
        "of": WEIGHT * len(criteria),
        "criteria": criteria,
        "ml_test_score": _ml_test_score(records, repository),
    }


def _criterion(
    name: str, checks: tuple[Check, ...], records: Records, repository: Repository
) -> dict[str, Any]:
    worth = WEIGHT / len(checks)
    seen = [_seen(check, worth, records, repository) for check in checks]
    points = round(sum(each["points"] for each in seen), 6)
    return {"id": name, "weight": WEIGHT, "points": points, "checks": seen}


def _seen(check: Check, worth: float, records: Records, repository: Repository) -> dict[str, Any]:
    found = check.look(records, repository)
    return {
        "id": check.id,
        "title": check.title,
        "found": found.what,
        "points": worth if found.proven else 0.0,
        "of": worth,
        "earn": None if found.proven else check.earn,
    }


def _ml_test_score(records: Records, repository: Repository) -> dict[str, Any]:
    sections = []
    for name, tests in SECTIONS.items():
        seen = [_test(test, records, repository) for test in tests]
        sections.append({"id": name, "points": sum(each["points"] for each in seen), "tests": seen})
    return {"score": min(each["points"] for each in sections), "sections": sections}


def _test(test: Test, records: Records, repository: Repository) -> dict[str, Any]:
    points = test.points(records, repository)
    if test.look is None:
        found, earn = "evidence can't prove it", None
    else:
        found = {0.0: "no evidence", 0.5: "made by hand", 1.0: "made by CI"}[points]
        earn = {0.0: test.by, 0.5: f"let CI run `{test.by}`", 1.0: None}[points]
    return {"id": test.id, "title": test.title, "points": points, "found": found, "earn": earn}


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
