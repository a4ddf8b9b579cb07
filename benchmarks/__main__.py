"""`make bench`: every figure of the README and docs, measured here, beside its bar and its floor.

`python -m benchmarks commands inference` measures these alone; inference needs what commands leaves.
"""

from __future__ import annotations

import argparse
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

PARTS = {
    part.__name__.rpartition(".")[2]: part
    for part in (
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
}


def main() -> int:
    """The parts that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    asked = parser.parse_args().parts
    if unknown := [name for name in asked if name not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    return show(*(PARTS[name].figures for name in asked or PARTS))


if __name__ == "__main__":
    sys.exit(main())
