"""The five criteria. A check is one line of `CRITERIA` and a function of evidence and repository.

To add one: write the function below, put its line into a criterion, and say in
tests/people/test_assess.py how a project loses it. Points of a criterion are shared equally by its checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records


@dataclass(frozen=True)
class Found:
    """Whether the practice is proven, and the number or word that proves it."""

    proven: bool
    what: str

    @classmethod
    def count(cls, number: int, of: str, at_least: int = 1) -> Found:
        """So many of something."""
        return cls(number >= at_least, f"{number} {of}")


@dataclass(frozen=True)
class Check:
    """`title` says what must hold, `earn` what to type to earn it."""

    id: str
    title: str
    look: Callable[[Records, Repository], Found]
    earn: str


NOTHING = Found(False, "no evidence")


def contract_reviewed(_: Records, repository: Repository) -> Found:
    return Found.count(repository.contract_commits, "commits of contract.yaml", 2)


def source_recorded(records: Records, _: Repository) -> Found:
    if records.collect is None or not records.collect.source_sha256:
        return NOTHING
    return Found(True, f"{records.collect.source}, sha256 {records.collect.source_sha256[:8]}")


def cleaning_explained(records: Records, _: Repository) -> Found:
    if records.clean is None:
        return NOTHING
    unexplained = sum(not decision.reason for decision in records.clean.decisions)
    return Found(not unexplained, f"{len(records.clean.decisions)} decisions, {unexplained} without a reason")


def gaps_and_outliers_treated(records: Records, _: Repository) -> Found:
    return NOTHING if records.clean is None else Found.count(len(records.clean.policies), "column policies")


def rows_sealed(records: Records, _: Repository) -> Found:
    if records.clean is None or not records.clean.split.test_sha256:
        return NOTHING
    return Found(True, f"{records.clean.split.test_rows} rows, sha256 {records.clean.split.test_sha256[:8]}")


def statistics(records: Records, _: Repository) -> Found:
    columns = records.explore.columns if records.explore else ()
    return Found.count(sum(column.mean is not None for column in columns), "columns with statistics")


def charts(records: Records, _: Repository) -> Found:
    columns = records.explore.columns if records.explore else ()
    return Found.count(sum(column.histogram is not None for column in columns), "histograms")


def relations(records: Records, _: Repository) -> Found:
    columns = records.explore.columns if records.explore else ()
    return Found.count(sum(column.relation is not None for column in columns), "relations with the target")


def leaks_decided(records: Records, _: Repository) -> Found:
    if records.explore is None:
        return NOTHING
    undecided = sum(suspect.blocks and suspect.decision is None for suspect in records.explore.suspects)
    return Found(not undecided, f"{undecided} undecided leak suspects")


def conclusions(_: Records, repository: Repository) -> Found:
    there = "explore" in repository.notes
    return Found(there, "notes/explore.md" if there else "no notes/explore.md")


def hypothesis_fixed(records: Records, _: Repository) -> Found:
    claims = records.hypotheses.claims if records.hypotheses else ()
    kept = [claim for claim in claims if claim.hash and claim.changed != "after_result"]
    return Found.count(len(kept), "hypotheses fixed and not changed after their result")


def hypothesis_decided(records: Records, _: Repository) -> Found:
    claims = records.hypotheses.claims if records.hypotheses else ()
    return Found.count(sum(claim.result is not None for claim in claims), "hypotheses decided")


def runs_tracked(records: Records, _: Repository) -> Found:
    if records.experiment is None or not records.experiment.tracking:
        return NOTHING
    return Found(True, f"experiment {records.experiment.tracking.get('experiment', '')}")


def settings_compared(records: Records, _: Repository) -> Found:
    trials = records.experiment.trials if records.experiment else ()
    return Found.count(len(trials), "settings tried", 2)


def scores_with_intervals(records: Records, _: Repository) -> Found:
    candidates = records.experiment.candidates if records.experiment else ()
    return Found.count(sum(each.score.low is not None for each in candidates), "candidates with an interval")


def forms_compared(records: Records, _: Repository) -> Found:
    return Found.count(len(records.prepare.variants) if records.prepare else 0, "forms compared", 2)


def exchange_format(records: Records, _: Repository) -> Found:
    files = records.prepare.files if records.prepare else ()
    return Found("onnx" in {file.format for file in files}, ", ".join(f.format for f in files) or "no files")


def export_proven(records: Records, _: Repository) -> Found:
    parity = records.prepare.parity if records.prepare else ()
    passed = sum(each.passed for each in parity)
    return Found(
        bool(parity) and passed == len(parity), f"{passed} of {len(parity)} proofs of equality passed"
    )


def gates_passed(records: Records, _: Repository) -> Found:
    if records.verify is None:
        return NOTHING
    return Found(records.verify.passed, "gates passed" if records.verify.passed else "a gate failed")


def api_answers(records: Records, _: Repository) -> Found:
    smoke = records.automation.smoke if records.automation else ()
    return Found.count(sum(each.passed for each in smoke), "smoke tests of the API passed")


def pipeline_in_ci(_: Records, repository: Repository) -> Found:
    there = "fullcycle run" in repository.ci
    return Found(there, "CI has `fullcycle run`" if there else "no CI file with `fullcycle run`")


def data_versioned(_: Records, repository: Repository) -> Found:
    return _tracked(repository, "dvc.lock")


def history(_: Records, repository: Repository) -> Found:
    return Found.count(repository.commits, "commits", 2)


def documented(_: Records, repository: Repository) -> Found:
    return _tracked(repository, "README.md")


def released(_: Records, repository: Repository) -> Found:
    there = repository.released
    return Found(there, "deploy/routes.json" if there else "no deploy/routes.json")


def _tracked(repository: Repository, name: str) -> Found:
    there = name in repository.tracked
    return Found(there, f"{name} is in git" if there else f"{name} is not in git")


CRITERIA: dict[str, tuple[Check, ...]] = {
    "data_quality": (
        Check(
            "contract_reviewed",
            "The contract was reviewed after init",
            contract_reviewed,
            "edit contract.yaml, then `git commit contract.yaml`",
        ),
        Check(
            "source_recorded", "The source is recorded by its hash", source_recorded, "fullcycle run collect"
        ),
        Check(
            "cleaning_explained",
            "Every cleaning decision has a reason",
            cleaning_explained,
            "fullcycle run clean",
        ),
        Check(
            "gaps_and_outliers",
            "Gaps and outliers have a policy",
            gaps_and_outliers_treated,
            "fullcycle run clean",
        ),
        Check("test_set_sealed", "The test set is sealed", rows_sealed, "fullcycle run clean"),
    ),
    "analysis": (
        Check("statistics", "Basic statistics", statistics, "fullcycle run explore"),
        Check("charts", "Distributions are drawn", charts, "fullcycle run explore"),
        Check("relations", "Relations with the target", relations, "fullcycle run explore"),
        Check(
            "leaks_decided",
            "Leak suspects are decided",
            leaks_decided,
            "decide them in contract.yaml, then `fullcycle run`",
        ),
        Check("conclusions", "Conclusions are written", conclusions, "write notes/explore.md"),
    ),
    "experiments": (
        Check(
            "hypothesis_fixed",
            "Hypotheses are fixed before results",
            hypothesis_fixed,
            "write hypotheses into fullcycle.yaml, then `fullcycle run`",
        ),
        Check("hypothesis_decided", "Hypotheses are decided", hypothesis_decided, "fullcycle hypotheses"),
        Check("runs_tracked", "Runs are tracked", runs_tracked, "fullcycle run experiment"),
        Check(
            "settings_compared",
            "Several settings are compared",
            settings_compared,
            "fullcycle run experiment",
        ),
        Check("intervals", "Scores have intervals", scores_with_intervals, "fullcycle run experiment"),
    ),
    "model_preparation": (
        Check("forms_compared", "Forms of the model are compared", forms_compared, "fullcycle run prepare"),
        Check("exchange_format", "The model is saved as ONNX", exchange_format, "fullcycle run prepare"),
        Check("export_proven", "The export equals the pipeline", export_proven, "fullcycle run prepare"),
        Check("gates_passed", "Gates on the sealed test set passed", gates_passed, "fullcycle run verify"),
        Check("api_answers", "The API answers as it must", api_answers, "fullcycle ci smoke"),
    ),
    "automation": (
        Check("pipeline_in_ci", "CI runs the pipeline", pipeline_in_ci, "fullcycle ci --provider github"),
        Check(
            "data_versioned",
            "Data and models are versioned",
            data_versioned,
            "`fullcycle run`, then `git add dvc.lock`",
        ),
        Check("history", "Code has a history", history, "git commit"),
        Check(
            "documented", "The project is documented", documented, "write README.md, then `git add README.md`"
        ),
        Check("released", "A model is released", released, "fullcycle release"),
    ),
}
