"""Which variants are proposed follows from the search's evidence."""

from __future__ import annotations

import pytest
from tests.cycle.prepare.conftest import experiment_evidence

from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence, Trial
from fullcycle.cycle.prepare.variants.plan import one_standard_error, plan_variants


def trial(number: int, strength: float, scores: tuple[float, ...]) -> Trial:
    mean = sum(scores) / len(scores)
    return Trial(number=number, model="linear", parameters={"C": strength}, scores=scores, score=mean)


NEAR = trial(0, 0.01, (0.79, 0.80, 0.81))  # within a standard error (0.0115) of the best
BEST = trial(1, 5.0, (0.78, 0.81, 0.82))
FAR = trial(2, 0.0001, (0.5, 0.6, 0.55))


def test_the_simplest_setting_within_one_standard_error_is_taken() -> None:
    assert one_standard_error([BEST, NEAR, FAR], "linear", higher_is_better=True) == NEAR
    assert one_standard_error([BEST, FAR], "linear", higher_is_better=True) == BEST


def test_where_lower_is_better_the_lowest_is_the_best() -> None:
    losses = [trial(0, 0.01, (0.400, 0.401)), trial(1, 5.0, (0.399, 0.401)), trial(2, 0.001, (0.7, 0.8))]
    assert one_standard_error(losses, "linear", higher_is_better=False) == losses[0]


def test_one_fold_says_nothing_of_the_error() -> None:
    assert one_standard_error([trial(0, 1.0, (0.8,))], "linear", higher_is_better=True) is None


def searched(champion: str) -> ExperimentEvidence:
    values = {"linear": 0.80, "lightgbm": 0.79, "ensemble": 0.81}
    candidates = tuple(
        Candidate(
            model=name,
            parameters={"C": 5.0} if name == "linear" else {"n": 1},
            trial=1,
            score=Interval(value=value),
            fold_scores=(value,),
            metrics={},
        )
        for name, value in values.items()
    )
    return experiment_evidence(Task.binary, "ensemble", {}).model_copy(
        update={"candidates": candidates, "champion": champion, "trials": (BEST, NEAR, FAR)}
    )


@pytest.mark.parametrize("champion", ["ensemble", "linear"])
def test_the_champion_comes_first_and_only_one_of_several_parts_is_distilled(champion: str) -> None:
    planned = plan_variants(searched(champion))
    assert (planned[0].kind, planned[0].model) == ("champion", champion)
    kinds = [(each.kind, each.model) for each in planned[1:]]
    others = {"ensemble", "linear", "lightgbm"} - {champion}
    assert {("candidate", name) for name in others} <= set(kinds)
    assert ("fewer_columns", "linear") in kinds
    assert ("principal_components", "linear") in kinds
    assert (("distilled", "ensemble") in kinds) == (champion == "ensemble")
    simpler = next(each for each in planned if each.kind == "one_standard_error")
    assert simpler.parameters == {"C": 0.01}
