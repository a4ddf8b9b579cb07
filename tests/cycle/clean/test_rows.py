"""What is told of cells out of type is the same whether columns were proven to have none or were counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.contract.test_proven import CELLS, CONTRACT, as_table
from tests.tiers import examples

from fullcycle.core.contract import proven
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.evidence.clean import Decision
from fullcycle.cycle.clean.rows import out_of_type

NEVER = 1 << 62


def told(rows: list[dict[str, Any]], proven_from: int) -> list[Decision]:
    table = as_table(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proven, "LONG_ROWS", proven_from)
        return out_of_type(table, coerce_table(table, CONTRACT), CONTRACT, {})


@settings(max_examples=examples(20), deadline=None)
@given(rows=st.lists(CELLS, min_size=1, max_size=12))
def test_a_proof_takes_nothing_from_what_is_told(rows: list[dict[str, Any]]) -> None:
    assert told(rows, 0) == told(rows, NEVER)
