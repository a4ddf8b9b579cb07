"""Tables as they should not be, one function for each; every one is written from a fixed seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path

ROWS = 150
Table = list[list[str]]
Write = Callable[[Path], None]


def good(rows: int = ROWS, seed: int = 5) -> Table:
    """A header and rows of amount, shop, visits and whether somebody came back (y)."""
    chance = random.Random(seed)
    table = [["amount", "shop", "visits", "y"]]
    for _ in range(rows):
        amount, shop = chance.uniform(1, 100), chance.choice(["north", "south", "west"])
        visits = chance.randint(0, 9)
        comes = amount + 12 * visits + (20 if shop == "north" else 0) + chance.gauss(0, 25) > 105
        table.append([f"{amount:.2f}", shop, str(visits), "yes" if comes else "no"])
    return table


def with_column(table: Table, name: str, values: Sequence[str]) -> Table:
    """The table with one column before the target."""
    return [[*row[:-1], value, row[-1]] for row, value in zip(table, [name, *values], strict=True)]


def renamed(table: Table, *names: str) -> Table:
    """The table with other names of its first columns."""
    return [[*names, *table[0][len(names) :]], *table[1:]]


def labelled(table: Table, label: Callable[[int], str]) -> Table:
    """The table with another target."""
    return [table[0], *([*row[:-1], label(at)] for at, row in enumerate(table[1:]))]


def as_csv(table: Table, path: Path, encoding: str = "utf-8") -> None:
    """Written as people's tools write it."""
    with path.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(table)


def text_of(table: Table) -> str:
    """The table as lines of CSV that need no quotes."""
    return "".join(",".join(row) + "\n" for row in table)


def csv_of(table: Table, encoding: str = "utf-8") -> Write:
    return lambda path: as_csv(table, path, encoding)


def bytes_of(content: bytes) -> Write:
    return lambda path: path.write_bytes(content) and None


def wide(columns: int, rows: int = 80) -> Write:
    """Numbers in so many columns, the first of which tells the target."""

    def write(path: Path) -> None:
        chance = random.Random(columns)
        table = [[*(f"c{at}" for at in range(columns)), "y"]]
        for _ in range(rows):
            values = [chance.gauss(0, 1) for _ in range(columns)]
            table.append([*(f"{value:.3f}" for value in values), "yes" if values[0] > 0 else "no"])
        as_csv(table, path)

    return write
