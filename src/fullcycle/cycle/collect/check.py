"""`fullcycle contract check`: what of a table breaks the contract, without a project's stages."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.contract.proven import unproven
from fullcycle.core.contract.table import Violation, check_table
from fullcycle.core.engines.tables import ROW, connect, read_snapshot
from fullcycle.core.sources.columns import require_columns
from fullcycle.cycle.collect.snapshot import take_snapshot

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.contract.model import Contract
    from fullcycle.core.project.project import Project


@dataclass(frozen=True)
class Checked:
    """What a table holds that it should not; `unknown` are columns that the contract doesn't have."""

    source: str
    rows: int
    violations: tuple[Violation, ...]
    unknown: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every row would be answered; what is merely unexpected is answered, and marked."""
        return not any(is_refused(violation) for violation in self.violations)


def is_refused(violation: Violation) -> bool:
    """Whether a row with it is rejected at serving: out of type, or not allowed in a strict column."""
    return violation.strict or violation.kind == "out_of_type"


def check_source(project: Project, source: str) -> Checked:
    """Count what breaks the contract in a table: with its joined columns, or joined as the settings say.

    The target may be absent. Raises UserError for a table that can't be read, and for absent features.
    """
    only = {"source": source, "table": None, "query": None, "labels": None}
    reading = project.settings.data.model_copy(update=only)
    with tempfile.TemporaryDirectory(prefix="fullcycle-") as folder:
        plain, joined = Path(folder) / "plain.parquet", Path(folder) / "joined.parquet"
        take_snapshot(reading.model_copy(update={"joins": []}), project.root, project.contract, plain)
        table = read_snapshot(plain)
        if reading.joins and any(column.name not in table.columns for column in project.contract.features):
            take_snapshot(reading, project.root, project.contract, joined)
            table = read_snapshot(joined)
        return _checked(table, project.contract, source)


def _checked(table: ibis.Table, contract: Contract, source: str) -> Checked:
    with_target = contract.target.name in table.columns
    needed = contract.columns if with_target else contract.features
    require_columns(table, contract.model_copy(update={"columns": needed}), source)
    found = check_table(table, unproven(table, contract), with_target=with_target)
    hidden = {column.name for column in contract.columns if column.personal}
    known = {ROW, *(column.name for column in contract.columns)}
    return Checked(
        source=source,
        rows=int(connect().to_pyarrow(table.count()).as_py()),
        violations=tuple(
            violation._replace(examples=()) if violation.column in hidden else violation
            for violation in found
        ),
        unknown=tuple(name for name in table.columns if name not in known),
    )
