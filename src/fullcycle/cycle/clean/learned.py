"""What the training rows teach about each feature: summaries, policies, fences, studies of gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fullcycle.core.contract.model import ColumnType, Contract
from fullcycle.core.engines.counts import texts_with_top
from fullcycle.core.engines.measures import Moments, Spread, Tails, as_number, moments
from fullcycle.core.evidence.base import Finding, Severity, Summary
from fullcycle.core.evidence.clean import ColumnPolicy, MissingStudy
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.cycle.clean.quantiles import spreads_at_length

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir

EXAMPLE_CHARACTERS = 60
VALUES_COUNTED = 5_000  # of a text: the counts of so many tell how many there are, too

Fence = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """Features of one table: summaries of all, spreads and moments of numbers.

    Of a long table the quantiles are those of `sample_rows` rows.
    """

    summaries: Mapping[str, Summary]
    spread: Mapping[str, Spread]
    moments: Mapping[str, Moments]
    sample_rows: int | None = None


@dataclass(frozen=True)
class Learned:
    """Policies for the model, fences of numbers and what lies outside them, and studies of gaps."""

    policies: tuple[ColumnPolicy, ...]
    fences: Mapping[str, Fence]
    outside: Mapping[str, Tails]
    measured: Measured
    studies: tuple[MissingStudy, ...] = ()

    @property
    def dropping(self) -> tuple[str, ...]:
        """Columns whose outliers cost training rows."""
        return tuple(p.column for p in self.policies if p.outliers == "drop_row" and p.column in self.outside)


def measure(table: ibis.Table, contract: Contract, numbers: Mapping[str, ir.Value] | None = None) -> Measured:
    """Summaries of features, or of the given expressions over them."""
    if numbers is None:
        kinds = {c.name: c for c in contract.features}
        numbers = {
            n: as_number(table[n])
            for n, c in kinds.items()
            if c.type in (ColumnType.numeric, ColumnType.datetime)
        }
        texts = {n: table[n].cast("string") for n in kinds if n not in numbers}
    else:
        texts = {}
    spread, sample_rows = spreads_at_length(table, numbers)
    middles = moments(table, numbers, spread)
    counted, tops = texts_with_top(table, texts, VALUES_COUNTED)
    personal = {c.name for c in contract.columns if c.personal}
    summaries = {name: _number_summary(found, middles[name]) for name, found in spread.items()}
    summaries |= {
        name: _text_summary(found, None if name in personal else next(iter(tops[name]), None))
        for name, found in counted.items()
    }
    return Measured(summaries, spread, middles, sample_rows)


def sample_findings(measured: Measured) -> tuple[Finding, ...]:
    """That quantiles come from a sample, where they do."""
    if measured.sample_rows is None:
        return ()
    rows = next(iter(measured.summaries.values())).rows
    return (finding(Code.measured_on_sample, Severity.info, rows=rows, sample_rows=measured.sample_rows),)


def _number_summary(spread: Spread, middle: Moments) -> Summary:
    return Summary(
        rows=spread.rows,
        missing=spread.missing,
        distinct=spread.distinct,
        mean=_digits(middle.mean),
        median=spread.median,
        std=_digits(middle.std),
        min=spread.min,
        max=spread.max,
    )


def _text_summary(spread: Spread, mode: str | None) -> Summary:
    shown = None if mode is None else mode[:EXAMPLE_CHARACTERS]
    return Summary(rows=spread.rows, missing=spread.missing, distinct=spread.distinct, mode=shown)


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.9g}")
