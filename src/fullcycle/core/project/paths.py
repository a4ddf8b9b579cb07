"""Where everything of a project lies. The one place that knows names of files and folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """Absolute paths below a project's root. `deployed` is the folder that servers elsewhere follow, with log
    and memory beside it."""

    root: Path
    deployed: Path | None = None

    @property
    def settings(self) -> Path:
        return self.root / "fullcycle.yaml"

    @property
    def contract(self) -> Path:
        return self.root / "contract.yaml"

    @property
    def graph(self) -> Path:
        return self.root / "dvc.yaml"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def raw(self) -> Path:
        return self.data / "raw.parquet"

    @property
    def served(self) -> Path:
        """Rows that a model answered, with their outcomes, to be put below the source's."""
        return self.data / "served.parquet"

    @property
    def newest(self) -> Path:
        """The newest of such rows, on which champion and challenger are compared: no training sees them."""
        return self.monitoring / "newest.parquet"

    @property
    def train(self) -> Path:
        return self.data / "train.parquet"

    @property
    def test(self) -> Path:
        return self.data / "test.parquet"

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    @property
    def openings(self) -> Path:
        return self.evidence / "openings.jsonl"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def notes(self) -> Path:
        """A person's own remarks, shown in reports; fullcycle never writes here."""
        return self.root / "notes"

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def bundle(self) -> Path:
        return self.root / "bundle"

    @property
    def deploy(self) -> Path:
        """What is released: routes, audit, and a bundle below each version."""
        return self.deployed or self.root / "deploy"

    @property
    def predictions(self) -> Path:
        """What was answered, and what became known of it: live/log."""
        return self.deploy.parent / "predictions"

    @property
    def monitoring(self) -> Path:
        """What monitoring remembers: judged windows, alarms and retrainings."""
        return self.deploy.parent / "monitoring"

    @property
    def oof(self) -> Path:
        """Out-of-fold predictions of the champion: what calibration and thresholds are learned from."""
        return self.data / "oof.parquet"

    @property
    def search_lock(self) -> Path:
        """Recorded trials of a search, in git; replayed when the result is reproduced."""
        return self.root / "experiment.lock.json"

    @property
    def journal(self) -> Path:
        """Finished trials of a search that was interrupted; gone when it ends."""
        return self.root / ".fullcycle" / "search"

    @property
    def lock(self) -> Path:
        return self.root / ".fullcycle" / "lock"
