"""The fitted pipeline as one ONNX graph: `export_onnx` makes it, `core/models/parity` proves it."""

from fullcycle.core.models.onnx.export import export_onnx
from fullcycle.core.models.onnx.graph import CannotExport, serialize

__all__ = ["CannotExport", "export_onnx", "serialize"]
