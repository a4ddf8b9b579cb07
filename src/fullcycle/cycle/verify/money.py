"""What the released graph's answers earn on the test rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.value import ValueFacts
from fullcycle.core.models.value import read_gains, value_facts
from fullcycle.core.project.project import Project
from fullcycle.cycle.verify.judged import Judged
from fullcycle.cycle.verify.score import class_codes


def value_on_test(project: Project, judged: Judged) -> ValueFacts | None:
    """By the graph's own labels, as its threshold is in it; None where the settings have no `value`."""
    settings, bundle = project.settings, judged.bundle
    if settings.value is None:
        return None
    classes = bundle.facts.classes or ()
    return value_facts(
        settings.value.unit,
        read_gains(project, project.paths.test, judged.frame.index),
        judged.truth.astype(np.int64),
        class_codes(pd.Series(judged.answers.prediction), classes),
        classes=classes,
        probabilities=np.asarray(judged.answers.probabilities, dtype=np.float64),
        threshold=bundle.threshold,
        resamples=settings.verify.bootstrap,
        confidence=settings.verify.confidence,
        seed=settings.seed,
    )


def value_findings(value: ValueFacts | None) -> Iterator[Finding]:
    """A warning where the model doesn't earn more, beyond doubt, than acting on all rows or on none."""
    if value is None or (value.advantage.low is not None and value.advantage.low > 0):
        return
    totals = {each.policy: each.total.value for each in value.policies}
    yield finding(
        Code.value_no_better,
        Severity.warning,
        policy=value.rival,
        value=totals["model"],
        other=totals[value.rival],
    )
