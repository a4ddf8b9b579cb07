"""The command that shows a bundle and proves its golden rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fullcycle.cli.common import JsonOption, project_here, show_json, shown

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bundle")(show)


def show(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The project's bundle by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a bundle, proven on the runtime that is installed."""
    from fullcycle.core.bundle.read import read_bundle

    bundle = read_bundle(folder or project_here().paths.bundle)
    if as_json:
        show_json(_as_dict(bundle))
    else:
        typer.echo("\n".join(_told(bundle)))


def _told(bundle: Bundle) -> Iterator[str]:
    contract = bundle.contract
    classes = f", one of {', '.join(bundle.classes)}" if bundle.classes else ""
    yield f"bundle {bundle.version} in {shown(bundle.folder)}"
    yield f"  predicts   {contract.target.name} ({contract.task.value}{classes})"
    yield f"  from       {len(bundle.inputs)} columns"
    yield f"  gates      {'passed' if bundle.tests.passed else 'FAILED'}"
    yield f"  proof      {len(bundle.golden.rows)} golden rows answered as they must be on this machine"


def _as_dict(bundle: Bundle) -> dict[str, Any]:
    return {
        "folder": str(bundle.folder),
        "version": bundle.version,
        "task": bundle.contract.task.value,
        "target": bundle.contract.target.name,
        "classes": bundle.classes,
        "inputs": [given.model_dump(mode="json") for given in bundle.inputs],
        "tests": bundle.tests.model_dump(mode="json"),
        "golden_rows": len(bundle.golden.rows),
    }
