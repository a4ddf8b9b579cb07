"""What the bundle says of rows of a source: of all of a small window, of a sample of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fullcycle.core.bundle.predict import answer_table
from fullcycle.core.engines.sample import thinned
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.live.monitor.current import SCORE, VALUE, Current, score_names
from fullcycle.live.monitor.windows import Cut, W

if TYPE_CHECKING:
    import ibis

    from fullcycle.core.bundle.bundle import Bundle

ROWS_AT_MOST = 20_000  # of a window: a share of a half is then known to 0.7 percentage points (95%)
BATCH_ROWS = 8_192


def answered(
    table: ibis.Table, current: Current, bundle: Bundle, cuts: Sequence[Cut]
) -> tuple[ibis.Table | None, dict[str, str]]:
    """A table of scores with their window, and which column holds which; None where rows lack a column."""
    if current.scores:
        return table, current.scores
    if current.vanished or not cuts:
        return None, {}
    import pyarrow as pa

    names = score_names(bundle.contract)
    places = {name: SCORE.format(at) for at, name in enumerate(names)}
    parts = []
    for cut in cuts:
        rows = to_arrow(thinned(table.filter(table[W] == cut.number), ROWS_AT_MOST, cut.rows).order_by(ROW))
        answers = answer_table(bundle, rows, batch_rows=BATCH_ROWS)
        columns = {
            places[name]: answers[VALUE if bundle.classes is None else f"probability_{name}"]
            for name in names
        }
        parts.append(pa.table({W: rows[W], **columns}))
    return from_arrow(pa.concat_tables(parts)), places
