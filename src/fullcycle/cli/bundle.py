"""The command that shows a bundle and proves its golden rows."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
