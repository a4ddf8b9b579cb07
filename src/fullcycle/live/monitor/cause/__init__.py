"""Root causes: which columns and segments moved, and what each did to the scores."""

from fullcycle.live.monitor.cause.explain import causes
from fullcycle.live.monitor.cause.segments import segments_since

__all__ = ["causes", "segments_since"]
