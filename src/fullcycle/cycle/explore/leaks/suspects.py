"""Every kind of leak, told once: a column has the finding that says most of how it leaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import Contract
from fullcycle.core.evidence.explore import LeakSuspect
from fullcycle.cycle.explore.leaks.aggregates import aggregates
from fullcycle.cycle.explore.leaks.bounds import BOUNDS, Bounds
from fullcycle.cycle.explore.leaks.groups import groups
from fullcycle.cycle.explore.leaks.identifiers import identifiers
from fullcycle.cycle.explore.leaks.ordered import order_of_rows, times
from fullcycle.cycle.explore.leaks.pairs import pairs
from fullcycle.cycle.explore.leaks.sample import Sample, draw
from fullcycle.cycle.explore.leaks.values import gaps, values
from fullcycle.cycle.explore.profiles import Analysed
from fullcycle.cycle.explore.relations import Told

if TYPE_CHECKING:
    import ibis


def leak_suspects(table: ibis.Table, analysed: Analysed, contract: Contract) -> tuple[LeakSuspect, ...]:
    """Strongest first, each with what a person has decided about it in contract.yaml.

    What each feature says about the target was measured on the held rows; what rows say together is measured
    on a sample of `table`.
    """
    told = analysed.told
    bounds = BOUNDS[contract.task]
    sample = draw(table, contract)
    found: dict[str, LeakSuspect] = {}
    rowwise = list(order_of_rows(sample, bounds)) if sample else []
    if sample is not None:
        _take(found, identifiers(sample, bounds))
        _take(found, groups(table, sample, analysed.profiles))
    single = sorted([*gaps(told, sample, bounds), *values(told, sample, bounds)], key=_strongest_first)
    perfect = {
        each.column for each in single if each.strength >= bounds.perfect or each.kind == "missingness"
    }
    if sample is not None:
        _take(found, aggregates(sample, perfect | found.keys()))
        _take(found, (each for each in times(sample, bounds) if each.column not in perfect))
    _take(found, single)
    combined = _pairs(sample, told, found, bounds) if sample else []
    everything = [*found.values(), *combined, *rowwise]
    return tuple(sorted((_decided(contract, each) for each in everything), key=_strongest_first))


def _take(found: dict[str, LeakSuspect], suspects: Iterable[LeakSuspect]) -> None:
    """A column that has a finding keeps it."""
    for each in suspects:
        found.setdefault(each.column, each)


def _strongest_first(each: LeakSuspect) -> tuple[float, tuple[str, ...]]:
    return -each.strength, each.columns


def _pairs(
    sample: Sample, told: Mapping[str, Told], found: Mapping[str, LeakSuspect], bounds: Bounds
) -> list[LeakSuspect]:
    honest = max((each.value for name, each in told.items() if name not in found), default=0.0)
    return list(pairs(sample, found.keys(), honest, bounds))


def _decided(contract: Contract, each: LeakSuspect) -> LeakSuspect:
    """With the decision about one of its columns; that of a pair may stand at either."""
    deciding = each.columns if each.kind in ("pair", "missingness") else each.columns[:1]
    columns = [contract.column(name) for name in deciding]
    for column in columns:
        if column.leak is not None:
            return each.model_copy(update={"decision": column.leak, "reason": column.leak_reason})
    return each
