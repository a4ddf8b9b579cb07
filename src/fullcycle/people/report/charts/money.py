"""Curves over the share of rows that are acted on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    Format,
    bottom_axis,
    left_axis,
    line,
    padded,
    polyline,
    svg,
)
from fullcycle.people.report.charts.distributions import marker

LEFT, RIGHT, TOP, BOTTOM = 64.0, WIDTH - 14, 30.0, 220.0


def share_curve(
    points: Sequence[tuple[float, float]],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
    chosen: tuple[float, float] | None = None,
    told: str = "",
    reference: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Markup:
    """A curve over shares from 0 to 1; `reference` is a dashed line between two points, `chosen` a filled dot
    where one stands on the curve."""
    extra = [*(reference or ()), *([] if chosen is None else [chosen])]
    low, high = padded([y for _, y in (*points, *extra)])
    x = Axis(0, 1, LEFT, RIGHT, x_title, x_format)
    y = Axis(low, high, BOTTOM, TOP, y_title, y_format)
    parts = [left_axis(y, LEFT, right=RIGHT), bottom_axis(x, BOTTOM)]
    if reference is not None:
        (x1, y1), (x2, y2) = reference
        parts.append(line(x(x1), y(y1), x(x2), y(y2), "l2 da"))
    parts.append(polyline([(x(a), y(b)) for a, b in points], "l1 th"))
    if chosen is not None:
        at, value = chosen
        parts.append(line(x(at), BOTTOM, x(at), y(value), "l1 da"))
        mark = marker(0, x(at), y(value), 5)
        parts.append(f'<path class="m1" d="{mark}"><title>{escape(told)}</title></path>')
    return svg(BOTTOM + 40, label, *parts)
