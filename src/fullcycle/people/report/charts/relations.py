"""Relations: estimates with intervals, points and curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    Format,
    bottom_axis,
    left_axis,
    legend,
    line,
    n,
    padded,
    polyline,
    room_for,
    row_label,
    svg,
    text,
    whisker,
)
from fullcycle.people.report.charts.distributions import marker

LEFT, RIGHT, TOP = 56.0, WIDTH - 12, 30.0
ROW = 24.0
GROUP_MARKS = (  # class and path around its middle
    ("px", "m-2-2l4 4m0-4l-4 4"),
    ("p2", "m0-2.8l2.6 4.6h-5.2Z"),
    ("p2", "m-2.2-2.2h4.4v4.4h-4.4Z"),
    ("px", "m-2.8 0h5.6m-2.8-2.8v5.6"),
)


@dataclass(frozen=True)
class Estimate:
    """A value with its bounds; `reference` is drawn as a hollow diamond in the same row."""

    label: str
    value: float
    low: float
    high: float
    reference: float | None = None
    told: str = ""


@dataclass(frozen=True)
class Series:
    """Points of one group."""

    label: str
    points: Sequence[tuple[float, float]]


def intervals(
    data: Sequence[Estimate],
    *,
    label: str,
    x_title: str,
    x_format: Format,
    span: tuple[float, float] | None = None,
    mark: float | None = None,
) -> Markup:
    """A row for each estimate: its point, its whiskers, its value at the right; `mark` is a line for all."""
    ends = [end for row in data for end in (row.low, row.high, row.value)]
    ends += [] if mark is None else [mark]
    ends += [row.reference for row in data if row.reference is not None]
    low, high = span or padded(ends)
    left = room_for(row.label for row in data)
    x = Axis(low, high, left, RIGHT - 48, x_title, x_format)
    bottom = 6 + ROW * len(data)
    rows = [_interval(row, 6 + ROW * (index + 0.5), x) for index, row in enumerate(data)]
    across = "" if mark is None else line(x(mark), 2, x(mark), bottom, "l2 da")
    return svg(bottom + 40, label, bottom_axis(x, bottom, top=2), across, *rows)


def _interval(row: Estimate, y: float, x: Axis) -> str:
    told = f"<title>{escape(row.told)}</title>" if row.told else ""
    reference = "" if row.reference is None else f'<path class="l2" d="{marker(3, x(row.reference), y, 4)}"/>'
    return (
        row_label(y, row.label, x.start)
        + reference
        + whisker(x(row.low), x(row.high), y, "l1")
        + f'<path class="m1" d="{marker(0, x(row.value), y, 4.5)}">{told}</path>'
        + text(RIGHT - 42, y + 4, x.format(row.value), css="vl")
    )


def strips(data: Mapping[str, Sequence[float]], *, label: str, x_title: str, x_format: Format) -> Markup:
    """Each value of a group as a dot in the group's row."""
    low, high = padded([value for values in data.values() for value in values])
    left = room_for(data)
    x = Axis(low, high, left, RIGHT, x_title, x_format)
    bottom = 6 + ROW * len(data)
    rows = []
    for index, (name, values) in enumerate(data.items()):
        y = 6 + ROW * (index + 0.5)
        marks = "".join(marker(index, x(value), y, 4) for value in values)
        rows.append(row_label(y, name, left) + f'<path class="m1 op" d="{marks}"/>')
    return svg(bottom + 40, label, bottom_axis(x, bottom, top=2), *rows)


def scatter(
    data: Sequence[Series],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
    diagonal: bool = False,
) -> Markup:
    """Points of one or more groups: the last are filled dots, each of those before it has its own mark."""
    bottom = 250.0
    points = [point for series in data for point in series.points]
    x_low, x_high = padded([x for x, _ in points])
    y_low, y_high = padded([y for _, y in points])
    if diagonal:
        x_low = y_low = min(x_low, y_low)
        x_high = y_high = max(x_high, y_high)
    x = Axis(x_low, x_high, LEFT, RIGHT, x_title, x_format)
    y = Axis(y_low, y_high, bottom, TOP, y_title, y_format)
    parts = [left_axis(y, LEFT, right=RIGHT), bottom_axis(x, bottom)]
    if diagonal:
        parts.append(line(x(x_low), y(x_low), x(x_high), y(x_high), "l2 da"))
    last = len(data) - 1
    for index, series in enumerate(data):
        parts.append(_dots(series, x, y) if index == last else _group(series, index, x, y))
    if last == 0:
        return svg(bottom + 40, label, *parts)
    kinds = [(_legend_mark(index, last), series.label) for index, series in enumerate(data)]
    named, down = legend(kinds, bottom + 54)
    return svg(bottom + 66 + down, label, *parts, named)


def _group(series: Series, kind: int, x: Axis, y: Axis) -> str:
    """Groups before the last: crosses, hollow triangles, hollow squares, plus signs."""
    css, d = GROUP_MARKS[kind % len(GROUP_MARKS)]
    marks = "".join(f"M{n(x(a))} {n(y(b))}{d}" for a, b in series.points)
    return f'<path class="{css}" d="{marks}"/>'


def _dots(series: Series, x: Axis, y: Axis) -> str:
    return f'<path class="pt" d="{"".join(f"M{n(x(a))} {n(y(b))}h0" for a, b in series.points)}"/>'


def _legend_mark(index: int, last: int) -> Callable[[float, float], str]:
    """The mark of a group."""
    css, d = ("pt", "h0") if index == last else GROUP_MARKS[index % len(GROUP_MARKS)]
    return lambda x, y: f'<path class="{css} lg" d="M{n(x)} {n(y)}{d}"/>'


@dataclass(frozen=True)
class Numbered:
    """A point with its number beside it: `front` if no other is better in all, `chosen` if it was taken."""

    x: float
    y: float
    name: str
    told: str
    front: bool = True
    chosen: bool = False


def numbered(
    points: Sequence[Numbered],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
    names: tuple[str, str, str],
) -> Markup:
    """Points that a table beside the picture explains; `names` are those of chosen, front and others."""
    bottom = 230.0
    x = Axis(*padded([point.x for point in points], 0.1), LEFT, RIGHT, x_title, x_format)
    y = Axis(*padded([point.y for point in points], 0.1), bottom, TOP, y_title, y_format)
    marks = [_numbered_mark(point, x(point.x), y(point.y)) for point in points]
    kinds = [(_shape(0, css), name) for css, name in zip(("m1", "m4", "m5"), names, strict=True)]
    named, down = legend(kinds, bottom + 54)
    return svg(
        bottom + 62 + down,
        label,
        left_axis(y, LEFT, right=RIGHT),
        bottom_axis(x, bottom),
        *marks,
        named,
    )


def _numbered_mark(point: Numbered, x: float, y: float) -> str:
    css = "m1" if point.chosen else "m4" if point.front else "m5"
    size = 6 if point.chosen else 4.5
    told = f"<title>{escape(point.told)}</title>"
    return f'<path class="{css}" d="{marker(0, x, y, size)}">{told}</path>' + text(x + 8, y - 5, point.name)


def _shape(kind: int, css: str) -> Callable[[float, float], str]:
    """A marker of a legend."""
    return lambda x, y: f'<path class="{css}" d="{marker(kind, x, y, 4.5)}"/>'


def curve(
    points: Sequence[tuple[float, float]], *, label: str, x_title: str, y_title: str, share_format: Format
) -> Markup:
    """A curve in the unit square above its diagonal: the ROC."""
    bottom = 300.0
    x = Axis(0, 1, LEFT, RIGHT, x_title, share_format)
    y = Axis(0, 1, bottom, TOP, y_title, share_format)
    drawn = polyline([(x(a), y(b)) for a, b in points], "l1 th")
    return svg(
        bottom + 40,
        label,
        left_axis(y, LEFT, right=RIGHT),
        bottom_axis(x, bottom),
        line(x(0), y(0), x(1), y(1), "l2 da"),
        drawn,
    )


def calibration(
    data: Sequence[tuple[float, float, float, float, str]],
    *,
    label: str,
    x_title: str,
    y_title: str,
    share_format: Format,
) -> Markup:
    """(predicted, observed, low, high, told) as points with whiskers beside the diagonal of honesty."""
    bottom = 300.0
    x = Axis(0, 1, LEFT, RIGHT, x_title, share_format)
    y = Axis(0, 1, bottom, TOP, y_title, share_format)
    marks = [
        line(x(p), y(low), x(p), y(high), "l1")
        + f'<path class="m1" d="{marker(0, x(p), y(o), 4.5)}"><title>{escape(told)}</title></path>'
        for p, o, low, high, told in data
    ]
    joined = polyline([(x(row[0]), y(row[1])) for row in data], "l1 op")
    return svg(
        bottom + 40,
        label,
        left_axis(y, LEFT, right=RIGHT),
        bottom_axis(x, bottom),
        line(x(0), y(0), x(1), y(1), "l2 da"),
        joined,
        *marks,
    )


def trials(
    data: Sequence[tuple[int, float, str]],
    best: Sequence[tuple[int, float]],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
) -> Markup:
    """(number, score, model) as marks shaped by model, and the best so far as a stair."""
    bottom = 220.0
    low, high = padded([score for _, score, _ in data])
    numbers = [number for number, _, _ in data]
    x = Axis(min(numbers) - 0.5, max(numbers) + 0.5, LEFT, RIGHT, x_title, x_format)
    y = Axis(low, high, bottom, TOP, y_title, y_format)
    models = sorted({model for _, _, model in data})
    marks = [
        f'<path class="m1 op" d="{marker(models.index(model), x(number), y(score), 4)}">'
        f"<title>{escape(f'{x_format(number)} · {model}: {y_format(score)}')}</title></path>"
        for number, score, model in data
    ]
    named, down = legend([(_shape(kind, "m1"), model) for kind, model in enumerate(models)], bottom + 56)
    return svg(
        bottom + 66 + down,
        label,
        left_axis(y, LEFT, right=RIGHT),
        bottom_axis(x, bottom),
        _stair(best, x, y),
        *marks,
        named,
    )


def _stair(best: Sequence[tuple[int, float]], x: Axis, y: Axis) -> str:
    if not best:
        return ""
    steps = f"M{n(x(best[0][0]))} {n(y(best[0][1]))}"
    steps += "".join(f"H{n(x(number))}V{n(y(score))}" for number, score in best[1:])
    return f'<path class="l1" d="{steps}"/>'


def log_bars(
    data: Sequence[tuple[str, float]],
    *,
    limit: float,
    limit_label: str,
    label: str,
    x_title: str,
    value_format: Format,
    tick_format: Format,
) -> Markup:
    """Small magnitudes on a logarithmic scale beside the limit that they must not pass."""
    left, floor = room_for(name for name, _ in data), 1e-10
    low = 10.0 ** (-10 if any(v < 1e-9 for _, v in data) else -9)
    x = Axis(
        low,
        max(limit * 10, *(value for _, value in data)),
        left,
        RIGHT - 56,
        x_title,
        tick_format,
        log=True,
    )
    bottom = 22 + ROW * len(data)
    rows = []
    for index, (name, value) in enumerate(data):
        y = 22 + ROW * (index + 0.5)
        rows.append(row_label(y, name, left) + line(left, y, x(max(value, floor)), y, "l2"))
        rows.append(f'<path class="m1" d="{marker(0, x(max(value, floor)), y, 4.5)}"/>')
        rows.append(text(RIGHT - 50, y + 4, value_format(value), css="vl"))
    border = line(x(limit), 16, x(limit), bottom, "l1 da") + text(x(limit), 12, limit_label, css="c")
    return svg(bottom + 40, label, bottom_axis(x, bottom, top=18), border, *rows)
