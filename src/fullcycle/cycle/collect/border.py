"""The contract at the first border: what a new snapshot of the source holds that it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Contract
from fullcycle.core.contract.proven import unproven
from fullcycle.core.contract.table import Violation, check_table
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.sources.columns import require_columns

if TYPE_CHECKING:
    import ibis


def check_border(table: ibis.Table, contract: Contract, where: str) -> tuple[Finding, ...]:
    """Counts of cells out of type, unexpected or out of range, as findings.

    Raises UserError for required columns that are absent and for values that a `strict` column refuses.
    """
    require_columns(table, contract, where)
    violations = check_table(table, unproven(table, contract))
    for violation in violations:
        if violation.strict and violation.kind != "out_of_type":
            raise _refused(violation, contract, where)
    return (*unknown_columns(table, contract), *(_finding(violation, contract) for violation in violations))


def unknown_columns(table: ibis.Table, contract: Contract) -> tuple[Finding, ...]:
    """Columns that the contract doesn't know, in one finding: `fullcycle contract learn` adds them."""
    known = {ROW, *(column.name for column in contract.columns)}
    unknown = [name for name in table.columns if name not in known]
    return (finding(Code.column_added, Severity.info, *unknown),) if unknown else ()


def _refused(violation: Violation, contract: Contract, where: str) -> UserError:
    column = contract.column(violation.column)
    if violation.kind == "out_of_range" and column.range:
        expected, key = "{:g} to {:g}".format(*column.range), "range"
    else:
        allowed = column.allowed or ()
        expected, key = "one of " + ", ".join(allowed[:8]) + (", ..." if len(allowed) > 8 else ""), "allowed"
    return UserError(
        where=f"{where}, column {violation.column}",
        found=f"{violation.rows} rows with {', '.join(map(repr, violation.examples[:3]))}",
        expected=f"{expected} ({violation.column} is strict in contract.yaml)",
        hint=f"if they are right, widen {violation.column}.{key} in contract.yaml, then run `fullcycle run`",
    )


def _finding(violation: Violation, contract: Contract) -> Finding:
    code = Code.values_out_of_type if violation.kind == "out_of_type" else Code.unexpected_values
    column = contract.column(violation.column)
    return finding(
        code,
        Severity.warning,
        violation.column,
        rows=violation.rows,
        examples=list(violation.examples) if not column.personal else [],
        type=column.type.value,
        kind=violation.kind,
    )
