"""One row in ONNX Runtime on one thread, beside a graph of the same inputs that computes nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.commands import FULLCYCLE, seconds
from benchmarks.figure import Figure

AMES = Path(__file__).parents[1] / "tests/data/ames_housing.csv.gz"
ROUNDS = 3000
TOGETHER = 16


def figures(folder: Path) -> Iterator[Figure]:
    """Telco's bundle as the demo left it in `folder`, Ames's made here."""
    ames = folder / "ames"
    if not ames.exists():
        seconds(FULLCYCLE, "init", str(ames), "--data", str(AMES), "--target", "Sale_Price")
        seconds(FULLCYCLE, "-C", str(ames), "run")
    for name, bundle, bar in (("telco", folder / "demo/bundle", 100), ("Ames", ames / "bundle", 250)):
        found, floor = single_row(bundle)
        title = f"{name}: one row in ONNX Runtime, p50"
        yield Figure(title, found, bar, "us", floor=floor, floor_name="no-op graph")
        yield Figure(f"{name}: a row among {TOGETHER} in one run beside one alone", among(bundle), 0.5, "x")
        yield Figure(f"{name}: golden rows proven", proof_seconds(bundle), 0.2, "s")


def single_row(folder: Path) -> tuple[float, float]:
    """p50 in microseconds of the bundle's graph and of the no-op graph, row by row in turn."""
    from fullcycle.core.bundle import read_bundle

    bundle = read_bundle(folder)
    question = bundle.golden.rows[0]
    fed = bundle._feeds([question.values])  # the inputs alone are wanted, not the answer
    session = session_of(folder / "model.onnx")
    empty = session_of(no_op(session))
    model, floor = [], []
    for _ in range(ROUNDS):
        model.append(once(session, fed))
        floor.append(once(empty, fed))
    return float(np.median(model[200:]) * 1e6), float(np.median(floor[200:]) * 1e6)


def among(folder: Path) -> float:
    """What a row costs among others in one run of the graph, as a share of what it costs alone."""
    from fullcycle.core.bundle import read_bundle

    bundle = read_bundle(folder)
    values = bundle.golden.rows[0].values
    session = session_of(folder / "model.onnx")
    alone, together = bundle._feeds([values]), bundle._feeds([values] * TOGETHER)
    taken = [(once(session, alone), once(session, together)) for _ in range(ROUNDS)]
    one, all_of_them = np.median(np.array(taken[200:]), axis=0)
    return float(all_of_them / TOGETHER / one)


def session_of(model: Path | bytes) -> onnxruntime.InferenceSession:
    """On one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    given = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


def once(session: onnxruntime.InferenceSession, fed: dict[str, Any]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    session.run(None, fed)
    return time.perf_counter() - started


def no_op(session: onnxruntime.InferenceSession) -> bytes:
    """A graph with the same inputs whose only answer is its first input."""
    import onnx
    from onnx import TensorProto, helper

    kinds = {
        "tensor(float)": TensorProto.FLOAT,
        "tensor(double)": TensorProto.DOUBLE,
        "tensor(string)": TensorProto.STRING,
        "tensor(int64)": TensorProto.INT64,
    }
    inputs = [
        helper.make_tensor_value_info(item.name, kinds[item.type], [None, 1]) for item in session.get_inputs()
    ]
    first = inputs[0]
    answer = helper.make_tensor_value_info("answer", first.type.tensor_type.elem_type, [None, 1])
    node = helper.make_node("Identity", [first.name], ["answer"])
    graph = helper.make_graph([node], "no_op", inputs, [answer])
    return onnx.helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()


def proof_seconds(folder: Path) -> float:
    """Reading a bundle with proof less reading it without, the least of five."""
    from fullcycle.core.bundle import read_bundle

    taken = []
    for _ in range(5):
        started = time.perf_counter()
        read_bundle(folder, prove=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    for figure in figures(Path(sys.argv[1])):
        print(figure.row())
