"""Where a graph runs: ONNX Runtime behind a Protocol, so that a proof is tested on a runtime that lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray


class Session(Protocol):
    """A loaded graph. `run` gives the named outputs in that order and may be called by many threads."""

    def run(self, output_names: Sequence[str], input_feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]: ...

    def get_inputs(self) -> Sequence[Any]: ...

    def get_outputs(self) -> Sequence[Any]: ...


class Runtime(Protocol):
    """What can open a graph. `name` and `version` stand in every message about a wrong answer."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def open(self, model: bytes, threads: int) -> Session: ...


class OnnxRuntime:
    """The runtime that is installed; imported when first needed."""

    name = "onnxruntime"

    @property
    def version(self) -> str:
        """Of the library, not of the graph."""
        import onnxruntime

        return str(onnxruntime.__version__)

    def open(self, model: bytes, threads: int) -> Session:
        """A graph ready to run; `threads` work on one call."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # warnings about our own graph help nobody who uses it
        session: Session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return session


def first_line(error: Exception) -> str:
    """What a runtime's error says, without its stack and its megabytes."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
