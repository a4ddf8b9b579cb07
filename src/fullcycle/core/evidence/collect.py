"""What collect found at the source."""

from __future__ import annotations

from typing import ClassVar, Literal

from fullcycle.core.evidence.base import Evidence, Facts


class SourceColumn(Facts):
    """A column as the source names and types it."""

    name: str
    physical_type: str


class SourceFile(Facts):
    """One file of a source of several, by its name without folders of this machine."""

    name: str
    sha256: str
    bytes: int
    rows: int | None = None


class JoinFacts(Facts):
    """How a declared join went; nothing was multiplied, nothing dropped."""

    source: str
    source_sha256: str | None = None
    on: dict[str, str]
    how: Literal["left", "inner"]
    cardinality: Literal["many_to_one", "one_to_one"]
    as_of: bool = False
    rows: int
    matched: int
    joined_rows: int
    columns: tuple[str, ...]
    unmatched_examples: tuple[str, ...] = ()


class ColumnChange(Facts):
    """How a column of this snapshot differs from the one before.

    `psi` is the population stability index of its bins or categories; `before` and `after` are medians of
    numbers or shares of the commonest value; `new_values` are categories that were not there.
    """

    column: str
    psi: float
    missing_before: float
    missing_after: float
    before: float | None = None
    after: float | None = None
    new_values: tuple[str, ...] = ()


class SnapshotChange(Facts):
    """What is new in this snapshot beside the one before."""

    previous_sha256: str
    rows_before: int
    rows_after: int
    columns_added: tuple[str, ...] = ()
    columns_gone: tuple[str, ...] = ()
    changed: tuple[ColumnChange, ...] = ()
    sample_rows: int | None = None  # distributions were compared on so many rows; None: on all of them


class LabelFacts(Facts):
    """Labels that people gave (`data.labels`), put over the target of the source."""

    file: str
    sha256: str
    rows: int
    added: int  # rows that had no label
    changed: int  # rows that had another one


class ServedFacts(Facts):
    """Rows that a model answered and whose outcome came (`data/served.parquet`), below the source's."""

    file: str
    sha256: str
    rows: int
    first: str | None = None  # when the first and the last of them were answered, ISO 8601, UTC
    last: str | None = None


class CollectEvidence(Evidence):
    """The snapshot of the source that everything later rests on. `source` never holds a credential."""

    stage: ClassVar[str] = "collect"
    source: str
    source_sha256: str
    source_bytes: int
    snapshot_sha256: str | None = None  # of data/raw.parquet: source, joins and labels together
    format: str  # csv, parquet, jsonl, excel, or the kind of a database
    compression: str | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    rows: int
    columns: tuple[SourceColumn, ...]
    files: tuple[SourceFile, ...] = ()
    joins: tuple[JoinFacts, ...] = ()
    change: SnapshotChange | None = None
    labels: LabelFacts | None = None
    served: ServedFacts | None = None
