"""The graph of a bundle by plain ONNX Runtime, for every server that is measured: rows in, answers out.

Runs in environments that hold no fullcycle. One thread, as fullcycle serves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

MISSING = {"float32": float("nan"), "float64": float("nan"), "int64": -(2**63), "string": ""}
Rows = Sequence[Mapping[str, Any]]


def answering(bundle: str) -> Callable[[Rows], list[dict[str, Any]]]:
    """What answers rows of typed values: label and probabilities, or a number."""
    import numpy as np
    import onnxruntime

    inputs = json.loads(Path(bundle, "contract.json").read_text(encoding="utf-8"))["inputs"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(Path(bundle, "model.onnx")), options)
    outputs = [output.name for output in session.get_outputs()]

    def answer(rows: Rows) -> list[dict[str, Any]]:
        feeds = {}
        for given in inputs:
            name, dtype = given["name"], given["dtype"]
            values = [MISSING[dtype] if row[name] is None else row[name] for row in rows]
            kind = object if dtype == "string" else dtype
            feeds[name] = np.array(values, dtype=kind).reshape(-1, 1)
        found = [output.tolist() for output in session.run(outputs, feeds)]
        return [dict(zip(outputs, row, strict=True)) for row in zip(*found, strict=True)]

    return answer
