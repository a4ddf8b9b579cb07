"""A contract of every type, a graph written by hand, and the same arithmetic in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from fullcycle.core.bundle import Golden, bundle_contract, seal_bundle, write_build
from fullcycle.core.bundle.golden import answered, columns_of, golden_rows
from fullcycle.core.bundle.model import Lineage, Tests
from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.evidence.prepare import Parity

THRESHOLD = 0.4
ELEMENTS = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "string": TensorProto.STRING,
    "int64": TensorProto.INT64,
}
Columns = dict[str, Any]
LINEAGE = Lineage(
    commit="0" * 40,
    dirty=False,
    created="2024-02-29T00:00:00+00:00",
    source="people.csv",
    source_sha256="a" * 64,
    train_sha256="b" * 64,
    test_sha256="c" * 64,
    seed=0,
    model="linear",
    parameters={"C": 1.0},
    environment={"python": "3.11.9"},
)


@pytest.fixture
def contract() -> Contract:
    return make_contract(Task.binary)


@pytest.fixture
def regression_contract() -> Contract:
    return make_contract(Task.regression)


@pytest.fixture
def training() -> Columns:
    """Coerced columns of 500 rows, every type with missing values."""
    return training_columns()


@pytest.fixture
def make_build() -> Callable[..., Path]:
    return build_folder


@pytest.fixture
def make_bundle() -> Callable[..., Path]:
    """Seal a bundle below a folder and return its path."""
    return bundle_folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return bundle_folder(tmp_path)


@pytest.fixture
def make_model() -> Callable[..., bytes]:
    return lambda task=Task.binary, **changes: make_graph(make_contract(task), **changes)


@pytest.fixture
def expected() -> Callable[[Columns, Task], np.ndarray[Any, Any]]:
    return pipeline


def make_contract(task: Task) -> Contract:
    target = Column(
        name="left",
        type=ColumnType.numeric if task is Task.regression else ColumnType.categorical,
        role=Role.target,
    )
    return Contract(
        task=task,
        classes=None if task is Task.regression else ("no", "yes"),
        columns=(
            Column(name="id", type=ColumnType.categorical, role=Role.identifier),
            Column(name="age", type=ColumnType.numeric, range=(18.0, 90.0), missing=("?",)),
            Column(name="income", type=ColumnType.numeric, range=(0.0, 5e7)),
            Column(name="plan", type=ColumnType.categorical, allowed=("basic", "premium")),
            Column(name="active", type=ColumnType.boolean),
            Column(name="since", type=ColumnType.datetime, formats=("iso",)),
            Column(name="e-mail", type=ColumnType.categorical, personal=True),
            target,
        ),
    )


def training_columns(rows: int = 500) -> Columns:
    random = np.random.default_rng(7)

    def with_gaps(values: Any) -> list[Any]:
        return [None if random.random() < 0.1 else value for value in np.asarray(values).tolist()]

    return {
        "age": with_gaps(random.integers(18, 91, rows).astype(float)),
        "income": with_gaps(random.gamma(2, 2e6, rows)),
        "plan": with_gaps(random.choice(["basic", "premium"], rows)),
        "active": with_gaps(random.random(rows) < 0.5),
        "since": with_gaps(random.integers(1_200_000_000, 1_600_000_000, rows) * 1_000_000),
        "e-mail": [f"person{number}@example.org" for number in range(rows)],
    }


def pipeline(columns: Columns, task: Task) -> np.ndarray[Any, Any]:
    """What the graph must repeat: probabilities (N, 2), or values (N,)."""

    def numbers(name: str, fill: float) -> np.ndarray[Any, Any]:
        return np.array([fill if value is None else float(value) for value in columns[name]])

    age = np.clip(numbers("age", 40.0), 0, 120)
    income = np.clip(numbers("income", 0.0), 0, 5e7)
    days = np.clip(numbers("since", 0.0) / 86_400_000_000, -40_000, 40_000)
    premium = np.array([value == "premium" for value in columns["plan"]], dtype=float)
    score = 0.03 * age + 1e-7 * income + 0.8 * premium - 0.5 * numbers("active", 0.5) + 1e-5 * days - 1.5
    if task is Task.regression:
        return score
    positive = 1 / (1 + np.exp(-score))
    return np.column_stack([1 - positive, positive])


def make_graph(contract: Contract, *, shift: float = -1.5) -> bytes:
    """The graph of `pipeline`; another `shift` makes it a wrong one."""
    nodes: list[Any] = []
    constants: list[Any] = []

    def constant(name: str, value: Any, kind: int) -> str:
        values = [value.encode() if isinstance(value, str) else value]
        constants.append(helper.make_tensor(name, kind, [1, 1], values))
        return name

    def node(kind: str, *given: str, gives: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, list(given), [gives], **attributes))
        return gives

    def filled(name: str, fill: float, kind: int) -> str:
        gone = node("IsNaN", name, gives=f"{name}_gone")
        return node("Where", gone, constant(f"{name}_fill", fill, kind), name, gives=f"{name}_filled")

    def clipped(name: str, low: float, high: float, kind: int) -> str:
        floor = node("Max", name, constant(f"{name}_low", low, kind), gives=f"{name}_floor")
        return node("Min", floor, constant(f"{name}_high", high, kind), gives=f"{name}_clip")

    def weighted(name: str, weight: float) -> str:
        wide = node("Cast", name, gives=f"{name}_wide", to=TensorProto.DOUBLE)
        return node("Mul", wide, constant(f"{name}_weight", weight, TensorProto.DOUBLE), gives=f"{name}_part")

    single, double = TensorProto.FLOAT, TensorProto.DOUBLE
    absent = node("Equal", "since", constant("never", -(2**63), TensorProto.INT64), gives="since_gone")
    moment = node("Where", absent, constant("epoch", 0, TensorProto.INT64), "since", gives="since_filled")
    micros = node("Cast", moment, gives="micros", to=double)
    days = node("Mul", micros, constant("per_day", 1 / 86_400_000_000, double), gives="days")
    premium = node("Equal", "plan", constant("premium", "premium", TensorProto.STRING), gives="is_premium")
    parts = [
        weighted(clipped(filled("age", 40.0, single), 0, 120, single), 0.03),
        weighted(clipped(filled("income", 0.0, double), 0, 5e7, double), 1e-7),
        weighted(premium, 0.8),
        weighted(filled("active", 0.5, single), -0.5),
        weighted(clipped(days, -40_000, 40_000, double), 1e-5),
        constant("shift", shift, double),
    ]
    score = node("Sum", *parts, gives="score")
    if contract.task is Task.regression:
        outputs = [helper.make_tensor_value_info("prediction", single, [None, 1])]
        node("Cast", score, gives="prediction", to=single)
    else:
        outputs = [
            helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
            helper.make_tensor_value_info("probabilities", single, [None, 2]),
        ]
        positive = node("Sigmoid", score, gives="positive")
        negative = node("Sub", constant("one", 1.0, double), positive, gives="negative")
        both = node("Concat", negative, positive, gives="both", axis=1)
        node("Cast", both, gives="probabilities", to=single)
        above = node("GreaterOrEqual", positive, constant("threshold", THRESHOLD, double), gives="above")
        yes, no = (constant(name, name, TensorProto.STRING) for name in ("yes", "no"))
        constants.append(helper.make_tensor("flat", TensorProto.INT64, [1], [-1]))
        node("Reshape", node("Where", above, yes, no, gives="labels"), "flat", gives="label")
    inputs = [
        helper.make_tensor_value_info(given.name, ELEMENTS[given.dtype], [None, 1])
        for given in bundle_contract(contract).inputs
    ]
    graph = helper.make_graph(nodes, "hand", inputs, outputs, initializer=constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def golden_of(contract: Contract, training: Columns, made_with: str = "1.32.0") -> Golden:
    reference = learn_reference(contract, training)
    questions = golden_rows(contract, reference, seed=0)
    answers = pipeline(columns_of(contract, questions), contract.task)
    versions = {"onnxruntime": made_with}
    if contract.task is Task.regression:
        return answered(questions, answers, made_with=versions)
    labels = np.where(answers[:, 1] >= THRESHOLD, "yes", "no")
    return answered(questions, labels, answers, made_with=versions)


def build_folder(
    folder: Path, task: Task = Task.binary, *, model: bytes | None = None, made_with: str = "1.32.0"
) -> Path:
    contract, training = make_contract(task), training_columns()
    answers = pipeline(training, task)
    scores = {"predictions": answers} if task is Task.regression else {"probabilities": answers}
    write_build(
        folder / "build",
        model=model or make_graph(contract),
        contract=bundle_contract(contract, None if task is Task.regression else THRESHOLD),
        golden=golden_of(contract, training, made_with),
        reference=learn_reference(contract, training, **scores),
    )
    return folder / "build"


def bundle_folder(folder: Path, task: Task = Task.binary, **changes: Any) -> Path:
    build = build_folder(
        folder, task, **{key: changes.pop(key) for key in ("model", "made_with") if key in changes}
    )
    proven = Parity(
        rows_of="test", rows=100, largest_error=1e-7, tolerance=1e-5, labels_differ=0, passed=True
    )
    facts = {
        "tests": Tests(passed=True, rows=100, headline="roc_auc", metrics=(), gates=(), parity=(proven,)),
        "card": "# A card\n",
        "lineage": LINEAGE,
        "created": "2024-02-29T00:00:00+00:00",
        "commit": "0" * 40,
    }
    seal_bundle(build, folder / "bundle", **{**facts, **changes})
    return folder / "bundle"
