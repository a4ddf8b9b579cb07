"""What a project claims of its model, and how a claim is judged: gates."""

from __future__ import annotations

from fullcycle.core.project.section import MetricName, Section


class Gate(Section):
    """A check that a bundle must pass before release: the metric on the test set, against a bound."""

    metric: MetricName
    at_least: float | None = None
    at_most: float | None = None
