"""Performance by slice: the parts of the rows that the verdict told, those that people declared and weak ones
that were found, on rows that were answered since. They travel in the bundle, with the metric that each had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.predict import column_values
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.engines.tables import from_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.explore import Condition
from fullcycle.core.evidence.performance import SliceMetric
from fullcycle.core.evidence.verify import Slice
from fullcycle.core.metrics import METRICS
from fullcycle.live.monitor.performance.answered import Answered, Truths
from fullcycle.live.monitor.performance.realised import by_slice
from fullcycle.live.monitor.performance.worse import worse

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.project import Project

LABEL_CHARACTERS = 60  # of a category that the verdict writes down


def slices_of(
    project: Project, bundle: Bundle, rows: pa.Table, answered: Answered, alpha: float
) -> tuple[SliceMetric, ...]:
    """The headline metric of each slice with 30 labelled rows or more. `rows` hold the row number and every
    feature, coerced, in the order of `answered`; a slice that no longer can be told is left out.

    `alpha` is the chance with which any slice may be said to have fallen where none did (Bonferroni).
    """
    told = [(each, mask) for each, mask in _masks(project, bundle, rows) if mask is not None]
    masks = {str(at): mask for at, (_, mask) in enumerate(told)}
    metric = METRICS[bundle.tests.headline]
    sign = 1 if metric.higher_is_better else -1
    found = []
    for each in by_slice(answered, masks, metric):
        known = told[int(each.name)][0]
        fell = worse(each.fact.value, known.metric, sign, alpha / len(told))
        found.append(SliceMetric(name=known.name, fact=each.fact, known=known, fell=fell))
    return tuple(found)


def _masks(project: Project, bundle: Bundle, rows: pa.Table) -> list[tuple[Slice, Truths | None]]:
    slices = bundle.tests.slices
    declared = _declared(project, rows) if any(each.expression for each in slices) else {}
    columns = {column.name: column for column in bundle.contract.features}
    return [
        (each, _of_declared(each, declared) if each.expression else _of_conditions(each, columns, rows))
        for each in slices
    ]


def _declared(project: Project, rows: pa.Table) -> dict[str, list[Any]]:
    """What each expression that the settings declare says of each row; nothing where one can't be read."""
    from fullcycle.core.features.slices import values_of_slices

    try:
        return values_of_slices(project, from_arrow(rows))
    except UserError:  # a deployment has no contract.yaml, and settings may have moved on
        return {}


def _of_declared(each: Slice, declared: dict[str, list[Any]]) -> Truths | None:
    values = declared.get(each.name)
    if values is None:
        return None
    wanted: Any = each.value or True
    return np.array([value == wanted for value in values])


def _of_conditions(each: Slice, columns: dict[str, Column], rows: pa.Table) -> Truths | None:
    mask = np.ones(rows.num_rows, dtype=bool)
    for condition in each.conditions:
        column = columns.get(condition.column)
        # Which values were too rare to be a part of their own is not written down.
        if column is None or condition.kind == "rest":
            return None
        mask &= _meets(condition, column, rows)
    return mask if each.conditions else None


def _meets(condition: Condition, column: Column, rows: pa.Table) -> Truths:
    values = rows[column.name]
    missing: Truths = np.asarray(values.is_null().to_numpy(), dtype=np.bool_)
    if condition.kind == "missing":
        return missing
    if condition.start is not None and condition.end is not None:
        numbers = _numbers(column, column_values(values, column))
        within = (numbers >= condition.start) & (numbers <= condition.end)
        return np.asarray(~missing & within, dtype=np.bool_)
    texts = [None if value is None else _text(value) for value in values.to_pylist()]
    return np.array([text is not None and text[:LABEL_CHARACTERS] == condition.label for text in texts])


def _numbers(column: Column, values: NDArray[Any]) -> NDArray[np.float64]:
    if column.type is not ColumnType.datetime:
        return values.astype(np.float64)
    return values.astype("datetime64[us]").astype(np.int64).astype(np.float64)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
