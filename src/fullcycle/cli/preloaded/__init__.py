"""What the warm process holds before it forks (`cli/warm.py`); to import one of these modules is the work."""

from __future__ import annotations

import gc
from importlib import import_module


def load(*modules: str) -> None:
    """Import them while the collector of cyclic garbage rests: nothing of this is garbage.

    They aren't frozen out of later collections, because DuckDB then tells of leaks when a fork ends.
    """
    gc.disable()
    for module in modules:
        import_module(module)
    gc.enable()
