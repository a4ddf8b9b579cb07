"""Before and now: two distributions of one column in one picture."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    Format,
    bar,
    bottom_axis,
    left_axis,
    line,
    polyline,
    room_for,
    row_label,
    svg,
    text,
)

LEFT, RIGHT, TOP, BOTTOM = 52.0, WIDTH - 12, 30.0, 168.0
ROW, HALF = 30.0, 9.0


def two_histograms(
    edges: Sequence[float],
    before: Sequence[float],
    now: Sequence[float],
    *,
    label: str,
    axes: tuple[str, str],
    formats: tuple[Format, Format],
    legend: tuple[str, str],
) -> Markup:
    """Shares of rows by bin: now as bars, before as a line of steps. Axes and formats are x, then y."""
    x = Axis(edges[0], edges[-1], LEFT, RIGHT, axes[0], formats[0])
    y = Axis(0, max((*before, *now, 1e-9)), BOTTOM, TOP, axes[1], formats[1])
    bars = [
        bar(
            x(low) + 0.5,
            y(share),
            x(high) - 0.5,
            BOTTOM,
            "m1 op",
            title=f"{formats[0](low)} – {formats[0](high)}: {formats[1](share)}",
        )
        for low, high, share in zip(edges, edges[1:], now, strict=False)
        if share
    ]
    steps = [
        (x(end), y(share))
        for low, high, share in zip(edges, edges[1:], before, strict=False)
        for end in (low, high)
    ]
    return svg(
        BOTTOM + 60,
        label,
        left_axis(y, LEFT, right=RIGHT),
        *bars,
        polyline(steps, "l3"),
        bottom_axis(x, BOTTOM),
        _legend(legend, BOTTOM + 54, line(WIDTH / 2, BOTTOM + 50, WIDTH / 2 + 12, BOTTOM + 50, "l3")),
    )


def two_shares(
    data: Sequence[tuple[str, float, float]],
    *,
    label: str,
    x_title: str,
    value_format: Format,
    legend: tuple[str, str],
) -> Markup:
    """Shares of rows by category: now above, before below it."""
    left = room_for(name for name, *_ in data)
    high = max((max(before, now) for _, before, now in data), default=0.0) or 1.0
    x = Axis(0, high, left, RIGHT - 48, x_title, value_format)
    bottom = 6 + ROW * len(data)
    rows = []
    for index, (name, before, now) in enumerate(data):
        y = 6 + ROW * (index + 0.5)
        rows += [
            row_label(y, name, left),
            bar(x(0), y - HALF, x(now), y, "m1 op", title=value_format(now)),
            bar(x(0), y + 1, x(before), y + HALF, "m2", title=value_format(before)),
            text(max(x(now), x(before)) + 5, y + 4, value_format(now), css="vl"),
        ]
    mark = bar(WIDTH / 2, bottom + 47, WIDTH / 2 + 10, bottom + 56, "m2")
    return svg(bottom + 62, label, bottom_axis(x, bottom, top=2), *rows, _legend(legend, bottom + 56, mark))


def _legend(names: tuple[str, str], y: float, mark_before: str) -> str:
    """Both names after their marks: a bar for now, for before whatever it is drawn as."""
    now, before = names
    return bar(16, y - 9, 26, y, "m1 op") + text(32, y, now) + mark_before + text(WIDTH / 2 + 18, y, before)
