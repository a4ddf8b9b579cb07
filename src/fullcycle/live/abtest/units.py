"""From a table to one row for each unit: variant, stratum, day, segments, and the columns of each metric.

Everything stays in the engine. Cells are read as the contract reads them (numbers with their decimal mark,
yes and no, ISO moments); a cell that can't be read is an error, not a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import ibis
from ibis import _

from fullcycle.core.contract.cells import physical_type, read_columns
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.contract.table import expected_of
from fullcycle.core.engines.sample import stored_or_written
from fullcycle.core.engines.tables import ROW, to_arrow
from fullcycle.core.errors import UserError
from fullcycle.core.project.abtest_settings import VARIANTS_AT_MOST, AbMetric, AbTest
from fullcycle.live.abtest.request import equal_shares

if TYPE_CHECKING:
    import ibis.expr.types as ir

VARIANT, STRATUM, MOMENT, UNIT = "variant", "stratum", "moment", "unit"
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Units:
    """One row for each unit that met just one planned variant. `unknown` rows name no variant or no unit."""

    table: ibis.Table
    rows: int
    unknown: int
    crossing: int


def metric_columns(metric: AbMetric, name: str) -> list[str]:
    """The columns of a metric in the order of `estimate.Shape`."""
    named = (metric.value or name, metric.per, metric.covariate, metric.covariate_per)
    return [column for column in named if column is not None]


def outcome_columns(metric: AbMetric) -> int:
    """How many of them are measured in the test; the others were known before."""
    return 1 + (metric.kind == "ratio")


def measured(test: AbTest) -> dict[str, AbMetric]:
    """Metrics, then guards."""
    return {**test.metrics, **test.guards}


def cell_name(metric: int, column: int) -> str:
    """What a metric's column is called in the table of units."""
    return f"m{metric}_{column}"


def segment_name(at: int) -> str:
    """What a column of segments is called there."""
    return f"segment{at}"


@contextmanager
def read_units(table: ibis.Table, test: AbTest, where: str, decimal: Literal[".", ","]) -> Iterator[Units]:
    """The units of a table as long as the block lasts. UserError for what can't be read or is unknown."""
    _require(table, test, where)
    wanted = _columns(table, test, decimal)
    parsed, reads = read_columns(table, list(wanted.values()), keep=[ROW])
    broken = [read.out_of_type.sum() for read in reads]
    cells = {key: _as_cell(read.value, key, wanted[key]) for key, read in zip(wanted, reads, strict=True)}
    _refuse_unreadable(table, parsed, wanted, broken, where)
    rows = parsed.select(ROW, **cells)
    counts = _variants(rows, test, where)
    known = rows.filter(rows[VARIANT].notnull())
    unknown = counts.get(None, 0) + (_unnamed(known) if test.unit else 0)
    one = _by_unit(known, test) if test.unit else known
    with TemporaryDirectory(prefix="fullcycle-abtest-") as scratch:
        total = sum(counts.values())
        with stored_or_written(one, total, Path(scratch) / "units.parquet") as kept:
            crossing = _crossing(kept) if test.unit else 0
            apart = kept.filter(kept["met"] == 1) if test.unit else kept
            yield Units(apart, total, unknown, crossing)


def _crossing(units: ibis.Table) -> int:
    """Units that met more than one variant."""
    [row] = to_arrow(units.aggregate(n=(units["met"] > 1).sum())).to_pylist()
    return int(row["n"] or 0)


def _unnamed(rows: ibis.Table) -> int:
    """Rows that name no unit."""
    [row] = to_arrow(rows.aggregate(n=rows[UNIT].isnull().sum())).to_pylist()
    return int(row["n"] or 0)


def _require(table: ibis.Table, test: AbTest, where: str) -> None:
    """UserError for the first column that the table lacks, with the nearest that it has."""
    there = [name for name in table.columns if name != ROW]
    for key, name in _names(test):
        if name not in there:
            near = get_close_matches(name, there, n=1, cutoff=0.5)
            raise UserError(
                where=f"{where}, {key}",
                found=f"no column {name!r}",
                expected=f"one of {', '.join(there[:12])}{', ...' if len(there) > 12 else ''}",
                hint=f"did you mean {near[0]!r}?" if near else "name a column of the table",
            )


def _names(test: AbTest) -> Iterator[tuple[str, str]]:
    yield "variant", test.variant
    for key, single in (("unit", test.unit), ("time", test.time), ("strata", test.strata)):
        if single is not None:
            yield key, single
    yield from (("segments", name) for name in test.segments)
    for name, metric in measured(test).items():
        yield from ((f"metric {name}", column) for column in metric_columns(metric, name))


def _columns(table: ibis.Table, test: AbTest, decimal: Literal[".", ","]) -> dict[str, Column]:
    """What is read, by its name in the table of units."""
    words = {VARIANT: test.variant, STRATUM: test.strata, UNIT: test.unit}
    words |= {segment_name(at): name for at, name in enumerate(test.segments)}
    found = {
        key: Column(name=name, type=ColumnType.categorical) for key, name in words.items() if name is not None
    }
    if test.time is not None:
        found[MOMENT] = Column(name=test.time, type=ColumnType.datetime)
    for at, (name, metric) in enumerate(measured(test).items()):
        for place, column in enumerate(metric_columns(metric, name)):
            says = physical_type(table[column].type()) in ("text", "boolean")
            truth = says and metric.kind == "conversion" and place == 0
            kind = ColumnType.boolean if truth else ColumnType.numeric
            found[cell_name(at, place)] = Column(name=column, type=kind, decimal=decimal)
    return found


def _as_cell(value: Any, key: str, column: Column) -> Any:
    if column.type is ColumnType.boolean or (key.startswith("m") and column.type is ColumnType.numeric):
        return value.cast("float64")
    return value


def _refuse_unreadable(
    table: ibis.Table,
    parsed: ibis.Table,
    wanted: Mapping[str, Column],
    broken: Sequence[ir.Scalar],
    where: str,
) -> None:
    counted = parsed.aggregate(**{f"b{at}": each for at, each in enumerate(broken)})
    [row] = to_arrow(counted).to_pylist()
    for at, column in enumerate(wanted.values()):
        if row[f"b{at}"]:
            examples = _examples(table, column)
            raise UserError(
                where=f"{where}, column {column.name}",
                found=f"{row[f'b{at}']:,} cells such as {examples}",
                expected=expected_of(column, "out_of_type"),
                hint="mend the table, or name another column",
            )


def _examples(table: ibis.Table, column: Column) -> str:
    renamed = column.model_copy(update={"name": "raw"})
    parsed, [read] = read_columns(table.select(raw=table[column.name]), [renamed], keep=["raw"])
    shown = (
        parsed.filter(read.out_of_type).select(text=parsed["raw"].cast("string")).distinct().order_by("text")
    )
    return ", ".join(repr(row["text"][:40]) for row in to_arrow(shown.limit(3)).to_pylist())


def _variants(rows: ibis.Table, test: AbTest, where: str) -> dict[str | None, int]:
    """Rows by variant; None has those without one. UserError for a variant that nobody planned, or for one
    of them without rows."""
    grouped = rows.group_by(v=rows[VARIANT]).aggregate(n=rows.count()).order_by("v").limit(1000)
    counts = {row["v"]: int(row["n"]) for row in to_arrow(grouped).to_pylist()}
    known = list(test.shares)
    strange = [str(name) for name in counts if name is not None and name not in test.shares]
    absent = [name for name in known if name not in counts]
    if strange or absent:
        said = ", ".join(map(repr, (strange or absent)[:NAMES_SHOWN]))
        raise UserError(
            where=f"{where}, column {test.variant}",
            found=f"{'variants' if strange else 'no rows of'} {said}",
            expected=f"{', '.join(known)}, as planned",
            hint="`shares` names every variant with its planned share, the control first",
        )
    return counts


def _by_unit(rows: ibis.Table, test: AbTest) -> ibis.Table:
    """Rows of one unit as one: a conversion if any row has one, sums of values and of what is below the line;
    of what was known before the test, the mean."""
    parts: dict[str, Any] = {
        ROW: rows[ROW].min(),
        VARIANT: rows[VARIANT].min(),
        "met": rows[VARIANT].nunique(),
    }
    firsts = [STRATUM, MOMENT, *(segment_name(at) for at in range(len(test.segments)))]
    parts |= {name: rows[name].min() for name in firsts if name in rows.columns}
    for at, (name, metric) in enumerate(measured(test).items()):
        for place in range(len(metric_columns(metric, name))):
            cell = rows[cell_name(at, place)]
            outcome = place < outcome_columns(metric)
            added = cell.max() if metric.kind == "conversion" else cell.sum()
            parts[cell_name(at, place)] = added if outcome else cell.mean()
    return rows.filter(rows[UNIT].notnull()).group_by(UNIT).aggregate(**parts)


def variants_in(table: ibis.Table, column: str, where: str, control: str | None) -> dict[str, float]:
    """Equal shares of the variants that a table holds, for a test that nobody planned; the control first."""
    if column not in table.columns:
        near = get_close_matches(column, table.columns, n=1, cutoff=0.5)
        raise UserError(
            where=f"{where}, variant",
            found=f"no column {column!r}",
            expected="the column that says which variant a row met",
            hint=f"did you mean `--variant {near[0]}`?" if near else "name it with `--variant COLUMN`",
        )
    parsed, [read] = read_columns(table, [Column(name=column, type=ColumnType.categorical)])
    values = parsed.select(v=read.value).filter(_.v.notnull()).distinct().order_by("v")
    names = [row["v"] for row in to_arrow(values.limit(VARIANTS_AT_MOST + 1)).to_pylist()]
    if not 2 <= len(names) <= VARIANTS_AT_MOST:
        raise UserError(
            where=f"{where}, column {column}",
            found=f"{len(names)} values" if len(names) < 2 else f"more than {VARIANTS_AT_MOST} values",
            expected="two variants or a few",
            hint="name the column of variants with `--variant COLUMN`",
        )
    if control is not None and control not in names:
        raise UserError(
            where=f"{where}, column {column}",
            found=f"no row of the control {control!r}",
            expected=f"one of {', '.join(names)}",
        )
    return equal_shares(names, control)
