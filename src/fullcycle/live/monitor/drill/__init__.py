"""The drill: faults put into a copy of the log, to see which alarms ring, how late, and what answers
meanwhile."""

from fullcycle.live.monitor.drill.run import Drilled, drill

__all__ = ["Drilled", "drill"]
