"""Look for features that earn their place: choose on one half of the training rows, test on the other.

What earns it is written into `fullcycle.yaml` as a suggestion, and the whole story into
`evidence/proposals.json`. The test set is never read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fullcycle.core.evidence.proposals import ProposalsEvidence, ProposedFeature
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.models.resampled import ResampledT
from fullcycle.core.progress import progress
from fullcycle.core.project.lineage import run_info
from fullcycle.core.project.project import Project
from fullcycle.core.project.proposal_settings import SuggestedFeature
from fullcycle.core.project.suggestions import write_suggestions
from fullcycle.cycle.experiment.proposals.choose import Chosen, InTime, choose
from fullcycle.cycle.experiment.proposals.judge import Floats
from fullcycle.cycle.experiment.proposals.screen import shortlist
from fullcycle.cycle.experiment.proposals.seen import Seen, see
from fullcycle.cycle.experiment.proposals.verdict import Tested, compared, evidence_of, interval_of, verdicts

LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn")
LISTED_FOR_EACH = 2.5  # proposals of the short list, fitted on the rows that choose, for each that is tested
CHOOSING_SHARE = 0.5  # of the time: the rest is for the test


def propose(
    project: Project, at_most: int | None = None, clock: Callable[[], float] = time.monotonic
) -> ProposalsEvidence:
    """Suggest at most so many features (default: `proposals.at_most`); returns what was found.

    Raises UserError where explore or experiment have not run, or rows are too few to be parted.
    """
    started = clock()
    asked = project.settings.proposals
    choosing = Ceiling(started + CHOOSING_SHARE * asked.time_budget_s, clock)
    testing = Ceiling(started + asked.time_budget_s, clock)
    seen = see(project)
    chosen, listed = _choose(seen, project, choosing)
    baseline, tested = _test(seen, chosen, testing)
    told = verdicts(tested, asked.confidence)
    names, together = _suggest(seen, told, baseline, at_most or asked.at_most)
    told = [each.model_copy(update={"suggested": each.name in names}) for each in told]
    found = evidence_of(
        project,
        seen,
        told,
        listed=listed,
        baseline=baseline,
        together=None if together is None else interval_of(together, asked.confidence),
        in_time=not (choosing.reached or testing.reached),
    )
    found = found.model_copy(update={"run": run_info(project, clock() - started, LIBRARIES)})
    write_evidence(project.paths.evidence, found)
    write_suggestions(project, suggestions_of(found))
    return found


@dataclass
class Ceiling:
    """A moment after which nothing new begins; `reached` says whether that kept anything from beginning."""

    until: float
    clock: Callable[[], float]
    reached: bool = False

    def __call__(self) -> bool:
        self.reached = self.reached or self.clock() >= self.until
        return not self.reached


def suggestions_of(found: ProposalsEvidence) -> dict[str, SuggestedFeature]:
    """What stands in `fullcycle.yaml` afterwards."""
    suggested = {}
    for each in found.tested:
        if each.suggested and each.gain is not None and each.gain.value is not None:
            gain, low, high = (_short(value) for value in (each.gain.value, each.gain.low, each.gain.high))
            suggested[each.name] = SuggestedFeature.model_validate(
                {
                    "expression": each.expression,
                    "metric": found.metric,
                    "gain": gain,
                    "low": low,
                    "high": high,
                }
            )
    return suggested


def _short(value: float | None) -> float:
    return float(f"{value or 0.0:.4g}")


def _choose(seen: Seen, project: Project, in_time: InTime) -> tuple[list[Chosen], int]:
    """The few that are worth a test, and how many were listed before."""
    judge, parts = seen.judge, seen.parts
    judged, residuals = judge.residuals(parts.choosing)
    listed = shortlist(
        seen.pool,
        judge.features.iloc[judged],
        {column.name: column.type for column in project.contract.columns},
        residuals,
        at_most=round(LISTED_FOR_EACH * project.settings.proposals.tested),
        seed=judge.seed,
    )
    with progress(len(listed), "features: proposals") as advance:
        chosen = choose(
            listed,
            judge,
            parts.choosing,
            at_most=project.settings.proposals.tested,
            in_time=in_time,
            advance=advance,
        )
    return chosen, len(listed)


def _test(seen: Seen, chosen: Sequence[Chosen], in_time: InTime) -> tuple[Floats | None, list[Tested]]:
    """Each proposal alone beside the champion as it is, on rows that had no part in choosing it."""
    if not chosen:
        return None, []
    judge, folds = seen.judge, seen.parts.judging
    baseline = judge.scores([[]], folds)[0]
    tested = []
    with progress(len(chosen), "features: tests") as advance:
        for each in chosen:
            scores = judge.scores([[each.proposal.derived]], folds)[0] if in_time() else None
            test = None if scores is None else compared(scores, baseline, seen.parts.test_share)
            tested.append(Tested(each, test))
            advance(note=each.proposal.name)
    return baseline, tested


def _suggest(
    seen: Seen, told: Sequence[ProposedFeature], baseline: Floats | None, at_most: int
) -> tuple[list[str], ResampledT | None]:
    """Who earned a place and still gains beside those above, and what all of these gain together.

    Two proposals that say the same each earn their place alone; the second then adds no more than its
    standard error.
    """
    names: list[str] = []
    together, best = None, baseline
    if best is None or baseline is None:
        return names, together
    derived = {each.name: each.derived for each in seen.pool}
    for each in told:
        if not each.earned or len(names) == at_most:
            continue
        own = [derived[name] for name in (*names, each.name)]
        scores = seen.judge.scores([own], seen.parts.judging)[0]
        added = compared(scores, best, seen.parts.test_share)
        if added is not None and added.mean > added.standard_error:
            names.append(each.name)
            best, together = scores, compared(scores, baseline, seen.parts.test_share)
    return names, together
