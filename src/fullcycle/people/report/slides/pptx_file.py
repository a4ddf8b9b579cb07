"""A deck as a PowerPoint file: native text, tables and charts, which a person can edit, and speaker notes.

Colours are dark on white, and charts have one dark and one light fill, so that slides read well in black and
white print, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from fullcycle.core.project.files import written_aside
from fullcycle.people.report.slides.deck import Deck, Listing, NativeChart, NativeTable, Slide
from fullcycle.people.report.slides.told import plain, shortened

# python-pptx tells only some of its types: what it makes is Any here.
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6  # inches
TOP, BOTTOM = 1.65, 6.85
FONT, FIXED = "Arial", "Courier New"
INK, SOFT, ACCENT, PALE = "1B2733", "5B6770", "0B5D66", "A9C7CA"
TITLE_PT, TABLE_PT, NOTE_PT, LISTING_PT = 28, 13, 11, 11
POINT_PTS, POINT_SPACE_PT, TABLE_ROOM = (18, 16, 14), 8, 2.2  # the largest size with room; inches for a table
LOCALES = {"ru": "[$-419]"}  # before a number's format: which decimal mark a chart has
TITLE_ONLY = 5  # of the layouts that python-pptx brings
TILES, LISTING_LINES, LISTING_CHARACTERS = 5, 24, 62
ROW, LINE, CHARACTERS_OF_AN_INCH = 0.3, 0.21, 8.5  # of a table: inches, at TABLE_PT


def write_pptx(deck: Deck, path: Path) -> None:
    """Write the deck, whole or not at all."""
    from pptx import Presentation
    from pptx.util import Inches

    made: Any = Presentation()
    made.slide_width, made.slide_height = Inches(WIDTH), Inches(HEIGHT)
    made.core_properties.title, made.core_properties.language = deck.name, deck.language
    for number, slide in enumerate(deck.slides, start=1):
        layout = made.slide_layouts[TITLE_ONLY]
        _Drawn(made.slides.add_slide(layout), deck.language).draw(slide, deck.name, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path) as aside:
        made.save(str(aside))


class _Drawn:
    """One slide, filled from the top: `self._y` is where the next part begins, inches."""

    def __init__(self, slide: Any, language: str) -> None:
        self._slide = slide
        self._locale = LOCALES.get(language, "")
        self._y = TOP

    def draw(self, slide: Slide, name: str, number: int) -> None:
        if slide.subtitle:
            self._opening(slide)
        else:
            self._title(slide.title, 0.45, TITLE_PT)
            self._tiles(slide)
            self._body(slide)
        self._footer(name, number)
        self._slide.notes_slide.notes_text_frame.text = "\n\n".join(
            plain(note) for note in slide.notes or slide.points
        )

    def _opening(self, slide: Slide) -> None:
        self._title(slide.title, 2.3, 40)
        frame = self._box(MARGIN, 3.5, WIDTH - 2 * MARGIN, 1.6)
        _write(frame, [slide.subtitle], 22, SOFT)
        frame = self._box(MARGIN, 5.2, WIDTH - 2 * MARGIN, 1.2)
        _write(frame, slide.points, 16, SOFT)

    def _title(self, text: Any, y: float, points: int) -> None:
        from pptx.util import Inches

        title = self._slide.shapes.title
        title.left, title.top = Inches(MARGIN), Inches(y)
        title.width, title.height = Inches(WIDTH - 2 * MARGIN), Inches(0.9)
        title.text_frame.margin_left = Inches(0.02)
        _write(title.text_frame, [text], points, INK, bold=True)
        self._bar(MARGIN, y + 0.92, 1.2, 0.06)

    def _tiles(self, slide: Slide) -> None:
        tiles = slide.tiles[:TILES]
        if not tiles:
            return
        width = (WIDTH - 2 * MARGIN) / len(tiles)
        for at, tile in enumerate(tiles):
            frame = self._box(MARGIN + at * width, self._y, width - 0.15, 1.3)
            _write(frame, [tile.label], 12, SOFT)
            _write(frame, [tile.value], 22, ACCENT, bold=True, add=True)
            if tile.note:
                _write(frame, [shortened(tile.note, 60)], 11, SOFT, add=True)
        self._y += 1.4

    def _body(self, slide: Slide) -> None:
        width, beside = WIDTH - 2 * MARGIN, slide.chart is not None and bool(slide.points)
        if slide.points:
            texts = [f"•  {plain(point)}".replace("`", "") for point in slide.points]
            wide = width * (0.4 if beside else 1.0) - 0.2
            room = BOTTOM - self._y - (TABLE_ROOM if slide.table else 0)
            frame = self._box(MARGIN, self._y, wide, BOTTOM - self._y)
            points = next(
                (size for size in POINT_PTS[beside:] if _points_height(texts, wide, size) < room),
                POINT_PTS[-1],
            )
            _write(frame, texts, points, INK, space=POINT_SPACE_PT)
            if not beside:
                self._y += 0.15 + _points_height(texts, wide, points)
        if slide.chart:
            left = MARGIN + (width * 0.4 if beside else 0)
            self._chart(slide.chart, left, width - left + MARGIN)
        if slide.table:
            self._table(slide.table)
        if slide.listings:
            self._listings(slide.listings)

    def _chart(self, chart: NativeChart, left: float, width: float) -> None:
        from pptx.chart import data as chart_data
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
        from pptx.util import Inches, Pt

        made: Any = chart_data
        number_format = self._locale + chart.format
        data = made.CategoryChartData(number_format=number_format)
        # A bar chart counts from below: the first category would be the lowest.
        turn = slice(None, None, -1) if chart.kind == "bars" else slice(None)
        data.categories = [shortened(each, 28) for each in chart.categories[turn]]
        for series in chart.series:
            data.add_series(series.name, list(series.values)[turn])
        kind = XL_CHART_TYPE.BAR_CLUSTERED if chart.kind == "bars" else XL_CHART_TYPE.COLUMN_CLUSTERED
        frame = self._slide.shapes.add_chart(
            kind, Inches(left), Inches(self._y), Inches(width), Inches(BOTTOM - self._y), data
        )
        drawn = frame.chart
        drawn.font.size, drawn.font.name = Pt(12), FONT
        drawn.has_title = True
        drawn.chart_title.text_frame.text = chart.title
        drawn.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
        drawn.has_legend = len(chart.series) > 1
        if drawn.has_legend:
            drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        for axis, title in (
            (drawn.category_axis, chart.category_title),
            (drawn.value_axis, chart.value_title),
        ):
            axis.has_title = True
            axis.axis_title.text_frame.text = title
            axis.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
        drawn.value_axis.tick_labels.number_format = number_format
        drawn.value_axis.tick_labels.number_format_is_linked = False
        drawn.value_axis.major_gridlines.format.line.color.rgb = _colour("D5DADD")
        plot = drawn.plots[0]
        plot.gap_width = 40
        for series, colour in zip(plot.series, (ACCENT, PALE), strict=False):
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = _colour(colour)
        if len(chart.categories) <= 12 and len(chart.series) == 1:
            plot.has_data_labels = True
            plot.data_labels.number_format = number_format
            plot.data_labels.number_format_is_linked = False
            plot.data_labels.font.size = Pt(11)

    def _table(self, table: NativeTable) -> None:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Inches

        width = WIDTH - 2 * MARGIN
        rows, height = _fitting(table, width, BOTTOM - self._y)
        shape = self._slide.shapes.add_table(
            len(rows), len(table.header), Inches(MARGIN), Inches(self._y), Inches(width), Inches(height)
        )
        drawn = shape.table
        for at, share in enumerate(table.widths):
            drawn.columns[at].width = Inches(width * share)
        for at, row in enumerate(rows):
            drawn.rows[at].height = Inches(_height(row, table.widths, width))
            for column, text in enumerate(row):
                cell = drawn.cell(at, column)
                cell.fill.solid()
                cell.fill.fore_color.rgb = _colour(ACCENT if at == 0 else "FFFFFF" if at % 2 else "EEF3F4")
                cell.margin_top = cell.margin_bottom = Inches(0.04)
                _write(cell.text_frame, [text], TABLE_PT, "FFFFFF" if at == 0 else INK, bold=at == 0)
                if table.numeric[column]:
                    cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        self._y += height + 0.2

    def _listings(self, listings: Sequence[Listing]) -> None:
        width = (WIDTH - 2 * MARGIN) / len(listings)
        for at, listing in enumerate(listings):
            left = MARGIN + at * width
            _write(self._box(left, self._y, width - 0.2, 0.35), [listing.title], 14, ACCENT, bold=True)
            frame = self._box(left, self._y + 0.4, width - 0.2, BOTTOM - self._y - 0.4, fill="F1F4F5")
            lines = listing.text.splitlines()
            kept = [*lines[: LISTING_LINES - 1], "…"] if len(lines) > LISTING_LINES else lines
            _write(frame, [line[:LISTING_CHARACTERS] for line in kept], LISTING_PT, INK, font=FIXED)

    def _footer(self, name: str, number: int) -> None:
        from pptx.enum.text import PP_ALIGN

        frame = self._box(MARGIN, HEIGHT - 0.5, WIDTH - 2 * MARGIN, 0.35)
        _write(frame, [f"{name}  ·  {number}"], NOTE_PT, SOFT)
        frame.paragraphs[0].alignment = PP_ALIGN.RIGHT

    def _bar(self, left: float, top: float, width: float, height: float) -> None:
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches

        bar = self._slide.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, Inches(left), Inches(top), Inches(width), Inches(height)
        )
        bar.fill.solid()
        bar.fill.fore_color.rgb = _colour(ACCENT)
        bar.line.fill.background()

    def _box(self, left: float, top: float, width: float, height: float, fill: str = "") -> Any:
        from pptx.util import Inches

        box = self._slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
        if fill:
            box.fill.solid()
            box.fill.fore_color.rgb = _colour(fill)
        frame = box.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = Inches(0.12 if fill else 0.02)
        return frame


def _points_height(texts: Sequence[str], width: float, points: int) -> float:
    """How high paragraphs of so many points get, inches."""
    line = 1.2 * points / 72
    across = int(width * CHARACTERS_OF_AN_INCH * 18 / points)
    return sum(line * len(wrap(text, across)) + POINT_SPACE_PT / 72 for text in texts) + 0.1


def _fitting(table: NativeTable, width: float, room: float) -> tuple[list[Sequence[str]], float]:
    """Header and rows that there is room for, and their height; rows left out are a last one of dots."""
    rows, height = [table.header], _height(table.header, table.widths, width)
    for row in table.rows:
        more = _height(row, table.widths, width)
        if height + more + ROW > room:
            return [*rows, ["…"] * len(table.header)], height + ROW
        rows.append(row)
        height += more
    return rows, height


def _height(row: Sequence[str], widths: Sequence[float], width: float) -> float:
    """How high the row gets where its cells are broken into lines."""
    lines = [
        len(wrap(text, int(share * width * CHARACTERS_OF_AN_INCH)))
        for text, share in zip(row, widths, strict=True)
    ]
    return ROW + LINE * max(max(lines) - 1, 0)


def _write(
    frame: Any,
    texts: Sequence[Any],
    points: int,
    colour: str,
    *,
    bold: bool = False,
    add: bool = False,
    space: int = 0,
    font: str = FONT,
) -> None:
    """Each text as a paragraph; `add` leaves those that are there."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    for at, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if at == 0 and not add else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(space)
        run = paragraph.add_run()
        run.text = plain(text)
        run.font.size, run.font.bold, run.font.name = Pt(points), bold, font
        run.font.color.rgb = _colour(colour)


def _colour(hexadecimal: str) -> Any:
    from pptx.dml.color import RGBColor

    colour: Any = RGBColor
    return colour.from_string(hexadecimal)
