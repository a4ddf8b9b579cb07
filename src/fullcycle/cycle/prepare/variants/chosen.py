"""From the search's evidence to the variant that is deployed, with all that was measured on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.prepare import Budget, VariantChoice, VariantFacts
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold, Rows
from fullcycle.core.models.keys import read_keys
from fullcycle.core.models.material import read_material
from fullcycle.core.progress import progress
from fullcycle.core.project.project import Project
from fullcycle.cycle.prepare.variants.choose import CHAMPION, choose
from fullcycle.cycle.prepare.variants.compare import facts_of, measure_variants
from fullcycle.cycle.prepare.variants.plan import Variant, champion_of, plan_variants
from fullcycle.cycle.prepare.variants.recipes import Setting
from fullcycle.cycle.prepare.variants.slower import slower_than_simple

ROWS_AT_MOST = 20_000  # fits of seven forms on the search's 50,000 would take longer than the search


@dataclass(frozen=True)
class Chosen:
    """The variant that is deployed. Of the champion, `out_of_fold` is None: it is what experiment wrote."""

    variant: Variant
    budget: Budget
    out_of_fold: OutOfFold | None = None
    variants: Sequence[VariantFacts] = ()
    choice: VariantChoice | None = None
    method: tuple[Finding, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """What a person should know of the choice."""
        if self.choice is None:
            return
        taken = self.variants[self.choice.place]
        if taken.kind != "champion" and self.choice.reason != "nothing_in_budget":
            yield finding(
                Code.variant_chosen,
                Severity.info,
                variant=taken.kind,
                model=taken.model,
                reason=self.choice.reason,
                loss=taken.loss.value,
                bytes=taken.bytes,
                champion_bytes=self.variants[0].bytes,
            )
        yield from self.method


def choose_variant(project: Project, experiment: ExperimentEvidence) -> Chosen:
    """Measure what `plan_variants` proposes and choose by the budget; or the champion as it is."""
    settings = project.settings
    wanted = settings.prepare
    budget = Budget(
        latency_p99_ms=wanted.latency_p99_ms,
        size_mb=wanted.size_mb,
        quality_loss_at_most=wanted.quality_loss_at_most,
    )
    if not wanted.variants:
        return Chosen(champion_of(experiment), budget)
    planned = plan_variants(experiment)
    rows, metric = variant_rows(project), METRICS[experiment.metric]
    engine = ThreadEngine(settings.experiment.workers)
    with progress(len(planned), "prepare: variants") as advance:
        measured = measure_variants(planned, setting_of(project), rows, engine, advance)
    facts = facts_of(measured, metric, rows, settings.seed)
    choice = choose(facts, wanted)
    taken = measured[choice.place]
    # Of the champion experiment has judged more rows already.
    out_of_fold = None if choice.place == CHAMPION else taken.out_of_fold
    slower = tuple(slower_than_simple(measured, facts, choice.place, metric, settings.seed))
    return Chosen(taken.variant, budget, out_of_fold, facts, choice, slower)


def variant_rows(project: Project) -> Rows:
    """The rows that variants are compared on: what the search saw, or 20,000 of them."""
    return read_material(project, at_most=ROWS_AT_MOST).rows


def setting_of(project: Project) -> Setting:
    """What recipes need of a project."""
    policies = read_evidence(project.paths.evidence, CleanEvidence).policies
    return Setting(project.contract, policies, project.settings.seed, read_keys(project))
