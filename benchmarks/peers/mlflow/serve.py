"""`mlflow models serve` of the bundle's graph as a pyfunc: BUNDLE PORT FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MODEL = """
import sys
sys.path.insert(0, {here!r})
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel
from plain import answering

class Graph(PythonModel):
    def load_context(self, context):
        self.answer = answering({bundle!r})

    def predict(self, context, model_input, params=None):
        return self.answer(model_input.to_dict("records"))

set_model(Graph())
"""


def main(bundle: str, port: str, folder: str) -> None:
    """Save the model and become its server."""
    import mlflow

    code = Path(folder, "model.py")
    code.write_text(MODEL.format(here=str(Path(__file__).parents[1]), bundle=str(Path(bundle).resolve())))
    saved = Path(folder, "saved")
    mlflow.pyfunc.save_model(str(saved), python_model=str(code), pip_requirements=[])
    mlflow_command = str(Path(sys.executable).with_name("mlflow"))
    words = ["models", "serve", "-m", str(saved), "-p", port, "--env-manager", "local"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.execv(mlflow_command, [mlflow_command, *words])


if __name__ == "__main__":
    main(*sys.argv[1:])
