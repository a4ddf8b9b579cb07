"""Answers for whole tables: coerced by the contract in DuckDB, answered in batches, given back in kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.feeds import Feeds, feeds
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.contract.table import Violation

EXPECTED = {
    "out_of_type": "values of the type that contract.yaml says",
    "unexpected_value": "values that contract.yaml allows (the column is strict)",
    "out_of_range": "values in the range of contract.yaml (the column is strict)",
}


def predict(bundle: Bundle, table: Any, *, batch_rows: int) -> Any:
    """A table of the kind of `table` with the answers, in its order; see `Bundle.predict`."""
    from fullcycle.core.contract.frames import as_arrow, like

    raw = as_arrow(table)
    coerced = coerce(raw, bundle.contract)
    return like(answer_table(bundle, coerced, batch_rows=batch_rows), table)


def answer_table(bundle: Bundle, coerced: pa.Table, *, batch_rows: int) -> pa.Table:
    """Answers to coerced rows as a table: `prediction`, bounds of an interval, `probability_CLASS`."""
    batches = [
        answer_coerced(bundle, coerced.slice(start, batch_rows))
        for start in range(0, coerced.num_rows, batch_rows)
    ]
    return _as_table(bundle, batches)


def answer_coerced(bundle: Bundle, rows: pa.Table) -> Answers:
    """The graph on rows whose feature columns are coerced already, in their order; at least one row."""
    return bundle.run(_feeds_of(bundle, rows))


def coerce(raw: pa.Table, contract: Contract) -> pa.Table:
    """The contract's feature columns of a raw table, in its order. Raises UserError for what a request with
    the same row would be refused for."""
    import pyarrow as pa

    from fullcycle.core.contract.table import check_table, coerce_table
    from fullcycle.core.engines.tables import ROW, from_arrow

    asked = answerable(contract)
    kept = [name for name in raw.column_names if name != ROW]
    numbered = raw.select(kept).append_column(ROW, pa.array(np.arange(raw.num_rows, dtype=np.int64)))
    table = from_arrow(numbered)
    coerced = coerce_table(table, asked, with_target=False)
    _refuse_violations(check_table(table, asked, with_target=False))
    return coerced.order_by(ROW).to_pyarrow().select([column.name for column in contract.features])


def answerable(contract: Contract) -> Contract:
    """What answering needs: a bad cell in a column that no model sees is no concern."""
    return contract.model_copy(update={"columns": (*contract.features, contract.target)})


def _refuse_violations(violations: Sequence[Violation]) -> None:
    """The first cell that a request would be refused for; the rest is answered, as there (DECISIONS 13)."""
    for violation in violations:
        if violation.kind == "out_of_type" or violation.strict:
            rows = f"{violation.rows} row" + ("s" if violation.rows != 1 else "")
            examples = ", ".join(map(repr, violation.examples)) or "none that can be shown"
            raise UserError(
                where=f"column {violation.column}",
                found=f"{rows} with values like {examples}",
                expected=EXPECTED[violation.kind],
                hint="mend or drop these rows; `fullcycle predict` explains a single one",
            )


def _feeds_of(bundle: Bundle, rows: pa.Table) -> Feeds:
    return feeds(
        bundle.inputs,
        {column.name: column_values(rows[column.name], column) for column in bundle.contract.features},
    )


def column_values(column: pa.ChunkedArray, kind: Column) -> Any:
    """A coerced column as NumPy has it: missing numbers NaN, missing texts None, moments in microseconds."""
    if kind.type is ColumnType.datetime:
        return column.cast("timestamp[us]").to_numpy()
    if kind.type is ColumnType.boolean:
        return column.cast("float32").to_numpy()
    return column.to_numpy()


def _as_table(bundle: Bundle, batches: list[Answers]) -> pa.Table:
    import pyarrow as pa

    said = pa.string() if bundle.classes else pa.float64()
    columns = {"prediction": pa.array(_joined([batch.prediction for batch in batches], said), type=said)}
    if bundle.facts.intervals is not None:
        for at, name in enumerate(("prediction_low", "prediction_high")):
            bounds = [batch.interval[:, at] for batch in batches if batch.interval is not None]
            columns[name] = pa.array(_joined(bounds, pa.float64()), type=pa.float64())
    for at, name in enumerate(bundle.classes or ()):
        shares = [batch.probabilities[:, at] for batch in batches if batch.probabilities is not None]
        columns[f"probability_{name}"] = pa.array(_joined(shares, pa.float64()), type=pa.float64())
    return pa.table(columns)


def _joined(parts: list[Any], kind: Any) -> Any:
    """The parts one after another; probabilities are float64 as in a JSON answer."""
    if not parts:
        return []
    joined = np.concatenate(parts)
    return joined if joined.dtype == object else joined.astype(np.float64)
