import json
from pathlib import Path

import numpy as np
import onnxruntime

missing = {"float32": np.nan, "float64": np.nan, "int64": -(2**63), "string": ""}
rows = json.loads(Path("rows.json").read_text())  # [{"tenure": 12.0, ...}]; null is missing
feeds = {}
for given in json.loads(Path("bundle/contract.json").read_text())["inputs"]:
    name, dtype = given["name"], given["dtype"]
    values = [missing[dtype] if row[name] is None else row[name] for row in rows]
    feeds[name] = np.array(values, dtype=object if dtype == "string" else dtype).reshape(-1, 1)
session = onnxruntime.InferenceSession("bundle/model.onnx")
outputs = [output.name for output in session.get_outputs()]
answers = dict(zip(outputs, session.run(outputs, feeds), strict=True))
