"""Runs in Weights & Biases, behind what the worker asks of a store (`tracking.uri: wandb:PROJECT`, an extra).

`WANDB_MODE=offline` keeps them in the project's folder `wandb`, to be sent later by `wandb sync`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fullcycle.cycle.experiment.points import points

SCHEME = "wandb:"


class WandbStore:
    """A project of Weights & Biases: a run for each of ours, in the group of its parent."""

    def __init__(self, uri: str, experiment: str, artifacts: str = "") -> None:
        from fullcycle.core.sources.extras import import_extra

        self.wandb = import_extra("wandb", "wandb", "fullcycle.yaml, key tracking.uri: wandb")
        self.project = uri.removeprefix(SCHEME) or experiment

    def write(self, runs: Sequence[Mapping[str, Any]]) -> list[str]:
        """Write runs in order; `parent` is a place among them or an identifier. Returns their identifiers."""
        written: list[str] = []
        for run in runs:
            parent = run.get("parent")
            above = written[parent] if isinstance(parent, int) else parent
            written.append(self._write(run, above))
        return written

    def _write(self, run: Mapping[str, Any], group: str | None) -> str:
        """A run that goes on (`run_id`) is resumed under its own name."""
        made = self.wandb.init(
            project=self.project,
            id=run.get("run_id"),
            resume="allow" if run.get("run_id") else None,
            name=run["name"],
            group=group,
            config={**run["parameters"], **run["tags"]},
            dir=str(Path.cwd()),
            settings=self.wandb.Settings(silent=True, console="off"),
            reinit="finish_previous",
        )
        steps: dict[int, dict[str, float]] = {}
        for name, value, step in points(run["metrics"]):
            steps.setdefault(step, {})[name] = value
        for step, values in sorted(steps.items()):
            made.log(values, step=step)
        identifier = str(made.id)
        made.finish()
        return identifier
