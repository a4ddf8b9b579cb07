"""`make bench`: every figure of the README and docs, measured here, beside its bar and its floor."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from benchmarks import commands, inference, quality


def main() -> int:
    """Print each figure as it is measured; exit 1 if a bar is missed."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    missed = 0
    with commands.temporary() as folder:
        for part in (commands, inference, quality):
            for figure in part.figures(Path(folder)):
                print(figure.row(), flush=True)
                missed += not figure.holds
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
