"""A column whose texts were read once each is what a column read cell by cell is."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycle.conftest import contract_of
from tests.tiers import examples

from fullcycle.core.contract import few_texts
from fullcycle.core.contract.few_texts import read_few_texts, reads_every_cell
from fullcycle.core.contract.table import check_table, coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow

KINDS = {"plan": "categorical", "truth": "boolean", "note": "text", "y": "categorical target"}
CONTRACT = contract_of(
    KINDS,
    ["no", "yes"],
    plan={"missing": ("?", "n/a"), "spelling": {"Basic": "basic"}, "lower": True},
    truth={"missing": ("-",)},
    note={"strip": False},
)
CELLS = st.fixed_dictionaries(
    {
        "plan": st.none() | st.sampled_from(["basic", " Basic", "BASIC", "?", "N/A", "1.0", "", "it's\x00"]),
        "truth": st.none() | st.sampled_from(["yes", "No", "-", "maybe", "1"]),
        "note": st.none() | st.text(max_size=4),
        "y": st.none() | st.sampled_from(["no", " yes"]),
    }
)


@pytest.fixture(autouse=True)
def _every_table_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_texts, "LONG_ROWS", 0)


def as_table(rows: list[dict[str, Any]]) -> Any:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in KINDS}
    return from_arrow(pa.table({**columns, ROW: pa.array(range(len(rows)))}))


@settings(max_examples=examples(20), deadline=None)
@given(rows=st.lists(CELLS, min_size=1, max_size=8))
def test_texts_read_once_mean_what_cells_mean(rows: list[dict[str, Any]]) -> None:
    table = as_table(rows)
    texts = read_few_texts(table, CONTRACT)
    assert set(texts) == set(KINDS)
    by_text = coerce_table(table, CONTRACT, texts=texts).order_by(ROW).to_pyarrow()
    assert by_text.equals(coerce_table(table, CONTRACT).order_by(ROW).to_pyarrow())
    broken = {
        found.column: found.rows for found in check_table(table, CONTRACT) if found.kind == "out_of_type"
    }
    told = {name: sum(read.rows for read in by.values() if read.out_of_type) for name, by in texts.items()}
    assert broken == {name: rows for name, rows in told.items() if rows}


def test_a_table_is_read_again_only_where_that_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    table = as_table([{"plan": "Basic", "truth": "yes", "note": "x", "y": "no"}] * 3)
    assert not reads_every_cell(table, CONTRACT, read_few_texts(table, CONTRACT))
    assert reads_every_cell(table, CONTRACT, {})
    monkeypatch.setattr(few_texts, "SPELLED_OUT", 0)
    assert reads_every_cell(table, CONTRACT, read_few_texts(table, CONTRACT))
