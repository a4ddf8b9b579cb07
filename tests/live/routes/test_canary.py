"""Of 40 challengers as good as the champion at most five go back; of 10 bad ones all do, by themselves.

Answers are those of a real bundle on real graphs; only which request meets whom, how long it takes and what
came of it are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.core.bundle import conftest as by_hand
from tests.released import bundle_in

from fullcycle.core.bundle import Bundle, read_bundle
from fullcycle.core.bundle.model import Answer
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.project.route_settings import CanaryLimits, CanarySettings
from fullcycle.live.routes.canary import decide
from fullcycle.live.routes.counts import LATENCY_EDGES, Counts, bins_of, latency_bin, loss_of

ROWS = 1000
LOOK_EVERY = 500  # requests
REQUESTS_AT_MOST = 150_000
SETTINGS = CanarySettings(minutes=0)


@dataclass(frozen=True)
class Model:
    """What a challenger answers to each row, how often it fails and how long it takes."""

    answers: Sequence[Answer]
    fails: float = 0.0
    slower: float = 1.0


@dataclass(frozen=True)
class World:
    """The champion, the chance of `yes` of each row, and what answers are counted as."""

    bundle: Bundle
    rows: Sequence[CoercedRow]
    champion: Model
    truth: np.ndarray


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    bundle = read_bundle(bundle_in(tmp_path_factory.mktemp("champion")))
    columns = by_hand.training_columns(ROWS)
    names = [column.name for column in bundle.contract.features]
    rows = [CoercedRow(values, ()) for values in zip(*(columns[name] for name in names), strict=True)]
    answers = bundle.answer(rows)
    truth = np.array([answer["probabilities"]["yes"] for answer in answers])
    return World(bundle, rows, Model(answers), truth)


def outcome_of(world: World, challenger: Model, seed: int, settings: CanarySettings = SETTINGS) -> str:
    """How the canary ends: the signal that sent it back, "promoted", or "waits"."""
    random = np.random.default_rng(seed)
    bins = bins_of(world.bundle)
    counters = [Counter(world, model, random) for model in (world.champion, challenger)]
    asked = 0
    for share in settings.shares:
        counts = [Counts(said=[0] * bins.count) for _ in counters]
        while asked < REQUESTS_AT_MOST:
            theirs = int(random.binomial(LOOK_EVERY, share))
            added = (LOOK_EVERY - theirs, theirs)
            counts = [
                before + counter.counted(rows)
                for before, counter, rows in zip(counts, counters, added, strict=True)
            ]
            asked += LOOK_EVERY
            decision = decide(*counts, settings, ordered=bins.ordered, held_minutes=1)
            if decision.action == "back":
                return decision.signal
            if decision.action == "on":
                break
        else:
            return "waits"
    return "promoted"


class Counter:
    """Counts requests to a model as a lane does, with late outcomes of half of the rows."""

    def __init__(self, world: World, model: Model, random: np.random.Generator) -> None:
        bins, loss = bins_of(world.bundle), loss_of(world.bundle)
        self.model, self.truth, self.random, self.bins = model, world.truth, random, bins.count
        self.places = np.array([bins.bin_of(answer) for answer in model.answers])
        self.losses = np.array([[loss(answer, said) for said in ("no", "yes")] for answer in model.answers])

    def counted(self, requests: int) -> Counts:
        rows = self.random.integers(0, ROWS, requests)
        times = self.random.lognormal(np.log(0.1), 0.5, requests) * self.model.slower
        fine = rows[self.random.random(requests) >= self.model.fails]
        known = fine[self.random.random(len(fine)) < 0.5]
        happened = (self.random.random(len(known)) < self.truth[known]).astype(int)
        latencies = np.searchsorted(LATENCY_EDGES, times, side="right")
        return Counts(
            answers=requests,
            errors=requests - len(fine),
            latencies=np.bincount(latencies, minlength=len(LATENCY_EDGES) + 1).tolist(),
            said=np.bincount(self.places[fine], minlength=self.bins).tolist(),
            outcomes=len(known),
            loss=float(self.losses[known, happened].sum()),
        )


def test_of_40_equal_challengers_at_most_five_go_back(world: World) -> None:
    """Fitted again: answers differ a little, and are no worse."""
    ends = []
    for seed in range(40):
        jitter = np.random.default_rng(1000 + seed).normal(0, 0.05, ROWS)
        ends.append(outcome_of(world, Model(moved(world, lambda logit, by=jitter: logit + by)), seed))
    assert sum(end not in ("promoted", "waits") for end in ends) <= 5, ends
    assert ends.count("promoted") >= 35, ends  # and a good one need not wait for ever


BAD: dict[str, Callable[[World], Model]] = {
    "swapped classes": lambda world: Model(moved(world, lambda logit: -logit)),
    "swapped classes of another threshold": lambda world: Model(moved(world, lambda logit: 0.5 - logit)),
    "age is stale": lambda world: Model(without_column(world, "age")),
    "plan is stale": lambda world: Model(without_column(world, "plan")),
    "overconfident": lambda world: Model(moved(world, lambda logit: 3 * logit)),
    "too low": lambda world: Model(moved(world, lambda logit: logit - 0.7)),
    "slow": lambda world: Model(world.champion.answers, slower=30),
    "slower still": lambda world: Model(world.champion.answers, slower=200),
    "fails sometimes": lambda world: Model(world.champion.answers, fails=0.04),
    "fails often": lambda world: Model(world.champion.answers, fails=0.5),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_challenger_goes_back_by_itself(world: World, name: str) -> None:
    ends = outcome_of(world, BAD[name](world), seed=1)
    assert ends not in ("promoted", "waits"), ends


def test_quality_alone_sends_back_who_answers_as_often_yes_for_the_wrong_rows(world: World) -> None:
    answers = moved(world, lambda logit: 4 * logit)
    truth = np.array([answer["probabilities"]["yes"] for answer in answers])
    sharp = replace(world, champion=Model(answers), truth=truth)
    shuffled = [answers[at] for at in np.random.default_rng(0).permutation(ROWS)]
    assert outcome_of(sharp, Model(answers), seed=1) == "promoted"
    assert outcome_of(sharp, Model(shuffled), seed=1) == "quality"


def test_a_share_is_held_for_its_minutes_its_answers_and_its_outcomes() -> None:
    counts = Counts(answers=5000, said=[2500, 2500], outcomes=10)
    counts.latencies[20] = 5000
    settings = CanarySettings(minutes=60, answers=6000, outcomes=20)

    def waits(**changes: object) -> tuple[str, str]:
        given = {"held_minutes": 61.0, **changes}
        done = decide(counts, counts, settings, ordered=True, **given)
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
    assert {signal["name"] for signal in done.facts["signals"]} == {"errors", "latency", "odd", "quality"}


def test_a_bound_of_latency_in_milliseconds_holds_whatever_the_champion_takes() -> None:
    slow = Counts(answers=2000, said=[1000, 1000])
    slow.latencies[latency_bin(50.0)] = 2000
    limits = CanaryLimits(latency_ms=20)
    done = decide(slow, slow, CanarySettings(minutes=0, limits=limits), ordered=True, held_minutes=1)
    assert (done.action, done.signal) == ("back", "latency")


def moved(world: World, change: Callable[..., np.ndarray]) -> list[Answer]:
    logit = np.log(world.truth / (1 - world.truth))
    chances = 1 / (1 + np.exp(-change(logit)))
    return [
        {
            "prediction": "yes" if chance >= by_hand.THRESHOLD else "no",
            "probabilities": {"no": 1 - chance, "yes": chance},
        }
        for chance in map(float, chances)
    ]


def without_column(world: World, name: str) -> list[Answer]:
    place = [column.name for column in world.bundle.contract.features].index(name)
    rows = [CoercedRow((*row.values[:place], None, *row.values[place + 1 :]), ()) for row in world.rows]
    return world.bundle.answer(rows)


def test_errors_of_the_bounds_are_rarer_than_promised_however_often_one_looks() -> None:
    from fullcycle.live.routes.bounds import bounds

    random = np.random.default_rng(3)
    for mean in (0.01, 0.3):
        wrong = 0
        for _ in range(200):
            sums = np.cumsum(random.random(2000) < mean)
            looks = [bounds(float(sums[at]), at + 1, alpha=0.1) for at in range(0, 2000, 20)]
            wrong += any(not look.low <= mean <= look.high for look in looks)
        assert wrong <= 33  # the 99% bound of a binomial of 200 and 0.1: 31.5
