"""What answers were worth: by outcomes that came late, by estimate before they come, and why they differ."""

from fullcycle.live.monitor.performance.answered import Answered
from fullcycle.live.monitor.performance.concept import told_apart
from fullcycle.live.monitor.performance.delay import label_delay
from fullcycle.live.monitor.performance.estimate import Foreseen, estimated
from fullcycle.live.monitor.performance.realised import by_slice, realised

__all__ = ["Answered", "Foreseen", "by_slice", "estimated", "label_delay", "realised", "told_apart"]
