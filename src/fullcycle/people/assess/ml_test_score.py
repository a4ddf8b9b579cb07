"""The ML Test Score (Breck et al., "The ML Test Score", IEEE Big Data 2017), as far as evidence proves it.

A test gives 1 where CI runs the command that makes its evidence, 0.5 where the evidence was made by hand.
The score is the lowest of four sections. Tests without a function can't be proven from evidence: zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records

RUN, MONITOR, ABTEST = "fullcycle run", "fullcycle monitor", "fullcycle abtest"
RELEASE = "fullcycle ci deploy"


@dataclass(frozen=True)
class Test:
    """`look` is whether evidence has it; None: no evidence can tell. `by` is the command that makes it."""

    id: str
    title: str
    look: Callable[[Records], object] | None = None
    by: str = RUN

    def points(self, records: Records, repository: Repository) -> float:
        """0, 0.5 or 1."""
        if self.look is None or not self.look(records):
            return 0.0
        return 1.0 if self.by in repository.ci else 0.5


SECTIONS: dict[str, tuple[Test, ...]] = {
    "data": (
        Test("schema", "Feature expectations are captured in a schema", lambda r: r.collect),
        Test("beneficial", "All features are beneficial", lambda r: r.prepare and r.prepare.importance),
        Test("cost", "No feature's cost is too much"),
        Test("requirements", "Features adhere to meta-level requirements"),
        Test("privacy", "The data pipeline has privacy controls"),
        Test("new_features", "New features can be added quickly"),
        Test(
            "feature_code",
            "All input feature code is tested",
            lambda r: r.prepare and any(p.passed for p in r.prepare.parity if p.rows_of == "adversarial"),
        ),
    ),
    "model": (
        Test("reviewed", "Model specs are reviewed and submitted"),
        Test(
            "offline_online",
            "Offline and online metrics correlate",
            lambda r: r.abtest and any(each.versions for each in r.abtest.analyses),
            ABTEST,
        ),
        Test(
            "tuned",
            "All hyperparameters have been tuned",
            lambda r: r.experiment and len(r.experiment.trials) > 1,
        ),
        Test("staleness", "The impact of model staleness is known"),
        Test(
            "simpler",
            "A simpler model is not better",
            lambda r: r.verify and any(each.baseline is not None for each in r.verify.metrics),
        ),
        Test(
            "slices",
            "Quality is sufficient on important slices",
            lambda r: r.verify and r.verify.slices and not any(s.weak for s in r.verify.slices.declared),
        ),
        Test("inclusion", "The model is tested for inclusion", lambda r: r.verify and r.verify.fairness),
    ),
    "infrastructure": (
        Test("reproducible", "Training is reproducible"),
        Test(
            "unit_tested",
            "Model specs are unit tested",
            lambda r: r.verify and r.verify.behaviour and all(b.passed for b in r.verify.behaviour),
        ),
        Test(
            "integration",
            "The ML pipeline is integration tested",
            lambda r: r.automation and any(s.passed for s in r.automation.smoke),
            "fullcycle ci smoke",
        ),
        Test(
            "validated", "Model quality is validated before serving", lambda r: r.verify and r.verify.passed
        ),
        Test("debuggable", "The model can be debugged on a single example"),
        Test(
            "canary",
            "Models are canaried before serving",
            lambda r: (
                r.automation
                and any(
                    d.ended in ("promoted", "challenger", "back_canary") for d in r.automation.deployments
                )
            ),
            RELEASE,
        ),
        Test(
            "rollback",
            "Serving models can be rolled back",
            lambda r: (
                r.automation
                and any(
                    d.ended in ("back_by_hand", "back_smoke", "back_time") for d in r.automation.deployments
                )
            ),
            RELEASE,
        ),
    ),
    "monitoring": (
        Test("dependencies", "Dependency changes result in notification"),
        Test(
            "invariants",
            "Data invariants hold for inputs",
            lambda r: r.monitor and r.monitor.windows,
            MONITOR,
        ),
        Test("skew", "Training and serving are not skewed", lambda r: r.monitor and r.monitor.skew, MONITOR),
        Test("stale", "Models are not too stale"),
        Test("stable", "Models are numerically stable"),
        Test(
            "speed",
            "Computing performance has not regressed",
            lambda r: r.automation and r.automation.comparison and r.automation.comparison.within_budget,
        ),
        Test(
            "quality",
            "Prediction quality has not regressed on served data",
            lambda r: r.monitor and r.monitor.performance,
            MONITOR,
        ),
    ),
}
