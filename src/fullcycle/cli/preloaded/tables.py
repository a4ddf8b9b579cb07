"""For every stage."""

from __future__ import annotations

from fullcycle.cli.preloaded import load

load(
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
