"""The ML Test Score (Breck et al., "The ML Test Score", IEEE Big Data 2017), as far as evidence proves it.

A test gives 1 where CI runs the command that makes its evidence, 0.5 where the evidence was made by hand.
The score is the lowest of four sections. Tests without a function can't be proven from evidence: zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fullcycle.core.evidence.assess import SectionId, Seen, TestFacts
from fullcycle.core.evidence.automation import Comparison, Ended
from fullcycle.core.evidence.verify import MetricResult, VerifyEvidence
from fullcycle.people.assess.checks import (
    PIPELINE,
    api_answers,
    believed,
    bundles_of,
    export_proven,
    gates_passed,
)
from fullcycle.people.assess.ci_commands import runs
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records

RUN, MONITOR, ABTEST = PIPELINE[0], "fullcycle monitor", "fullcycle abtest analyse"
SMOKE, DEPLOY, COMMENT = "fullcycle ci smoke", "fullcycle ci deploy", "fullcycle ci comment"
ENSEMBLE = "ensemble"
SLOWER_AT_MOST = 1.5  # timings of two runs on shared machines differ by a third and mean nothing

Look = Callable[[Records, Repository], bool]


@dataclass(frozen=True)
class Test:
    """`look` is whether evidence has it; None: no evidence can tell. `by` is the command that makes it."""

    __test__ = False  # pytest collects by name

    id: str
    look: Look | None = None
    rests_on: tuple[str, ...] = ()
    by: str = RUN

    def seen(self, records: Records, repository: Repository) -> TestFacts:
        """Its points, and what they rest on."""
        if self.look is None:
            return TestFacts(id=self.id, points=0.0, seen=Seen(code="unprovable"))
        for stage in self.rests_on:
            doubt = believed(stage, records, repository)
            if doubt is not None:
                return TestFacts(id=self.id, points=0.0, seen=doubt.seen, by=self.by)
        if not self.look(records, repository):
            return TestFacts(id=self.id, points=0.0, seen=Seen(code="not_shown"), by=self.by)
        by_ci = any(runs(repository.ci, command) for command in (PIPELINE if self.by == RUN else (self.by,)))
        code, points = ("by_ci", 1.0) if by_ci else ("by_hand", 0.5)
        return TestFacts(
            id=self.id, points=points, seen=Seen(code=code, facts={"command": self.by}), by=self.by
        )


def schema(records: Records, repository: Repository) -> bool:
    """A contract in git, and a table that was read by it."""
    return "contract.yaml" in repository.committed and bool(records.collect and records.collect.columns)


def beneficial(records: Records, _: Repository) -> bool:
    """Each column that the model sees makes it better; one that adds nothing is one too many."""
    falls = [each.fall for each in records.prepare.importance] if records.prepare else []
    return bool(falls) and min(falls) > 0


def feature_code(records: Records, _: Repository) -> bool:
    """Rows made to break it give the same answers in the pipeline and in the graph."""
    return records.prepare is not None and export_proven(records.prepare).proven


def offline_online(records: Records, repository: Repository) -> bool:
    """Bundles whose offline metrics are known, compared in production on a draw that was as planned."""
    analyses = records.abtest.analyses if records.abtest else ()
    known = bundles_of(records, repository)
    return any(
        known & set(each.versions.values()) and each.decisions and not each.mismatch.found
        for each in analyses
    )


def tuned(records: Records, _: Repository) -> bool:
    """Several settings of the model that won; of an ensemble, of each kind of model in it."""
    if records.experiment is None:
        return False
    tried: dict[str, set[str]] = {}
    for trial in records.experiment.trials:
        tried.setdefault(trial.model, set()).add(repr(sorted(trial.parameters.items())))
    champion = records.experiment.champion
    models = set(tried) - {champion} if champion == ENSEMBLE else {champion}
    return bool(models) and all(len(tried.get(model, ())) > 1 for model in models)


def simpler(records: Records, _: Repository) -> bool:
    """The trivial baseline is worse on the sealed rows, by the whole interval."""
    headline = _headline(records.verify)
    if headline is None or headline.baseline is None:
        return False
    bound = headline.model.low if headline.higher_is_better else headline.model.high
    return bound is not None and (bound > headline.baseline) is headline.higher_is_better


def _headline(evidence: VerifyEvidence | None) -> MetricResult | None:
    metrics = evidence.metrics if evidence else ()
    return next((each for each in metrics if evidence and each.metric == evidence.headline), None)


def slices(records: Records, _: Repository) -> bool:
    """Slices that a person declared, none of them weak."""
    declared = records.verify.slices.declared if records.verify and records.verify.slices else ()
    return bool(declared) and not any(each.weak for each in declared)


def inclusion(records: Records, _: Repository) -> bool:
    """Rates of groups beside each other."""
    return records.verify is not None and any(each.gaps for each in records.verify.fairness)


def unit_tested(records: Records, _: Repository) -> bool:
    """Tests of behaviour, all passed, on rows."""
    behaviour = records.verify.behaviour if records.verify else ()
    return bool(behaviour) and all(each.passed and each.rows > 0 for each in behaviour)


def integration(records: Records, repository: Repository) -> bool:
    """The service of this bundle answered golden rows and refused broken ones."""
    return api_answers(records, repository).proven


def validated(records: Records, _: Repository) -> bool:
    """Every gate passed."""
    return records.verify is not None and gates_passed(records.verify).proven


def canary(records: Records, _: Repository) -> bool:
    """A deployment that a canary decided."""
    return _ended(records, "promoted", "challenger", "back_canary")


def rollback(records: Records, _: Repository) -> bool:
    """A way back that was gone."""
    return _ended(records, "back_by_hand", "back_smoke", "back_time", "back_canary")


def _ended(records: Records, *ways: Ended) -> bool:
    deployments = records.automation.deployments if records.automation else ()
    return any(each.ended in ways and each.before is not None for each in deployments)


def invariants(records: Records, _: Repository) -> bool:
    """A window of served rows that was judged."""
    return records.monitor is not None and any(each.judged and each.rows for each in records.monitor.windows)


def skew(records: Records, _: Repository) -> bool:
    """Served rows asked again as a table, and none answered otherwise."""
    return records.monitor is not None and records.monitor.skew is not None and records.monitor.skew.holds


def speed(records: Records, _: Repository) -> bool:
    """Latency and size of a change beside those of its branch."""
    both = records.automation.comparison if records.automation else None
    return both is not None and all(_no_worse(*each) for each in _costs(both))


def _costs(both: Comparison) -> tuple[tuple[float | None, float | None], ...]:
    return (
        (both.single_row_p99_us, both.their_single_row_p99_us),
        (both.graph_bytes, both.their_graph_bytes),
    )


def _no_worse(ours: float | None, theirs: float | None) -> bool:
    return ours is not None and theirs is not None and ours <= SLOWER_AT_MOST * theirs


def quality(records: Records, _: Repository) -> bool:
    """Realised metrics of served rows, and outcomes that follow inputs as they did at the verdict."""
    performance = records.monitor.performance if records.monitor else None
    concept = performance.concept if performance else None
    if performance is None or concept is None or not performance.realised:
        return False
    return concept.rows > 0 and concept.drifted not in ("concept", "both")


SECTIONS: dict[SectionId, tuple[Test, ...]] = {
    "data": (
        Test("schema", schema, ("collect",)),
        Test("beneficial", beneficial, ("prepare",)),
        Test("cost"),
        Test("requirements"),
        Test("privacy"),
        Test("new_features"),
        Test("feature_code", feature_code, ("prepare",)),
    ),
    "model": (
        Test("reviewed"),
        Test("offline_online", offline_online, ("abtest",), ABTEST),
        Test("tuned", tuned, ("experiment",)),
        Test("staleness"),
        Test("simpler", simpler, ("verify",)),
        Test("slices", slices, ("verify",)),
        Test("inclusion", inclusion, ("verify",)),
    ),
    "infrastructure": (
        Test("reproducible"),
        Test("unit_tested", unit_tested, ("verify",)),
        Test("integration", integration, ("automation",), SMOKE),
        Test("validated", validated, ("verify",)),
        Test("debuggable"),
        Test("canary", canary, ("automation",), DEPLOY),
        Test("rollback", rollback, ("automation",), DEPLOY),
    ),
    "monitoring": (
        Test("dependencies"),
        Test("invariants", invariants, ("monitor",), MONITOR),
        Test("skew", skew, ("monitor",), MONITOR),
        Test("stale"),
        Test("stable"),
        Test("speed", speed, ("automation",), COMMENT),
        Test("quality", quality, ("monitor",), MONITOR),
    ),
}
