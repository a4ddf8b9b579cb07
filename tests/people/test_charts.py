"""Charts: a mark lies where its value is, and everything has a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import Box
from fullcycle.people.report.charts import distributions, relations
from fullcycle.people.report.charts.canvas import Axis, powers_of_ten, round_steps, short
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


def test_an_axis_over_a_single_value_does_not_divide_by_nothing() -> None:
    assert Axis(3, 3, 0, 100, "x", show)(3) == 0


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


def test_a_negative_correlation_is_hollow_and_larger_ones_are_larger() -> None:
    svg = relations.correlation_map(
        ["a", "b", "c"], [[1, None, None], [0.9, 1, None], [-0.3, None, 1]], label="l", value_format=show
    )
    solid, hollow = re.findall(r'class="(m1|hn)" d="M[\d.]+ [\d.]+h([\d.]+)', svg)
    assert (solid[0], hollow[0]) == ("m1", "hn")
    assert float(solid[1]) > float(hollow[1])


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
