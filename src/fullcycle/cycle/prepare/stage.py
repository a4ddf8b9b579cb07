"""prepare: the champion refitted, calibrated, put into one graph, proven and measured; leaves `build/`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fullcycle.core.bundle.golden import golden_rows
from fullcycle.core.bundle.model import MODEL, bundle_contract
from fullcycle.core.bundle.write import write_build
from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.engines.trials import single_threaded
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Scalar, Severity
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import Calibration, ModelFile, Parity, PrepareEvidence
from fullcycle.core.evidence.store import read_evidence, write_evidence
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.importance import permutation_importance, rows_for, score_of
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import graph_feeds, library_versions, open_session, prove
from fullcycle.core.project.lineage import run_info
from fullcycle.core.project.project import Project
from fullcycle.cycle.prepare.copies import PICKLE, SKOPS, Copy, write_copies
from fullcycle.cycle.prepare.fit import (
    Champion,
    bounded_champion,
    calibrate_champion,
    out_of_fold_of,
    read_out_of_fold,
)
from fullcycle.cycle.prepare.money import threshold_of
from fullcycle.cycle.prepare.questions import answer_questions, learn_reference_of, questions_frame
from fullcycle.cycle.prepare.speed import measure_speed
from fullcycle.cycle.prepare.variants.chosen import Chosen, choose_variant, setting_of
from fullcycle.cycle.prepare.variants.recipes import fit_variant

LIBRARIES = ("scikit-learn", "lightgbm", "onnx", "onnxruntime", "skl2onnx", "numpy", "pandas")


def run(project: Project) -> PrepareEvidence:
    """Leave `build/` and `model/`: the champion as a graph that was proven, and for study as it was fitted.

    Raises CheckFailed, and leaves what was there, if the graph answers one row differently.
    """
    started = time.perf_counter()
    paths, seed = project.paths, project.settings.seed
    experiment = read_evidence(paths.evidence, ExperimentEvidence)
    frame, target, _, times = read_frame(paths.train, project.contract)
    chosen = choose_variant(project, experiment)
    champion = fit_champion(project, experiment, chosen, frame, target)
    contract = champion.contract
    graph = export_onnx(champion.fitted, contract)
    model = serialize(graph)
    reference = learn_reference_of(champion.fitted, frame, contract, times)
    questions = golden_rows(contract, reference, seed)
    asked = questions_frame(contract, questions)
    parity = prove_all(champion.fitted, model, frame, asked, contract)
    golden = answer_questions(champion.fitted, asked, questions, contract)
    facts = bundle_contract(contract, champion.threshold, project.settings.prepare.intervals)
    write_build(paths.build, model=model, contract=facts, golden=golden, reference=reference)
    copies = write_copies(paths.model, champion.fitted)
    sample, answers = draw_sample(frame, target, len(contract.features), seed)
    fed = graph_feeds(sample, contract)
    evidence = PrepareEvidence(
        model=chosen.variant.model,
        parameters=chosen.variant.parameters,
        inputs=len(contract.features),
        nodes=len(graph.graph.node),
        parity=parity,
        calibration=champion.calibration,
        importance=permutation_importance(
            open_session(model), fed, score_of(experiment.metric, answers.to_numpy(), contract), seed
        ),
        files=model_files(len(model), copies),
        golden_rows=len(golden.rows),
        speed=measure_speed(model, fed),
        variants=tuple(chosen.variants),
        choice=chosen.choice,
        budget=chosen.budget,
        columns=_selected(contract, project.contract),
        metric=experiment.metric,
        findings=(*findings(parity, champion.calibration), *chosen.findings()),
        run=run_info(project, time.perf_counter() - started, LIBRARIES),
    )
    evidence = evidence.model_copy(update={"findings": (*evidence.findings, *_missed(evidence, chosen))})
    write_evidence(paths.evidence, evidence)
    return evidence


def _missed(evidence: PrepareEvidence, chosen: Chosen) -> Iterator[Finding]:
    """The budget where the deployed form doesn't keep it, with each line that it misses."""
    missed = [line for line in evidence.budget_lines if not line.kept]
    if missed:
        facts = {line.key: line.bound for line in missed} | {
            f"{line.key}_found": line.found for line in missed
        }
        yield finding(Code.budget_missed, Severity.warning, variant=chosen.variant.kind, **facts)


def fit_champion(
    project: Project,
    experiment: ExperimentEvidence,
    chosen: Chosen,
    frame: pd.DataFrame,
    target: pd.Series[Any],
) -> Champion:
    """The chosen variant learned from all training rows, and for classes its calibration behind it."""
    with single_threaded():
        fitted = fit_variant(chosen.variant, setting_of(project), frame, target)
    contract, confidence = fitted.contract, project.settings.prepare.intervals
    if contract.task is Task.regression:
        if confidence is None:
            return Champion(fitted.pipeline, Calibration(method="none"), contract)
        return bounded_champion(fitted, *_judged_values(project, chosen, target), confidence)
    if confidence is not None:
        raise UserError(
            where="fullcycle.yaml, key prepare.intervals",
            found=f"intervals of a class ({contract.task.value})",
            expected="a target of numbers",
            hint="take the key out: the probability of each class is answered already",
        )
    classes = contract.classes or tuple(fitted.pipeline.classes_)
    out_of_fold = (
        read_out_of_fold(read_oof(project.paths.oof), target, classes)
        if chosen.out_of_fold is None
        else out_of_fold_of(chosen.out_of_fold, classes)
    )
    return calibrate_champion(fitted, out_of_fold, classes, threshold_of(project, experiment, chosen))


def _judged_values(
    project: Project, chosen: Chosen, target: pd.Series[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Out-of-fold answers of the variant beside what was true."""
    if chosen.out_of_fold is not None:
        return chosen.out_of_fold.answer, chosen.out_of_fold.codes
    oof = read_oof(project.paths.oof)
    return oof["prediction"].to_numpy(), target.loc[oof["_row"].to_numpy()].to_numpy()


def _selected(contract: Contract, whole: Contract) -> tuple[str, ...] | None:
    """The columns that the model sees, where it sees fewer than the contract has."""
    if contract == whole:
        return None
    return tuple(column.name for column in contract.modelled)


def read_oof(path: Path) -> pd.DataFrame:
    """Out-of-fold predictions of the champion, or a UserError that says how to make them."""
    if not path.exists():
        raise UserError(
            where=f"{path.parent.name}/{path.name}",
            found="no such file",
            hint="run `fullcycle run experiment`",
        )
    table: pd.DataFrame = pq.read_table(path).to_pandas()
    return table


def prove_all(
    fitted: Any, model: bytes, frame: pd.DataFrame, asked: pd.DataFrame, contract: Contract
) -> tuple[Parity, ...]:
    """Hard rows and golden rows first, because they fail fastest; then every training row."""
    hard = pd.concat([adversarial_frame(contract, frame), asked], ignore_index=True)
    adversarial = prove(fitted, model, hard, contract, "adversarial")
    return prove(fitted, model, frame, contract, "train"), adversarial


def draw_sample(
    frame: pd.DataFrame, target: pd.Series[Any], inputs: int, seed: int
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """A few hundred to 2,000 training rows with their answers, in the order of the table."""
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(frame))[: rows_for(inputs)])
    return frame.iloc[chosen], target.iloc[chosen]


def model_files(graph_bytes: int, copies: dict[str, Copy]) -> tuple[ModelFile, ...]:
    """What lies on disk, relative to the project."""
    return (
        ModelFile(format="onnx", path=f"build/{MODEL}", bytes=graph_bytes),
        ModelFile(
            format="skops", path=f"model/{SKOPS}", bytes=copies[SKOPS].bytes, types=copies[SKOPS].types
        ),
        ModelFile(format="pickle", path=f"model/{PICKLE}", bytes=copies[PICKLE].bytes),
    )


def findings(parity: Sequence[Parity], calibration: Calibration) -> tuple[Finding, ...]:
    """What a person should know: that the graph is proven on so many rows, and what calibration did."""
    proven: dict[str, Scalar | list[Scalar]] = {
        "rows": sum(each.rows for each in parity),
        "largest_error": max(each.largest_error for each in parity),
        "onnxruntime": library_versions(["onnxruntime"])["onnxruntime"],
    }
    found = [finding(Code.graph_proven, Severity.info, **proven)]
    if calibration.method == "sigmoid":
        losses: dict[str, Scalar | list[Scalar]] = {
            "log_loss_before": calibration.log_loss_before,
            "log_loss_after": calibration.log_loss_after,
        }
        found.append(finding(Code.calibrated, Severity.info, **losses))
    return tuple(found)
