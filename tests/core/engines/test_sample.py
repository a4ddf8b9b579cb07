"""Tables that many questions are asked of."""

from __future__ import annotations

import pyarrow as pa

from fullcycle.core.engines.sample import compiled
from fullcycle.core.engines.tables import ROW, connect, from_arrow, in_order, to_arrow


def views() -> list[str]:
    return [name for (name,) in connect().con.execute("SELECT view_name FROM duckdb_views()").fetchall()]


def test_a_compiled_table_answers_as_the_table_does_and_leaves_no_view() -> None:
    base = from_arrow(pa.table({ROW: [0, 1, 2], 'a"b': [3.5, None, -0.0]}))
    table = base.mutate(more=base['a"b'] + 1)
    before = views()
    with compiled(table) as view:
        assert to_arrow(view) == to_arrow(table)
        assert view.schema() == table.schema()
        assert in_order(view).equals(view) == in_order(table).equals(table)
    assert views() == before
