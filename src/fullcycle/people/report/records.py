"""What there is to tell: the evidence of every stage that has run, and what people remarked on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fullcycle.core.evidence import (
    CleanEvidence,
    CollectEvidence,
    Evidence,
    ExperimentEvidence,
    ExploreEvidence,
    HypothesesEvidence,
    PrepareEvidence,
    ProposalsEvidence,
    VerifyEvidence,
)
from fullcycle.core.evidence.abtest import AbtestEvidence
from fullcycle.core.evidence.assess import AssessEvidence
from fullcycle.core.evidence.automation import AutomationEvidence
from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.evidence.store import evidence_path, read_evidence

E = TypeVar("E", bound=Evidence)


@dataclass(frozen=True)
class Records:
    """Evidence by stage; None where the stage has not run. `label` and `hypotheses` lie beside the cycle.

    Notes are Markdown by `STAGE[.LANGUAGE]`.
    """

    collect: CollectEvidence | None = None
    clean: CleanEvidence | None = None
    explore: ExploreEvidence | None = None
    experiment: ExperimentEvidence | None = None
    prepare: PrepareEvidence | None = None
    verify: VerifyEvidence | None = None
    label: LabelEvidence | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    hypotheses: HypothesesEvidence | None = None
    proposals: ProposalsEvidence | None = None
    automation: AutomationEvidence | None = None
    abtest: AbtestEvidence | None = None
    monitor: MonitorEvidence | None = None
    assess: AssessEvidence | None = None

    @property
    def in_order(self) -> tuple[Evidence, ...]:
        """What there is, in the order of the cycle."""
        stages = (self.collect, self.clean, self.explore, self.experiment, self.prepare, self.verify)
        return tuple(stage for stage in stages if stage is not None)

    @property
    def everything(self) -> tuple[Evidence, ...]:
        """The same, and what lies beside the cycle."""
        beside: tuple[Evidence | None, ...] = (
            self.hypotheses,
            self.label,
            self.proposals,
            self.monitor,
            self.abtest,
            self.automation,
            self.assess,
        )
        return (*self.in_order, *(each for each in beside if each is not None))


def read_records(folder: Path, notes: Mapping[str, str] | None = None) -> Records:
    """All evidence in the folder; a file that is there and can't be read is a UserError."""
    return Records(
        collect=_if_there(folder, CollectEvidence),
        clean=_if_there(folder, CleanEvidence),
        explore=_if_there(folder, ExploreEvidence),
        experiment=_if_there(folder, ExperimentEvidence),
        proposals=_if_there(folder, ProposalsEvidence),
        prepare=_if_there(folder, PrepareEvidence),
        verify=_if_there(folder, VerifyEvidence),
        label=_if_there(folder, LabelEvidence),
        notes=notes or {},
        hypotheses=_if_there(folder, HypothesesEvidence),
        automation=_if_there(folder, AutomationEvidence),
        abtest=_if_there(folder, AbtestEvidence),
        monitor=_if_there(folder, MonitorEvidence),
        assess=_if_there(folder, AssessEvidence),
    )


def _if_there(folder: Path, kind: type[E]) -> E | None:
    return read_evidence(folder, kind) if evidence_path(folder, kind.stage).exists() else None
