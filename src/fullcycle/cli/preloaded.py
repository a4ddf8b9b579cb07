"""What the warm process holds before it forks (`warm.py`); to import this module is the work.

The collector of cyclic garbage rests meanwhile: nothing of this is garbage. It isn't frozen out of later
collections, because DuckDB then tells of leaks when a fork ends.
"""

from __future__ import annotations

import gc
from importlib import import_module

LIBRARIES = (
    "fullcycle.cli.main",
    "fullcycle.cli.summaries",
    "fullcycle.core.contract.yaml_file",
    "fullcycle.cycle.collect.stage",
    "fullcycle.cycle.clean.stage",
    "fullcycle.cycle.explore.stage",
    "ibis.backends.duckdb",
    "filelock",
    "psutil",
)

gc.disable()
for library in LIBRARIES:
    import_module(library)
gc.enable()
