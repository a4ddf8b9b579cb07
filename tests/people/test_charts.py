"""Charts: a mark lies where its value is, and everything has a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import Box
from fullcycle.people.report.charts import distributions, lines, maps, relations
from fullcycle.people.report.charts.canvas import (
    WIDTH,
    Axis,
    bottom_axis,
    left_axis,
    legend,
    powers_of_ten,
    round_steps,
    short,
    width_of,
)
from fullcycle.people.report.words import Words
from tests.people.reading import read

finite = st.floats(-1e12, 1e12, allow_nan=False)


def show(value: float) -> str:
    return f"{value:g}"


@given(finite, finite)
def test_ticks_are_a_handful_of_round_values_inside_the_scale(a: float, b: float) -> None:
    low, high = sorted((a, b))
    ticks = round_steps(low, high)
    air = 1e-6 * max(abs(low), abs(high), 1e-300)
    assert 1 <= len(ticks) <= 12
    assert all(low - air <= tick <= high + air for tick in ticks)
    assert ticks == sorted(set(ticks))


def test_logarithmic_ticks_are_thinned() -> None:
    assert powers_of_ten(1e-9, 1e-4) == pytest.approx([1e-9, 1e-7, 1e-5])


def test_an_axis_maps_its_ends_and_holds_what_lies_beyond() -> None:
    axis = Axis(0, 10, 100, 200, "x", show)
    assert [axis(value) for value in (0, 5, 10, 99, -99)] == [100, 150, 200, 200, 100]
    log = Axis(1e-8, 1e-4, 0, 100, "x", show, log=True)
    assert [round(log(value)) for value in (1e-8, 1e-6, 1e-4, 0.0)] == [0, 50, 100, 0]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.8458, 0.8476, ["0.8460", "0.8465", "0.8470", "0.8475"]),
        (0.2, 0.8, ["0.200", "0.400", "0.600", "0.800"]),
        (0.84700001, 0.84700005, ["0.84700001", "0.84700002", "0.84700003", "0.84700004", "0.84700005"]),
    ],
)
def test_ticks_have_as_many_digits_as_their_step_needs(low: float, high: float, labels: list[str]) -> None:
    axis = Axis(low, high, 0, 100, "x", Words("en").scores())
    assert [shown for _, shown in axis.labels()] == labels


def test_large_numbers_close_together_are_told_apart_in_the_picture() -> None:
    axis = Axis(100_000, 100_002, 0, 100, "x", Words("ru").numbers())
    shown = re.findall(r">([^<>]+)</text>", left_axis(axis, 0, right=9))[1:]
    assert shown == [f"100\N{NO-BREAK SPACE}00{value}" for value in ("0,0", "0,5", "1,0", "1,5", "2,0")]


def test_a_format_without_more_digits_says_nothing_twice() -> None:
    axis = Axis(0, 1, 0, 100, "x", lambda value: f"{value:.0f}")
    assert [shown for _, shown in axis.labels()] == ["0", "1"]


def test_an_axis_over_a_single_value_does_not_divide_by_nothing() -> None:
    assert Axis(3, 3, 0, 100, "x", show)(3) == 0


def test_zero_keeps_its_label_where_labels_are_thinned() -> None:
    axis = Axis(-0.0055, 0.0135, 150, 340, "x", Words("en").numbers())
    shown = re.findall(r">([^<>]+)</text>", bottom_axis(axis, 0))
    assert shown == ["0", "0.01", "x"]


def test_labels_at_the_border_of_a_picture_stay_inside() -> None:
    title = "доля строк, по которым действуем, от самых вероятных"
    axis = Axis(0, 1, 64, WIDTH - 12, title, Words("ru").percent)
    for x, label in re.findall(r'<text x="([\d.]+)"[^>]*>([^<>]+)</text>', bottom_axis(axis, 0)):
        half = width_of(label, bold=label == title) / 2
        assert 0 <= float(x) - half <= float(x) + half <= WIDTH


def test_a_legend_breaks_into_lines_that_fit() -> None:
    names = ("линейная модель", "LightGBM", "нейронная сеть", "ансамбль")
    drawn, down = legend([(lambda x, y: "", name) for name in names], 20)
    places = re.findall(r'x="([\d.]+)" y="([\d.]+)">([^<]+)<', drawn)
    assert [name for *_, name in places] == list(names)
    assert {float(y) for _, y, _ in places} == {20, 20 + down}
    assert all(float(x) + width_of(name) <= WIDTH for x, _, name in places)


def bars_of(svg: str) -> list[tuple[float, ...]]:
    """(left, top, right, bottom) of each bar."""
    found = re.findall(r'class="m1" d="M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)', svg)
    return [tuple(map(float, each)) for each in found]


def test_the_highest_bar_of_a_histogram_reaches_the_top_and_half_as_many_rows_half_of_it() -> None:
    svg = distributions.histogram(
        Histogram(edges=(0, 1, 2, 3), counts=(10, 20, 0)),
        label="rows by x", x_title="x", y_title="rows", x_format=show, y_format=show,
    )  # fmt: skip
    low, high = bars_of(svg)
    assert high[1] == distributions.TOP
    assert (low[3] - low[1]) * 2 == pytest.approx(high[3] - high[1])
    assert "<title>1 – 2: 20</title>" in svg


def test_a_histogram_of_one_value_is_drawn() -> None:
    svg = distributions.histogram(
        Histogram(edges=(5, 5), counts=(3,)),
        label="l",
        x_title="x",
        y_title="rows",
        x_format=show,
        y_format=show,
    )
    assert len(bars_of(svg)) == 1


def test_bars_start_at_zero_and_negative_ones_grow_to_the_left() -> None:
    svg = distributions.bars([("up", 10.0), ("down", -10.0)], label="l", x_title="x", value_format=show)
    ups = re.findall(r'class="m1" d="M([\d.]+) [\d.]+H([\d.]+)', svg)
    downs = re.findall(r'class="m4" d="M([\d.]+) [\d.]+H([\d.]+)', svg)
    assert ups[0][0] == downs[0][1]


def test_boxes_share_one_scale() -> None:
    box = Box(low=0, q1=1, median=2, q3=3, high=4, outliers=0)
    wide = Box(low=0, q1=2, median=4, q3=6, high=8, outliers=0)
    svg = distributions.boxes({"a": box, "b": wide}, label="l", x_title="x", x_format=show)
    a, b = re.findall(r'class="m3" d="M([\d.]+) [\d.]+H([\d.]+)', svg)
    assert (float(b[1]) - float(b[0])) == pytest.approx(2 * (float(a[1]) - float(a[0])), abs=0.3)


def wide_matrix(columns: int) -> list[list[float | None]]:
    """Numbers falling from 0.9 to -0.9 down each row."""
    return [[0.9 - 1.8 * (i + j) / (2 * columns) for j in range(columns)] for i in range(columns)]


def test_a_small_map_has_its_numbers_in_its_cells_and_the_stronger_are_darker() -> None:
    svg = maps.triangle(
        ["a", "b", "c"], [[1, None, None], [0.9, 1, None], [-0.3, None, 1]], label="l", value_format=show
    )
    page = read(svg)
    assert [t.text for t in page.all("text") if "c" in t.attributes["class"].split()] == ["0.9", "-0.3", "–"]
    assert [p.attributes["class"] for p in page.all("path")] == ["h9", "h3"]
    assert [p.all("title")[0].text for p in page.all("path")] == ["b × a: 0.9", "c × a: -0.3"]


def test_in_a_large_map_a_negative_number_is_hollow_and_larger_ones_are_larger() -> None:
    names = [f"c{i}" for i in range(30)]
    svg = maps.triangle(names, wide_matrix(30), label="l", value_format=show)
    marks = re.findall(r'class="(m1|hn)" d="M([\d.]+) [\d.]+H([\d.]+)', svg)
    assert {css for css, _, _ in marks} == {"m1", "hn"}
    widths = [float(end) - float(start) for _, start, end in marks]
    assert widths[0] == max(widths)
    assert not maps.is_wide(5, 60)
    assert maps.is_wide(30, 140)


def test_a_pattern_is_filled_where_its_columns_are_missing() -> None:
    svg = maps.patterns(["a", "b"], [("9 rows", ["b"]), ("1 row", ["a", "b"])], label="l")
    assert re.findall(r'class="(m[12])"', svg) == ["m2", "m1", "m1", "m1"]


def test_a_line_over_time_has_ticks_at_starts_of_periods_and_skips_bounds_that_are_not_there() -> None:
    data = [lines.Period(float(i), i + 1.0, i * 0.1, told=f"p{i}") for i in range(8)]
    told = {"label": "l", "x_title": "t", "y_title": "y", "x_format": lambda v: f"at {v:g}", "y_format": show}
    svg = lines.time_line(data, **told)
    ticks = [t.text for t in read(svg).all("text") if t.text.startswith("at ")]
    assert ticks == ["at 0", "at 2", "at 4", "at 6"]
    assert 'class="bd"' not in svg
    banded = [lines.Period(p.start, p.end, p.value, p.value - 0.1, p.value + 0.1) for p in data]
    assert 'class="bd"' in lines.time_line(banded, mark=0.3, **told)


def test_trials_of_different_models_have_different_shapes() -> None:
    svg = relations.trials(
        [(0, 0.8, "linear"), (1, 0.9, "lightgbm")], [(0, 0.8), (1, 0.9)],
        label="l", x_title="x", y_title="y", x_format=show, y_format=show,
    )  # fmt: skip
    shapes = re.findall(r'class="m1 op" d="M[\d.]+ [\d.]+(\w)', svg)
    assert len(set(shapes)) == 2


@pytest.mark.parametrize(
    "svg",
    [
        relations.curve([(0, 0), (1, 1)], label="a < b", x_title="x & y", y_title="y", share_format=show),
        relations.scatter(
            [relations.Series("<b>", [(1, 2)]), relations.Series("c", [(3, 4)])],
            label='"q"', x_title="<x>", y_title="y", x_format=show, y_format=show,
        ),
        relations.log_bars(
            [("train <1>", 1e-7)], limit=1e-5, limit_label="allowed", label="l", x_title="x",
            value_format=show, tick_format=show,
        ),
        relations.strips({"<m>": [1.0, 2.0]}, label="l", x_title="x", x_format=show),
        relations.calibration(
            [(0.1, 0.2, 0.1, 0.3, "<t>")], label="l", x_title="x", y_title="y", share_format=show
        ),
    ],
)  # fmt: skip
def test_a_chart_is_well_formed_named_and_escapes_what_it_is_told(svg: str) -> None:
    (root,) = read(svg).all("svg")
    assert root.attributes["role"] == "img"
    assert root.attributes["aria-label"]
    assert {element.tag for element in root.all()} <= {"path", "text", "title"}


def test_a_long_label_is_cut_at_the_end() -> None:
    assert short("Monthly  charges", 30) == "Monthly charges"
    assert len(short("x" * 50)) == 20
