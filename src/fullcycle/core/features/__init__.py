"""Features: an expression over contract columns, written once, compiled to Ibis and to ONNX."""
