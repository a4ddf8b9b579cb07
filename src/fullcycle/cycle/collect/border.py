"""The contract at the first border: what a new snapshot of the source holds that it should not."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Contract
from fullcycle.core.contract.table import Violation, check_table
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding

if TYPE_CHECKING:
    import ibis


def check_border(table: ibis.Table, contract: Contract, where: str) -> tuple[Finding, ...]:
    """Counts of cells out of type, unexpected or out of range, as findings.

    Raises UserError for required columns that are absent and for values that a `strict` column refuses.
    """
    require_columns(table.columns, contract, where)
    violations = check_table(table, contract)
    for violation in violations:
        if violation.strict and violation.kind != "out_of_type":
            raise _refused(violation, contract, where)
    return tuple(_finding(violation, contract) for violation in violations)


def require_columns(names: Sequence[str], contract: Contract, where: str) -> None:
    """UserError that names the absent columns and what may be meant instead."""
    there = [name for name in names if name != ROW]
    absent = [c.name for c in contract.columns if c.required and c.name not in there]
    if not absent:
        return
    near = get_close_matches(absent[0], there, n=1)
    like = f"; {absent[0]!r} may be {near[0]!r} there" if near else ""
    raise UserError(
        where=where,
        found=f"no column {', '.join(map(repr, absent[:5]))}"
        + (f" and {len(absent) - 5} more" * (len(absent) > 5)),
        expected="every column that contract.yaml requires",
        hint=f"add it to the source, or set `required: false` for it in contract.yaml{like}",
    )


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
