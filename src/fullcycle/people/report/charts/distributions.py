"""Distributions of one column: histogram, boxes, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import Box
from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    Format,
    bar,
    bottom_axis,
    left_axis,
    line,
    n,
    padded,
    room_for,
    row_label,
    svg,
    text,
    whisker,
)

LEFT, RIGHT, TOP = 52.0, WIDTH - 12, 30.0
ROW = 24.0


def histogram(
    data: Histogram,
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
    span: tuple[float, float] | None = None,
    top: int = 1,
) -> Markup:
    """Rows by bin; a bar spans its bin, and pointing at it tells both."""
    bottom = 168.0
    low, high = span or (data.edges[0], data.edges[-1])
    x = Axis(low, high if high > low else low + 1, LEFT, RIGHT, x_title, x_format)
    y = Axis(0, max((*data.counts, top)), bottom, TOP, y_title, y_format)
    bars = [
        bar(
            x(start) + 0.5,
            y(count),
            max(x(end) - 0.5, x(start) + 1),
            bottom,
            "m1",
            title=f"{x_format(start)} – {x_format(end)}: {y_format(count)}",
        )
        for start, end, count in zip(data.edges, data.edges[1:], data.counts, strict=False)
        if count
    ]
    return svg(bottom + 40, label, left_axis(y, LEFT, right=RIGHT), *bars, bottom_axis(x, bottom))


def boxes(data: Mapping[str, Box], *, label: str, x_title: str, x_format: Format) -> Markup:
    """Tukey's boxes one below the other on one scale, so that groups can be compared."""
    left = room_for(data)
    values = [value for box in data.values() for value in (box.low, box.high)]
    low, high = padded(values)
    bottom = 8 + ROW * len(data)
    x = Axis(low, high, left, RIGHT, x_title, x_format)
    rows = [_box(box, name, 8 + ROW * (index + 0.5), x) for index, (name, box) in enumerate(data.items())]
    return svg(bottom + 40, label, bottom_axis(x, bottom, top=4), *rows)


def _box(box: Box, name: str, y: float, x: Axis) -> str:
    told = " · ".join(x.format(value) for value in (box.low, box.q1, box.median, box.q3, box.high))
    return (
        row_label(y, name, x.start)
        + whisker(x(box.low), x(box.high), y, "l2")
        + bar(x(box.q1), y - 7, max(x(box.q3), x(box.q1) + 1), y + 7, "m3", title=told)
        + line(x(box.median), y - 7, x(box.median), y + 7, "l1 th")
    )


def bars(
    data: Sequence[tuple[str, float]],
    *,
    label: str,
    x_title: str,
    value_format: Format,
    x_format: Format | None = None,
    whole: float | None = None,
) -> Markup:
    """Lying bars with their value at the end; negative values grow to the left of zero.

    `whole` is what each could have been at most, drawn behind it.
    """
    x_format = x_format or value_format
    left = room_for(name for name, _ in data)
    values = [0.0, *(value for _, value in data), *([] if whole is None else [whole])]
    low, high = min(values), max(values)
    x = Axis(low, high if high > low else low + 1, left, RIGHT - 52, x_title, x_format)
    bottom = 6 + ROW * len(data)
    rows = [
        row_label(y, name, left)
        + ("" if whole is None else bar(x(0), y - 8, x(whole), y + 8, "m5"))
        + bar(min(x(0), x(value)), y - 8, max(x(0), x(value)), y + 8, "m1" if value >= 0 else "m4")
        + text(max(x(0), x(value)) + 5, y + 4, value_format(value), css="vl")
        for y, (name, value) in ((6 + ROW * (index + 0.5), row) for index, row in enumerate(data))
    ]
    return svg(bottom + 40, label, bottom_axis(x, bottom, top=2), *rows)


def marker(kind: int, x: float, y: float, r: float = 4.0) -> str:
    """The path of a circle, square, triangle, diamond or cross: shapes tell groups apart without colour."""
    match kind % 5:
        case 0:
            return f"M{n(x - r)} {n(y)}a{n(r)} {n(r)} 0 1 0 {n(2 * r)} 0a{n(r)} {n(r)} 0 1 0 {n(-2 * r)} 0Z"
        case 1:
            return f"M{n(x - r)} {n(y - r)}h{n(2 * r)}v{n(2 * r)}h{n(-2 * r)}Z"
        case 2:
            return f"M{n(x)} {n(y - r * 1.2)}l{n(r * 1.2)} {n(r * 2.1)}h{n(-r * 2.4)}Z"
        case 3:
            return (
                f"M{n(x)} {n(y - r * 1.4)}l{n(r * 1.4)} {n(r * 1.4)}l{n(-r * 1.4)}"
                f" {n(r * 1.4)}l{n(-r * 1.4)} {n(-r * 1.4)}Z"
            )
        case _:
            return (
                f"M{n(x - r)} {n(y - r)}l{n(2 * r)} {n(2 * r)}M{n(x - r)} {n(y + r)}l{n(2 * r)} {n(-2 * r)}"
            )
