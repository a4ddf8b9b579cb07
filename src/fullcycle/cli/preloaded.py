"""What the warm process holds before it forks (`warm.py`); to import this module is the work.

The collector of cyclic garbage rests meanwhile, and no fork looks at these objects again: what nobody touches
stays shared.
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
gc.freeze()
gc.enable()
