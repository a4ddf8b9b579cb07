"""A row gets the answer of the bundle that the routes name, and another one's, marked, where that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.live.conftest import Bundles
from tests.released import FAILING_AGE, ROW, SLOW_AGE, bundle_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.route_settings import FallbackRule, FallbackSettings
from fullcycle.live.answers import RowsRejected
from fullcycle.live.routes.counts import bins_of, loss_of
from fullcycle.live.routes.follower import Follower
from fullcycle.live.routes.router import NoAnswer, Served, as_answer

FAILING = {**ROW, "age": FAILING_AGE}
Follow = Callable[..., Follower]
Put = Callable[..., str]


def facts(served: list[Served]) -> list[tuple[str, str, str]]:
    return [(each.route, each.version, each.fallback) for each in served]


def test_an_answer_carries_its_route_and_its_version(follow: Follow, put: Put, bundles: Bundles) -> None:
    version = put(bundles.first)
    (served,) = follow().deployment.answer([ROW])
    bundle = read_bundle(bundles.first)
    assert as_answer(served) == {
        **bundle.answer([bundle.coerce(ROW)])[0],
        "version": version,
        "route": "champion",
        "unexpected": [],
    }
    assert served.latency_ms > 0


def test_a_request_with_a_key_is_answered_by_one_bundle_and_always_the_same(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    deployment = follow().deployment
    routes = {
        key: {served.route for _ in range(3) for served in deployment.answer([ROW, ROW], key)}
        for key in map(str, range(40))
    }
    assert all(len(each) == 1 for each in routes.values())
    assert {route for each in routes.values() for route in each} == {"champion", "challenger"}
    probabilities = {
        (served.version, served.answer["probabilities"]["yes"])
        for key in routes
        for served in deployment.answer([ROW], key)
    }
    assert len(probabilities) == 2  # each version has its own answer, and no other


def test_rows_with_a_key_of_their_own_find_their_bundle_and_keep_their_order(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    first, second = put(bundles.first), put(bundles.second, "challenger", 0.5)
    deployment = follow(column="id").deployment
    rows = [{**ROW, "id": number, "age": 20 + number} for number in range(60)]
    together = deployment.answer(rows)
    alone = [deployment.answer([row])[0] for row in rows]
    assert facts(together) == facts(alone)
    assert {served.version for served in together} == {first, second}
    assert [served.row.values for served in together] == [served.row.values for served in alone]


def test_the_contract_of_the_champion_decides_what_is_refused(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 1.0)
    with pytest.raises(RowsRejected) as refused:
        follow().deployment.answer([ROW, {**ROW, "age": "soon"}])
    assert (refused.value.errors[0].row, refused.value.errors[0].column) == (1, "age")


def test_a_challenger_that_fails_is_answered_for_by_the_champion(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    champion, challenger = put(bundles.first), put(bundles.tricky, "challenger", 1.0)
    deployment = follow().deployment
    assert facts(deployment.answer([ROW])) == [("challenger", challenger, "")]
    (served,) = deployment.answer([FAILING])
    assert facts([served]) == [("champion", champion, "error")]
    assert as_answer(served)["fallback"] == "error"
    assert (deployment.challenger.counts.answers, deployment.challenger.counts.errors) == (2, 1)
    assert deployment.champion.counts.answers == 0  # what others fail on does not come to it by chance


def test_a_challenger_that_takes_too_long_is_ended_and_answered_for(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    champion = put(bundles.first)
    put(bundles.tricky, "challenger", 1.0)
    deployment = follow(timeout_ms=50).deployment
    assert facts(deployment.answer([{**ROW, "age": SLOW_AGE}])) == [("champion", champion, "timeout")]


def test_a_challenger_that_fails_often_is_left_alone(follow: Follow, put: Put, bundles: Bundles) -> None:
    champion = put(bundles.first)
    put(bundles.tricky, "challenger", 1.0)
    deployment = follow(breaker={"failures": 3, "open_s": 3600}).deployment
    reasons = [facts(deployment.answer([FAILING]))[0][2] for _ in range(5)]
    assert reasons == ["error", "error", "error", "breaker", "breaker"]
    assert facts(deployment.answer([ROW])) == [("champion", champion, "breaker")]
    assert (deployment.challenger.counts.answers, deployment.challenger.counts.errors) == (6, 6)


def test_a_champion_that_fails_is_answered_for_by_the_one_before(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    before = put(bundles.first)
    put(bundles.tricky)
    follower = follow()
    assert facts(follower.deployment.answer([FAILING])) == [("previous", before, "error")]


@pytest.mark.parametrize("age", [FAILING_AGE, 5])
def test_without_a_champion_before_a_rule_or_the_constant_answers(
    follow: Follow, put: Put, bundles: Bundles, age: float
) -> None:
    put(bundles.tricky)
    rules = [FallbackRule(column="age", at_least=60, below=90, answer="yes")]
    fallback = FallbackSettings(rules=rules, constant="no")
    deployment = follow(fallback=fallback).deployment
    failing, other = deployment.answer([FAILING, {**ROW, "age": age}])
    assert (failing.route, failing.answer["prediction"], failing.fallback) == ("rule", "yes", "error")
    expected = ("constant", "no") if age == 5 else ("rule", "yes")
    assert (other.route, other.answer["prediction"]) == expected
    assert sum(other.answer["probabilities"].values()) == pytest.approx(1.0, abs=1e-3)


def test_where_nothing_is_declared_the_failure_is_told(follow: Follow, put: Put, bundles: Bundles) -> None:
    version = put(bundles.tricky)
    with pytest.raises(NoAnswer, match="indices element") as failed:
        follow().deployment.answer([FAILING])
    assert (failed.value.version, failed.value.reason) == (version, "error")


@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        ({"constant": "perhaps"}, "expected: one of no, yes"),
        ({"rules": [{"column": "shoe", "below": 3, "answer": "no"}]}, "found column 'shoe'"),
    ],
)
def test_a_fallback_that_cannot_answer_is_told_at_the_start(
    follow: Follow, put: Put, bundles: Bundles, fallback: dict[str, Any], said: str
) -> None:
    put(bundles.first)
    with pytest.raises(UserError, match=r"serve\.routes\.fallback") as refused:
        follow(fallback=fallback)
    assert said in str(refused.value)


def test_what_both_answered_is_counted_so_that_it_can_be_compared(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    put(bundles.first)
    put(bundles.second, "challenger", 0.5)
    deployment = follow().deployment
    for number in range(200):
        deployment.answer([ROW], str(number))
    ours, theirs = deployment.champion.counts, deployment.challenger.counts
    assert ours.answers + theirs.answers == 200
    for counts in (ours, theirs):
        assert sum(counts.latencies) == counts.answers > 50
    # The same rows, and the challenger says yes more often.
    assert theirs.champion_said.index(theirs.compared) < theirs.said.index(theirs.compared)


def test_outcomes_of_both_are_losses_and_those_of_others_say_nothing(
    follow: Follow, put: Put, bundles: Bundles
) -> None:
    first, second = put(bundles.first), put(bundles.second, "challenger", 0.5)
    deployment = follow().deployment
    sure = {"prediction": "yes", "probabilities": {"no": 0.1, "yes": 0.9}}
    for version, outcome in ((first, "yes"), (second, "no"), (second, "yes"), ("another", "no")):
        deployment.learned(version, sure, outcome)
    ours, theirs = deployment.champion.counts, deployment.challenger.counts
    assert (ours.outcomes, ours.loss) == (1, pytest.approx(0.01))
    assert (theirs.outcomes, theirs.loss) == (2, pytest.approx(0.82))


def test_numbers_are_compared_in_ranges_of_training_answers(tmp_path: Path) -> None:
    champion = read_bundle(bundle_in(tmp_path, task=Task.regression))
    bins, loss = bins_of(champion), loss_of(champion)
    shape = champion.reference.scores["prediction"]
    middle, width = shape.quantiles[50], shape.quantiles[95] - shape.quantiles[5]
    one, near, far = ({"prediction": middle + by * width} for by in (0, 0.1, 0.2))
    assert (bins.ordered, bins.count) == (True, 10)
    assert bins.bin_of({"prediction": shape.quantiles[0]}) == 0
    assert bins.bin_of({"prediction": shape.quantiles[100]}) == 9
    assert (bins.apart(one, near), bins.apart(one, far)) == (False, True)
    assert loss(one, middle + width / 2) == pytest.approx(0.5)
    assert loss(one, middle + 9 * width) == 1.0
