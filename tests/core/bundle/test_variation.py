"""What the reference keeps of periods: rho, as simulated."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.bundle.conftest import make_contract, training_columns

from fullcycle.core.bundle.reference import learn_reference
from fullcycle.core.bundle.variation import cuts_of, rho, rho_of
from fullcycle.core.contract.model import Task

DAY_US = 86_400_000_000


def clustered(true_rho: float, periods: int = 400, rows: int = 500) -> np.ndarray:
    """Counts of two bins whose share is beta distributed with variance p (1 - p) rho."""
    random = np.random.default_rng(3)
    a = 1 / true_rho - 1 if true_rho else np.inf
    shares = random.beta(0.3 * a, 0.7 * a, periods) if true_rho else np.full(periods, 0.3)
    hits = random.binomial(rows, shares)
    return np.column_stack([hits, rows - hits]).astype(float)


@pytest.mark.parametrize("true_rho", [0.001, 0.01, 0.1])
def test_rho_of_clusters_is_found(true_rho: float) -> None:
    assert rho(clustered(true_rho)) == pytest.approx(true_rho, rel=0.3)


def test_without_clusters_rho_is_what_can_not_be_told_from_nothing() -> None:
    found = rho(clustered(0.0))
    assert found is not None
    assert 0 < found < 3 / 500 * np.sqrt(2 / 399)


def test_a_trend_over_days_shows_in_the_order_of_numbers() -> None:
    days, rows = 30, 100
    times = np.repeat(np.arange(days) * DAY_US, rows) + 1
    [cut] = [each for each in cuts_of(times.astype("datetime64[us]")) if each.seconds == 86_400]
    assert cut.sizes.tolist() == [rows] * days
    random = np.random.default_rng(0)
    trend = np.repeat(np.linspace(-1, 1, days), rows)

    def order(numbers: np.ndarray) -> float:
        inner = np.quantile(numbers, np.arange(1, 10) / 10)
        found = rho_of(np.searchsorted(inner, numbers), cut, ordered=True).order
        assert found is not None
        return found

    still, moving = random.normal(size=days * rows), random.normal(size=days * rows) + trend
    assert order(moving) > 10 * order(still)


def test_periods_of_few_rows_are_left_out_and_rows_without_a_moment_belong_to_none() -> None:
    times = [None, *([5 * DAY_US] * 30), *[k * DAY_US for k in range(10) for _ in range(20)], 50 * DAY_US]
    [cut] = [each for each in cuts_of(times) if each.seconds == 86_400]
    assert cut.of[0] == -1
    assert cut.of[-1] == -1
    assert len(cut.sizes) == 10


def test_the_reference_has_periods_where_rows_have_times_and_says_nothing_of_persons() -> None:
    contract, training = make_contract(Task.binary), training_columns()
    assert learn_reference(contract, training).periods == ()
    times = np.repeat(np.arange(10), 50) * DAY_US + 1
    answers = np.column_stack([np.linspace(0, 1, 500), np.linspace(1, 0, 500)])
    reference = learn_reference(contract, training, probabilities=answers, times=times)
    [hourly, daily] = reference.periods
    assert (hourly.number, daily.number, daily.rows) == (10, 10, 50)
    assert daily.columns["age"].order is not None
    assert daily.columns["plan"].order is None
    assert daily.columns["e-mail"].mix is None
    assert (daily.scores["yes"].order or 0) > 0.3  # they grow from day to day


def test_rows_at_most_a_quantile_are_counted_exactly() -> None:
    contract, training = make_contract(Task.binary), training_columns()
    training["age"] = [0.0] * 333 + [float(at) for at in range(1, 168)]
    shape = learn_reference(contract, training).columns[0].shape
    assert shape is not None
    assert set(shape.at_most[:66]) == {333}
    assert shape.at_most[-1] == 500
