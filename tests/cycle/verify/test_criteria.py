"""What people demand: of a metric, of the value, and beside the champion; all by one kind of gate."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.people.value_factory import valued

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.verify import ChampionComparison, ChampionMetric
from fullcycle.core.project.claims import Gate
from fullcycle.core.project.settings import DataSettings, Settings
from fullcycle.cycle.verify.criteria import own_gates


def beside(metric: str, difference: float, *, higher: bool) -> ChampionComparison:
    compared = ChampionMetric(
        metric=metric,
        higher_is_better=higher,
        ours=0.8,
        champion=0.8 - difference,
        difference=Interval(value=difference, low=difference - 0.01, high=difference + 0.01),
    )
    return ChampionComparison(bundle="abc", metrics=(compared,))


@pytest.mark.parametrize(("value", "bound", "passed"), [("total", 35_000, True), ("per_row", 30, False)])
def test_the_value_is_held_against_its_bound(value: str, bound: float, passed: bool) -> None:
    [gate] = own_gates(Gate(value=value, at_least=bound), {}, valued())  # type: ignore[arg-type]
    assert (gate.id, gate.passed) == ("value_at_least", passed)


def test_a_value_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(UserError, match="no section `value`"):
        list(own_gates(Gate(value="total", at_least=1), {}))


@pytest.mark.parametrize(
    ("metric", "difference", "higher", "passed"),
    [
        ("roc_auc", -0.005, True, True),
        ("roc_auc", -0.02, True, False),
        ("roc_auc", 0.02, True, True),
        ("log_loss", 0.005, False, True),
        ("log_loss", 0.02, False, False),
        ("log_loss", -0.02, False, True),
    ],
)
def test_a_loss_against_the_champion_is_a_loss_whatever_the_metrics_direction(
    metric: str, difference: float, higher: bool, passed: bool
) -> None:
    wanted = Gate(metric=metric, loss_against="champion", at_most=0.01)  # type: ignore[arg-type]
    [gate] = own_gates(wanted, {}, champion=beside(metric, difference, higher=higher))
    assert (gate.id, gate.passed) == ("loss_against_champion", passed)


def test_with_no_champion_there_is_nothing_to_lose_and_an_incomparable_one_closes_the_gate() -> None:
    wanted = Gate(metric="roc_auc", loss_against="champion", at_most=0.01)
    assert [gate.passed for gate in own_gates(wanted, {})] == [True]
    other = ChampionComparison(bundle="abc", reason="other_target")
    assert [gate.passed for gate in own_gates(wanted, {}, champion=other)] == [False]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"metric": "roc_auc", "value": "total"},
        {"loss_against": "champion", "at_most": 0.1},
        {"metric": "roc_auc", "loss_against": "champion", "at_least": 0.1},
    ],
)
def test_a_criterion_is_about_one_thing(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Gate.model_validate(content)


def test_gates_of_an_older_file_and_success_are_one_list() -> None:
    settings = Settings.model_validate(
        {
            "name": "churn",
            "data": DataSettings(source="x.csv"),
            "gates": [{"metric": "roc_auc", "at_least": 0.7}],
            "success": [{"value": "total", "at_least": 1}],
        }
    )
    assert [*settings.criteria] == [("gates", 0), ("success", 0)]
