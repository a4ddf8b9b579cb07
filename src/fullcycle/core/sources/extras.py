"""Optional libraries: imported where they are used, and named with what to type where they are absent."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fullcycle.core.errors import MissingExtra


def import_extra(module: str, extra: str, what: str) -> Any:
    """A library of an extra, or MissingExtra with the command that installs it."""
    require_extra(module, extra, what)
    return import_module(module)


def require_extra(module: str, extra: str, what: str) -> None:
    """The same without importing it, which may take a second."""
    try:
        there = find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        there = False
    if not there:
        raise MissingExtra(what, install=f"pip install 'fullcycle[{extra}]'")
