"""What every stage's evidence has in common: findings, and how the run went.

Evidence holds facts (a code and its parameters), never prose: sentences are made when rendering.
Only `run` and fields called `speed` may differ between two runs of the same commit, data and seed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

EVIDENCE_VERSION = 1

Scalar = str | int | float | bool | None


class Facts(BaseModel):
    """A frozen piece of evidence; NaN and infinities are written as null."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class Severity(StrEnum):
    """How much a finding matters."""

    info = "info"
    warning = "warning"
    error = "error"


class Finding(Facts):
    """One thing that a person should know: a stable code, the columns it is about, and its parameters."""

    code: str
    severity: Severity
    columns: tuple[str, ...] = ()
    facts: dict[str, Scalar | list[Scalar]] = Field(default_factory=dict)


class RunInfo(Facts):
    """How this run went; never part of a comparison of results."""

    seconds: float
    created: str = Field(description="ISO 8601, UTC")
    commit: str | None = None
    dirty: bool | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    memory_mb: float | None = Field(None, description="Peak of the process that ran it, megabytes")
    seed: int | None = None
    environment: str | None = Field(None, description="Digest of all packages, threads and hardware")


class Evidence(Facts):
    """What one stage measured and decided."""

    stage: ClassVar[str]
    version: int = EVIDENCE_VERSION
    findings: tuple[Finding, ...] = ()
    run: RunInfo | None = None


class Interval(Facts):
    """An estimate with its bounds at a stated confidence."""

    value: float | None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95


class Summary(Facts):
    """A column in a few numbers; numeric statistics are null for other types."""

    rows: int
    missing: int
    distinct: int
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    mode: str | None = None


class Histogram(Facts):
    """Counts of shape (n_bins,) between edges of shape (n_bins + 1,)."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
