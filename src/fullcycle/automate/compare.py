"""This change beside the branch it is for: evidence of both, that of the branch as git has it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from fullcycle.automate.pipelines.remote import git, try_git
from fullcycle.automate.running import graph_status
from fullcycle.core.errors import UserError
from fullcycle.core.evidence import CleanEvidence, PrepareEvidence, VerifyEvidence
from fullcycle.core.evidence.automation import ComparedMetric, Comparison, update_automation
from fullcycle.core.evidence.base import Evidence
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.store import evidence_path, read_evidence

if TYPE_CHECKING:
    from fullcycle.core.evidence.verify import MetricResult
    from fullcycle.core.project.project import Project

E = TypeVar("E", bound=Evidence)
IMPORTANT = 10  # columns whose weight is shown
KINDS: tuple[type[Evidence], ...] = (
    CleanEvidence,
    ExperimentEvidence,
    PrepareEvidence,
    VerifyEvidence,
)


def unfinished(project: Project) -> list[str]:
    """Stages whose evidence is of other settings or data: then nothing judged this change.

    A search within the budget of a pull request is finished, too.
    """
    for budget in (None, project.settings.ci.budget):
        late = [each.stage for each in graph_status(project, budget) if each.state != "fresh"]
        if not late:
            break
    return late


def compare(project: Project, against: str) -> Comparison:
    """What the change does to the metrics, put on record. `against` is a commit or branch: origin/main.

    A branch without evidence is nothing to compare with, and no error; one that doesn't exist is.
    """
    root, folder = project.root, project.paths.evidence
    commit = _commit(root, against)
    with TemporaryDirectory() as theirs:
        _bring(root, commit, Path(theirs))
        comparison = _compared(folder, Path(theirs), against, git(root, "rev-parse", "HEAD"), commit)
    update_automation(folder, comparison=comparison)
    return comparison


def _commit(root: Path, against: str) -> str:
    """What the name stands for; a clone of CI may not have fetched it yet."""
    found = try_git(root, "rev-parse", "--verify", "--quiet", f"{against}^{{commit}}")
    remote, _, branch = against.partition("/")
    if found.returncode and branch:
        try_git(root, "fetch", "--quiet", remote, f"{branch}:refs/remotes/{against}")
        found = try_git(root, "rev-parse", "--verify", "--quiet", f"{against}^{{commit}}")
    if found.returncode:
        raise UserError(
            where=f"--against {against}",
            found="no such commit or branch here",
            expected="one that git knows, such as origin/main",
            hint="`git fetch origin` brings what others pushed",
        )
    return found.stdout.strip()


def _bring(root: Path, commit: str, folder: Path) -> None:
    """The evidence of that commit, as far as it has some."""
    prefix = git(root, "rev-parse", "--show-prefix")
    for kind in KINDS:
        shown = try_git(root, "show", f"{commit}:{prefix}evidence/{kind.stage}.json")
        if shown.returncode == 0:
            evidence_path(folder, kind.stage).write_text(shown.stdout, encoding="utf-8")


def _compared(ours: Path, theirs: Path, against: str, commit: str, their_commit: str) -> Comparison:
    verify, prepare = read_evidence(ours, VerifyEvidence), read_evidence(ours, PrepareEvidence)
    their_verify, their_prepare = _read(theirs, VerifyEvidence), _read(theirs, PrepareEvidence)
    experiment = read_evidence(ours, ExperimentEvidence)
    their_experiment = _read(theirs, ExperimentEvidence)
    return Comparison(
        against=against,
        commit=commit,
        their_commit=their_commit,
        headline=verify.headline,
        metrics=_metrics(verify.metrics, () if their_verify is None else their_verify.metrics),
        model=prepare.model,
        their_model=None if their_prepare is None else their_prepare.model,
        rows=verify.rows,
        their_rows=None if their_verify is None else their_verify.rows,
        same_test_rows=None if their_verify is None else _test_rows(ours) == _test_rows(theirs),
        training_s=_seconds(experiment, prepare),
        their_training_s=_seconds(their_experiment, their_prepare),
        single_row_p99_us=_latency(prepare),
        their_single_row_p99_us=_latency(their_prepare),
        graph_bytes=_graph(prepare),
        their_graph_bytes=_graph(their_prepare),
        within_budget=_bounded(experiment, their_experiment),
        importance=tuple((each.column, each.fall) for each in prepare.importance[:IMPORTANT]),
    )


def _metrics(ours: Sequence[MetricResult], theirs: Sequence[MetricResult]) -> tuple[ComparedMetric, ...]:
    beside = {each.metric: each.model for each in theirs}
    return tuple(
        ComparedMetric(
            metric=each.metric,
            higher_is_better=each.higher_is_better,
            ours=each.model,
            theirs=beside.get(each.metric),
            baseline=each.baseline,
        )
        for each in ours
    )


def _read(folder: Path, kind: type[E]) -> E | None:
    return read_evidence(folder, kind) if evidence_path(folder, kind.stage).exists() else None


def _test_rows(folder: Path) -> str | None:
    """What says which rows were sealed: the same table of test rows has the same hash."""
    clean = _read(folder, CleanEvidence)
    return None if clean is None else clean.split.test_sha256


def _seconds(*stages: Evidence | None) -> float | None:
    """What training took: the search and the fit."""
    runs = [stage.run for stage in stages if stage is not None and stage.run is not None]
    return round(sum(run.seconds for run in runs), 3) if len(runs) == len(stages) else None


def _latency(prepare: PrepareEvidence | None) -> float | None:
    return None if prepare is None or prepare.speed is None else prepare.speed.single_row_p99_us


def _graph(prepare: PrepareEvidence | None) -> int | None:
    files = () if prepare is None else prepare.files
    return next((file.bytes for file in files if file.format == "onnx"), None)


def _bounded(ours: ExperimentEvidence, theirs: ExperimentEvidence | None) -> bool:
    """Whether the search had less than that of the branch: then the metrics are of a smaller search."""
    return theirs is not None and (
        len(ours.trials) < len(theirs.trials) or ours.time_budget_s < theirs.time_budget_s
    )
