"""The paper that charts are drawn on: scales, axes and the SVG around them.

Colours and fonts come from the page's style sheet by class, so that one picture serves light, dark and print.
Coordinates are rounded to a tenth of a unit: a page holds hundreds of charts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, runtime_checkable

from markupsafe import Markup

WIDTH = 400.0  # at a phone's 358 px the text of 12 units still has more than 10 px
LABEL_CHARACTERS = 20
LEGEND_LINE = 17.0
EDGE = 2.0  # air between a label and the picture's border
NARROW, WIDE = frozenset("iljtfrI1.,:;'|!()[] \N{NO-BREAK SPACE}г"), frozenset("mwMWжмшщыюфЖМШЩЫЮФ@%")
SMALLEST_STEP = 1e-300  # below, powers of ten leave the normal floats

MOST_DECIMALS = 9  # a longer label has no room

Format = Callable[[float], str]


@runtime_checkable
class Finer(Protocol):
    """A format that can be asked for more decimals."""

    def finer(self, decimals: int) -> Format:
        """The same to so many decimals."""


@dataclass(frozen=True)
class Axis:
    """A scale from data to units of the picture, with its ticks and its title (which names the unit)."""

    low: float
    high: float
    start: float
    end: float
    title: str
    format: Format
    log: bool = False

    def __call__(self, value: float) -> float:
        """Where a value lies; values beyond the scale lie at its border."""
        share = (self._position(value) - self._position(self.low)) / self._span()
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)

    def ticks(self) -> list[float]:
        """Round values within the scale, about five of them."""
        return powers_of_ten(self.low, self.high) if self.log else round_steps(self.low, self.high)

    def labels(self) -> list[tuple[float, str]]:
        """Ticks with what stands at them: as many digits as their step needs, no text twice in a row."""
        ticks = self.ticks()
        texts = [self._shown(ticks)(tick) for tick in ticks]
        kept = [place for place, shown in enumerate(texts) if place == 0 or shown != texts[place - 1]]
        return [(ticks[place], texts[place]) for place in kept]

    def _shown(self, ticks: Sequence[float]) -> Format:
        if len(ticks) < 2 or self.log or not isinstance(self.format, Finer):
            return self.format
        step = ticks[1] - ticks[0]
        around = [self.format(tick) for tick in (ticks[0] - step, *ticks, ticks[-1] + step)]
        decimals = max(0, -math.floor(math.log10(step) + 1e-6))
        told_apart = all(a != b for a, b in itertools.pairwise(around))
        return self.format if told_apart or decimals > MOST_DECIMALS else self.format.finer(decimals)

    def _position(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.log else value

    def _span(self) -> float:
        return (self._position(self.high) - self._position(self.low)) or 1.0


def round_steps(low: float, high: float, about: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten.

    >>> round_steps(0, 72)
    [0.0, 20.0, 40.0, 60.0]
    """
    rough = (high - low) / about
    if not rough > SMALLEST_STEP:
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    digits = max(0, 2 - math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, digits) + 0.0 for index in range(first, last + 1)]


def powers_of_ten(low: float, high: float, at_most: int = 5) -> list[float]:
    """Powers of ten within the scale, thinned to a handful."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / at_most))
    return [10.0**exponent for exponent in range(first, last + 1, stride)]


def padded(values: Sequence[float], share: float = 0.06) -> tuple[float, float]:
    """The range of some values with a little air; never empty."""
    low, high = min(values), max(values)
    air = (high - low) * share or abs(high) * 0.05 or 1.0
    return low - air, high + air


def n(value: float) -> str:
    """A coordinate, as short as it may be.

    >>> n(12.0), n(0.25), n(-0.04)
    ('12', '0.2', '0')
    """
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def short(label: str, characters: int = LABEL_CHARACTERS) -> str:
    """A label that fits beside an axis.

    >>> short("a very long category name", 10)
    'a very lo…'
    """
    label = " ".join(label.split())
    return label if len(label) <= characters else label[: characters - 1].rstrip() + "…"


def width_of(label: str, *, bold: bool = False) -> float:
    """About how wide a label is drawn, rather too wide than too narrow: fonts differ between machines."""
    width = sum(
        4.6 if letter in NARROW else 10.4 if letter in WIDE else 8.2 if letter.isupper() else 7.0
        for letter in label
    )
    return width * (1.07 if bold else 1.0)


def fitted(label: str, room: float, *, bold: bool = False) -> str:
    """A label shortened to so much room.

    >>> fitted("rows", 100), fitted("a very long category name", 60)
    ('rows', 'a very l…')
    """
    label = " ".join(label.split())
    kept = len(label)
    while kept > 1 and width_of(short(label, kept), bold=bold) > room:
        kept -= 1
    return short(label, kept)


def text(x: float, y: float, label: str, *, css: str = "", title: str = "") -> str:
    """A label; where it was shortened, `title` has it whole. Class `e` ends at x, `c` is centred there."""
    attributes = f' class="{css}"' if css else ""
    whole = f"<title>{escape(title)}</title>" if title and " ".join(title.split()) != label else ""
    return f'<text x="{n(x)}" y="{n(y)}"{attributes}>{whole}{escape(label)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return f'<path class="{css}" d="M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}"/>'


def bar(x1: float, y1: float, x2: float, y2: float, css: str, *, title: str = "") -> str:
    """A filled rectangle between two corners, told when pointed at."""
    told = f"<title>{escape(title)}</title>" if title else ""
    d = f"M{n(x1)} {n(y1)}H{n(x2)}V{n(y2)}H{n(x1)}Z"
    return f'<path class="{css}" d="{d}">{told}</path>' if told else f'<path class="{css}" d="{d}"/>'


def polyline(points: Sequence[tuple[float, float]], css: str) -> str:
    """Points joined by straight lines."""
    return f'<path class="{css}" d="M{"L".join(f"{n(x)} {n(y)}" for x, y in points)}"/>'


def whisker(x1: float, x2: float, y: float, css: str) -> str:
    """A lying line with an upright end on both sides."""
    return f'<path class="{css}" d="M{n(x1)} {n(y)}H{n(x2)}M{n(x1)} {n(y - 4)}v8M{n(x2)} {n(y - 4)}v8"/>'


def bottom_axis(axis: Axis, y: float, *, top: float | None = None) -> str:
    """Ticks, labels and the title below; grid lines up to `top` if given."""
    places = _with_room(axis)
    marks = "".join(
        f"M{n(x)} {n(y if top is None else top)}V{n(y + 4 if top is None else y)}" for _, x in places
    )
    labels = "".join(text(_inside(x, shown), y + 16, shown, css="c") for shown, x in places)
    grid = f'<path class="{"ax" if top is None else "gr"}" d="{marks}"/>' if marks else ""
    return grid + line(axis.start, y, axis.end, y, "ax") + labels + _title_below(axis, y + 33)


def _with_room(axis: Axis) -> list[tuple[str, float]]:
    """Labels of ticks with their places, thinned until they do not touch; zero is kept where there is one."""
    labels = axis.labels()
    needed = max((width_of(shown) + 10 for _, shown in labels), default=0.0) * len(labels)
    stride = max(1, math.ceil(needed / (axis.end - axis.start)))
    zero = next((place for place, (tick, _) in enumerate(labels) if tick == 0), 0)
    return [(shown, axis(tick)) for tick, shown in labels[zero % stride :: stride]]


def _inside(x: float, label: str, *, bold: bool = False) -> float:
    """The middle of a label, moved where the label would leave the picture."""
    half = width_of(label, bold=bold) / 2 + EDGE
    return min(max(x, half), WIDTH - half)


def _title_below(axis: Axis, y: float) -> str:
    """The axis' title under its middle."""
    title = fitted(axis.title, WIDTH - 2 * EDGE, bold=True)
    x = _inside((axis.start + axis.end) / 2, title, bold=True)
    return text(x, y, title, css="at c", title=axis.title)


def left_axis(axis: Axis, x: float, *, right: float) -> str:
    """Grid lines with labels at the left; the title stands above them, level, so that it can be read."""
    places = [(shown, axis(tick)) for tick, shown in axis.labels()]
    grid = "".join(f"M{n(x)} {n(y)}H{n(right)}" for _, y in places)
    labels = "".join(text(x - 6, y + 4, shown, css="e") for shown, y in places)
    shown = fitted(axis.title, WIDTH - 2 * EDGE, bold=True)
    title = text(EDGE, axis.end - 10, shown, css="at", title=axis.title)
    return f'{title}<path class="gr" d="{grid}"/>{labels}'


def legend(kinds: Sequence[tuple[Callable[[float, float], str], str]], y: float) -> tuple[str, float]:
    """Marks with their names, in as many lines as they need; how far down the last one is from the first.

    A mark is drawn around the place that it is given, left of its name.
    """
    parts, x, down = [], 10.0, 0.0
    for mark, name in kinds:
        shown = fitted(name, WIDTH - 32)
        wide = 34 + width_of(shown)
        if x > 10 and x + wide - 24 > WIDTH:
            x, down = 10.0, down + LEGEND_LINE
        parts += [mark(x, y + down - 4), text(x + 10, y + down, shown, title=name)]
        x += wide
    return "".join(parts), down


def row_label(y: float, label: str, left: float) -> str:
    """The name of a row, right-aligned before the plot."""
    return text(left - 8, y + 4, fitted(label, left - 8 - EDGE), css="e", title=label)


def room_for(labels: Iterable[str], at_most: float = 150.0) -> float:
    """How far from the left a plot begins, so that the names of its rows fit before it."""
    longest = max((width_of(short(label)) for label in labels), default=0.0)
    return min(at_most, max(48.0, 8 + EDGE + longest))


def svg(height: float, label: str, *parts: str, width: float = WIDTH) -> Markup:
    """The picture whole, with the name that a screen reader says."""
    size = f' width="{n(width)}"' if width > WIDTH else ""
    return Markup(
        f'<svg role="img"{size} viewBox="0 0 {n(width)} {n(height)}"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
