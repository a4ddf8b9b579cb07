"""verify: the sealed test set is opened, the verdict is written down, and the bundle is sealed with it."""

from __future__ import annotations

import hashlib
import pickle
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from fullcycle.core.bundle import Answers, Bundle, read_build, read_bundle, seal_bundle
from fullcycle.core.bundle.card import render_card
from fullcycle.core.bundle.example import example_row
from fullcycle.core.bundle.model import MODEL, TESTS, Lineage, Tests
from fullcycle.core.bundle.write import as_json_bytes, content_version, read_build_files
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import RunInfo
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.prepare import Parity, PrepareEvidence
from fullcycle.core.evidence.store import read_evidence, write_evidence
from fullcycle.core.evidence.value import ValueFacts
from fullcycle.core.evidence.verify import GateResult, VerifyEvidence
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.parity import LIBRARIES, prove
from fullcycle.core.project.environment import environment
from fullcycle.core.project.lineage import git_state, run_info
from fullcycle.core.project.project import Project
from fullcycle.cycle.verify.checks import outcomes
from fullcycle.cycle.verify.for_dvc import write_for_dvc
from fullcycle.cycle.verify.gates import check_gates, verdict_findings
from fullcycle.cycle.verify.judged import Judged
from fullcycle.cycle.verify.money import value_findings, value_on_test
from fullcycle.cycle.verify.openings import Opening, record_opening
from fullcycle.cycle.verify.score import Scores, answer_rows, class_codes, score_answers
from fullcycle.cycle.verify.suite import Measured, measure, read_tests

PIPELINE = "pipeline.pkl"


def run(project: Project) -> VerifyEvidence:
    """Prove the build on the test rows, judge it, check every gate and leave `bundle/`, whatever the verdict.

    Raises CheckFailed where the graph differs from the pipeline, on golden or on test rows: then there is no
    bundle (promise 3). The opening of the test set is on record by then.
    """
    started = time.monotonic()
    build, pipeline, tests = _read_build(project), _read_pipeline(project), read_tests(project)
    openings = _open_test_set(project, build)  # before reading: a crash must not hide an opening
    frame, truth = _read_test_rows(project)
    parity = prove(pipeline, (build.folder / MODEL).read_bytes(), frame, build.contract, "test")
    train = read_frame(project.paths.train, project.contract)[:2]
    answers = answer_rows(build, frame)  # of the graph, not of the pipeline: the graph is what will answer
    scores = _score(project, build, answers, truth, train[1])
    judged = _judged(project, build, frame, truth, answers)
    measured = measure(project, judged, pipeline, train, tests)
    value = value_on_test(project, judged)
    evidence = _judge(
        project, build, scores, measured=measured, parity=parity, openings=openings, value=value
    )
    version = _seal(project, build, evidence)
    evidence = evidence.model_copy(update={"bundle": version, "run": _run_info(project, started)})
    write_evidence(project.paths.evidence, evidence)
    write_for_dvc(project.paths.evidence, evidence)
    return evidence


def _read_build(project: Project) -> Bundle:
    """The build, proven on its golden rows, and made with the contract that holds today."""
    build = read_build(project.paths.build)
    seen = read_evidence(project.paths.evidence, PrepareEvidence).columns
    if build.contract != (project.contract if seen is None else project.contract.selected(seen)):
        raise UserError(
            where="build/contract.json",
            found="a model that was made with another contract.yaml",
            expected="the contract of today",
            hint="run `fullcycle run verify`: it makes the build again first",
        )
    return build


def _read_pipeline(project: Project) -> Any:
    """The fitted pipeline of this project's own prepare; nothing in production opens it."""
    path = project.paths.model / PIPELINE
    try:
        return pickle.loads(path.read_bytes())
    except FileNotFoundError as error:
        hint = "run `fullcycle run prepare`"
        raise UserError(where=f"model/{PIPELINE}", found="no such file", hint=hint) from error
    except Exception as error:  # a damaged pickle may raise anything
        raise UserError(
            where=f"model/{PIPELINE}",
            found=f"no pipeline that can be read here ({type(error).__name__}: {error})",
            hint="run `fullcycle run prepare`",
        ) from error


def _open_test_set(project: Project, build: Bundle) -> int:
    """Put the opening on record; returns how many models these test rows have judged."""
    commit, _ = git_state(project.root)
    opened = datetime.now(UTC).isoformat(timespec="seconds")
    return record_opening(
        project.paths.openings,
        Opening(opened=opened, build=build.version, test=_seal_of(project), commit=commit),
    )


def _seal_of(project: Project) -> str:
    """What clean wrote down when it sealed the test rows."""
    clean = read_evidence(project.paths.evidence, CleanEvidence)
    return clean.split.test_sha256 or "not sealed"


def _read_test_rows(project: Project) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Features and labels of the test rows, if they are the ones that were sealed."""
    frame, truth, _, _ = read_frame(project.paths.test, project.contract)
    sealed = _seal_of(project)
    if sealed not in ("not sealed", _sha256(project.paths.test)):
        raise UserError(
            where="data/test.parquet",
            found="other rows than clean had sealed",
            expected=f"the file with sha256 {sealed[:12]}…",
            hint="run `fullcycle run clean` to seal a test set again; `dvc checkout` brings back the old one",
        )
    if frame.empty:
        raise UserError(
            where="data/test.parquet", found="no rows", hint="raise split.test_share in fullcycle.yaml"
        )
    return frame, truth


def _score(
    project: Project, build: Bundle, answers: Answers, truth: pd.Series[Any], trained_on: pd.Series[Any]
) -> Scores:
    settings = project.settings
    return score_answers(
        build.facts,
        answers,
        truth,
        trained_on,
        headline=read_evidence(project.paths.evidence, ExperimentEvidence).metric,
        resamples=settings.verify.bootstrap,
        confidence=settings.verify.confidence,
        seed=settings.seed,
    )


def _judged(
    project: Project, build: Bundle, frame: pd.DataFrame, truth: pd.Series[Any], answers: Answers
) -> Judged:
    regression = project.contract.task is Task.regression
    return Judged(
        bundle=build,
        frame=frame,
        truth=truth.to_numpy(dtype=float) if regression else class_codes(truth, build.classes or ()),
        answers=answers,
        headline=METRICS[read_evidence(project.paths.evidence, ExperimentEvidence).metric],
        settings=project.settings.verify,
        seed=project.settings.seed,
    )


def _judge(
    project: Project,
    build: Bundle,
    scores: Scores,
    *,
    measured: Measured,
    parity: Parity,
    openings: int,
    value: ValueFacts | None,
) -> VerifyEvidence:
    """The verdict as evidence; the bundle has no name yet. What the settings call a gate decides with the
    gates that always hold, everything else of the suite only tells."""
    results = list(outcomes(measured, project.settings.verify, scores.headline))
    suite = [result for result, _ in results]
    told = [each for _, findings in results for each in findings]
    gates = (
        *_gates(project, build, scores, measured, parity=parity, value=value),
        *(result for result in suite if result.severity == "gate"),
    )
    return VerifyEvidence(
        findings=(*verdict_findings(gates, openings), *value_findings(value), *told),
        rows=parity.rows,
        openings=openings,
        headline=scores.headline,
        metrics=scores.metrics,
        gates=gates,
        parity=parity,
        passed=all(gate.passed for gate in gates),
        bundle="",
        threshold=build.threshold,
        roc=scores.roc,
        calibration=scores.calibration,
        confusion=scores.confusion,
        residuals=scores.residuals,
        predicted_actual=scores.predicted_actual,
        value=value,
        checks=tuple(result for result in suite if result.severity != "gate"),
        champion=measured.champion,
        calibration_summary=measured.calibration,
        coverage=measured.coverage,
        slices=measured.slices,
        fairness=measured.fairness,
        disturbances=measured.disturbances,
        behaviour=measured.behaviour,
        refits=measured.refits,
        importance=measured.importance,
        partial=measured.partial,
        rows_asked=measured.rows_asked,
        speed=read_evidence(project.paths.evidence, PrepareEvidence).speed,
        example=example_row(build),
    )


def _gates(
    project: Project,
    build: Bundle,
    scores: Scores,
    measured: Measured,
    *,
    parity: Parity,
    value: ValueFacts | None,
) -> tuple[GateResult, ...]:
    """The gates that always hold, and those of `success:`."""
    return check_gates(
        parity=parity,
        golden_rows=len(build.golden.rows),
        headline=scores.headline,
        metrics=scores.metrics,
        suspects=read_evidence(project.paths.evidence, ExploreEvidence).suspects,
        contract=project.contract,
        wanted=list(project.settings.criteria.values()),
        value=value,
        champion=measured.champion,
    )


def _seal(project: Project, build: Bundle, evidence: VerifyEvidence) -> str:
    """Write `bundle/` and read it back as production will."""
    prepared = read_evidence(project.paths.evidence, PrepareEvidence)
    tests = Tests(
        passed=evidence.passed,
        rows=evidence.rows,
        headline=evidence.headline,
        metrics=evidence.metrics,
        gates=evidence.gates,
        checks=evidence.checks,
        parity=(*prepared.parity, evidence.parity),
        slices=() if evidence.slices is None else (*evidence.slices.declared, *evidence.slices.found),
    )
    lineage = _lineage(project, build, prepared)
    version = content_version({**read_build_files(build.folder), TESTS: as_json_bytes(tests)})
    card = render_card(
        project.settings.name,
        version,
        facts=build.facts,
        reference=build.reference,
        tests=tests,
        lineage=lineage,
    )
    seal_bundle(
        build.folder,
        project.paths.bundle,
        tests=tests,
        card=card,
        lineage=lineage,
        created=lineage.created,
        commit=lineage.commit,
    )
    return read_bundle(project.paths.bundle).version


def _lineage(project: Project, build: Bundle, prepared: PrepareEvidence) -> Lineage:
    collected = read_evidence(project.paths.evidence, CollectEvidence)
    made = _run_info(project, time.monotonic())
    return Lineage(
        commit=made.commit,
        dirty=made.dirty,
        created=made.created,
        source=collected.source,
        source_sha256=collected.source_sha256,
        train_sha256=_sha256(project.paths.train),
        test_sha256=_sha256(project.paths.test),
        seed=project.settings.seed,
        model=prepared.model,
        parameters=prepared.parameters,
        environment={
            **environment(project.settings.experiment.models),
            **made.versions,
            **build.golden.made_with,
        },
    )


def _run_info(project: Project, started: float) -> RunInfo:
    return run_info(project, time.monotonic() - started, LIBRARIES)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
