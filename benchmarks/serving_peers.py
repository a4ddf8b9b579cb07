"""Other servers of the same graph: how each is started, and how it is asked for a row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import HERE, python_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """In an environment of its own. `path` answers the `body` of a row; `ready` says when it does."""

    peer: str
    path: str
    ready: str
    body: Callable[[Row], str]

    def command(self, bundle: Path, port: int, folder: Path) -> list[str]:
        """What starts it on 127.0.0.1, in the foreground; it may write into `folder`."""
        serve = str(HERE / self.peer / "serve.py")
        return [python_of(self.peer), serve, str(bundle), str(port), str(folder)]


SERVERS = {
    "mlflow models serve": Server(
        "mlflow", "/invocations", "/ping", lambda row: json.dumps({"dataframe_records": [row]})
    ),
    "BentoML": Server("bentoml", "/predict", "/readyz", lambda row: json.dumps({"rows": [row]})),
    "LitServe": Server("litserve", "/predict", "/health", lambda row: json.dumps({"rows": [row]})),
}
