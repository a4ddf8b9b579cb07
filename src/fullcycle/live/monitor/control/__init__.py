"""Statistical control: whether a metric, window after window, is still the process that it was."""

from fullcycle.live.monitor.control.charts import Chart, Limits, Signal, chart, limits_for
from fullcycle.live.monitor.control.scores import standardise

__all__ = ["Chart", "Limits", "Signal", "chart", "limits_for", "standardise"]
