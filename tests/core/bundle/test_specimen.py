"""onnxruntime 1.26.0 answers binary forests wrongly on clean rows: the release that golden rows exist for.

Measured: of a binary TreeEnsembleClassifier without a link function it gives probabilities (-p, p) and labels
cut at 0. LightGBM (logistic link), several classes, regression and boosting are answered rightly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import fullcycle
from fullcycle.core.bundle import bundle_contract, read_bundle, seal_bundle, write_build
from fullcycle.core.bundle.golden import answered, columns_of, golden_rows
from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task

SPECIMEN = "1.26.0"
READ = """
import sys
from fullcycle.core.bundle import read_bundle
from fullcycle.core.errors import CheckFailed
try:
    read_bundle(sys.argv[1])
except CheckFailed as refusal:
    print(refusal)
else:
    print("accepted")
"""


@pytest.fixture
def forest(tmp_path: Path) -> Path:
    """A bundle with a forest of two stumps, as skl2onnx writes one of scikit-learn."""
    contract = Contract(
        task=Task.binary,
        classes=("no", "yes"),
        columns=(
            Column(name="x", type=ColumnType.numeric, range=(0.0, 1.0)),
            Column(name="left", type=ColumnType.categorical, role=Role.target),
        ),
    )
    reference = learn_reference(contract, {"x": np.linspace(0, 1, 200)})
    questions = golden_rows(contract, reference, seed=0)
    columns: Any = columns_of(contract, questions)
    x = np.array([np.nan if value is None else value for value in columns["x"]], dtype=float)
    positive = np.where(x <= 0.5, 0.1, 0.4) + np.where(x <= 0.25, 0.2, 0.5)  # what is missing goes right
    golden = answered(
        questions,
        np.where(positive > 0.5, "yes", "no"),
        np.column_stack([1 - positive, positive]),
        made_with={"onnxruntime": "1.32.0"},
    )
    write_build(
        tmp_path / "build",
        model=stumps(),
        contract=bundle_contract(contract, 0.5),
        golden=golden,
        reference=reference,
    )
    seal_bundle(tmp_path / "build", tmp_path / "bundle", tests={}, card="", lineage={})
    return tmp_path / "bundle"


def stumps() -> bytes:
    trees, nodes = [0, 0, 0, 1, 1, 1], [0, 1, 2] * 2
    node = helper.make_node(
        "TreeEnsembleClassifier",
        ["x"],
        ["label", "probabilities"],
        domain="ai.onnx.ml",
        nodes_treeids=trees,
        nodes_nodeids=nodes,
        nodes_featureids=[0] * 6,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * 2,
        nodes_values=[0.5, 0.0, 0.0, 0.25, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 0] * 2,
        nodes_falsenodeids=[2, 0, 0] * 2,
        nodes_missing_value_tracks_true=[0] * 6,
        class_treeids=[0, 0, 1, 1],
        class_nodeids=[1, 2, 1, 2],
        class_ids=[0] * 4,
        class_weights=[0.1, 0.4, 0.2, 0.5],
        classlabels_strings=["no", "yes"],
        post_transform="NONE",
    )
    graph = helper.make_graph(
        [node],
        "forest",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [
            helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2]),
        ],
    )
    opsets = [helper.make_opsetid("", 19), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def environment_with(folder: Path, version: str) -> Path:
    """A Python with that runtime and what reading a bundle needs, and nothing else."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    python = folder / "bin" / "python"
    needs = [f"onnxruntime=={version}", "numpy", "pydantic", "orjson"]
    subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *needs], check=True)
    return python


def read_with(python: Path, bundle: Path) -> str:
    source = {**os.environ, "PYTHONPATH": str(Path(fullcycle.__file__).parents[1])}
    done = subprocess.run(
        [str(python), "-c", READ, str(bundle)], env=source, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_installed_runtime_answers_the_specimen_rightly(forest: Path) -> None:
    assert read_bundle(forest).version


@pytest.mark.nightly
def test_the_runtime_that_answers_forests_wrongly_is_refused(
    forest: Path, tmp_path: Path, make_bundle: Callable[..., Path]
) -> None:
    python = environment_with(tmp_path / "environment", SPECIMEN)
    said = read_with(python, forest)
    assert "golden rows on onnxruntime 1.26.0 (installed)" in said
    assert "made with on onnxruntime 1.32.0" in said
    assert "row 0 (ordinary, in a batch) has probabilities [-" in said
    # A graph without such a forest is answered rightly by the same release, and so it is accepted.
    assert read_with(python, make_bundle(tmp_path / "linear")) == "accepted\n"
