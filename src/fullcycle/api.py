"""What Python users get: the same jobs as on the command line.

>>> import fullcycle as fc
>>> project = fc.Project.open("churn")  # doctest: +SKIP
>>> project.run()  # doctest: +SKIP
>>> fc.load_bundle("churn/bundle").predict(frame)  # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullcycle.cli.running import Outcome
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.model import Contract
    from fullcycle.core.evidence import Evidence
    from fullcycle.core.project.project import Project as CoreProject
    from fullcycle.core.project.settings import Settings


@dataclass(frozen=True)
class Project:
    """A folder with a `fullcycle.yaml`."""

    root: Path

    @classmethod
    def open(cls, folder: str | PathLike[str] = ".") -> Project:
        """The project that holds `folder`. Raises UserError if there is none or its settings are wrong."""
        from fullcycle.core.project.project import open_project

        found = open_project(Path(folder))
        _ = found.settings
        return cls(found.root)

    def run(self, stage: str | None = None, *, force: bool = False) -> Outcome:
        """Run everything that changed, up to `stage`, and render the reports.

        The outcome says which stages ran and whether the gates passed. Raises UserError for what a person
        can mend; what was there before is whole.
        """
        from fullcycle.cli.running import run_cycle

        return run_cycle(self._opened, stage, force=force)

    def evidence(self, stage: str) -> Evidence:
        """What a stage measured and decided. Raises UserError if it has not run."""
        from fullcycle.cli.summaries import read_stage

        return read_stage(self._opened, stage)

    def bundle(self) -> Bundle:
        """The bundle that verify left, proven on the runtime that is installed."""
        return load_bundle(self._opened.paths.bundle)

    @property
    def settings(self) -> Settings:
        """`fullcycle.yaml`."""
        return self._opened.settings

    @property
    def contract(self) -> Contract:
        """`contract.yaml`."""
        return self._opened.contract

    @property
    def _opened(self) -> CoreProject:
        """Read anew each time: a notebook lives longer than an edit of a file."""
        from fullcycle.core.project.project import Project as CoreProject

        return CoreProject(self.root)


def load_bundle(folder: str | PathLike[str]) -> Bundle:
    """A bundle, proven on the runtime that is installed.

    Raises UserError if it is damaged, CheckFailed if it answers otherwise than when it was made.
    """
    from fullcycle.core.bundle.read import read_bundle

    return read_bundle(Path(folder))
