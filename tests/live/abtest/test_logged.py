"""Champion beside challenger: what a real service answered, read from its log, says what the canary says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from tests.released import ROW, project_in

from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.abtest import AnalysisFacts
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import ServeSettings
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.cycle.release.stage import Wish, release
from fullcycle.live.abtest.logged import LOSS, analyse_routes, loss_sql, units_a_day
from fullcycle.live.log.entries import Outcome
from fullcycle.live.log.writer import LogPlace
from fullcycle.live.routes.canary import decide
from fullcycle.live.routes.counted import added_up
from fullcycle.live.routes.counts import loss_of
from fullcycle.live.routes.follower import Source
from fullcycle.live.service import RequestFacts, open_service

SETTINGS = """
release:
  canary:
    shares: [0.5]
    minutes: 1000  # neither on nor back while it is read: only quality has a limit that can be reached
    limits: {errors: 1, slower: 100000, odd: 1, distribution: 1}
serve:
  routes: {header: x-route-key}
"""
REQUESTS = 400


def served(project: Project, outcomes: int) -> None:
    """Requests of many keys, the same row for all; the outcome is what the champion thinks less likely."""
    deploy = Deploy(project.paths.deploy)
    place = LogPlace(project.paths.predictions, LogSettings())
    source = Source(deploy.folder / "none", deploy, log=place, canary=project.settings.release.canary)
    service = open_service(source, ServeSettings())
    service.start()

    async def ask() -> None:
        for number in range(REQUESTS):
            await service.answer(
                [{**ROW, "age": 20 + number % 60}], RequestFacts(f"r{number}", key=f"k{number}")
            )
        await service.learn([Outcome(f"r{number}", "yes") for number in range(outcomes)])

    asyncio.run(ask())
    service.close()


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory, bundles: Any) -> Project:
    project = project_in(tmp_path_factory.mktemp("tested"), SETTINGS)
    release(project, bundles.first, Wish("champion", registry=False))
    release(project, bundles.second, Wish("challenger", registry=False))
    served(project, outcomes=300)
    return project


@pytest.fixture(scope="module")
def facts(tested: Project) -> AnalysisFacts:
    return analyse_routes(tested)


def test_quality_has_the_bounds_of_the_canary_on_the_same_outcomes(
    tested: Project, facts: AnalysisFacts
) -> None:
    deploy = Deploy(tested.paths.deploy)
    routes = read_routes(deploy)
    assert routes is not None
    canary = tested.settings.release.canary
    counts = added_up(deploy, routes.comparison or "")
    decision = decide(*counts, canary, ordered=True, held_minutes=0)
    [quality] = [each for each in decision.facts["signals"] if each["name"] == "quality"]
    [comparison] = facts.metrics[0].comparisons
    assert comparison.sequential is not None
    assert counts[0].outcomes + counts[1].outcomes == 300
    assert [comparison.sequential.low, comparison.sequential.high] == pytest.approx(
        quality["bounds"], abs=1e-4
    )
    assert facts.metrics[0].smallest == pytest.approx(quality["limit"])


def test_units_are_requests_in_the_planned_shares_and_gaps_are_those_without_outcome(
    tested: Project, facts: AnalysisFacts
) -> None:
    assert facts.units == REQUESTS
    assert [each.planned for each in facts.mismatch.shares] == [0.5, 0.5]
    assert not facts.mismatch.found
    assert sum(arm.missing for arm in facts.metrics[0].arms) == REQUESTS - 300
    assert set(facts.versions) == {"champion", "challenger"}
    assert facts.decisions[0].rule == "sequential"
    per_day = units_a_day(tested)
    assert per_day is None  # today is not over


def test_a_challenger_that_says_yes_more_often_has_less_loss_where_the_answer_is_yes(
    facts: AnalysisFacts,
) -> None:
    [comparison] = facts.metrics[0].comparisons
    assert comparison.effect.high is not None
    assert comparison.effect.high < 0  # less loss
    assert comparison.sequential is not None
    assert comparison.sequential.low < comparison.effect.low  # wider: it holds at every look, for any values
    assert comparison.guard in ("holds", "open")


def test_without_a_challenger_it_says_how_to_begin(
    project: Project, put: Callable[..., str], bundles: Any
) -> None:
    with pytest.raises(UserError, match="nothing released"):
        analyse_routes(project)
    put(bundles.first)
    with pytest.raises(UserError, match="--as challenger"):
        analyse_routes(project)
    put(bundles.second, role="challenger", share=0.5)
    with pytest.raises(UserError, match="no answer of champion or challenger"):
        analyse_routes(project)


@pytest.mark.parametrize("folder", ["bundle_folder", "regression_folder"])
def test_losses_in_the_engine_are_those_of_the_routes(folder: str, request: pytest.FixtureRequest) -> None:
    bundle = read_bundle(request.getfixturevalue(folder), prove=False)
    loss = loss_of(bundle)
    if bundle.classes is None:
        cases: list[tuple[Any, str | float]] = [
            ({"prediction": 10.0}, 12.5),
            ({"prediction": -4e6}, 3.0),
            ({"prediction": 7.25}, 7.25),
        ]
    else:
        first, second = bundle.classes
        cases = [
            ({"prediction": first, "probabilities": {first: chance, second: 1 - chance}}, outcome)
            for chance in (0.0, 0.3, 1.0)
            for outcome in (first, second)
        ]
    for answer, outcome in cases:
        [(found,)] = (
            duckdb.connect()
            .execute(
                f"SELECT {loss_sql(bundle)} FROM (SELECT $1::JSON AS output, $2 AS outcome)",
                [_json(answer), str(outcome)],
            )
            .fetchall()
        )
        assert found == pytest.approx(loss(answer, outcome), rel=1e-12), LOSS


def _json(answer: Any) -> str:
    import json

    return json.dumps(answer)
