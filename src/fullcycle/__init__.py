"""fullcycle: from a raw table to a model that works in production and keeps working.

>>> import fullcycle as fc
>>> fc.Project.open("churn").run()  # doctest: +SKIP
>>> fc.load_bundle("churn/bundle").predict(frame)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullcycle.api import Project, load_bundle
    from fullcycle.core.errors import CheckFailed, UserError

    __version__: str

__all__ = ["CheckFailed", "Project", "UserError", "__version__", "load_bundle"]

_HOMES = {
    "CheckFailed": "fullcycle.core.errors",
    "Project": "fullcycle.api",
    "UserError": "fullcycle.core.errors",
    "load_bundle": "fullcycle.api",
}


def __getattr__(name: str) -> object:
    """Public names are imported when they are first used (PEP 562): importing fullcycle is free."""
    if name == "__version__":
        from importlib.metadata import version

        return version("fullcycle")
    if name not in _HOMES:
        raise AttributeError(f"module 'fullcycle' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
