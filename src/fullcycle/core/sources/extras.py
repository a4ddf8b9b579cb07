"""Optional libraries: imported where they are used, and named with what to type where they are absent."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fullcycle.core.errors import MissingExtra


def import_extra(module: str, extra: str, what: str) -> Any:
    """A library of an extra, or MissingExtra with the command that installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(what, install=f"pip install 'fullcycle[{extra}]'") from error
