"""The process that writes to MLflow: opens the store, waits for runs on standard input, writes them, ends.

Called by `tracking` as `python -m ... URI EXPERIMENT ARTIFACTS`. Answers one line of JSON, {"failure": null}
with the identifiers of the runs, or what the store said.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any, TextIO

from fullcycle.core.errors import UserError
from fullcycle.cycle.experiment.points import points
from fullcycle.cycle.experiment.tracking_wandb import WandbStore


def main(
    arguments: Sequence[str], said: TextIO, answer: TextIO, gone: Callable[[], None] = lambda: None
) -> None:
    """Open the store first: that is what takes long, and the search is still running.

    `gone` is called, from a thread and at any moment, when the input ends without a word: the parent is dead.
    """
    uri, experiment, artifacts = arguments
    listener = Listener(said, gone)
    try:
        store = STORES.get(uri.partition(":")[0], Store)(uri, experiment, artifacts)
        content = listener.content()
        if not content:
            return
        told: dict[str, Any] = {"failure": None, "runs": store.write(json.loads(content))}
    except UserError as error:
        told = {"failure": f"{error.found}: {error.hint}"}
    except Exception as error:  # noqa: BLE001 whatever a store raises is put into words by the parent
        told = {"failure": (str(error).splitlines() or [type(error).__name__])[0]}
    answer.write(json.dumps(told) + "\n")


class Listener:
    """Reads the input in the background, so that its end is noticed while MLflow is still being imported."""

    def __init__(self, told: TextIO, gone: Callable[[], None]) -> None:
        self._told, self._gone, self._content = told, gone, ""
        self._thread = Thread(target=self._read, name="listener", daemon=True)
        self._thread.start()

    def content(self) -> str:
        """Everything that was said; waits for it."""
        self._thread.join()
        return self._content

    def _read(self) -> None:
        self._content = self._told.read()
        if not self._content:
            self._gone()


class Store:
    """An MLflow experiment, by name, made where there is none."""

    def __init__(self, uri: str, experiment: str, artifacts: str = "") -> None:
        from mlflow import MlflowClient

        self.client: Any = MlflowClient(uri)
        known = self.client.get_experiment_by_name(experiment)
        self.experiment = (
            known.experiment_id
            if known
            else self.client.create_experiment(experiment, artifact_location=artifacts or None)
        )

    def write(self, runs: Sequence[Mapping[str, Any]]) -> list[str]:
        """Write runs in order; `parent` is a place among them or an identifier. Returns their identifiers."""
        written: list[str] = []
        for run in runs:
            parent = run.get("parent")
            above = written[parent] if isinstance(parent, int) else parent
            written.append(self._write(run, {"mlflow.parentRunId": above} if above else {}))
        return written

    def _write(self, run: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        labels = {**run["tags"], **tags, "mlflow.user": user_name()}
        identifier = (
            run.get("run_id") or self.client.create_run(self.experiment, now, labels, run["name"]).info.run_id
        )
        metrics = [Metric(name, value, now, step) for name, value, step in points(run["metrics"])]
        parameters = [Param(name, str(value)) for name, value in run["parameters"].items()]
        known = [RunTag(name, value) for name, value in labels.items()] if run.get("run_id") else []
        self.client.log_batch(identifier, metrics, parameters, known)
        if run.get("ended", True):
            self.client.set_terminated(identifier)
        return str(identifier)


def user_name() -> str:
    """Who ran it; a container may run under a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


STORES: dict[str, Callable[..., Any]] = {"wandb": WandbStore}


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin, sys.stdout, gone=lambda: os._exit(1))
