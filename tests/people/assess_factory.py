"""What assess leaves of a project: points for some checks, none for others, a file that isn't believed."""

from __future__ import annotations

from fullcycle.core.evidence.assess import AssessEvidence, Seen
from fullcycle.core.evidence.base import RunInfo
from fullcycle.people.assess.assess import measure
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records

RUN = RunInfo(seconds=0.2, created="2026-11-24T10:00:00+00:00", commit="abc123", dirty=False)


def assessed(records: Records) -> AssessEvidence:
    """CI trains and nothing is released."""
    repository = Repository(
        commits=12,
        contract_changed=True,
        committed=frozenset({"contract.yaml", "dvc.lock", "README.md"}),
        lock_committed=True,
        readme_words=41,
        notes={"explore": 7},
        ci=(("fullcycle", "run"), ("fullcycle", "ci", "smoke")),
        tracked_runs=16,
        doubts={"prepare": Seen(code="edited", facts={"file": "evidence/prepare.json"})},
    )
    return measure(records, repository).model_copy(update={"run": RUN})
