"""How an error of a stage gets from its process to the one that asked for it, whole.

DVC starts each stage in a process of its own and knows its exit code alone. Where `fullcycle run` stands
behind DVC, the stage lays its error down and stays silent, and the run tells it: once, as JSON where JSON was
asked for, as an exception in Python. Under plain `dvc repro` nobody waits, and the stage tells it itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fullcycle.core.errors import EXIT_CHECK_FAILED, CheckFailed, UserError

FAILURE = Path(".fullcycle") / "failure.json"


def hand_over(error: UserError) -> bool:
    """Lay the error down for the run that is waiting; False if nobody waits or it can't be written."""
    from fullcycle.core.project.files import write_text_atomically
    from fullcycle.core.project.lock import PARENT_VARIABLE

    if "DVC_STAGE" not in os.environ or PARENT_VARIABLE not in os.environ:
        return False
    try:
        # DVC starts a stage in the folder of dvc.yaml, which is the project's.
        write_text_atomically(FAILURE, json.dumps({**error.as_dict(), "exit_code": error.exit_code}) + "\n")
    except (UserError, OSError):
        return False
    return True


@contextmanager
def handed_over(root: Path) -> Iterator[None]:
    """Raise the error that a stage laid down in place of the one that only says that it failed."""
    from fullcycle.automate.running import StageFailed

    path = root / FAILURE
    path.unlink(missing_ok=True)
    try:
        yield
    except StageFailed as failed:
        error = _read(path)
        if error is None:
            raise
        raise error from failed
    finally:
        path.unlink(missing_ok=True)


def _read(path: Path) -> UserError | None:
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kind = CheckFailed if parts.pop("exit_code") == EXIT_CHECK_FAILED else UserError
    return kind(**parts)
