"""Pairs of rows that share a key, and in how many cells they differ, found in the engine.

Of a long table only the blocks whose hash falls below a bound are looked at: a sample of blocks, not of
rows, so that both rows of a pair are in it or neither. Which blocks, how large they may be and which pairs
stand for chance follows from what is in the cells alone: not from threads, nor from the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from fullcycle.core.engines.functions import hash_of
from fullcycle.core.engines.plain import numbers_of
from fullcycle.core.engines.sample import stored
from fullcycle.core.engines.tables import ROW, from_arrow, to_arrow
from fullcycle.core.engines.tall import fetch
from fullcycle.cycle.clean.near.keys import folded

if TYPE_CHECKING:
    import pyarrow as pa

PARTS = 1_000_000  # in which shares of blocks are counted
BLOCK_AT_MOST = 64  # rows; more that share a key are alike by chance
PAIRS_AT_MOST = 200_000
CHANCE_AT_MOST = 2_000  # pairs that show how cells differ by chance
COLUMNS_AT_ONCE = 100
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Two rows each, `first` before `second`: those that differ in few cells, and some that share a key and
    differ in more. `share` of all blocks was looked at."""

    first: Rows
    second: Rows
    chance_first: Rows
    chance_second: Rows
    share: float


def pairs_alike(
    table: ibis.Table, keys: Sequence[Sequence[str]], names: Sequence[str], share: float
) -> Pairs:
    """Every pair in the looked at blocks that differs in fewer cells than there are keys."""
    with ExitStack() as stack:
        hashes = stack.enter_context(stored(_key_hashes(table, keys, share)))
        members, share = _members(hashes, len(keys), share)
        if not len(members[ROW]):
            none = np.empty(0, np.int64)
            return Pairs(none, none, none, none, share)
        shared = from_arrow(members)
        chosen = table.filter(table[ROW].isin(shared.select(ROW).distinct()[ROW]))
        cells = {f"c{place}": hash_of(folded(chosen[name])) for place, name in enumerate(names)}
        rows = stack.enter_context(stored(chosen.select(ROW, **cells)))
        alike = stack.enter_context(stored(_sharing(shared)))
        differ, first, second, pick = _differences(alike, rows, len(names))
    near = differ < len(keys)
    chance = _chosen_by_content(~near, pick)
    return Pairs(first[near], second[near], first[chance], second[chance], share)


def _key_hashes(table: ibis.Table, keys: Sequence[Sequence[str]], share: float) -> ibis.Table:
    hashes = {
        f"h{place}": hash_of(
            folded(table[key[0]])
            if len(key) == 1
            else ibis.struct({f"c{at}": folded(table[name]) for at, name in enumerate(key)})
        )
        for place, key in enumerate(keys)
    }
    hashed = table.select(ROW, **hashes)
    return hashed if share >= 1 else hashed.filter(reduce(or_, (_within(hashed[h], share) for h in hashes)))


def _within(hashed: Any, share: float) -> Any:
    return (hashed % PARTS) < round(share * PARTS)


def _members(hashes: ibis.Table, keys: int, share: float) -> tuple[pa.Table, float]:
    """Rows of blocks (key k, hash h) that are neither alone nor in a crowd; and the share that was taken."""
    each = [
        part.filter(_within(part.h, share))
        for part in (hashes.select(ROW, k=ibis.literal(k), h=hashes[f"h{k}"]) for k in range(keys))
    ]
    tall = reduce(lambda one, other: one.union(other), each)
    blocks = tall.group_by("k", "h").aggregate(n=tall.count())
    blocks = from_arrow(to_arrow(blocks.filter(blocks.n.between(2, BLOCK_AT_MOST))))
    sizes = fetch(blocks.group_by("n").aggregate(blocks=blocks.count()).order_by("n"))
    largest, share = _bounds([(row["n"], row["blocks"]) for row in sizes], share)
    taken = blocks.filter((blocks.n <= largest) & _within(blocks.h, share)).select("k", "h")
    members: pa.Table = to_arrow(tall.semi_join(taken, ["k", "h"]))
    return members, share


def _bounds(sizes: Sequence[tuple[int, int]], share: float) -> tuple[int, float]:
    """The largest block that still fits in the bound of pairs; if not even pairs alone fit, fewer blocks."""
    largest, pairs = 2, 0.0
    for size, blocks in sizes:
        pairs += blocks * size * (size - 1) / 2
        if pairs > PAIRS_AT_MOST:
            break
        largest = size
    twos = sum(blocks for size, blocks in sizes if size == 2)
    return largest, share * min(1.0, PAIRS_AT_MOST / max(twos, 1))


def _sharing(members: ibis.Table) -> ibis.Table:
    """Pairs of rows of one block, each once; `pick` is the least hash of what they share."""
    other = members.view()
    both = members.join(
        other, [members.k == other.k, members.h == other.h, members[ROW] < other[ROW]]
    ).select(**{ROW: members[ROW]}, b=other[ROW], h=members.h)
    return both.group_by(ROW, "b").aggregate(pick=both.h.min())


def _differences(alike: ibis.Table, rows: ibis.Table, columns: int) -> tuple[Any, Rows, Rows, Any]:
    """Cells that differ in each pair, its rows and its pick, in the order of rows."""
    differ: Any = 0
    for start in range(0, columns, COLUMNS_AT_ONCE):
        names = [f"c{place}" for place in range(start, min(start + COLUMNS_AT_ONCE, columns))]
        found = to_arrow(_counted(alike, rows, names))
        differ = differ + numbers_of(found["differ"])
    return differ, *(numbers_of(found[name]) for name in (ROW, "b", "pick"))


def _counted(alike: ibis.Table, rows: ibis.Table, names: Sequence[str]) -> ibis.Table:
    one = rows.select(a=rows[ROW], **{f"a{name}": rows[name] for name in names})
    other = rows.select(o=rows[ROW], **{f"b{name}": rows[name] for name in names})
    joined = alike.join(one, alike[ROW] == one.a).join(other, alike.b == other.o)
    unequal = [(joined[f"a{name}"] != joined[f"b{name}"]).cast("int64") for name in names]
    return joined.select(ROW, "b", "pick", differ=reduce(add, unequal)).order_by(ROW, "b")


def _chosen_by_content(wanted: Any, pick: Any) -> Any:
    """About so many of them, the same whatever the order of rows."""
    number = int(wanted.sum())
    if number <= CHANCE_AT_MOST:
        return wanted
    return wanted & (pick % PARTS < PARTS * CHANCE_AT_MOST / number)
