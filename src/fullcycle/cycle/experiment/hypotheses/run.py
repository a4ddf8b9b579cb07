"""`fullcycle experiment --hypothesis`: claims are fixed on disk, then both arms run, then they are decided.

No stage of the graph: it reads the training rows and what clean decided, and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.clean import CleanEvidence, ColumnPolicy
from fullcycle.core.evidence.hypotheses import ClaimResult, HypothesesEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.hypotheses.ledger import Event, now, read_ledger, record, texts_of
from fullcycle.core.hypotheses.levels import holm_levels
from fullcycle.core.hypotheses.standing import fixed_hash, refresh
from fullcycle.core.hypotheses.text import digest, said, text_hash
from fullcycle.core.metrics import METRICS
from fullcycle.core.progress import progress
from fullcycle.core.project.claims import Hypothesis
from fullcycle.core.project.lineage import git_state
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.hypotheses.compare import (
    Compared,
    Ground,
    Side,
    compare,
    read_ground,
    sides,
)
from fullcycle.cycle.experiment.hypotheses.decide import verdict_of
from fullcycle.cycle.experiment.hypotheses.effect import (
    Effect,
    bootstrap_effect,
    fold_effect,
    fold_gains,
    rows_needed,
)
from fullcycle.cycle.experiment.hypotheses.runs import decided_runs, opened_run
from fullcycle.cycle.experiment.recorded import file_hash
from fullcycle.cycle.experiment.tracking import Tracker


@dataclass(frozen=True)
class Planned:
    """A hypothesis that was checked and is ready to be fixed."""

    name: str
    hypothesis: Hypothesis
    ground: Ground
    pair: tuple[Side, Side]
    event: Event


def run(project: Project, names: Sequence[str]) -> HypothesesEvidence:
    """Decide these hypotheses together. One that was decided as it stands keeps its result."""
    _check_names(project, names)
    policies = read_evidence(project.paths.evidence, CleanEvidence).policies
    planned = [_plan(project, name, policies) for name in dict.fromkeys(names)]
    before = read_ledger(project.paths.evidence)
    decided = {event.hash for event in before if event.event == "decided"}
    planned = [each for each in planned if each.event.hash not in decided]
    if planned:
        _fix(project, planned, {event.hash for event in before if event.event == "fixed"})
        _decide(project, planned)
    evidence = refresh(project)
    assert evidence is not None  # names were checked: something is declared
    return evidence


def _check_names(project: Project, names: Sequence[str]) -> None:
    declared = list(project.settings.hypotheses)
    if not declared:
        raise UserError(
            where="fullcycle.yaml, key hypotheses",
            found="no hypothesis",
            expected="a claim with its metric, treatment and minimum_effect",
            hint="the guide docs/guide/hypotheses.md has examples",
        )
    for name in names:
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            raise UserError(
                where="the command line",
                found=f"no hypothesis {name!r} in fullcycle.yaml",
                expected=f"one of {', '.join(declared)}",
                hint=f"did you mean `--hypothesis {near[0]}`?"
                if near
                else "`fullcycle hypotheses` lists them",
            )


def _plan(project: Project, name: str, policies: Sequence[ColumnPolicy]) -> Planned:
    hypothesis = project.settings.hypotheses[name]
    ground = read_ground(project, hypothesis.repeats)
    text, data = text_hash(name, hypothesis), file_hash(project.paths.train)
    context = _context(project, policies)
    commit, _ = git_state(project.root)
    event = Event(
        "fixed",
        name,
        text,
        hash=fixed_hash(text, context, data),
        at=now(),
        said=said(name, hypothesis),
        context=context,
        data=data,
        commit=commit,
    )
    return Planned(name, hypothesis, ground, sides(project, name, hypothesis, policies, ground), event)


def _context(project: Project, policies: Sequence[ColumnPolicy]) -> dict[str, Any]:
    """Settings that matter to the result, beside what the hypothesis says; long ones by their hash."""
    settings = project.settings
    return {
        "seed": settings.seed,
        "split": settings.split.kind,
        "folds": settings.experiment.folds,
        "rows_at_most": settings.experiment.rows_at_most,
        "contract": digest(project.contract.model_dump(mode="json")),
        "policies": digest([policy.model_dump(mode="json") for policy in policies]),
    }


def _fix(project: Project, planned: Sequence[Planned], known: set[str]) -> None:
    """On disk before anything is fitted; one that was fixed and then interrupted stands there already."""
    for each in planned:
        if each.event.hash not in known:
            record(project.paths.evidence, each.event)


def _decide(project: Project, planned: Sequence[Planned]) -> None:
    """Open the runs, fit every arm, share alpha, and put the results on record."""
    opened = _open_runs(project, planned)
    with _tracker(project) as tracker:
        compared = _compared(project, planned)
        effects = [_effect(each, found) for each, found in zip(planned, compared, strict=True)]
        declared = len(_texts(project))
        levels = holm_levels(
            [effect.p_value for effect in effects],
            [each.hypothesis.alpha for each in planned],
            declared,
        )
        logged = []
        for each, found, effect, level, run_id in zip(
            planned, compared, effects, levels, opened, strict=True
        ):
            result = _result(each, found, effect, level, declared)
            _record_result(project, each, result)
            arms = dict(zip(("control", "treatment"), zip(each.pair, _both(found), strict=True), strict=True))
            logged += decided_runs(each.event, run_id, result, each.hypothesis.metric, arms)
        tracker.write(logged)


def _tracker(project: Project) -> Tracker:
    return Tracker(project.root, project.settings.tracking.uri, project.settings.name)


def _open_runs(project: Project, planned: Sequence[Planned]) -> list[str]:
    with _tracker(project) as tracker:
        return tracker.write([opened_run(each.event) for each in planned])


def _compared(project: Project, planned: Sequence[Planned]) -> list[Compared]:
    engine = ThreadEngine(project.settings.experiment.workers)
    steps = sum(2 * len(each.ground.repeats) for each in planned)
    with progress(steps, "hypotheses: arms on folds") as advance:
        return [compare(project, each.pair, each.ground, engine, advance) for each in planned]


def _texts(project: Project) -> set[tuple[str, str]]:
    """Every claim that shares alpha: declared today, or fixed at any time."""
    declared = {(name, text_hash(name, each)) for name, each in project.settings.hypotheses.items()}
    return declared | texts_of(read_ledger(project.paths.evidence))


def _effect(each: Planned, found: Compared) -> Effect:
    metric = METRICS[each.hypothesis.metric]
    if each.hypothesis.test == "corrected_t":
        return fold_effect(metric, found.control, found.treatment)
    return bootstrap_effect(metric, found.control, found.treatment, found.units)


def _result(each: Planned, found: Compared, effect: Effect, level: float, declared: int) -> ClaimResult:
    hypothesis, metric = each.hypothesis, METRICS[each.hypothesis.metric]
    low, high = effect.interval(1 - level)
    rows = len(each.ground.codes)
    return ClaimResult(
        verdict=verdict_of(effect, hypothesis.minimum_effect, level),
        control=float(np.mean([answers.score(metric) for answers in found.control])),
        treatment=float(np.mean([answers.score(metric) for answers in found.treatment])),
        gain=Interval(value=effect.value, low=low, high=high, confidence=1 - level),
        p_value=effect.p_value,
        level=level,
        among=declared,
        power=effect.power(hypothesis.minimum_effect, level),
        rows=rows,
        rows_needed=rows_needed(effect, hypothesis.minimum_effect, level, rows),
        folds=len(each.ground.repeats[0]),
        repeats=len(each.ground.repeats),
        fold_kind=each.ground.kind,
        gains=fold_gains(metric, found.control, found.treatment),
    )


def _record_result(project: Project, each: Planned, result: ClaimResult) -> None:
    record(
        project.paths.evidence,
        Event(
            "decided",
            each.name,
            each.event.text,
            hash=each.event.hash,
            at=now(),
            result=result.model_dump(mode="json", exclude={"decided"}),
        ),
    )


def _both(found: Compared) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return found.control, found.treatment
