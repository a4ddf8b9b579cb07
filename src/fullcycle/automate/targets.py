"""The places of `targets:` in fullcycle.yaml: their folders and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings_file import line_of
from fullcycle.core.routes.store import Deploy
from fullcycle.core.sources.credentials import Secrets

if TYPE_CHECKING:
    from fullcycle.core.project.automation_settings import TargetSettings
    from fullcycle.core.project.project import Project

Name = Literal["staging", "production"]
NAMES: tuple[Name, ...] = ("staging", "production")


def target_named(project: Project, name: str) -> TargetSettings:
    """The target, or a UserError that says which there are."""
    there: dict[str, TargetSettings | None] = {
        each: getattr(project.settings.targets, each) for each in NAMES
    }
    found = there.get(name)
    if found is not None:
        return found
    known = [each for each, target in there.items() if target is not None]
    raise UserError(
        where=line_of(project, ("targets",)),
        found=f"no target {name!r}",
        expected=f"one of {', '.join(known)}"
        if known
        else "targets.staging or targets.production, with folder and url",
        hint="declare it in fullcycle.yaml: the folder that its servers follow, and their address",
    )


def deploy_of(project: Project, name: str | None) -> Deploy:
    """The folder that the target's servers follow; the project's own without a name."""
    if name is None:
        return Deploy(project.paths.deploy)
    folder = Secrets().expand(target_named(project, name).folder, f"targets.{name}.folder")
    return Deploy(project.root / folder)


def url_of(project: Project, name: str) -> str:
    """The address of the target's service."""
    return Secrets().expand(target_named(project, name).url, f"targets.{name}.url")
