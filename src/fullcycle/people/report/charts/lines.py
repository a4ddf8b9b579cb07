"""Lines over time: an estimate by period, with its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    Format,
    bottom_axis,
    left_axis,
    line,
    n,
    padded,
    polyline,
    svg,
)
from fullcycle.people.report.charts.distributions import marker

LEFT, RIGHT, TOP, BOTTOM = 56.0, WIDTH - 14, 30.0, 168.0
DOTS_AT_MOST = 40


@dataclass(frozen=True)
class Period:
    """A value in [start, end), with its bounds where there are any."""

    start: float
    end: float
    value: float
    low: float | None = None
    high: float | None = None
    told: str = ""

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class TimeAxis(Axis):
    """A scale whose ticks are the starts of periods, because round numbers of microseconds are no dates."""

    starts: tuple[float, ...] = ()

    def ticks(self) -> list[float]:
        stride = max(1, round(len(self.starts) / 4))
        return list(self.starts[::stride])


def time_line(
    data: Sequence[Period],
    *,
    label: str,
    x_title: str,
    y_title: str,
    x_format: Format,
    y_format: Format,
    mark: float | None = None,
) -> Markup:
    """A line through the periods' middles in a band of their intervals; `mark` is a line for all periods."""
    values = [v for p in data for v in (p.value, p.low, p.high) if v is not None]
    low, high = padded([*values, *([] if mark is None else [mark])])
    starts = tuple(p.start for p in data)
    x = TimeAxis(data[0].start, data[-1].end, LEFT, RIGHT, x_title, x_format, starts=starts)
    y = Axis(low, high, BOTTOM, TOP, y_title, y_format)
    across = "" if mark is None else line(LEFT, y(mark), RIGHT, y(mark), "l2 da")
    drawn = polyline([(x(p.middle), y(p.value)) for p in data], "l1 th")
    dots = "".join(_dot(p, x, y) for p in data) if len(data) <= DOTS_AT_MOST else ""
    band = _band([p for p in data if p.low is not None and p.high is not None], x, y)
    return svg(
        BOTTOM + 40, label, left_axis(y, LEFT, right=RIGHT), bottom_axis(x, BOTTOM), band, across, drawn, dots
    )


@dataclass(frozen=True)
class Banded:
    """A point of a line with its band."""

    at: float
    value: float
    low: float
    high: float


def banded_line(
    data: Sequence[Banded], *, label: str, x_title: str, y_title: str, x_format: Format, y_format: Format
) -> Markup:
    """A line through points in the order of `at`, within its band."""
    low, high = padded([end for point in data for end in (point.low, point.high, point.value)])
    x = Axis(data[0].at, data[-1].at, LEFT, RIGHT, x_title, x_format)
    y = Axis(low, high, BOTTOM, TOP, y_title, y_format)
    upper = [f"{n(x(p.at))} {n(y(p.high))}" for p in data]
    lower = [f"{n(x(p.at))} {n(y(p.low))}" for p in reversed(data)]
    band = f'<path class="bd" d="M{"L".join([*upper, *lower])}Z"/>'
    drawn = polyline([(x(p.at), y(p.value)) for p in data], "l1 th")
    dots = "".join(
        f'<path class="m1" d="{marker(0, x(p.at), y(p.value), 2.6)}">'
        f"<title>{escape(f'{x_format(p.at)}: {y_format(p.value)}')}</title></path>"
        for p in data
    )
    return svg(BOTTOM + 40, label, left_axis(y, LEFT, right=RIGHT), bottom_axis(x, BOTTOM), band, drawn, dots)


def _band(data: Sequence[Period], x: Axis, y: Axis) -> str:
    if len(data) < 2:
        return ""
    upper = [f"{n(x(p.middle))} {n(y(p.high if p.high is not None else p.value))}" for p in data]
    lower = [f"{n(x(p.middle))} {n(y(p.low if p.low is not None else p.value))}" for p in reversed(data)]
    return f'<path class="bd" d="M{"L".join([*upper, *lower])}Z"/>'


def _dot(period: Period, x: Axis, y: Axis) -> str:
    d = marker(0, x(period.middle), y(period.value), 2.6)
    return f'<path class="m1" d="{d}"><title>{escape(period.told)}</title></path>'
