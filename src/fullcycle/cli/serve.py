"""Commands that answer with a bundle: the API, and a row on the command line."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
