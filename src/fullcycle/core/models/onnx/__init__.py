"""The fitted pipeline as one ONNX graph: `export_onnx` makes it, `core/models/parity` proves it."""

from fullcycle.core.models.onnx.export import export_onnx
from fullcycle.core.models.onnx.graph import ExportError, serialize

__all__ = ["ExportError", "export_onnx", "serialize"]
