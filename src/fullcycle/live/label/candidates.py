"""Rows that may be labelled next, and the most uncertain of them: one pass of the graph over the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.bundle.bundle import Answers, Bundle
from fullcycle.core.bundle.predict import answer_coerced, answerable
from fullcycle.core.contract.cells import read_columns
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow, read_snapshot
from fullcycle.core.errors import UserError
from fullcycle.core.labels import fingerprint, label_key
from fullcycle.core.progress import progress
from fullcycle.live.label.logged import is_logged, logged_rows, named

if TYPE_CHECKING:
    from pathlib import Path

    import ibis
    import pyarrow as pa

    from fullcycle.core.project.project import Project

BATCH_ROWS = 65_536
BINS = 20  # of uncertainty, 0 to 1
Rate = Callable[[Answers, dict[str, Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Pool:
    """The most uncertain candidates: row numbers, uncertainty and coerced features, in the order of rows.

    `spread` counts all candidates by uncertainty, in 20 bins from 0 to 1.
    """

    rows: NDArray[np.int64]
    uncertainty: NDArray[np.float64]
    columns: dict[str, Any]
    answers: Answers
    candidates: int
    spread: NDArray[np.int64]


@contextmanager
def open_rows(project: Project, source: str | None, here: Path, *, log: bool) -> Iterator[ibis.Table]:
    """The project's own rows (its snapshot, with joined columns), those of another source, or of its log."""
    own = project.settings.data
    if log:
        with logged_rows(project.paths.predictions, project.contract) as table:
            yield table
        return
    if source is None or source == own.source:
        if not project.paths.raw.exists():
            raise UserError(
                where="data/raw.parquet", found="no such file", hint="run `fullcycle run collect` first"
            )
        yield read_snapshot(project.paths.raw)
        return
    from fullcycle.core.sources.source import open_source

    reading = own.model_copy(
        update={"source": source, "table": None, "query": None, "joins": [], "labels": None}
    )
    with open_source(reading, here) as opened:
        yield opened.table


def unlabelled(table: ibis.Table, contract: Contract, taken: set[str], *, labelled: bool) -> ibis.Table:
    """Rows without a label (all with `labelled`) that nobody has been asked about."""
    import pyarrow as pa

    key = label_key(contract)
    name: Any
    if is_logged(table):
        name = named(table)
    elif key is not None and key.name in table.columns:
        name = table[key.name].cast("string")
    else:
        name = fingerprint(table, contract)
    left = table.mutate(_name=name)
    if taken:
        known = from_arrow(pa.table({"_taken": pa.array(sorted(taken), pa.string())}))
        left = left.anti_join(known, left["_name"] == known["_taken"])
    target = contract.target
    if not labelled and target.name in table.columns:
        parsed, [read] = read_columns(table, [target], keep=[ROW])
        empty = parsed.select(_empty=parsed[ROW], _label=read.value)
        empty = empty.filter(empty["_label"].isnull())
        left = left.semi_join(empty, left[ROW] == empty["_empty"])
    return left.drop("_name")


def uncertain_rows(table: ibis.Table, bundle: Bundle, rate: Rate, at_most: int) -> Pool:
    """The `at_most` rows that the bundle is least sure of. Cells that can't be read are missing, as when a
    table is cleaned."""
    coerced: Any = coerce_table(table, answerable(bundle.contract), with_target=False)
    [size] = table.aggregate(rows=table.count(), last=table[ROW].max()).to_pyarrow().to_pylist()
    best = _Best(at_most)
    starts = range(0, (size["last"] if size["last"] is not None else -1) + 1, BATCH_ROWS)
    with progress(len(starts), "label next: answers") as advance:
        for start in starts:
            rows = (
                coerced.filter(coerced[ROW].between(start, start + BATCH_ROWS - 1)).order_by(ROW).to_pyarrow()
            )
            if rows.num_rows:
                columns = columns_of(rows, bundle.contract.features)
                best.add(rows[ROW].to_numpy(), rate(answer_coerced(bundle, rows), columns))
            advance()
    return _pool(coerced, bundle, rate, best, size["rows"])


def _pool(coerced: Any, bundle: Bundle, rate: Rate, best: _Best, candidates: int) -> Pool:
    import pyarrow as pa

    rows = np.sort(best.rows)
    wanted = from_arrow(pa.table({"_wanted": pa.array(rows, pa.int64())}))
    picked = coerced.semi_join(wanted, coerced[ROW] == wanted["_wanted"]).order_by(ROW).to_pyarrow()
    columns = columns_of(picked, bundle.contract.features)
    answers = answer_coerced(bundle, picked) if len(rows) else Answers(prediction=np.zeros(0))
    uncertainty = rate(answers, columns) if len(rows) else np.zeros(0)
    return Pool(rows, uncertainty, columns, answers, candidates, best.spread)


def columns_of(rows: pa.Table, features: tuple[Column, ...]) -> dict[str, Any]:
    """Coerced columns as NumPy has them."""
    columns: dict[str, Any] = {}
    for column in features:
        values = rows[column.name]
        if column.type is ColumnType.datetime:
            columns[column.name] = values.cast("timestamp[us]").to_numpy()
        elif column.type is ColumnType.boolean:
            columns[column.name] = values.cast("float32").to_numpy()
        else:
            columns[column.name] = values.to_numpy()
    return columns


class _Best:
    """The most uncertain rows so far; of equally uncertain ones those that came first."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.rows = np.zeros(0, dtype=np.int64)
        self.rated = np.zeros(0)
        self.spread = np.zeros(BINS, dtype=np.int64)

    def add(self, rows: NDArray[np.int64], rated: NDArray[np.float64]) -> None:
        self.spread += spread_of(rated)
        self.rows, self.rated = np.concatenate([self.rows, rows]), np.concatenate([self.rated, rated])
        kept = np.argsort(-self.rated, kind="stable")[: self.at_most]
        self.rows, self.rated = self.rows[kept], self.rated[kept]


def spread_of(uncertainty: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts in bins of equal width from 0 to 1."""
    return np.histogram(uncertainty, bins=BINS, range=(0, 1))[0].astype(np.int64)
