"""One chunk of rows: what breaks the contract is set aside with its reasons, the rest is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fullcycle.core.bundle.predict import answer_table, answerable
from fullcycle.core.contract.row import shown
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.model import Contract
    from fullcycle.core.contract.table import Kind

BATCH_ROWS = 8192  # of one run of the graph
REASONS, SOURCE_ROW = "rejected_because", "source_row"


@dataclass(frozen=True)
class Chunk:
    """`unexpected` counts values that were answered though no training row had them, by column."""

    answered: pa.Table
    rejected: pa.Table
    unexpected: Mapping[str, int] = field(default_factory=dict)


def score_chunk(bundle: Bundle, raw: pa.Table, *, answers_only: bool) -> Chunk:
    """Answers beside the columns of the source, and rows that a request would be refused for.

    `raw` must have the row numbers of the source. A row is refused here if and only if the API refuses it.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from fullcycle.core.contract.table import count_broken
    from fullcycle.core.engines.tables import ROW, from_arrow

    asked = answerable(bundle.contract)
    features = asked.model_copy(update={"columns": bundle.contract.features})
    counts = count_broken(from_arrow(raw), features)
    reasons = _reasons(raw, features, counts)
    refused = pc.is_in(raw[ROW], value_set=pa.array(reasons, type=pa.int64()))
    good = raw.filter(pc.invert(refused)) if reasons else raw
    unexpected = {
        name: rows
        for (name, kind), rows in counts.items()
        if kind != "out_of_type" and not _strict(asked, name)
    }
    return Chunk(
        _beside(bundle, good, asked, answers_only=answers_only),
        _set_aside(raw.filter(refused), reasons),
        unexpected,
    )


def _strict(contract: Contract, name: str) -> bool:
    return contract.column(name).strict


def _reasons(
    raw: pa.Table, features: Contract, counts: Mapping[tuple[str, Kind], int]
) -> dict[int, list[str]]:
    """Why rows are refused, by row number."""
    from fullcycle.core.contract.table import broken_cells
    from fullcycle.core.engines.tables import ROW, from_arrow

    reasons: dict[int, list[str]] = {}
    first = int(raw[ROW][0].as_py())
    for name, kind in counts:
        column = features.column(name)
        if kind != "out_of_type" and not column.strict:
            continue
        narrow = raw.select([ROW, name])
        for cell in broken_cells(from_arrow(narrow), column, kind):
            found = shown(narrow[name][cell.row - first].as_py())
            reasons.setdefault(cell.row, []).append(f"{name}: found {found}, expected {cell.expected}")
    return reasons


def _beside(bundle: Bundle, good: pa.Table, asked: Contract, *, answers_only: bool) -> pa.Table:
    """The source's columns (or the row number and identifiers alone), then the answers."""
    from fullcycle.core.contract.table import coerce_table
    from fullcycle.core.engines.tables import ROW, from_arrow

    names = [column.name for column in bundle.contract.features]
    coerced = (
        coerce_table(from_arrow(good), asked, with_target=False).order_by(ROW).to_pyarrow().select(names)
    )
    answers = answer_table(bundle, coerced, batch_rows=BATCH_ROWS)
    if answers_only:
        kept = good.select(identifiers(bundle.contract, good.column_names))
        kept = kept.add_column(0, SOURCE_ROW, good[ROW])
    else:
        kept = good.drop_columns([ROW])
    for name in answers.column_names:
        kept = kept.append_column(name, answers[name])
    return kept


def identifiers(contract: Contract, names: list[str]) -> list[str]:
    """Columns of the source that say which row it is."""
    from fullcycle.core.contract.model import Role

    return [c.name for c in contract.columns if c.role is Role.identifier and c.name in names]


def _set_aside(rows: pa.Table, reasons: Mapping[int, list[str]]) -> pa.Table:
    import pyarrow as pa

    from fullcycle.core.engines.tables import ROW

    told = pa.array(["; ".join(reasons[row]) for row in rows[ROW].to_pylist()], type=pa.string())
    plain = rows.drop_columns([ROW]).add_column(0, SOURCE_ROW, rows[ROW])
    return plain.add_column(1, REASONS, told)


def refuse_names(bundle: Bundle, names: list[str], where: str) -> None:
    """UserError where a column of the source has the name of one that is about to be written."""
    answers = set(answer_table(bundle, _no_rows(), batch_rows=1).column_names)
    taken = [name for name in names if name in answers | {REASONS, SOURCE_ROW}]
    if taken:
        raise UserError(
            where=where,
            found=f"a column {taken[0]!r}, as answers are called",
            expected="other names",
            hint="rename it, or `--answers-only` leaves the source's columns out",
        )


def _no_rows() -> pa.Table:
    import pyarrow as pa

    return pa.table({})
