"""How ready a project was found: every check with its points and what it saw, as codes and parameters."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts, Scalar

CriterionId = Literal["data_quality", "analysis", "experiments", "model_preparation", "automation"]
SectionId = Literal["data", "model", "infrastructure", "monitoring"]


class Seen(Facts):
    """What a check saw: a code and its parameters. Codes of evidence that isn't believed name a stage."""

    code: str
    facts: dict[str, Scalar] = {}


class CheckFacts(Facts):
    """One check of a criterion. `earned` is the whole of `worth`, or nothing."""

    id: str
    worth: float
    earned: bool
    seen: Seen

    @property
    def points(self) -> float:
        """What it gives."""
        return self.worth if self.earned else 0.0


class CriterionFacts(Facts):
    """One of the five criteria; `weight` is in per cent."""

    id: CriterionId
    weight: int
    checks: tuple[CheckFacts, ...]

    @property
    def points(self) -> float:
        """The sum of its checks."""
        return round(sum(check.points for check in self.checks), 6)


class TestFacts(Facts):
    """One test of the ML Test Score: `by` is the command that makes its evidence, None where none can.

    1 point where CI runs that command, 0.5 where the evidence was made by hand.
    """

    id: str
    points: float
    seen: Seen
    by: str | None = None


class SectionFacts(Facts):
    """Seven tests of one part of the work."""

    id: SectionId
    tests: tuple[TestFacts, ...]

    @property
    def points(self) -> float:
        """The sum of its tests."""
        return sum((test.points for test in self.tests), 0.0)


class AssessEvidence(Evidence):
    """Readiness by criterion, and beside it the ML Test Score (Breck et al. 2017): its weakest section."""

    stage: ClassVar[str] = "assess"
    criteria: tuple[CriterionFacts, ...]
    sections: tuple[SectionFacts, ...]

    @property
    def points(self) -> float:
        """Of `possible`."""
        return round(sum(criterion.points for criterion in self.criteria), 6)

    @property
    def possible(self) -> int:
        """The weights together."""
        return sum(criterion.weight for criterion in self.criteria)

    @property
    def score(self) -> float:
        """The lowest of the sections, as the paper has it."""
        return min(section.points for section in self.sections)
