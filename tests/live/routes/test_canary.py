"""Of 40 challengers as good as the champion at most five go back; of 10 bad ones all do, by themselves.

Answers are those of a real bundle; which request meets whom, how long it takes and what came of it are drawn.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.canary import EQUAL, SETTINGS, Model, World, bad, ended, equal, moved
from tests.core.bundle import conftest as by_hand
from tests.released import bundle_in

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.project.route_settings import CanaryLimits, CanarySettings
from fullcycle.live.routes.bounds import bounds
from fullcycle.live.routes.canary import decide
from fullcycle.live.routes.counts import Counts, latency_bin

ROWS = 1000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    bundle = read_bundle(bundle_in(tmp_path_factory.mktemp("champion")))
    columns = by_hand.training_columns(ROWS)
    names = [column.name for column in bundle.contract.features]
    rows = [CoercedRow(values, ()) for values in zip(*(columns[name] for name in names), strict=True)]
    answers = bundle.answer(rows)
    truth = np.array([answer["probabilities"]["yes"] for answer in answers])
    return World(bundle, rows, Model(answers), truth)


@pytest.mark.nightly
def test_of_40_equal_challengers_at_most_five_go_back(world: World) -> None:
    ends = [ended(world, equal(world, seed), seed).how for seed in range(EQUAL)]
    assert sum(end not in ("promoted", "waits") for end in ends) <= 5, ends
    assert ends.count("promoted") >= 35, ends  # and a good one need not wait for ever


def test_ten_bad_challengers_go_back_by_themselves(world: World) -> None:
    ends = {name: ended(world, model, seed=1).how for name, model in bad(world, "age", "plan").items()}
    assert len(ends) == 10
    assert not {"promoted", "waits"} & set(ends.values()), ends


def test_quality_alone_sends_back_who_answers_as_often_yes_for_the_wrong_rows(world: World) -> None:
    answers = moved(world, lambda logit: 4 * logit)
    truth = np.array([answer["probabilities"]["yes"] for answer in answers])
    sharp = replace(world, champion=Model(answers), chances=truth)
    shuffled = [answers[at] for at in np.random.default_rng(0).permutation(ROWS)]
    assert ended(sharp, Model(answers), seed=1).how == "promoted"
    alone = SETTINGS.model_copy(update={"limits": CanaryLimits(odd=1, distribution=1)})
    assert ended(sharp, Model(shuffled), seed=1, settings=alone).how == "quality"


def test_a_share_is_held_for_its_minutes_its_answers_and_its_outcomes() -> None:
    counts = Counts(answers=5000, said=[2500, 2500], champion_said=[2500, 2500], compared=5000, outcomes=10)
    counts.latencies[20] = 5000
    settings = CanarySettings(minutes=60, answers=6000, outcomes=20)

    def waits(held_minutes: float = 61.0) -> tuple[str, str]:
        done = decide(counts, counts, settings, ordered=True, held_minutes=held_minutes)
        return done.action, done.signal

    assert waits(held_minutes=59.0) == ("wait", "minutes")
    assert waits() == ("wait", "answers")
    settings = settings.model_copy(update={"answers": 5000})
    assert waits() == ("wait", "outcomes")
    settings = settings.model_copy(update={"outcomes": 0})
    assert waits() == ("on", "")


def test_nothing_is_decided_before_anything_was_seen() -> None:
    done = decide(Counts(), Counts(), CanarySettings(minutes=0), ordered=True, held_minutes=1)
    assert done.action == "wait"
    assert {signal["name"] for signal in done.facts["signals"]} == {
        "errors",
        "latency",
        "odd",
        "distribution",
        "quality",
    }


def test_a_bound_of_latency_in_milliseconds_holds_whatever_the_champion_takes() -> None:
    slow = Counts(answers=2000)
    slow.latencies[latency_bin(50.0)] = 2000
    limits = CanaryLimits(latency_ms=20)
    done = decide(slow, slow, CanarySettings(minutes=0, limits=limits), ordered=True, held_minutes=1)
    assert (done.action, done.signal) == ("back", "latency")


def test_errors_of_the_bounds_are_rarer_than_promised_however_often_one_looks() -> None:
    random = np.random.default_rng(3)
    for mean in (0.01, 0.3):
        wrong = 0
        for _ in range(200):
            sums = np.cumsum(random.random(1000) < mean)
            looks = [bounds(float(sums[at]), at + 1, alpha=0.1) for at in range(0, 1000, 20)]
            wrong += any(not look.low <= mean <= look.high for look in looks)
        assert wrong <= 31  # the 99% bound of a binomial of 200 and 0.1
