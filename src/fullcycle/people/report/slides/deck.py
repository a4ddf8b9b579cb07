"""What a presentation is made of. Slides are data; `pptx_file` is the only module that knows PowerPoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fullcycle.people.report.blocks import Text, Tile


@dataclass(frozen=True)
class Series:
    """Values of one kind, one for each category of its chart; None is a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class NativeChart:
    """A chart that a person can edit: bars lie, columns stand. Axis titles name units."""

    kind: Literal["bars", "columns"]
    title: str
    categories: Sequence[str]
    series: Sequence[Series]
    category_title: str
    value_title: str
    format: str = "0.00"


@dataclass(frozen=True)
class NativeTable:
    """Rows of texts below a header; `numeric` columns stand at the right, `widths` are shares."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]
    widths: Sequence[float]


@dataclass(frozen=True)
class Listing:
    """Lines as they stand in a terminal, below their title."""

    title: str
    text: str


@dataclass(frozen=True)
class Slide:
    """One slide: a title, then whatever there is of tiles, points, a table or a chart, and listings.

    `notes` is what the speaker says, `minutes` how long it takes.
    """

    title: Text
    tiles: Sequence[Tile] = ()
    points: Sequence[Text] = ()
    table: NativeTable | None = None
    chart: NativeChart | None = None
    listings: Sequence[Listing] = ()
    notes: Sequence[Text] = ()
    minutes: float = 0.75
    subtitle: Text = ""  # of the first slide alone


@dataclass(frozen=True)
class Deck:
    """A presentation in one language."""

    name: str
    language: str
    slides: Sequence[Slide] = field(default_factory=tuple)

    @property
    def minutes(self) -> float:
        """How long the whole talk takes."""
        return sum(slide.minutes for slide in self.slides)


@dataclass(frozen=True)
class Shown:
    """A request that was asked of the bundle, and its answer, both as JSON."""

    request: str
    answer: str
