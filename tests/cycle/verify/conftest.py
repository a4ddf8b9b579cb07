"""A project as prepare leaves it: tables, evidence of the stages before, a fitted pipeline and its build."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from fullcycle.core.bundle import bundle_contract, write_build
from fullcycle.core.bundle.golden import answered, columns_of, golden_rows
from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.clean import CleanEvidence, SplitFacts, TargetFacts
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence, LeakSuspect
from fullcycle.core.evidence.prepare import Calibration, Parity, PrepareEvidence
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.models.estimators import ModelInput, QuantileClipper
from fullcycle.core.models.frame import read_frame
from fullcycle.core.models.onnx import export_onnx
from fullcycle.core.project.claims import Gate
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, Settings, VerifySettings

HEADLINE = {Task.binary: "roc_auc", Task.multiclass: "log_loss", Task.regression: "r2"}
CLASSES = {Task.binary: ("no", "yes"), Task.multiclass: ("high", "low", "mid")}


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """A project ready for verify; what is given overrides."""
    return lambda task=Task.binary, **changes: project_folder(tmp_path / "project", task, **changes)


def project_folder(
    root: Path,
    task: Task,
    *,
    gates: tuple[Gate, ...] = (),
    suspects: tuple[str, ...] = (),
    leaks: dict[str, dict[str, Any]] | None = None,
    signal: float = 2.0,
    sealed: bool = True,
    verify: dict[str, Any] | None = None,
) -> Project:
    project = Project(root)
    contract = make_contract(task, leaks or {})
    # What reading the two files would give; how they are read is tested with them.
    project.__dict__["contract"] = contract
    project.__dict__["settings"] = Settings(
        name="members",
        data=DataSettings(source="members.csv"),
        gates=list(gates),
        verify=VerifySettings(**{"bootstrap": 200, **(verify or {})}),
    )
    project.paths.data.mkdir(parents=True)
    write_table(project.paths.train, task, 400, signal, seed=1)
    write_table(project.paths.test, task, 200, signal, seed=2)
    fitted = fit(project, contract)
    write_model(project, contract, fitted)
    write_earlier_evidence(project, task, suspects, sealed=sealed)
    return project


def make_contract(task: Task, leaks: dict[str, dict[str, Any]]) -> Contract:
    kind = ColumnType.numeric if task is Task.regression else ColumnType.categorical
    columns = [
        Column(name="age", type=ColumnType.numeric, range=(-4.0, 4.0)),
        Column(name="plan", type=ColumnType.categorical, allowed=("basic", "premium")),
        Column(name="refund", type=ColumnType.numeric, range=(-4.0, 4.0)),
    ]
    decided = [column.model_copy(update=leaks.get(column.name, {})) for column in columns]
    target = Column(name="left", type=kind, role=Role.target)
    return Contract(task=task, classes=CLASSES.get(task), columns=(*decided, target))


def write_table(path: Path, task: Task, rows: int, signal: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    age, refund = random.normal(size=(2, rows)).clip(-4, 4)
    plan = random.choice(["basic", "premium"], rows)
    score = signal * age + signal / 2 * (plan == "premium") + random.normal(size=rows)
    target: Any = score
    if task is not Task.regression:
        names = np.array(["no", "yes"] if task is Task.binary else ["low", "mid", "high"])
        target = names[np.digitize(score, [0.0] if task is Task.binary else [-1.0, 1.0])]
    gap = random.random(rows) < 0.1
    table = pa.table(
        {
            "_row": np.arange(rows),
            "age": pa.array(age, mask=gap),
            "plan": plan,
            "refund": refund,
            "left": target,
        }
    )
    pq.write_table(table, path)


def fit(project: Project, contract: Contract) -> Any:
    features = [column.name for column in contract.features]
    numbers = tuple(name for name in features if name != "plan")
    scaled = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("clip", QuantileClipper()),
            ("scale", StandardScaler()),
        ]
    )
    columns = ColumnTransformer(
        [
            ("number", scaled, list(numbers)),
            ("category", OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False), ["plan"]),
        ]
    )
    model = Ridge() if contract.task is Task.regression else LogisticRegression()
    pipeline = Pipeline(
        [("input", ModelInput(numbers=numbers, strings=("plan",))), ("columns", columns), ("model", model)]
    )
    frame, target, _, _ = read_frame(project.paths.train, contract)
    return pipeline.fit(frame, target.to_numpy())


def write_model(project: Project, contract: Contract, fitted: Any) -> None:
    frame, _, _, _ = read_frame(project.paths.train, contract)
    regression = contract.task is Task.regression
    chances = None if regression else fitted.predict_proba(frame)
    reference = learn_reference(
        contract, frame, probabilities=chances, predictions=fitted.predict(frame) if regression else None
    )
    questions = golden_rows(contract, reference, seed=0)
    asked = pd.DataFrame(
        {name: pd.Series(values, dtype=None) for name, values in columns_of(contract, questions).items()}
    )
    golden = answered(
        questions,
        fitted.predict(asked),
        None if regression else fitted.predict_proba(asked),
        made_with={"onnxruntime": "1.32.0"},
    )
    write_build(
        project.paths.build,
        model=export_onnx(fitted, contract).SerializeToString(),
        contract=bundle_contract(contract, 0.5),
        golden=golden,
        reference=reference,
    )
    project.paths.model.mkdir(exist_ok=True)
    (project.paths.model / "pipeline.pkl").write_bytes(pickle.dumps(fitted))


def write_earlier_evidence(project: Project, task: Task, suspects: tuple[str, ...], *, sealed: bool) -> None:
    seal = hashlib.sha256(project.paths.test.read_bytes()).hexdigest()
    split = SplitFacts(
        kind="random", train_rows=400, test_rows=200, seed=0, test_sha256=seal if sealed else None
    )
    metric = HEADLINE[task]
    champion = Candidate(
        model="linear",
        parameters={"C": 1.0},
        trial=0,
        score=Interval(value=0.9),
        fold_scores=(0.9,),
        metrics={},
    )
    proven = Parity(
        rows_of="train", rows=400, largest_error=1e-7, tolerance=1e-5, labels_differ=0, passed=True
    )
    for evidence in (
        CollectEvidence(
            source="members.csv",
            source_sha256="a" * 64,
            source_bytes=1,
            format="csv",
            rows=600,
            columns=(),
        ),
        CleanEvidence(
            rows_in=600,
            rows_out=600,
            decisions=(),
            policies=(),
            split=split,
            target=TargetFacts(column="left"),
        ),
        ExploreEvidence(
            rows=400,
            target="left",
            columns=(),
            suspects=tuple(LeakSuspect(column=name, kind="value", strength=0.99) for name in suspects),
        ),
        ExperimentEvidence(
            metric=metric,
            higher_is_better=metric != "log_loss",
            folds=5,
            fold_kind="random",
            rows=400,
            trials=(),
            candidates=(champion,),
            baseline=0.5,
            champion="linear",
            ended_by="trials",
            time_budget_s=1.0,
        ),
        PrepareEvidence(
            model="linear",
            parameters={"C": 1.0},
            inputs=3,
            nodes=10,
            parity=(proven,),
            calibration=Calibration(method="none"),
            files=(),
            golden_rows=1,
        ),
    ):
        write_evidence(project.paths.evidence, evidence)
