"""Typed evidence of every stage: what it measured and decided. Reports only render it."""

from fullcycle.core.evidence.base import Evidence, Finding, Histogram, Interval, RunInfo, Severity, Summary
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.evidence.collect import CollectEvidence
from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.explore import ExploreEvidence
from fullcycle.core.evidence.hypotheses import HypothesesEvidence
from fullcycle.core.evidence.prepare import PrepareEvidence
from fullcycle.core.evidence.proposals import ProposalsEvidence
from fullcycle.core.evidence.verify import VerifyEvidence

__all__ = [
    "CleanEvidence",
    "CollectEvidence",
    "Evidence",
    "ExperimentEvidence",
    "ExploreEvidence",
    "Finding",
    "Histogram",
    "HypothesesEvidence",
    "Interval",
    "PrepareEvidence",
    "ProposalsEvidence",
    "RunInfo",
    "Severity",
    "Summary",
    "VerifyEvidence",
]
