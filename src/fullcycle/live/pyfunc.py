"""How MLflow loads a released bundle: its loader module, so that no pickle is involved.

`mlflow.pyfunc.load_model("models:/NAME@champion")` calls `_load_pyfunc`; `mlflow models serve` does the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fullcycle.core.bundle.read import read_bundle

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle


class Answering:
    """What MLflow calls a model: raw rows as a pandas frame in, a frame of answers out."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Columns `prediction` and, for classes, `probability_CLASS`; a row's index is kept."""
        return self.bundle.predict(model_input)


def _load_pyfunc(path: str) -> Answering:
    """The name that MLflow calls; checksums and golden rows are proven here too."""
    return Answering(read_bundle(path))
