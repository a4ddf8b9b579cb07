"""A project with bundles to release that differ in what they answer: graphs written by hand, no training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from fullcycle.core.bundle import bundle_contract, seal_bundle, write_build
from fullcycle.core.bundle.feeds import feeds
from fullcycle.core.bundle.golden import answered, columns_of, golden_rows
from fullcycle.core.bundle.model import Golden, Tests
from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.evidence.verify import GateResult
from fullcycle.core.project.project import Project
from tests.core.bundle import conftest as by_hand

ROW: dict[str, Any] = {
    "age": 52,
    "income": 1_000_000.0,
    "plan": "premium",
    "active": True,
    "since": "2019-05-01T10:00:00",
    "e-mail": None,
}


def project_in(folder: Path, more: str = "") -> Project:
    """The least that a release needs: settings, and bundles beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fullcycle.yaml").write_text(f"name: people\ndata:\n  source: people.csv\n{more}")
    return Project(folder)


def bundle_in(
    folder: Path, shift: float = -1.5, *, model: bytes | None = None, task: Task = Task.binary, **tests: Any
) -> Path:
    """A whole bundle whose golden rows are what its own graph says; another `shift` answers otherwise."""
    contract, training = by_hand.make_contract(task), by_hand.training_columns()
    graph = model or by_hand.make_graph(contract, shift=shift)
    scores = _answers(graph, contract, training)
    write_build(
        folder / "build",
        model=graph,
        contract=bundle_contract(contract, by_hand.THRESHOLD if task is Task.binary else None),
        golden=_golden(graph, contract, training),
        reference=learn_reference(
            contract, training, **{"predictions" if len(scores) == 1 else "probabilities": scores[-1]}
        ),
    )
    facts = {"passed": True, "rows": 100, "headline": "roc_auc", "metrics": (), "gates": (), "parity": ()}
    seal_bundle(
        folder / "build",
        folder / "bundle",
        tests=Tests(**{**facts, **tests}),
        card="# A card\n",
        lineage=by_hand.LINEAGE,
    )
    return folder / "bundle"


SLOW_AGE, FAILING_AGE = 77.125, 78.125  # no golden row has them


def tricky_graph(shift: float = -1.5) -> bytes:
    """The same graph, which takes for ever on one age and fails on another."""
    model = onnx.load_from_string(by_hand.make_graph(by_hand.make_contract(Task.binary), shift=shift))
    graph = model.graph
    next(node for node in graph.node if "score" in node.output).output[0] = "plain_score"
    constants = {
        "slow_age": np.float32(SLOW_AGE),
        "failing_age": np.float32(FAILING_AGE),
        "turns": np.int64(10**9),
        "always": np.array(True),
        "nothing": np.zeros(1, dtype=np.float64),
        "beyond": np.int64(5),
    }
    graph.initializer.extend(
        onnx.numpy_helper.from_array(np.asarray(at), name) for name, at in constants.items()
    )
    turn = helper.make_graph(
        [
            helper.make_node("Identity", ["goes_on"], ["goes_on_out"]),
            helper.make_node("Identity", ["carried"], ["carried_out"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.DOUBLE, [1]),
        ],
        [
            helper.make_tensor_value_info("goes_on_out", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried_out", TensorProto.DOUBLE, [1]),
        ],
    )
    steps = [
        ("ReduceMax", ["age"], ["oldest"], {"keepdims": 0}),
        ("Equal", ["oldest", "slow_age"], ["is_slow"], {}),
        ("Cast", ["is_slow"], ["slow_number"], {"to": TensorProto.INT64}),
        ("Mul", ["slow_number", "turns"], ["trips"], {}),
        ("Loop", ["trips", "always", "nothing"], ["turned"], {"body": turn}),
        ("Equal", ["oldest", "failing_age"], ["is_failing"], {}),
        ("Cast", ["is_failing"], ["failing_number"], {"to": TensorProto.INT64}),
        ("Mul", ["failing_number", "beyond"], ["place"], {}),
        ("Gather", ["turned", "place"], ["extra"], {}),
        ("Add", ["plain_score", "extra"], ["score"], {}),
    ]
    nodes = [helper.make_node(kind, given, gives, **how) for kind, given, gives, how in steps]
    at = next(place for place, node in enumerate(graph.node) if "plain_score" in node.output) + 1
    rest = [*graph.node][at:]
    del graph.node[at:]
    graph.node.extend([*nodes, *rest])
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def failed_gate() -> GateResult:
    return GateResult(id="metric", passed=False, found="0.61", bound="0.80", metric="roc_auc")


def _golden(graph: bytes, contract: Contract, training: by_hand.Columns) -> Golden:
    questions = golden_rows(contract, learn_reference(contract, training), seed=0)
    return answered(
        questions,
        *_answers(graph, contract, columns_of(contract, questions)),
        made_with={"onnxruntime": onnxruntime.__version__},
    )


def _answers(graph: bytes, contract: Contract, columns: Any) -> list[Any]:
    facts = bundle_contract(contract)
    said = onnxruntime.InferenceSession(graph).run(list(facts.outputs), feeds(facts.inputs, columns))
    return said if contract.task is Task.binary else [said[0].reshape(-1)]
