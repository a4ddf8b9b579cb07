"""`python -m benchmarks.tree FILE COMMAND...`: run it and all that it starts, write CPU seconds to FILE.

What a process started and left behind (Python's fork server outlives the command that used it) comes to this
process when its parent ends, so that its seconds are counted too. On Linux.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main(told: str, *command: str) -> int:
    """The command's exit code."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    code = subprocess.run(command, check=False).returncode
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(told).write_text(f"{used.ru_utime + used.ru_stime}")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
