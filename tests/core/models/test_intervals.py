"""Intervals hold the share of new rows that they claim, and the graph answers the same bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.errors import CheckFailed
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.candidates import build_candidate, search_context
from fullcycle.core.models.intervals import (
    IntervalRegressor,
    conformal_bounds,
    rows_needed,
    with_intervals,
)
from fullcycle.core.models.kinds.linear import LinearKind
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import open_session, prove

CONTRACT = Contract(
    task=Task.regression,
    columns=(
        Column(name="x", type=ColumnType.numeric, range=(0.0, 1.0)),
        Column(name="y", type=ColumnType.numeric, role=Role.target),
    ),
)


class Known:
    """A model that answers the first column."""

    def predict(self, X: Any) -> Any:
        return np.asarray(X)[:, 0]


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("ratios", [False, True])
def test_intervals_cover_as_declared_within_monte_carlo_error(confidence: float, ratios: bool) -> None:
    """600 tables of 150 skewed residuals; of each 20 new rows are asked."""
    random = np.random.default_rng(7)
    tables, learned, asked = 600, 150, 20
    held = 0
    for _ in range(tables):
        answer = random.uniform(5, 50, learned + asked)
        noise = random.gamma(2.0, 1.0, learned + asked) - 2.0
        truth = answer * np.exp(0.2 * noise) if ratios else answer + noise
        model = with_intervals(Known(), answer[:learned], truth[:learned], confidence, ratios=ratios)
        bounds = model.predict_interval(answer[learned:, None])
        new = truth[learned:]
        held += int(((new >= bounds[:, 0]) & (new <= bounds[:, 1])).sum())
    # Rows of one table share their bounds, so the error is larger than a binomial's of all rows: as of so
    # many tables whose coverage varies by its own beta distribution (Vovk 2012).
    spread = np.sqrt(confidence * (1 - confidence) * (1 / (tables * asked) + 1 / (tables * (learned + 2))))
    assert abs(held / (tables * asked) - confidence) < 2.58 * spread + 2 / (learned + 1)
    assert held >= binom.ppf(1e-6, tables * asked, confidence)


def test_bounds_follow_the_skew_of_the_residuals() -> None:
    residuals = np.random.default_rng(0).exponential(1.0, 999) - 1.0
    low, high = conformal_bounds(residuals, 0.9)
    assert high > 2 * -low > 0


def test_a_claim_that_the_rows_do_not_bear_is_refused() -> None:
    needed = rows_needed(0.95)
    assert conformal_bounds(np.arange(float(needed)), 0.95) == (0.0, needed - 1)
    with pytest.raises(ValueError, match=f"{needed} needed"):
        conformal_bounds(np.arange(needed - 1.0), 0.95)


def fitted() -> tuple[IntervalRegressor, pd.DataFrame]:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"x": random.uniform(0, 1, 300)})
    target = np.exp(3 * frame["x"].to_numpy() + random.normal(0, 0.2, 300))
    parameters = LinearKind().default(search_context(CONTRACT, 300, target))
    model = build_candidate("linear", parameters, CONTRACT).fit(frame, target)
    return with_intervals(model, model.predict(frame), target, 0.9, ratios=True), frame


def test_the_graph_answers_the_same_bounds_on_ordinary_and_hard_rows() -> None:
    model, frame = fitted()
    graph = serialize(export_onnx(model, CONTRACT))
    session = open_session(graph)
    assert [each.name for each in session.get_outputs()] == [
        "prediction",
        "prediction_low",
        "prediction_high",
    ]
    assert prove(model, graph, frame, CONTRACT, "train").passed
    assert prove(model, graph, adversarial_frame(CONTRACT, frame), CONTRACT, "adversarial").passed


def test_a_graph_with_another_bound_is_refused() -> None:
    model, frame = fitted()
    graph = serialize(export_onnx(model, CONTRACT))
    low, high = model.scales
    model.set_params(scales=(low, high * 1.001))
    with pytest.raises(CheckFailed, match="IntervalRegressor of"):
        prove(model, graph, frame, CONTRACT, "train")
