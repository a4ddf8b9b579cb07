"""Whether the server said what a table would have got: a sample of answered rows goes the way of `score`.

The log keeps each row as the contract read it. A table of these rows is read by the contract's other
compilation (Ibis), fed to the graph in batches, and compared with what was answered, by the tolerances that
the bundle was proven with. Reading what was read before must change nothing, so that is compared, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from fullcycle.core.bundle.model import PROBABILITY_TOLERANCE, VALUE_TOLERANCE
from fullcycle.core.contract.model import Column, ColumnType
from fullcycle.core.evidence.skew import SkewDifference, SkewFacts

if TYPE_CHECKING:
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.live.log.read import OpenLog

ROWS = 1000  # a fault of one row in 300 is in such a sample 96 times in 100
EXAMPLES = 20
OF_A_MODEL = ("champion", "challenger", "shadow", "previous")
SAMPLE = """
SELECT request_id, row, route, version, inputs, output FROM (
    SELECT * FROM predictions WHERE {where}
) USING SAMPLE reservoir({rows} ROWS) REPEATABLE ({seed})
"""


@dataclass(frozen=True)
class ServedRow:
    """One answered row of the log: values as the contract read them, and what was answered."""

    request_id: str
    row: int
    route: str
    version: str
    inputs: Mapping[str, Any]
    output: Mapping[str, Any]


def served_sample(log: OpenLog, *, where: str = "true", rows: int = ROWS, seed: int = 0) -> list[ServedRow]:
    """Rows of the log at random, equal for an equal seed; `where` is a condition on `predictions`."""
    drawn = log.rows(SAMPLE.format(where=where, rows=rows, seed=seed))
    return [
        ServedRow(**{**row, "inputs": orjson.loads(row["inputs"]), "output": orjson.loads(row["output"])})
        for row in drawn
    ]


def certify(served: Sequence[ServedRow], bundle_of: Callable[[str], Bundle | None]) -> SkewFacts:
    """Ask all rows again. `bundle_of` opens the bundle of a version, or says None where it is not here."""
    answered = [row for row in served if row.route in OF_A_MODEL]
    sorted_rows = sorted(answered, key=lambda row: (row.version, row.request_id, row.row))
    checked: list[_Checked] = []
    no_bundle = 0
    for version, rows in groupby(sorted_rows, key=lambda row: row.version):
        bundle = bundle_of(version)
        if bundle is None:
            no_bundle += sum(1 for _ in rows)
        else:
            checked.append(_check(bundle, list(rows)))
    differences = [difference for each in checked for difference in each.differences]
    return SkewFacts(
        rows=sum(each.rows for each in checked),
        different=len({(found.request_id, found.row, found.version) for found in differences}),
        largest=max((each.largest for each in checked), default=0.0),
        withheld=sum(each.withheld for each in checked),
        no_bundle=no_bundle,
        no_model=len(served) - len(answered),
        columns=dict(Counter(name for found in differences for name in found.columns)),
        differences=tuple(differences[:EXAMPLES]),
    )


@dataclass(frozen=True)
class _Checked:
    rows: int
    withheld: int
    largest: float
    differences: list[SkewDifference]


def _check(bundle: Bundle, served: Sequence[ServedRow]) -> _Checked:
    """Rows of one bundle."""
    rows = [row for row in served if _is_whole(bundle, row)]
    withheld = len(served) - len(rows)
    if not rows:
        return _Checked(0, withheld, 0.0, [])
    raw = _as_table(bundle, rows)
    answers, refused = _by_table(bundle, raw)
    kept = [at for at in range(len(rows)) if at not in refused]
    differences = [_difference(rows[at], "refused") for at in refused]
    differences += _read_otherwise(bundle, raw, rows, kept)
    largest = 0.0
    for at in kept:
        off, labels_differ = _off(bundle, rows[at].output, answers[at])
        largest = max(largest, off)
        if labels_differ:
            differences.append(_difference(rows[at], "label", by=off))
        elif off > 1:
            differences.append(_difference(rows[at], "number", by=off))
    return _Checked(len(rows), withheld, largest, differences)


def _is_whole(bundle: Bundle, row: ServedRow) -> bool:
    """Whether the log has every value: a personal one is there where it was missing, else hashed or left
    out."""
    return all(
        column.name in row.inputs and not (column.personal and row.inputs[column.name] is not None)
        for column in bundle.contract.features
    )


def _as_table(bundle: Bundle, rows: Sequence[ServedRow]) -> pa.Table:
    """As a table that was written with types: numbers, texts, truth values and moments."""
    import pyarrow as pa

    from fullcycle.core.engines.tables import ROW

    kinds: dict[ColumnType, Any] = {
        ColumnType.numeric: pa.float64(),
        ColumnType.boolean: pa.bool_(),
        ColumnType.datetime: pa.timestamp("us"),
    }
    columns = {
        column.name: pa.array(
            [row.inputs[column.name] for row in rows], type=kinds.get(column.type, pa.string())
        )
        for column in bundle.contract.features
    }
    return pa.table({**columns, ROW: pa.array(range(len(rows)), type=pa.int64())})


def _by_table(bundle: Bundle, raw: pa.Table) -> tuple[dict[int, dict[str, Any]], list[int]]:
    """Answers by number of the row, and the rows that are refused: what `fullcycle score` would write."""
    from fullcycle.live.score.chunk import SOURCE_ROW, Scorer

    with closing(Scorer(bundle, raw.schema, answers_only=True)) as scorer:
        chunk = scorer.score(raw)
    answered = chunk.answered.to_pylist()
    return {row[SOURCE_ROW]: row for row in answered}, chunk.rejected[SOURCE_ROW].to_pylist()


def _read_otherwise(
    bundle: Bundle, raw: pa.Table, rows: Sequence[ServedRow], kept: Sequence[int]
) -> Iterator[SkewDifference]:
    """Rows of which a column means something else once it is read from a table."""
    from fullcycle.core.bundle.predict import coerce

    if not kept:
        return
    read = coerce(raw.take(list(kept)), bundle.contract)
    columns = {column.name: _plain(read[column.name], column) for column in bundle.contract.features}
    for place, at in enumerate(kept):
        other = [name for name, values in columns.items() if values[place] != rows[at].inputs[name]]
        if other:
            yield _difference(rows[at], "read", *other)


def _plain(values: pa.ChunkedArray, column: Column) -> list[Any]:
    """As the log has them: moments in microseconds since 1970."""
    if column.type is ColumnType.datetime:
        return list(values.cast("timestamp[us]").cast("int64").to_pylist())
    return list(values.to_pylist())


def _off(bundle: Bundle, logged: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[float, bool]:
    """The largest difference of numbers in units of the tolerance, and whether another label was said."""
    if bundle.classes is None:
        names = [name for name in ("prediction", "prediction_low", "prediction_high") if name in logged]
        return max(_apart(logged[name], answer[name]) for name in names), False
    said = logged["probabilities"]
    off = max(
        abs(said[name] - answer[f"probability_{name}"]) / PROBABILITY_TOLERANCE for name in bundle.classes
    )
    return off, logged["prediction"] != answer["prediction"] and not _on_the_edge(bundle, said)


def _apart(first: float, second: float) -> float:
    return abs(first - second) / (VALUE_TOLERANCE * max(1.0, abs(first)))


def _on_the_edge(bundle: Bundle, said: Mapping[str, float]) -> bool:
    """Whether the last bits may decide on the label (DECISIONS 20)."""
    if bundle.threshold is not None and bundle.classes is not None:
        return abs(said[bundle.classes[-1]] - bundle.threshold) <= PROBABILITY_TOLERANCE
    first, second = sorted(said.values(), reverse=True)[:2]
    return first - second <= 2 * PROBABILITY_TOLERANCE


def _difference(row: ServedRow, kind: Any, *columns: str, by: float | None = None) -> SkewDifference:
    return SkewDifference(
        request_id=row.request_id, row=row.row, version=row.version, kind=kind, columns=columns, by=by
    )
