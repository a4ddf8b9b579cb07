"""Served rows below the source's: they mean the same, whatever type the source has a column in."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fullcycle.core.contract.grammar import DATE_FORMS
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow
from fullcycle.core.served import ANSWERED, REQUEST_ID, REQUEST_ROW, SECONDS, STRFTIME, put_below

MOMENT = datetime(2026, 5, 1, 12, 30, 15, 250_000)


def contract() -> Contract:
    return Contract(
        task=Task.regression,
        columns=(
            Column(name="key", type=ColumnType.categorical, role=Role.identifier),
            Column(name="price", type=ColumnType.numeric, decimal=",", unit="€"),
            Column(name="code", type=ColumnType.categorical),
            Column(name="paid", type=ColumnType.boolean),
            Column(name="when", type=ColumnType.datetime, formats=("iso",)),
            Column(name="y", type=ColumnType.numeric, role=Role.target, decimal=","),
        ),
    )


def served_file(folder: Path, when: str) -> Path:
    cells = {"price": "12,5", "code": "7", "paid": "true", "when": when, "y": "3,5"}
    told = {REQUEST_ID: ["a"], REQUEST_ROW: [0], ANSWERED: [MOMENT], ROW: [0]}
    pq.write_table(pa.table({**told, **{name: [cell] for name, cell in cells.items()}}), folder / "s.parquet")
    return folder / "s.parquet"


TEXTS: dict[str, Any] = {
    "key": ["k1"],
    "price": ["1,5 €"],
    "code": ["3"],
    "paid": ["no"],
    "when": ["2026-01-01"],
    "y": ["1"],
}
TYPED: dict[str, Any] = {
    "key": [1],
    "price": [1.5],
    "code": [3],
    "paid": [False],
    "when": [datetime(2026, 1, 1)],
    "y": [1],
}


@pytest.mark.parametrize("source", [TEXTS, TYPED], ids=["texts", "typed"])
def test_a_served_row_is_read_as_it_was_answered(tmp_path: Path, source: dict[str, Any]) -> None:
    table = from_arrow(pa.table({ROW: [0], **source}))
    path = served_file(tmp_path, MOMENT.strftime(STRFTIME["iso"]))
    whole, facts = put_below(table, path, contract())
    rows = coerce_table(whole, contract()).order_by(ROW).to_pyarrow().to_pylist()
    assert [row[ROW] for row in rows] == [0, 1]
    assert (rows[0]["price"], rows[0]["code"], rows[0]["paid"], rows[0]["y"]) == (1.5, "3", False, 1.0)
    assert (rows[1]["price"], rows[1]["code"], rows[1]["paid"], rows[1]["y"]) == (12.5, "7", True, 3.5)
    assert rows[1]["when"].replace(tzinfo=None) == MOMENT
    assert (facts.rows, facts.last) == (1, MOMENT.isoformat())
    [key] = [row["key"] for row in whole.order_by(ROW).to_pyarrow().to_pylist()][1:]
    assert key is None, "the log knows no identifier"


def test_every_form_of_a_date_is_written_so_that_the_contract_reads_it(tmp_path: Path) -> None:
    since = (MOMENT - datetime(1970, 1, 1)) / timedelta(seconds=1)
    counts = {"epoch_s": f"{since:.6f}", "epoch_ms": f"{since * 1000:.3f}"}
    counts |= {"epoch_us": f"{since * 1_000_000:.0f}", "epoch_ns": f"{since * 1_000_000:.0f}000"}
    assert counts.keys() == SECONDS.keys()
    written = {form: counts.get(form) or MOMENT.strftime(STRFTIME[form]) for form in DATE_FORMS}
    moments = [
        Column(name=form, type=ColumnType.datetime, formats=(form,), role=Role.ignore) for form in DATE_FORMS
    ]
    known = contract()
    asked = known.model_copy(update={"columns": (*known.columns, *moments)})
    cells = {name: [text] for name, text in written.items()}
    path = served_file(tmp_path, written["iso"])
    pq.write_table(pa.table({**pq.read_table(path).to_pydict(), **cells}), path)
    whole, _ = put_below(from_arrow(pa.table({ROW: [0], **TEXTS, **cells})), path, asked)
    rows = coerce_table(whole, asked).to_pyarrow().to_pylist()
    assert len(rows) == 2
    for form in DATE_FORMS:
        assert {row[form].replace(tzinfo=None) for row in rows} == {MOMENT}, form
