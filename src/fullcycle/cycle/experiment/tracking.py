"""Every run in MLflow, written by one process that gets ready while the search runs (DECISIONS 28).

Importing MLflow and opening its store takes seconds. A thread can't do it: scikit-learn looks at modules that
MLflow has half imported, and fails. So a child process (`tracking_worker`) does both and waits; when the
search is done it is told the runs, writes them and ends. It alone writes, as SQLite locks under parallel
writers, and it ends with its parent: its standard input closes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Scalar
from fullcycle.core.tracking import NO_TELEMETRY, PATIENCE, absolute_uri, artifacts_of

WORKER = "fullcycle.cycle.experiment.tracking_worker"


@dataclass(frozen=True)
class LoggedRun:
    """One run. A metric of several values is logged step by step: the steps are folds.

    `parent` is the place of another run among those written together, or the identifier of one that exists;
    `run_id` names a run that exists and is gone on with; one that has not `ended` will be.
    """

    name: str
    parameters: Mapping[str, Scalar]
    metrics: Mapping[str, float | Sequence[float] | None]
    tags: Mapping[str, str]
    parent: int | str | None = None
    run_id: str | None = None
    ended: bool = True


class Tracker:
    """The tracking store of a project: opened in the background on entering, written to once, at the end."""

    def __init__(self, root: Path, uri: str, experiment: str) -> None:
        self.root, self.uri, self.experiment = root, uri, experiment

    def __enter__(self) -> Self:
        self._worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                WORKER,
                absolute_uri(self.root, self.uri),
                self.experiment,
                artifacts_of(self.root, self.uri),
            ],
            cwd=self.root,
            env={**PATIENCE, **os.environ, **NO_TELEMETRY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        """A search that failed has nothing to log: a closed input tells the worker to end."""
        if self._worker.poll() is None:
            self._worker.kill()
        self._worker.communicate()

    def log(self, parent: LoggedRun, children: Sequence[LoggedRun]) -> dict[str, str]:
        """Write a run and its children; returns where they are.

        Raises UserError where the store can't be opened or written.
        """
        self.write([parent, *(replace(child, parent=0) for child in children)])
        return self.where

    @property
    def where(self) -> dict[str, str]:
        """The store and the experiment in it."""
        return {"uri": self.uri, "experiment": self.experiment}

    def write(self, runs: Sequence[LoggedRun]) -> list[str]:
        """Write runs in order; returns their identifiers. Raises UserError as `log` does."""
        told, _ = self._worker.communicate(json.dumps([asdict(run) for run in runs]))
        answer = json.loads(told) if told.strip() else {}
        failure = answer.get("failure", f"it ended with {self._worker.returncode}")
        if failure is not None:
            raise UserError(
                where="fullcycle.yaml, key tracking.uri",
                found=f"{self.uri}, which can't be written to ({failure})",
                expected="a server that answers, a SQLite file such as sqlite:///mlflow.db, or wandb:PROJECT",
                hint="mend it, then `fullcycle run` again: experiment.lock.json holds the search",
            )
        return list(answer["runs"])
