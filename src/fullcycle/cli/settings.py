"""The command that checks settings and contract, as a linter does: nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from fullcycle.cli.common import JsonOption, project_here, show_json
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Check what people edit.", rich_markup_mode=None, no_args_is_help=True)
    group.command("check")(check)
    group.callback()(_group)
    app.add_typer(group, name="settings")


def _group() -> None:
    """Check what people edit."""


def check(as_json: JsonOption = False) -> None:
    """Check fullcycle.yaml, contract.yaml and what they refer to; exit 2 for the first mistake."""
    from fullcycle.cli.running import check_project

    project = project_here()
    check_project(project)
    _check_secrets(project)
    settings, contract = project.settings, project.contract
    facts = {
        "name": settings.name,
        "target": contract.target.name,
        "task": contract.task.value,
        "columns": len(contract.columns),
        "features": len(settings.features),
        "criteria": len(settings.criteria),
    }
    if as_json:
        show_json(facts)
        return
    typer.echo(
        f"fullcycle.yaml and contract.yaml are in order: {facts['task']} of {facts['target']}, "
        f"{facts['columns']} columns, {facts['features']} features, {facts['criteria']} criteria of success"
    )


def _check_secrets(project: Project) -> None:
    """What the settings take from the environment, CI must know by name."""
    from fullcycle.core.project.settings_file import line_of

    settings = project.settings
    if settings.targets.staging is None and settings.targets.production is None and not settings.ci.secrets:
        return
    for name in _variables(project):
        if name not in settings.ci.secrets:
            raise UserError(
                where=line_of(project, ("ci", "secrets")),
                found=f"no {name}, which fullcycle.yaml takes from the environment",
                expected=f"its name in ci.secrets: [{name}]",
                hint=f"keep its value as a secret named {name} of the CI provider",
            )


def _variables(project: Project) -> Iterator[str]:
    from fullcycle.core.sources.credentials import VARIABLE

    data, targets = project.settings.data, project.settings.targets
    texts = [data.source, *(join.source for join in data.joins), project.settings.tracking.uri]
    texts += [lookup.source for lookup in project.settings.lookups.values()]
    for target in (targets.staging, targets.production):
        texts += [] if target is None else [target.url, target.folder]
    for text in texts:
        yield from (found["name"] for found in VARIABLE.finditer(text))
