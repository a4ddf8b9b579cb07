"""`fullcycle monitor --watch`: a look, a pause, and again, until somebody ends it."""

from __future__ import annotations

from collections.abc import Callable

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.project.monitor_settings import MonitorSettings

LONGEST_PAUSE_S = 3600.0  # a window is judged within an hour of its end


def pause_of(settings: MonitorSettings) -> float:
    """Seconds between two looks; a window is judged once, so looking more often costs no promise."""
    return min(settings.look_s, LONGEST_PAUSE_S)


def watch(
    look: Callable[[], MonitorEvidence],
    told: Callable[[MonitorEvidence], None],
    failed: Callable[[UserError], None],
    wait: Callable[[float], bool],
    pause_s: float,
) -> None:
    """Look, tell, wait; a look that fails (no answer yet, another one under way) is told, and the next one
    comes. `wait` says whether to end."""
    while True:
        try:
            told(look())
        except UserError as error:
            failed(error)
        if wait(pause_s):
            return
