"""Maps: matrices of relations, and which columns are missing together.

A matrix of few columns has its numbers in its cells. Where they have no room, a square is as large as its
number, and filled where it is positive, hollow where negative: so it can be read in black and white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Format,
    bar,
    n,
    room_for,
    row_label,
    short,
    svg,
    text,
    width_of,
)

Matrix = Sequence[Sequence[float | None]]
NUMBERED_AT_MOST = 20  # columns whose cells still have room for their number
NUMBERED, SMALLEST = 40.0, 18.0  # sizes of a cell with a number, and of the smallest without
STEEP_LABEL = 16
TOP = 8.0


@dataclass(frozen=True)
class Grid:
    """Where cells lie: `left` of the first one, all of one size, under each other and beside each other."""

    left: float
    size: float

    def x(self, column: int) -> float:
        return self.left + self.size * (column + 0.5)

    def y(self, row: int) -> float:
        return TOP + self.size * (row + 0.5)


@dataclass(frozen=True)
class Spot:
    """The middle of a cell, its number, and how it is told."""

    x: float
    y: float
    size: float
    value: float | None
    shown: str
    name: str


def heat_map(
    rows: Sequence[str], columns: Sequence[str], values: Matrix, *, label: str, value_format: Format
) -> Markup:
    """Cells of shape (len(rows), len(columns)); a row of `values` may be shorter, as in a triangle."""
    grid = Grid(room_for(rows), cell_size(len(columns), room_for(rows)))
    draw = _shade if grid.size >= NUMBERED else _square
    parts = []
    for i, name in enumerate(rows):
        parts.append(row_label(grid.y(i), name, grid.left))
        for j, value in enumerate(values[i][: len(columns)]):
            shown = "–" if value is None else value_format(value)
            parts.append(draw(Spot(grid.x(j), grid.y(i), grid.size, value, shown, f"{name} × {columns[j]}")))
    return _mapped(grid, len(rows), columns, label, parts)


def triangle(columns: Sequence[str], values: Matrix, *, label: str, value_format: Format) -> Markup:
    """The lower triangle of a symmetric matrix, without its diagonal."""
    below = [row[:i] for i, row in enumerate(values[: len(columns)])][1:]
    return heat_map(columns[1:], columns[:-1], below, label=label, value_format=value_format)


def cell_size(columns: int, left: float) -> float:
    """How large a cell is drawn."""
    if columns <= NUMBERED_AT_MOST:
        return NUMBERED
    return max(SMALLEST, min(34.0, (WIDTH - left - 12) / max(1, columns)))


def is_wide(columns: int, left: float) -> bool:
    """Whether a map of so many columns needs more than a chart's usual width."""
    return left + cell_size(columns, left) * columns > WIDTH


def _mapped(grid: Grid, rows: int, columns: Sequence[str], label: str, parts: Sequence[str]) -> Markup:
    bottom = TOP + grid.size * rows
    steep = [
        f'<text transform="translate({n(grid.x(j) + 4)} {n(bottom + 8)}) rotate(-90)" class="e">'
        f"<title>{escape(name)}</title>{escape(short(name, STEEP_LABEL))}</text>"
        for j, name in enumerate(columns)
    ]
    below = bottom + 12 + max((width_of(short(name, STEEP_LABEL)) for name in columns), default=0.0)
    width = max(WIDTH, grid.left + grid.size * len(columns) + 4)
    return svg(below, label, *parts, *steep, width=width)


def _shade(spot: Spot) -> str:
    """A cell with its number, the darker the stronger."""
    if spot.value is None:
        return text(spot.x, spot.y + 4, spot.shown, css="c")
    css = f"h{min(10, max(0, round(10 * abs(spot.value))))}"
    return _cell(spot, spot.size / 2 - 1, css) + text(spot.x, spot.y + 4, spot.shown, css="c vl")


def _square(spot: Spot) -> str:
    """A square whose area is the number."""
    if spot.value is None:
        return text(spot.x, spot.y + 4, spot.shown, css="c")
    half = max(0.8, (spot.size / 2 - 1) * min(1.0, abs(spot.value)) ** 0.5)
    return _cell(spot, half, "m1" if spot.value >= 0 else "hn")


def _cell(spot: Spot, half: float, css: str) -> str:
    told = f"{spot.name}: {spot.shown}"
    return bar(spot.x - half, spot.y - half, spot.x + half, spot.y + half, css, title=told)


def patterns(columns: Sequence[str], data: Sequence[tuple[str, Sequence[str]]], *, label: str) -> Markup:
    """A row for each (name, missing columns): filled where a column is missing, a dot where it is there."""
    left = room_for(name for name, _ in data)
    grid = Grid(left, max(SMALLEST, min(34.0, (WIDTH - left - 12) / max(1, len(columns)))))
    parts = []
    for i, (name, missing) in enumerate(data):
        parts.append(row_label(grid.y(i), name, left))
        for j, column in enumerate(columns):
            half = grid.size / 2 - 2 if column in missing else 1.2
            css = "m1" if column in missing else "m2"
            x, y = grid.x(j), grid.y(i)
            parts.append(bar(x - half, y - half, x + half, y + half, css))
    return _mapped(grid, len(data), columns, label, parts)
