"""Two rows as a person compares them: what differs first, then what tells that they are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from fullcycle.core.contract.model import Contract, Role
from fullcycle.core.engines.plain import numbers_of
from fullcycle.core.engines.tables import ROW
from fullcycle.core.evidence.clean import NearPair, PairCell
from fullcycle.cycle.clean.near.chance import Compared

EQUAL_SHOWN = 4
CHARACTERS, BEFORE = 60, 20  # of a long text, and those before the first difference

Kind = Literal["text", "number", "moment", "missing", "name"]


def shown_pair(
    pair: Compared, across: bool, contract: Contract, bits: Mapping[str, float], cells: pa.Table
) -> NearPair:
    """Cells that differ (identifiers too), then the equal ones that say most, without what is personal."""
    one, other = (_row(cells, number) for number in (pair.first, pair.second))
    shown = list(_differing(pair, contract, one, other))
    equal = [name for name in bits if name not in pair.differ]
    hidden = {column.name for column in contract.columns if column.personal}
    telling = sorted((name for name in equal if one[name] is not None), key=lambda name: -bits[name])
    for name in [name for name in telling if name not in hidden][:EQUAL_SHOWN]:
        shown.append(_cell(name, None, one[name], other[name]))
    return NearPair(first=pair.first, second=pair.second, equal=len(equal), cells=tuple(shown), across=across)


def _row(cells: pa.Table, number: int) -> dict[str, Any]:
    place = int(np.flatnonzero(numbers_of(cells[ROW]) == number)[0])
    row: dict[str, Any] = cells.slice(place, 1).to_pylist()[0]
    return row


def _differing(
    pair: Compared, contract: Contract, one: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[PairCell]:
    for column in contract.columns:
        name = column.name
        named = column.role is Role.identifier and name in one and one[name] != other[name]
        if not named and name not in pair.differ:
            continue
        kind: Kind | None = "name" if named else pair.differ[name]
        if column.personal:
            yield PairCell(column=name, kind=kind, hidden=True)
        else:
            yield _cell(name, kind, one[name], other[name])


def _cell(name: str, kind: Kind | None, one: Any, other: Any) -> PairCell:
    first, second = _text(one), _text(other)
    if first is not None and second is not None:
        start = _start(first, second)
        first, second = _cut(first, start), _cut(second, start)
    return PairCell(column=name, kind=kind, first=first, second=second)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _start(one: str, other: str) -> int:
    """Where to begin so that the first difference is seen."""
    if max(len(one), len(other)) <= CHARACTERS:
        return 0
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return max(same - BEFORE, 0)


def _cut(text: str, start: int) -> str:
    ends = start + CHARACTERS
    return ("…" if start else "") + text[start:ends] + ("…" if ends < len(text) else "")
