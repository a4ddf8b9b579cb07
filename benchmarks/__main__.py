"""`make bench`: every figure of the README and docs, measured here, beside its bar and its floor."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import (
    abtest,
    automl,
    big,
    canary,
    commands,
    course,
    dirty,
    duplicates,
    endpoint,
    exports,
    features,
    hypotheses,
    inference,
    kills,
    labels,
    leaks,
    log,
    monitor_faults,
    monitor_year,
    monitoring,
    profiling,
    quality,
    serving,
)
from benchmarks.figure import show

if __name__ == "__main__":
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    parts = (
        commands,
        course,
        endpoint,
        inference,
        serving,
        log,
        kills,
        features,
        exports,
        quality,
        profiling,
        big,
        dirty,
        leaks,
        labels,
        duplicates,
        hypotheses,
        canary,
        monitoring,
        monitor_faults,
        monitor_year,
        abtest,
        automl,
    )
    sys.exit(show(*(part.figures for part in parts)))
