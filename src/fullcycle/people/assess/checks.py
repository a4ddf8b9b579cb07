"""The five criteria. A check is one line of `CRITERIA` and a function of evidence or repository.

A practice counts where evidence of it is there, is whole, and is of what lies here now. To add one: write the
function below, put its line into a criterion, give it words in people/report/pages/assess_parts/said.py, and
say in tests/people/assess how a project loses it. Points of a criterion are shared equally by its checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.assess import CriterionId, Seen
from fullcycle.core.evidence.base import Evidence, Interval, Scalar
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.explore import ColumnProfile, ExploreEvidence
from fullcycle.core.evidence.hypotheses import HypothesesEvidence
from fullcycle.core.evidence.prepare import Parity, PrepareEvidence
from fullcycle.core.evidence.verify import VerifyEvidence
from fullcycle.people.assess.ci_commands import runs
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records

ENOUGH_WORDS = 20  # different ones: fewer are a title, not a conclusion or a description
SHA256 = re.compile(r"[0-9a-f]{64}")
PIPELINE = ("fullcycle run", "dvc repro")

E = TypeVar("E", bound=Evidence)
Look = Callable[[Records, Repository], "Found"]


@dataclass(frozen=True)
class Found:
    """Whether the practice is proven, and what was seen."""

    proven: bool
    seen: Seen

    @classmethod
    def of(cls, proven: bool, code: str, **facts: Scalar) -> Found:
        """With the code and its parameters."""
        return cls(proven, Seen(code=code, facts=facts))


NOTHING = Found.of(False, "nothing")


@dataclass(frozen=True)
class Check:
    """`rests_on` names the evidence that the check believes; "" for what the repository shows."""

    id: str
    look: Look
    rests_on: str = ""

    def found(self, records: Records, repository: Repository) -> Found:
        """Evidence that isn't believed, or isn't there, proves nothing."""
        return believed(self.rests_on, records, repository) or self.look(records, repository)


def believed(stage: str, records: Records, repository: Repository) -> Found | None:
    """Why the evidence of a stage proves nothing; None where it may prove something."""
    if stage in repository.doubts:
        return Found(False, repository.doubts[stage])
    return NOTHING if stage and getattr(records, stage) is None else None


def _on(name: str, kind: type[E], look: Callable[[E], Found]) -> Check:
    """A check of one stage's evidence alone."""

    def looked(records: Records, _: Repository) -> Found:
        evidence = getattr(records, kind.stage)
        return look(evidence) if isinstance(evidence, kind) else NOTHING

    return Check(name, looked, kind.stage)


def contract_reviewed(_: Records, repository: Repository) -> Found:
    if repository.contract_changed is None:
        return Found.of(False, "not_committed", file="contract.yaml")
    changed = repository.contract_changed
    return Found.of(changed, "reviewed" if changed else "as_learned")


def source_recorded(evidence: CollectEvidence) -> Found:
    whole = bool(SHA256.fullmatch(evidence.source_sha256)) and evidence.rows > 0
    return Found.of(whole, "source", source=evidence.source, sha256=evidence.source_sha256[:8])


def cleaning_explained(evidence: CleanEvidence) -> Found:
    reasons = [decision.reason.strip() for decision in evidence.decisions]
    return Found.of(all(reasons), "decisions", n=len(reasons), without=reasons.count(""))


def gaps_and_outliers_treated(evidence: CleanEvidence) -> Found:
    treated = {policy.column for policy in evidence.policies}
    gaps = {study.column for study in evidence.missing_studies if study.missing}
    left = len(gaps - treated)
    return Found.of(bool(treated) and not left, "policies", n=len(treated), left=left)


def rows_sealed(evidence: CleanEvidence) -> Found:
    seal, rows = evidence.split.test_sha256 or "", evidence.split.test_rows
    if not SHA256.fullmatch(seal) or not rows:
        return Found.of(False, "no_seal")
    return Found.of(True, "seal", rows=rows, sha256=seal[:8])


def statistics(evidence: ExploreEvidence) -> Found:
    described = sum(_described(column) for column in evidence.columns)
    return _all_of(described, evidence, "statistics")


def charts(evidence: ExploreEvidence) -> Found:
    return _all_of(sum(_drawn(column) for column in evidence.columns), evidence, "charts")


def _all_of(number: int, evidence: ExploreEvidence, code: str) -> Found:
    every = len(evidence.columns)
    return Found.of(0 < number == every, code, n=number, all=every)


def _described(column: ColumnProfile) -> bool:
    """Numbers need a mean and a deviation; other types are described by their counts and bounds."""
    if column.type is ColumnType.numeric and column.missing < column.rows:
        return column.mean is not None and column.std is not None
    return column.rows > 0


def _drawn(column: ColumnProfile) -> bool:
    """Numbers need a histogram of their values; categories are drawn from their counts."""
    if column.type is ColumnType.numeric and column.missing < column.rows:
        return column.histogram is not None and sum(column.histogram.counts) > 0
    return column.rows > 0


def relations(evidence: ExploreEvidence) -> Found:
    found = [each for each in evidence.columns if each.relation is not None and each.relation.bins]
    return Found.of(bool(found), "relations", n=len(found))


def leaks_decided(evidence: ExploreEvidence) -> Found:
    blocking = [suspect for suspect in evidence.suspects if suspect.blocks]
    kept = [suspect for suspect in blocking if suspect.decision == "keep" and (suspect.reason or "").strip()]
    dropped = [suspect for suspect in blocking if suspect.decision == "drop"]
    left = len(blocking) - len(kept) - len(dropped)
    return Found.of(bool(evidence.columns) and not left, "suspects", n=len(blocking), left=left)


def conclusions(_: Records, repository: Repository) -> Found:
    words = repository.notes.get("explore", 0)
    return Found.of(words >= ENOUGH_WORDS, "words", file="notes/explore.md", n=words, needed=ENOUGH_WORDS)


def hypothesis_fixed(evidence: HypothesesEvidence) -> Found:
    fixed = [claim for claim in evidence.claims if claim.hash and claim.fixed]
    late = sum(claim.changed == "after_result" for claim in fixed)
    return Found.of(len(fixed) > late, "fixed", n=len(fixed) - late, late=late)


def hypothesis_decided(evidence: HypothesesEvidence) -> Found:
    decided = [claim for claim in evidence.claims if claim.result is not None and claim.hash]
    return Found.of(bool(decided), "decided", n=len(decided))


def runs_tracked(records: Records, repository: Repository) -> Found:
    tracking = records.experiment.tracking if records.experiment else {}
    name, number = tracking.get("experiment", ""), repository.tracked_runs
    if not name or not tracking.get("uri"):
        return Found.of(False, "not_tracked")
    if number is None:  # a server, or a clone without its store: what the stage recorded stands
        return Found.of(True, "tracked", experiment=name)
    return Found.of(number > 0, "runs", experiment=name, n=number)


def settings_compared(evidence: ExperimentEvidence) -> Found:
    tried = {(trial.model, *sorted(map(repr, trial.parameters.items()))) for trial in evidence.trials}
    return Found.of(len(tried) > 1, "settings", n=len(tried))


def scores_with_intervals(evidence: ExperimentEvidence) -> Found:
    held = sum(_is_interval(candidate.score) for candidate in evidence.candidates)
    return Found.of(0 < held == len(evidence.candidates), "intervals", n=held, all=len(evidence.candidates))


def _is_interval(score: Interval) -> bool:
    low, value, high = score.low, score.value, score.high
    return low is not None and value is not None and high is not None and low <= value <= high and low < high


def forms_compared(evidence: PrepareEvidence) -> Found:
    forms = {(each.kind, each.model, each.bytes) for each in evidence.variants}
    return Found.of(len(forms) > 1 and evidence.choice is not None, "forms", n=len(forms))


def exchange_format(evidence: PrepareEvidence) -> Found:
    formats = ", ".join(file.format for file in evidence.files)
    there = any(file.format == "onnx" and file.bytes > 0 for file in evidence.files)
    return Found.of(there, "formats" if formats else "no_formats", formats=formats)


def export_proven(evidence: PrepareEvidence) -> Found:
    """On training rows and on adversarial ones, within the tolerance that stands beside the error."""
    equal = [each for each in evidence.parity if _is_equal(each)]
    both = {"train", "adversarial"} <= {each.rows_of for each in equal}
    return Found.of(
        both and len(equal) == len(evidence.parity), "parity", n=len(equal), all=len(evidence.parity)
    )


def _is_equal(proof: Parity) -> bool:
    within = proof.largest_error <= proof.tolerance and not proof.labels_differ
    return proof.passed and within and proof.rows > 0


def gates_passed(evidence: VerifyEvidence) -> Found:
    passed = sum(gate.passed for gate in evidence.gates)
    every = len(evidence.gates)
    return Found.of(evidence.passed and 0 < passed == every, "gates", n=passed, all=every)


def api_answers(records: Records, repository: Repository) -> Found:
    """Golden rows and rows that break the contract, asked of the bundle that was verified."""
    smoke = records.automation.smoke if records.automation else ()
    ours = [each for each in smoke if each.bundle in bundles_of(records, repository)]
    if smoke and not ours:
        return Found.of(False, "smoke_of_another")
    passed = sum(each.passed and each.golden_rows > 0 and each.broken_rows > 0 for each in ours)
    return Found.of(0 < passed == len(ours), "smoke", n=passed, all=len(ours))


def bundles_of(records: Records, repository: Repository) -> set[str]:
    """What was verified, and what is released: whatever was measured of another bundle says nothing of it."""
    verified = records.verify if believed("verify", records, repository) is None else None
    return {each for each in (verified and verified.bundle, repository.answering) if each}


def pipeline_in_ci(_: Records, repository: Repository) -> Found:
    there = any(runs(repository.ci, command) for command in PIPELINE)
    return Found.of(there, "in_ci" if there else "not_in_ci", command=PIPELINE[0])


def data_versioned(_: Records, repository: Repository) -> Found:
    if "dvc.lock" not in repository.committed:
        return Found.of(False, "not_committed", file="dvc.lock")
    return Found.of(
        repository.lock_committed, "committed" if repository.lock_committed else "older", file="dvc.lock"
    )


def history(_: Records, repository: Repository) -> Found:
    return Found.of(repository.commits > 1, "commits", n=repository.commits)


def documented(_: Records, repository: Repository) -> Found:
    if "README.md" not in repository.committed:
        return Found.of(False, "not_committed", file="README.md")
    words = repository.readme_words
    return Found.of(words >= ENOUGH_WORDS, "words", file="README.md", n=words, needed=ENOUGH_WORDS)


def released(_: Records, repository: Repository) -> Found:
    if repository.answering is None:
        return Found.of(False, "not_released")
    return Found.of(True, "released", bundle=repository.answering[:8])


CRITERIA: dict[CriterionId, tuple[Check, ...]] = {
    "data_quality": (
        Check("contract_reviewed", contract_reviewed),
        _on("source_recorded", CollectEvidence, source_recorded),
        _on("cleaning_explained", CleanEvidence, cleaning_explained),
        _on("gaps_and_outliers", CleanEvidence, gaps_and_outliers_treated),
        _on("test_set_sealed", CleanEvidence, rows_sealed),
    ),
    "analysis": (
        _on("statistics", ExploreEvidence, statistics),
        _on("charts", ExploreEvidence, charts),
        _on("relations", ExploreEvidence, relations),
        _on("leaks_decided", ExploreEvidence, leaks_decided),
        Check("conclusions", conclusions),
    ),
    "experiments": (
        _on("hypothesis_fixed", HypothesesEvidence, hypothesis_fixed),
        _on("hypothesis_decided", HypothesesEvidence, hypothesis_decided),
        Check("runs_tracked", runs_tracked, "experiment"),
        _on("settings_compared", ExperimentEvidence, settings_compared),
        _on("intervals", ExperimentEvidence, scores_with_intervals),
    ),
    "model_preparation": (
        _on("forms_compared", PrepareEvidence, forms_compared),
        _on("exchange_format", PrepareEvidence, exchange_format),
        _on("export_proven", PrepareEvidence, export_proven),
        _on("gates_passed", VerifyEvidence, gates_passed),
        Check("api_answers", api_answers, "automation"),
    ),
    "automation": (
        Check("pipeline_in_ci", pipeline_in_ci),
        Check("data_versioned", data_versioned),
        Check("history", history),
        Check("documented", documented),
        Check("released", released),
    ),
}
