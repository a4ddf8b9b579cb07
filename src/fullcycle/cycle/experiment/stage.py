"""experiment: what models are worth on rows they did not see, by folds of the training rows alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fullcycle.core.contract.model import Task
from fullcycle.core.engines.trials import open_engine
from fullcycle.core.evidence.clean import CleanEvidence, ColumnPolicy
from fullcycle.core.evidence.experiment import ExperimentEvidence, Trial
from fullcycle.core.evidence.store import read_evidence, write_evidence
from fullcycle.core.metrics import DEFAULT_METRIC, METRICS, Metric, baseline_scores
from fullcycle.core.models.candidates import search_context
from fullcycle.core.models.evaluate import Evaluator
from fullcycle.core.models.frame import ROW
from fullcycle.core.models.material import Material, read_material
from fullcycle.core.progress import progress
from fullcycle.core.project.files import written_aside
from fullcycle.core.project.lineage import run_info
from fullcycle.core.project.project import Project
from fullcycle.cycle.experiment.champion import (
    Contender,
    as_candidate,
    best_of,
    champion_findings,
    contenders,
    search_findings,
)
from fullcycle.cycle.experiment.effects import parameter_effects
from fullcycle.cycle.experiment.journal import Journal, remembered
from fullcycle.cycle.experiment.learning import learning_curve
from fullcycle.cycle.experiment.mixed import mixed_groups
from fullcycle.cycle.experiment.money import with_value
from fullcycle.cycle.experiment.proposals.propose import propose
from fullcycle.cycle.experiment.provable import check_own_models
from fullcycle.cycle.experiment.recorded import (
    Recorded,
    RecordedTrial,
    file_hash,
    read_recorded,
    search_key,
    write_recorded,
)
from fullcycle.cycle.experiment.runs import logged_runs
from fullcycle.cycle.experiment.search import Evaluate, Searched, plan_trials, replay, search
from fullcycle.cycle.experiment.tracking import Tracker

LIBRARIES = ("lightgbm", "mlflow", "numpy", "optuna", "pandas", "scikit-learn")


def run(project: Project) -> ExperimentEvidence:
    """Search, choose the champion; write its out-of-fold predictions, the recorded trials, evidence."""
    started = time.monotonic()
    settings, contract, paths = project.settings, project.contract, project.paths
    policies = read_evidence(paths.evidence, CleanEvidence).policies
    with Tracker(project.root, settings.tracking.uri, settings.name) as tracker:
        material = read_material(project)
        check_own_models(settings.experiment.models, contract, policies, material.rows, settings.seed)
        metric = METRICS[settings.experiment.metric or DEFAULT_METRIC[contract.task]]
        data = file_hash(paths.train)
        key = search_key(settings, contract, policies, data)
        searched = _searched(project, material, policies, metric, key)
        found = contenders(searched, metric, settings.experiment, contract.task)
        evidence = _evidence(project, material, searched, found, metric)
        evidence = _with_learning(project, material, policies, searched, evidence)
        evidence = with_value(project, material, found, evidence)
        _write_out_of_fold(project, material, best_of(found, metric))
        write_recorded(paths.search_lock, _recorded(key, searched))
        Journal(paths.journal, key).forget()
        run = run_info(project, time.monotonic() - started, LIBRARIES)
        told = logged_runs(evidence, seed=settings.seed, data=data, commit=run.commit, dirty=run.dirty)
        evidence = evidence.model_copy(update={"tracking": tracker.log(*told), "run": run})
    write_evidence(paths.evidence, evidence)
    if settings.experiment.propose_features:
        propose(project)
    return evidence


def _searched(
    project: Project, material: Material, policies: Sequence[ColumnPolicy], metric: Metric, key: str
) -> Searched:
    """The recorded search again, where there is one of this key; else a new one."""
    settings, contract = project.settings, project.contract
    rows = material.rows
    with open_engine(settings.experiment) as engine:
        evaluator = Evaluator(contract, policies, rows, engine, settings.seed)
        evaluate = partial(remembered, evaluator, Journal(project.paths.journal, key))
        return _tried(project, material, metric, key, evaluate)


def _tried(project: Project, material: Material, metric: Metric, key: str, evaluate: Evaluate) -> Searched:
    settings, contract, rows = project.settings, project.contract, material.rows
    recorded = read_recorded(project.paths.search_lock, key)
    if recorded is not None:
        with progress(len(recorded.trials), "experiment: recorded trials") as advance:
            return replay(evaluate, metric, recorded, settings.experiment.batch, advance=advance)
    context = search_context(contract, len(rows.codes), rows.codes)
    with progress(len(plan_trials(settings.experiment)), "experiment: trials") as advance:
        return search(evaluate, metric, settings.experiment, context, seed=settings.seed, advance=advance)


def _with_learning(
    project: Project,
    material: Material,
    policies: Sequence[ColumnPolicy],
    searched: Searched,
    evidence: ExperimentEvidence,
) -> ExperimentEvidence:
    """The evidence with what more rows, and other parameters, did to the score."""
    settings, metric = project.settings, METRICS[evidence.metric]
    told: dict[str, Any] = {"effects": parameter_effects(searched, metric, settings.seed)}
    models = dict.fromkeys(each.model for each in searched.trials)
    bests = [best for name in models if (best := searched.best(name, metric)) is not None]
    if settings.experiment.learning_curve and bests:
        best = bests[0]
        for each in bests[1:]:
            best = each if metric.better(each.score, best.score) else best
        with open_engine(settings.experiment) as engine:
            evaluator = Evaluator(project.contract, policies, material.rows, engine, settings.seed)
            points, found = learning_curve(evaluator, best, metric, settings.seed)
        told |= {
            "learning": points,
            "learning_model": best.model,
            "findings": (*evidence.findings, *found),
        }
    return evidence.model_copy(update=told)


def _recorded(key: str, searched: Searched) -> Recorded:
    trials = tuple(RecordedTrial(model=each.model, parameters=each.parameters) for each in searched.trials)
    return Recorded(key=key, ended_by=searched.ended_by, trials=trials)


def _write_out_of_fold(project: Project, material: Material, champion: Contender) -> None:
    """`data/oof.parquet`: the champion's answers for each judged row, in the order of row numbers."""
    judged = material.rows.fold_of >= 0
    answer = champion.out_of_fold.answer
    columns: dict[str, Any] = {
        ROW: material.rows.features.index.to_numpy(dtype=np.int64)[judged],
        "fold": champion.out_of_fold.folds,
    }
    if project.contract.task is Task.regression:
        columns["prediction"] = answer
    else:
        columns |= {f"p_{code}": answer[:, code] for code in range(answer.shape[1])}
    table = pa.table(columns).sort_by(ROW)
    with written_aside(project.paths.oof) as aside:
        pq.write_table(table, aside, compression="zstd", row_group_size=1 << 17)


def _evidence(
    project: Project, material: Material, searched: Searched, found: Sequence[Contender], metric: Metric
) -> ExperimentEvidence:
    settings, contract, rows = project.settings, project.contract, material.rows
    candidates = tuple(as_candidate(each, metric, contract.task, settings.seed) for each in found)
    champion = best_of(found, metric).model
    judged = found[0].out_of_fold.codes
    baseline = baseline_scores(contract.task, rows.codes, judged, len(contract.classes or ()))[metric.name]
    return ExperimentEvidence(
        findings=(
            *search_findings(searched, settings.experiment, len(rows.codes), material.available),
            *champion_findings(candidates, found, champion, metric, baseline),
            *mixed_groups(material, contract, project.paths.train),
        ),
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        folds=len(rows.folds),
        fold_kind=material.kind,
        rows=len(rows.codes),
        trials=_trials(searched, metric),
        candidates=candidates,
        baseline=baseline,
        champion=champion,
        # None: 0.5 of the calibrated answer, which prepare makes.
        threshold=None,
        ended_by=searched.ended_by,
        time_budget_s=settings.experiment.time_budget_s,
    )


def _trials(searched: Searched, metric: Metric) -> tuple[Trial, ...]:
    # A search that trials ended gives the same again, replayed or not; only a repetition of one that time
    # ended is worth saying.
    replayed = searched.replayed and searched.ended_by == "time"
    return tuple(
        Trial(
            number=each.number,
            model=each.model,
            parameters=each.parameters,
            scores=each.out_of_fold.fold_scores(metric),
            score=each.score,
            replayed=replayed,
        )
        for each in searched.trials
    )
