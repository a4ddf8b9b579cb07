"""A search as the runs that MLflow is told: parameters, metrics by fold, data hash and commit."""

from __future__ import annotations

from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.models.candidates import ENSEMBLE
from fullcycle.cycle.experiment.tracking import LoggedRun


def logged_runs(
    evidence: ExperimentEvidence, *, seed: int, data: str, commit: str | None, dirty: bool | None
) -> tuple[LoggedRun, list[LoggedRun]]:
    """The champion's figures on the parent run, and a child for each trial and for the ensemble."""
    tags = _tags(data, commit, dirty)
    champion = next(each for each in evidence.candidates if each.model == evidence.champion)
    parent = LoggedRun(
        name=f"experiment {commit[:7]}" if commit else "experiment",
        parameters={"champion": evidence.champion, **_stated(evidence, seed), **champion.parameters},
        metrics={**_metrics(champion, evidence), "baseline": evidence.baseline},
        tags=tags,
    )
    trials = [
        LoggedRun(
            name=f"{trial.model} {trial.number}",
            parameters={"model": trial.model, **trial.parameters},
            metrics={evidence.metric: trial.score, f"{evidence.metric}_fold": trial.scores},
            tags=tags,
        )
        for trial in evidence.trials
    ]
    ensembles = [
        LoggedRun(ENSEMBLE, {"model": ENSEMBLE, **each.parameters}, _metrics(each, evidence), tags)
        for each in evidence.candidates
        if each.model == ENSEMBLE
    ]
    return parent, [*trials, *ensembles]


def _metrics(
    candidate: Candidate, evidence: ExperimentEvidence
) -> dict[str, float | tuple[float, ...] | None]:
    return {**candidate.metrics, f"{evidence.metric}_fold": candidate.fold_scores}


def _stated(evidence: ExperimentEvidence, seed: int) -> dict[str, str | int]:
    return {
        "seed": seed,
        "folds": evidence.folds,
        "fold_kind": evidence.fold_kind,
        "rows": evidence.rows,
        "trials": len(evidence.trials),
        "ended_by": evidence.ended_by,
    }


def _tags(data: str, commit: str | None, dirty: bool | None) -> dict[str, str]:
    tags = {"data_sha256": data, "mlflow.source.name": "fullcycle experiment"}
    if dirty is not None:
        tags["dirty"] = str(dirty).lower()
    if commit:
        tags["mlflow.source.git.commit"] = commit
    return tags
