"""A project: a folder with a `fullcycle.yaml`. What every stage gets handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.paths import Paths
from fullcycle.core.project.settings import Settings
from fullcycle.core.project.settings_file import read_settings

if TYPE_CHECKING:
    from fullcycle.core.contract.model import Contract
    from fullcycle.core.features.lookups import Lookup


@dataclass(frozen=True)
class Project:
    """The folder, its settings and its contract, each read once and never changed. `deployed` is where its
    model answers, if that is elsewhere."""

    root: Path
    deployed: Path | None = field(default=None, kw_only=True)

    @cached_property
    def settings(self) -> Settings:
        """`fullcycle.yaml`, or a UserError that names file, line and key."""
        return read_settings(self.paths.settings)

    def with_settings(self, settings: Settings) -> Project:
        """The same folder with other settings than its file holds: for a trial that nobody keeps."""
        other = Project(self.root, deployed=self.deployed)
        other.__dict__["settings"] = settings  # what the cached property would read
        return other

    @cached_property
    def contract(self) -> Contract:
        """`contract.yaml` with the features of `fullcycle.yaml`, or a UserError that names file and line."""
        from fullcycle.core.contract.yaml_file import read_contract

        contract = read_contract(self.paths.contract)
        if not self.settings.features and not self.settings.suggested_features:
            return contract
        from fullcycle.core.features.of_project import check_suggestions, with_derived

        whole = with_derived(contract, self)
        check_suggestions(contract, self)
        return whole

    @cached_property
    def lookups(self) -> dict[str, Lookup]:
        """The tables of `lookups:` that features look values up in."""
        from fullcycle.core.features.of_project import read_lookups

        return read_lookups(self)

    @property
    def paths(self) -> Paths:
        """Where everything lies."""
        return Paths(self.root, self.deployed)


def open_project(start: Path) -> Project:
    """The project that holds the folder `start`: the nearest `fullcycle.yaml`, here or above."""
    folder = start.resolve()
    for root in (folder, *folder.parents):
        if (root / "fullcycle.yaml").is_file():
            return Project(root)
    raise UserError(
        where=str(folder),
        found="no fullcycle.yaml, here or in a folder above" if folder.is_dir() else "no such folder",
        expected="the folder of a project",
        hint="`fullcycle -C DIR ...` works in another folder; "
        "`fullcycle init DIR --data FILE --target COLUMN` makes a project",
    )
