"""The presentation: order, length, what is native in it, what fits, and one language at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from pptx import Presentation

from fullcycle.people.report.records import Records
from fullcycle.people.report.slides.deck import Deck, Shown
from fullcycle.people.report.slides.outline import PARTS, deck_of
from fullcycle.people.report.slides.pptx_file import write_pptx
from fullcycle.people.report.slides.told import plain
from fullcycle.people.report.words import Words
from tests.people import evidence_factory as factory
from tests.people.languages import data_of, foreign, spoken

SHOWN = Shown('{\n  "tenure": 3\n}', '{\n  "prediction": "Yes"\n}')
PROJECTS = {"churn": factory.churn(), "houses": factory.houses()}
COURSE = ("Goals", "Where the data came from", "What was found and cleaned", "What tells the target",
          "Hypotheses and what came out", "Results of the experiments", "Prepared for production",
          "Demonstration: the API", "Demonstration: the pipeline", "Conclusions")  # fmt: skip


@pytest.fixture(scope="module", params=[(name, language) for name in PROJECTS for language in ("en", "ru")])
def deck(request: pytest.FixtureRequest) -> Deck:
    name, language = request.param
    return deck_of(name, PROJECTS[name], language, SHOWN)


@pytest.fixture(scope="module")
def file(deck: Deck, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("slides") / "presentation.pptx"
    write_pptx(deck, path)
    return Presentation(str(path))


def test_it_goes_in_the_order_of_the_course_and_takes_fifteen_to_twenty_minutes(deck: Deck) -> None:
    titles = [plain(slide.title) for slide in deck.slides]
    places = [titles.index(Words(deck.language).gettext(title)) for title in COURSE]
    assert all(before < after for before, after in pairwise(places))
    assert 15 <= deck.minutes <= 20


def test_tables_and_charts_are_native_and_nothing_is_a_picture(file: Any) -> None:
    shapes = [shape for slide in file.slides for shape in slide.shapes]
    assert sum(shape.has_chart for shape in shapes) >= 4
    assert sum(shape.has_table for shape in shapes) >= 4
    assert not any(shape.shape_type == 13 for shape in shapes)  # MSO_SHAPE_TYPE.PICTURE


def test_every_chart_has_a_title_and_titles_of_its_axes(file: Any) -> None:
    charts = [shape.chart for slide in file.slides for shape in slide.shapes if shape.has_chart]
    for chart in charts:
        for titled in (chart, chart.category_axis, chart.value_axis):
            assert titled.has_title
            frame = titled.chart_title if titled is chart else titled.axis_title
            assert frame.text_frame.text.strip()


def test_every_slide_has_a_title_what_the_speaker_says_and_nothing_beyond_its_edges(file: Any) -> None:
    for slide in list(file.slides)[1:]:
        assert slide.shapes.title.text_frame.text
        assert slide.notes_slide.notes_text_frame.text.strip()
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= file.slide_width
            assert shape.top + shape.height <= file.slide_height


def test_a_sentence_is_whole_and_a_chart_has_the_decimal_mark_of_its_language(deck: Deck, file: Any) -> None:
    texts = [shape.text_frame.text for slide in file.slides for shape in slide.shapes if shape.has_text_frame]
    assert not [text for text in texts if text.endswith(" …")]
    formats = {
        shape.chart.value_axis.tick_labels.number_format
        for slide in file.slides
        for shape in slide.shapes
        if shape.has_chart
    }
    assert {form.startswith("[$-419]") for form in formats} == {deck.language == "ru"}
    assert not any("0%" in form for form in formats) or deck.language == "en"


def test_a_deck_speaks_one_language(deck: Deck, file: Any) -> None:
    said = "\n".join(texts_of(file)).replace(SHOWN.request, "").replace(SHOWN.answer, "")
    assert foreign(spoken(said), deck.language, data_of(deck.name, deck.language)) == set()


def test_a_persons_text_has_its_place_after_its_part_and_is_whole_in_the_notes() -> None:
    notes = {
        "explore": "# Seen\n\n- *Anna* asked `why`\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
        "goals.ru": "Зачем",
    }
    records = replace(PROJECTS["churn"], notes=notes)
    titles = [plain(slide.title) for slide in deck_of("churn", records, "en").slides]
    at = titles.index("Remarks of the people in charge")
    assert titles.index("How values are spread") < at < titles.index("Hypotheses and what came out")
    [remarked] = [s for s in deck_of("churn", records, "en").slides if s.title == titles[at]]
    assert list(remarked.points) == ["Seen", "Anna asked why", "a b", "1 2"]
    [russian, _] = [s for s in deck_of("churn", records, "ru").slides if s.title == "Замечания ответственных"]
    assert list(russian.points) == ["Зачем"]


def test_what_has_no_evidence_has_no_slide() -> None:
    records = Records(PROJECTS["churn"].collect, PROJECTS["churn"].clean)
    titles = [plain(slide.title) for slide in deck_of("churn", records, "en").slides]
    assert "What was found and cleaned" in titles
    assert not {"What tells the target", "Prepared for production", "Demonstration: the API"} & set(titles)


def test_every_part_may_be_remarked_on() -> None:
    assert list(PARTS) == [
        "goals",
        "clean",
        "explore",
        "experiment",
        "prepare",
        "demonstration",
        "conclusions",
    ]


def texts_of(file: Any) -> Iterator[str]:
    """Everything that is written on slides and in notes."""
    for slide in file.slides:
        yield slide.notes_slide.notes_text_frame.text
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)
            if shape.has_chart:
                yield shape.chart.chart_title.text_frame.text
                yield from map(str, shape.chart.plots[0].categories)
