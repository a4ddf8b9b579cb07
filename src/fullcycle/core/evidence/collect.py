"""What collect found at the source."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts


class SourceColumn(Facts):
    """A column as the source names and types it."""

    name: str
    physical_type: str


class CollectEvidence(Evidence):
    """The snapshot of the source that everything later rests on."""

    stage: ClassVar[str] = "collect"
    source: str
    source_sha256: str
    source_bytes: int
    format: Literal["csv", "parquet"]
    compression: Literal["gzip"] | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    rows: int
    columns: tuple[SourceColumn, ...]
