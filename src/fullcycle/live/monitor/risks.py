"""A register of risks to begin with, proposed from evidence: people correct it, and it stands in
fullcycle.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Evidence
from fullcycle.core.evidence.explore import Condition, ExploreEvidence
from fullcycle.core.evidence.monitor import MonitorEvidence, RiskFacts, RiskKind
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.core.project.risk_settings import Risk
from fullcycle.core.project.settings_edit import rewrite_settings
from fullcycle.core.project.settings_yaml import scalar
from fullcycle.core.project.yaml_edit import with_entries, without_section
from fullcycle.core.routes.store import Deploy, read_routes

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

E = TypeVar("E", bound=Evidence)
KEY, NOTE = "risks", "`fullcycle monitor risks` proposes some"
SCIENTIST, ENGINEER, SOURCE = "data scientist", "ML engineer", "data owner"
HALF = 0.5  # of the weight of all columns: what one column alone may carry unremarked
SLICES_AT_MOST = 3


class Proposal(NamedTuple):
    """A risk that evidence shows: of which kind, about what, and as it would stand in the register."""

    kind: RiskKind
    about: str
    name: str
    risk: Risk


def proposed(project: Project) -> dict[str, Risk]:
    """Risks by name that evidence and settings show, without those that are declared already."""
    return {each.name: each.risk for each in _new(project)}


def register(project: Project) -> tuple[RiskFacts, ...]:
    """Every line, the declared ones first: for evidence."""
    declared = [
        RiskFacts(name=name, declared=True, **risk.model_dump(mode="json"))
        for name, risk in project.settings.risks.items()
    ]
    new = [
        RiskFacts(name=each.name, declared=False, kind=each.kind, about=each.about, owner=each.risk.owner)
        for each in _new(project)
    ]
    return (*declared, *new)


def _new(project: Project) -> list[Proposal]:
    found = {each.name: each for each in _found(project)}
    return [each for name, each in found.items() if name not in project.settings.risks]


def accept(project: Project, risks: dict[str, Risk]) -> None:
    """Write these into fullcycle.yaml, below those that are there."""
    all_risks = {**project.settings.risks, **risks}
    lines = {name: [f"{scalar(name)}:", *_lines(risk)] for name, risk in all_risks.items()}
    rewrite_settings(
        project, lambda text: with_entries(without_section(text, KEY), KEY, lines, note=NOTE), risks=all_risks
    )


def _lines(risk: Risk) -> list[str]:
    return [f"  {key}: {scalar(value)}" for key, value in risk.model_dump(mode="json").items()]


def _found(project: Project) -> Iterator[Proposal]:
    yield from _leaks(_there(project, ExploreEvidence))
    verify = _there(project, VerifyEvidence)
    if verify is not None:
        yield from _weak_slices(verify)
        yield from _one_column(verify)
    yield from _drifting(_there(project, MonitorEvidence))
    yield from _single_points(project)


def _there(project: Project, kind: type[E]) -> E | None:
    try:
        return read_evidence(project.paths.evidence, kind)
    except UserError:
        return None


def _leaks(explore: ExploreEvidence | None) -> Iterator[Proposal]:
    for suspect in explore.suspects if explore is not None else ():
        columns = ", ".join(suspect.columns or (suspect.column,))
        if columns:
            yield Proposal(
                "leak",
                columns,
                f"leak of {columns}",
                Risk(
                    failure=f"{columns} is not known when the model is asked: production is worse than tests",
                    detection="FC811: performance falls with the first outcomes",
                    response="set leak: drop in contract.yaml and run again",
                    owner=SCIENTIST,
                ),
            )


def _weak_slices(verify: VerifyEvidence) -> Iterator[Proposal]:
    slices = (*verify.slices.declared, *verify.slices.found) if verify.slices is not None else ()
    weak = [each for each in slices if each.weak]
    for each in weak[:SLICES_AT_MOST]:
        name = each.name or each.expression or " and ".join(_named(each.conditions))
        yield Proposal(
            "weak_slice",
            name,
            f"weak slice {name}",
            Risk(
                failure=f"answers are worse where {name}",
                detection="FC603 at each verdict; the share of this slice among the causes of monitoring",
                response="label more of these rows (fullcycle label next), or let a rule answer them",
                owner=SCIENTIST,
            ),
        )


def _named(conditions: Sequence[Condition]) -> list[str]:
    return [f"{each.column} = {'null' if each.kind == 'missing' else each.label}" for each in conditions]


def _one_column(verify: VerifyEvidence) -> Iterator[Proposal]:
    falls = {each.column: max(each.fall, 0.0) for each in verify.importance}
    total = sum(falls.values())
    for column, fall in falls.items():
        if total > 0 and fall >= HALF * total:
            yield Proposal(
                "one_column",
                column,
                f"only {column}",
                Risk(
                    failure=f"{column} carries half of the model or more: without it, answers are guesses",
                    detection="FC802 and FC803: it is missing or gone",
                    response="fullcycle rollback does not help; agree on notice with who supplies it",
                    owner=SOURCE,
                ),
            )


def _drifting(monitor: MonitorEvidence | None) -> Iterator[Proposal]:
    judged = [window for window in monitor.windows if window.judged] if monitor is not None else []
    for column in judged[-1].columns if judged else ():
        if column.drifted and column.part == "input":
            yield Proposal(
                "drift",
                column.name,
                f"drift of {column.name}",
                Risk(
                    failure=f"{column.name} moves away from what the model was trained on",
                    detection="FC801, FC802, FC806",
                    response="ask who supplies it; if the world changed, train again on newer rows",
                    owner=SOURCE,
                ),
            )


def _single_points(project: Project) -> Iterator[Proposal]:
    routes, settings = read_routes(Deploy(project.paths.deploy)), project.settings.serve
    fallback = settings.routes.fallback
    if not fallback.rules and fallback.constant is None and (routes is None or not routes.previous):
        yield Proposal(
            "no_other_answer",
            "",
            "no other answer",
            Risk(
                failure="a model that fails leaves requests without an answer (503)",
                detection="fullcycle monitor --drill; FC814 on fallbacks",
                response="release a second version, or set serve.routes.fallback.constant",
                owner=ENGINEER,
            ),
        )
    if settings.workers == 1:
        yield Proposal(
            "one_worker",
            "",
            "one worker",
            Risk(
                failure="one process answers: while it starts again, nobody does",
                detection="the service's own health check (/health/ready)",
                response="set serve.workers: 2, or let the platform run two copies",
                owner=ENGINEER,
            ),
        )
