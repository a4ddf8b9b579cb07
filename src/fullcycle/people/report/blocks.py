"""What a page is made of. Pages are data; `templates/` is the only place that knows HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

Text = str | Markup
Tone = Literal["plain", "good", "warning", "bad"]


@dataclass(frozen=True)
class Tile:
    """A key figure: what it is, its value, and a remark below."""

    label: Text
    value: Text
    note: Text = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Conclusion:
    """A sentence with its number; `code` is set where it is a finding, `link` leads to its chart or page."""

    text: Markup
    severity: Literal["info", "warning", "error"] = "info"
    code: str = ""
    link: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture with its title and a line of explanation."""

    title: Text
    picture: Markup
    note: Text = ""
    wide: bool = False  # in its own size, scrolled in its box on a phone
    anchor: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand at the right."""

    title: Text
    numeric: bool = False
    wide: bool = False  # running text, which needs room on a phone


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and what it is sorted by."""

    text: Text
    sort: float | str | None = None
    bar: float | None = None  # share of the cell's width that is filled, 0 to 1


@dataclass(frozen=True)
class Paragraphs:
    """Running text."""

    kind: ClassVar[str] = "paragraphs"
    texts: Sequence[Text]


@dataclass(frozen=True)
class Charts:
    """Pictures side by side where there is room."""

    kind: ClassVar[str] = "charts"
    charts: Sequence[Chart]


@dataclass(frozen=True)
class Table:
    """A table; `search` names its search field and makes it sortable."""

    kind: ClassVar[str] = "table"
    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    search: Text = ""
    compact: bool = False
    folded: bool = False  # behind its caption until it is opened


@dataclass(frozen=True)
class Facts:
    """Pairs of a name and a value."""

    kind: ClassVar[str] = "facts"
    pairs: Sequence[tuple[Text, Text]]
    lists: bool = False  # values are running text, below their names


@dataclass(frozen=True)
class Commands:
    """Lines to type, each after its purpose."""

    kind: ClassVar[str] = "commands"
    lines: Sequence[tuple[Text, str]]


@dataclass(frozen=True)
class Card:
    """One column of the data: badges, statistics, charts, remarks. Found by its name in the search field.

    `orders` says where it stands in each order of its `Cards`; numbers or texts.
    """

    anchor: str
    name: str
    badges: Sequence[Text]
    texts: Sequence[Markup]
    statistics: Sequence[tuple[Text, Text]]
    charts: Sequence[Chart]
    remarks: Text = ""
    orders: Sequence[float | str] = ()


@dataclass(frozen=True)
class Cards:
    """Columns of the data, one below the other."""

    kind: ClassVar[str] = "cards"
    cards: Sequence[Card]
    search: Text = ""
    orders: Sequence[Text] = ()  # what they may be sorted by; the first is how they come


@dataclass(frozen=True)
class Comparison:
    """Before and after, side by side."""

    kind: ClassVar[str] = "comparison"
    title: Text
    text: Markup
    before: Chart | None
    after: Chart | None
    rows: Sequence[tuple[Text, Text, Text]]


@dataclass(frozen=True)
class Remarked:
    """What a person wrote, already rendered."""

    kind: ClassVar[str] = "remarked"
    html: Markup


@dataclass(frozen=True)
class Confusion:
    """Counts of shape (n_classes, n_classes): rows are what happened, columns what was predicted. Each has
    its share of the row, and that in steps of ten for the shade."""

    kind: ClassVar[str] = "confusion"
    title: Text
    actual: Text
    predicted: Text
    classes: Sequence[str]
    counts: Sequence[Sequence[tuple[str, str, int]]]


@dataclass(frozen=True)
class Stage:
    """A step of the story on the index page."""

    number: int
    title: Text
    figure: Text
    figure_label: Text
    text: Markup
    link: str = ""


@dataclass(frozen=True)
class Story:
    """The steps in order."""

    kind: ClassVar[str] = "story"
    stages: Sequence[Stage]


Block = Paragraphs | Charts | Table | Facts | Commands | Cards | Comparison | Remarked | Confusion | Story


@dataclass(frozen=True)
class Section:
    """A part of a page with an anchor."""

    id: str
    title: Text
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Verdict:
    """The one sentence that a page is about."""

    text: Markup
    tone: Tone
    detail: Text = ""


@dataclass(frozen=True)
class Page:
    """One report."""

    stage: str
    title: Text
    lede: Markup
    tiles: Sequence[Tile] = ()
    verdict: Verdict | None = None
    conclusions: Sequence[Conclusion] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
    created: str = ""
