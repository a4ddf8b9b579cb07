"""BentoML's server of the bundle's graph: BUNDLE PORT FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SERVICE = """
import sys
sys.path.insert(0, {here!r})
import bentoml
from plain import answering

@bentoml.service(workers=1, traffic={{"timeout": 60}})
class Graph:
    def __init__(self) -> None:
        self.answer = answering({bundle!r})

    @bentoml.api
    def predict(self, rows: list[dict]) -> list[dict]:
        return self.answer(rows)
"""


def main(bundle: str, port: str, folder: str) -> None:
    """Write the service and become its server."""
    here = str(Path(__file__).parents[1])
    code = SERVICE.format(here=here, bundle=str(Path(bundle).resolve()))
    Path(folder, "service.py").write_text(code)
    os.environ |= {"BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": folder}
    command = str(Path(sys.executable).with_name("bentoml"))
    words = ["serve", "service:Graph", "--working-dir", folder, "--host", "127.0.0.1", "--port", port]
    os.execv(command, [command, *words])


if __name__ == "__main__":
    main(*sys.argv[1:])
