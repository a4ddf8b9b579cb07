"""The causes of one window: a sample of its rows, and the columns that drifted in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fullcycle.core.bundle.predict import column_values
from fullcycle.core.engines.sample import thinned
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.evidence.causes import CauseFacts
from fullcycle.core.evidence.monitor import WindowFacts
from fullcycle.live.monitor.cause.explain import ROWS, causes
from fullcycle.live.monitor.windows import Cut, W

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.model import Column


def causes_of(
    bundle: Bundle, table: ibis.Table, cut: Cut, window: WindowFacts, training: ibis.Table | None = None
) -> CauseFacts | None:
    """None where a column of the graph is gone, so that the window has no scores, or where nothing drifted.

    `training` are the bundle's training rows, where they are here.
    """
    drifted = [each.name for each in window.columns if each.drifted and each.part == "input"]
    scores = [each for each in window.columns if each.drifted and each.part == "score"]
    features = bundle.contract.features
    if not (drifted or scores) or any(column.name not in table.columns for column in features):
        return None
    now = _values(table.filter(table[W] == cut.number), features)
    before = None if training is None else _values(training, features)
    return causes(bundle, now, moved=drifted, training=before)


def _values(table: ibis.Table, features: Sequence[Column]) -> dict[str, Any]:
    rows = to_arrow(thinned(table.select([ROW, *(column.name for column in features)]), ROWS))
    return {column.name: column_values(rows[column.name], column) for column in features}
