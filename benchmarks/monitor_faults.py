"""Whether a fault is named: 108 faults injected into rows that no model saw, of three kinds of table.

Telco (held out at random), flights of January to March (held out at random), and flights of April, a month
that a model of January to March has not seen and that differs by itself. A window has 1,400 rows. A column
is named rightly if it comes first; one whose rows are the same (in telco six columns say "No internet
service") counts, for nothing in the rows could tell them apart. `python -m benchmarks.monitor_faults` prints
each kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure, show
from benchmarks.monitored import flights, flights_project, telco_project

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle

ROWS, TIMES = 1400, 6
COLUMN_AT_LEAST, SEGMENT_AT_LEAST = 0.90, 0.75
FACTORS = (1000, 0.001, 2.54, 1.609, 60, 1 / 60)
ALIKE = 0.95  # of the rows of either (Jaccard)

Columns = dict[str, NDArray[Any]]
Random = np.random.Generator


@dataclass(frozen=True)
class Fault:
    """What was done: to which column, of which of its values where only some rows are concerned."""

    column: str
    value: str | None = None


def figures(folder: Path) -> Iterator[Figure]:
    """Columns of all faults but the mix, segments of the mix."""
    column, segment = Counter[bool](), Counter[bool]()
    for name, bundle, rows in tables(folder):
        for kind, inject in FAULTS.items():
            found = [*measured(bundle, rows, kind, inject)]
            right = Counter(found)
            print(f"  {name:22} {kind:12} {right[True]:3} of {right.total()}", flush=True)
            (segment if kind == "mix" else column).update(right)
    yield _figure("faults: the right column is named first", column, COLUMN_AT_LEAST)
    yield _figure("subgroup mixes: the right segment is named first", segment, SEGMENT_AT_LEAST)


def _figure(name: str, right: Counter[bool], bar: float) -> Figure:
    return Figure(f"{name}, of {right.total()}", right[True] / right.total(), bar, "", better="higher")


def tables(folder: Path) -> Iterator[tuple[str, Bundle, Columns]]:
    """A name, what watches, and rows to break."""
    import pyarrow.parquet as pq

    from fullcycle.core.bundle.read import read_bundle

    telco = telco_project(folder / "telco")
    yield (
        "telco",
        read_bundle(telco.paths.bundle),
        compared(telco.paths.bundle, pq.read_table(telco.paths.test)),
    )
    winter = flights_project(folder / "winter", (1, 2, 3))
    bundle = read_bundle(winter.paths.bundle)
    yield "flights, held out", bundle, compared(winter.paths.bundle, pq.read_table(winter.paths.test))
    yield "flights, a month later", bundle, compared(winter.paths.bundle, flights(4))


def compared(folder: Path, table: pa.Table) -> Columns:
    """Rows as monitoring compares them."""
    from fullcycle.core.bundle.predict import coerce, column_values
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.live.monitor.cause.cells import values_of

    bundle = read_bundle(folder)
    known = {column.name: column for column in bundle.reference.columns}
    read = coerce(table, bundle.contract)
    return {
        column.name: values_of(known[column.name], column_values(read[column.name], column))
        for column in bundle.contract.features
    }


def measured(bundle: Bundle, rows: Columns, kind: str, inject: Inject) -> Iterator[bool]:
    """Whether each fault of a kind is named first."""
    from fullcycle.live.monitor.cause.explain import explain, score_of

    of = (bundle.classes or ("",))[-1]
    score, total = score_of(bundle, of), len(next(iter(rows.values())))
    for seed in range(TIMES):
        random = np.random.default_rng([seed, len(kind)])
        window = taken(rows, random.choice(total, min(ROWS, total), replace=False))
        fault, broken = inject(window, random)
        facts = explain(bundle.reference, broken, score, of=of)
        if kind == "mix":
            first = facts.segments[0] if facts.segments else None
            yield first is not None and same(broken, fault, first.column, first.value)
        else:
            first_column = facts.columns[0].column if facts.columns else None
            yield first_column == fault.column or any(
                same(broken, fault, first_column, value) for value in values_in(broken, first_column)
            )


def same(rows: Columns, fault: Fault, column: str | None, value: str | None) -> bool:
    """Whether a value of a column has the very rows that the fault is about."""
    if column is None or fault.value is None or value is None:
        return False
    named, meant = rows[column] == value, rows[fault.column] == fault.value
    return bool((named & meant).sum() >= ALIKE * (named | meant).sum())


def values_in(rows: Columns, column: str | None) -> list[str]:
    """Texts of a column; none of a column of numbers."""
    if column is None or rows[column].dtype != object:
        return []
    return sorted({str(value) for value in rows[column]})


def taken(rows: Columns, places: NDArray[np.int64]) -> Columns:
    """Some of the rows, as often as they are named."""
    return {name: values[places] for name, values in rows.items()}


def unit(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """All numbers of a column times a factor."""
    name = str(random.choice([name for name in numbers(rows) if np.nanstd(rows[name]) > 0]))
    return Fault(name), {**rows, name: rows[name] * random.choice(FACTORS)}


def nulls(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """10 to 60 of 100 values are gone."""
    name = str(random.choice([*rows]))
    values = rows[name].copy()
    values[random.random(len(values)) < random.uniform(0.1, 0.6)] = "" if values.dtype == object else np.nan
    return Fault(name), {**rows, name: values}


def renamed(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """A category of 5 of 100 rows or more is called otherwise."""
    name, value = category(rows, random, 0.05, 1.0)
    values = rows[name].copy()
    values[values == value] = f"{value} (new)"
    return Fault(name), {**rows, name: values}


def frozen(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """From some row on, at the latest in the middle, a column repeats one value."""
    name = str(random.choice([*rows]))
    values = rows[name].copy()
    there = values != "" if values.dtype == object else ~np.isnan(values)
    values[random.integers(0, len(values) // 2 + 1) :] = values[np.flatnonzero(there)[0]]
    return Fault(name), {**rows, name: values}


def doubled(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """A join that found two matches for one value: its rows come twice."""
    return _more(rows, random, 1)


def mix(rows: Columns, random: Random) -> tuple[Fault, Columns]:
    """A subgroup comes two to four times as often."""
    return _more(rows, random, int(random.integers(1, 4)))


def _more(rows: Columns, random: Random, times: int) -> tuple[Fault, Columns]:
    name, value = category(rows, random, 0.03, 0.4)
    again = np.flatnonzero(rows[name] == value)
    places = np.concatenate([np.arange(len(rows[name])), np.tile(again, times)])
    return Fault(name, value), taken(rows, random.permutation(places))


def numbers(rows: Columns) -> list[str]:
    """Columns of numbers."""
    return [name for name, values in rows.items() if values.dtype != object]


def category(rows: Columns, random: Random, low: float, high: float) -> tuple[str, str]:
    """A value of a column of texts with such a share of rows."""
    found = []
    for name, values in rows.items():
        if values.dtype == object:
            names, counts = np.unique(values.astype(str), return_counts=True)
            shares = counts / len(values)
            found += [
                (name, str(value))
                for value, share in zip(names, shares, strict=True)
                if value and low <= share <= high
            ]
    name, value = found[int(random.integers(len(found)))]
    return name, value


Inject = Callable[[Columns, Random], tuple[Fault, Columns]]
FAULTS: dict[str, Inject] = {
    "unit": unit,
    "nulls": nulls,
    "renamed": renamed,
    "doubled join": doubled,
    "frozen feed": frozen,
    "mix": mix,
}


if __name__ == "__main__":
    sys.exit(show(figures))
