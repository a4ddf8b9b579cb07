"""One chunk of rows: what breaks the contract is set aside with its reasons, the rest is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fullcycle.core.bundle.predict import answer_table, answerable
from fullcycle.core.contract.row import shown
from fullcycle.core.errors import UserError
from fullcycle.live.score.joining import LACKS

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.model import Column, Contract
    from fullcycle.core.contract.table import Kind
    from fullcycle.core.engines.prepared import Query

BATCH_ROWS = 8192  # of one run of the graph
REASONS, SOURCE_ROW = "rejected_because", "source_row"


@dataclass(frozen=True)
class Chunk:
    """`unexpected` counts values that were answered though no training row had them, by column."""

    answered: pa.Table
    rejected: pa.Table
    unexpected: Mapping[str, int] = field(default_factory=dict)


class Scorer:
    """Scores chunks of one source; its queries are compiled once."""

    def __init__(self, bundle: Bundle, schema: pa.Schema, *, answers_only: bool) -> None:
        """`schema` has the row numbers of the source."""
        from fullcycle.core.contract.table import coerce_table, counts_of
        from fullcycle.core.engines.prepared import Prepared
        from fullcycle.core.engines.tables import ROW

        self._bundle, self._answers_only = bundle, answers_only
        if LACKS in schema.names:
            schema = schema.remove(schema.get_field_index(LACKS))
        self._asked = answerable(bundle.contract)
        self._rows = Prepared(schema)
        counts = counts_of(self._rows.table, bundle.contract.features)
        self._counts = [(count, self._rows.query(count.query)) for count in counts]
        coerced = coerce_table(self._rows.table, self._asked, with_target=False).order_by(ROW)
        names = [column.name for column in bundle.contract.features]
        self._coerced = self._rows.query(coerced.select(names))
        self._broken: dict[tuple[str, Kind], Query] = {}

    def score(self, raw: pa.Table) -> Chunk:
        """Answers beside the columns of the source, and rows that a request would be refused for.

        A row is refused here if and only if the API refuses it. Rows come in the order of their numbers.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        from fullcycle.core.engines.tables import ROW

        raw, lacks = _without_lacks(raw)
        self._rows.put(raw)
        counts = self._count()
        reasons = self._reasons(raw, counts)
        for row, told in lacks.items():
            reasons.setdefault(row, []).append(told)
        refused = pc.is_in(raw[ROW], value_set=pa.array(reasons, type=pa.int64()))
        kept, coerced = raw, self._rows.ask(self._coerced)
        if reasons:
            kept, coerced = raw.filter(pc.invert(refused)), coerced.filter(pc.invert(refused))
        unexpected = {
            name: rows
            for (name, kind), rows in counts.items()
            if kind != "out_of_type" and not self._bundle.contract.column(name).strict
        }
        return Chunk(self._beside(kept, coerced), _set_aside(raw.filter(refused), reasons), unexpected)

    def close(self) -> None:
        """Let go of the last chunk."""
        self._rows.close()

    def _count(self) -> dict[tuple[str, Kind], int]:
        counts: dict[tuple[str, Kind], int] = {}
        for count, query in self._counts:
            [row] = self._rows.ask(query).to_pylist()
            counts |= count.above_zero([*row.values()])
        return counts

    def _reasons(self, raw: pa.Table, counts: Mapping[tuple[str, Kind], int]) -> dict[int, list[str]]:
        """Why rows are refused, by row number."""
        from fullcycle.core.contract.table import expected_of
        from fullcycle.core.engines.tables import ROW

        reasons: dict[int, list[str]] = {}
        first = int(raw[ROW][0].as_py())
        for name, kind in counts:
            column = self._bundle.contract.column(name)
            if kind != "out_of_type" and not column.strict:
                continue
            expected = expected_of(column, kind)
            for row in self._rows.ask(self._query_of(column, kind))[ROW].to_pylist():
                found = shown(raw[name][row - first].as_py())
                reasons.setdefault(row, []).append(f"{name}: found {found}, expected {expected}")
        return reasons

    def _query_of(self, column: Column, kind: Kind) -> Query:
        from fullcycle.core.contract.table import broken_rows

        key = (column.name, kind)
        if key not in self._broken:
            self._broken[key] = self._rows.query(broken_rows(self._rows.table, column, kind))
        return self._broken[key]

    def _beside(self, good: pa.Table, coerced: pa.Table) -> pa.Table:
        """The source's columns (or the row number and identifiers alone), then the answers."""
        from fullcycle.core.engines.tables import ROW

        answers = answer_table(self._bundle, coerced, batch_rows=BATCH_ROWS)
        if self._answers_only:
            kept = good.select(identifiers(self._bundle.contract, good.column_names))
            kept = kept.add_column(0, SOURCE_ROW, good[ROW])
        else:
            kept = good.drop_columns([ROW])
        for name in answers.column_names:
            kept = kept.append_column(name, answers[name])
        return kept


def _without_lacks(raw: pa.Table) -> tuple[pa.Table, dict[int, str]]:
    """The chunk, and what the joins said of rows that lack a match, by row number."""
    from fullcycle.core.engines.tables import ROW

    if LACKS not in raw.column_names:
        return raw, {}
    told = zip(raw[ROW].to_pylist(), raw[LACKS].to_pylist(), strict=True)
    return raw.drop_columns([LACKS]), {row: reason for row, reason in told if reason is not None}


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
