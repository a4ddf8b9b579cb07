"""A runtime that answers otherwise than the one a bundle was made with is refused before it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.proof import _on_the_edge
from fullcycle.core.bundle.runtime import OnnxRuntime, Session
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import CheckFailed, UserError

Outputs = list[np.ndarray[Any, Any]]
Lie = Callable[[Outputs], Outputs]


class LyingSession:
    """ONNX Runtime whose answers pass through `lie`."""

    def __init__(self, honest: Session, lie: Lie) -> None:
        self.honest, self.lie = honest, lie

    def get_inputs(self) -> Sequence[Any]:
        return self.honest.get_inputs()

    def get_outputs(self) -> Sequence[Any]:
        return self.honest.get_outputs()

    def run(self, names: Sequence[str], fed: dict[str, Any]) -> Outputs:
        return self.lie(self.honest.run(names, fed))


class LyingRuntime(OnnxRuntime):
    version = "1.26.0"  # type: ignore[assignment]

    def __init__(self, lie: Lie) -> None:
        self.lie = lie

    def open(self, model: bytes, threads: int) -> Session:
        return LyingSession(super().open(model, threads), self.lie)


def only_batches(outputs: Outputs) -> Outputs:
    return [outputs[0], outputs[1] + (1e-4 if len(outputs[1]) > 1 else 0)]


def only_single_rows(outputs: Outputs) -> Outputs:
    return [outputs[0], outputs[1] + (1e-4 if len(outputs[1]) == 1 else 0)]


LIES: dict[str, Lie] = {
    "probabilities 2e-5 off": lambda outputs: [outputs[0], outputs[1] + 2e-5],
    "classes swapped": lambda outputs: [outputs[0], outputs[1][:, ::-1]],
    "labels swapped": lambda outputs: [np.where(outputs[0] == "yes", "no", "yes"), outputs[1]],
    "NaN": lambda outputs: [outputs[0], outputs[1] * np.nan],
    "one class": lambda outputs: [outputs[0], outputs[1][:, :1]],
    "wrong in a batch": only_batches,
    "wrong alone": only_single_rows,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lying_runtime_is_refused_with_rows_and_both_versions(bundle: Path, lie: Lie) -> None:
    with pytest.raises(CheckFailed) as refusal:
        read_bundle(bundle, runtime=LyingRuntime(lie))
    text = str(refusal.value)
    assert "onnxruntime 1.26.0 (installed)" in text
    assert "made with on onnxruntime 1.32.0" in text
    assert "row 0 (ordinary" in text
    assert "pip install 'onnxruntime==1.32.0'" in text


def test_an_honest_runtime_of_another_version_is_welcome(bundle: Path) -> None:
    assert read_bundle(bundle, runtime=LyingRuntime(lambda outputs: outputs)).version


def test_a_difference_within_the_tolerance_is_no_lie(bundle: Path) -> None:
    assert read_bundle(bundle, runtime=LyingRuntime(lambda outputs: [outputs[0], outputs[1] + 5e-6]))


def test_a_lie_about_a_value_is_refused(tmp_path: Path, make_bundle: Callable[..., Path]) -> None:
    folder = make_bundle(tmp_path, Task.regression)
    assert read_bundle(folder)
    with pytest.raises(CheckFailed, match=r"row 0 \(ordinary, in a batch\) is .* instead of"):
        read_bundle(folder, runtime=LyingRuntime(lambda outputs: [outputs[0] + 1e-3]))


def test_a_runtime_that_fails_on_golden_rows_is_an_error_and_no_traceback(bundle: Path) -> None:
    def fail(outputs: Outputs) -> Outputs:
        raise RuntimeError("[ONNXRuntimeError] : 6 : no kernel\nmore")

    with pytest.raises(
        UserError, match=r"a graph that fails with onnxruntime 1\.26\.0: .*no kernel\n"
    ) as refusal:
        read_bundle(bundle, runtime=LyingRuntime(fail))
    assert "more" not in refusal.value.found


def test_a_contract_that_reads_rows_otherwise_is_refused(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fullcycle.core.bundle.bundle import Bundle

    honest = Bundle.coerce.func  # type: ignore[attr-defined]

    def other(self: Bundle) -> Any:
        read = honest(self)
        return lambda row: read({**row, "plan": "basic"})

    monkeypatch.setattr(Bundle, "coerce", property(other))
    with pytest.raises(CheckFailed, match="is coerced to other values"):
        read_bundle(bundle)


def test_a_bundle_of_a_wrong_graph_does_not_open(
    tmp_path: Path, make_bundle: Callable[..., Path], make_model: Callable[..., bytes]
) -> None:
    with pytest.raises(CheckFailed, match="golden rows"):
        read_bundle(make_bundle(tmp_path, model=make_model(shift=-1.4999)))


@pytest.mark.parametrize(
    ("probabilities", "threshold", "tips"),
    [
        ([0.6, 0.4], 0.4, True),
        ([0.6, 0.4], 0.40002, False),
        ([0.5, 0.5], None, True),
        ([0.3, 0.350004, 0.349996], None, True),
        ([0.3, 0.36, 0.34], None, False),
    ],
)
def test_a_label_may_tip_only_at_its_threshold(
    probabilities: list[float], threshold: float | None, tips: bool
) -> None:
    assert _on_the_edge(np.array(probabilities), threshold) is tips
