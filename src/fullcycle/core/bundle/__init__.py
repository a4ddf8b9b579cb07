"""The bundle: the one artefact that is released. Reading and answering need no training library."""

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.feeds import feeds
from fullcycle.core.bundle.model import (
    Answer,
    BundleContract,
    Golden,
    GoldenRow,
    Manifest,
    Question,
    bundle_contract,
)
from fullcycle.core.bundle.read import read_build, read_bundle
from fullcycle.core.bundle.write import seal_bundle, write_build

__all__ = [
    "Answer",
    "Answers",
    "Bundle",
    "BundleContract",
    "Golden",
    "GoldenRow",
    "Manifest",
    "Question",
    "bundle_contract",
    "feeds",
    "read_build",
    "read_bundle",
    "seal_bundle",
    "write_build",
]
