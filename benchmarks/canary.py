"""Canaries from a real bundle's answers: equal challengers that go back, bad ones that don't, and how many
requests it takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure
from fullcycle.core.bundle import Bundle, read_bundle
from fullcycle.core.bundle.model import Answer
from fullcycle.core.contract.row import CoercedRow
from fullcycle.core.project.route_settings import CanarySettings
from fullcycle.live.routes.canary import decide
from fullcycle.live.routes.counts import LATENCY_EDGES, Counts, bins_of, loss_of
from fullcycle.live.routes.watcher import ASKED_TWICE

EQUAL = 40
LOOK_EVERY = 500  # requests
REQUESTS_AT_MOST = 400_000
KNOWN = 0.5  # of the outcomes
# In log-odds, from row to row: then 5 of 100 answers are odd, as with models fitted on two bootstrap samples.
JITTER = 0.4
TAKES_MS, SPREAD = 0.1, 0.5  # median and log-deviation of the time of an answer
SETTINGS = CanarySettings(minutes=0)


@dataclass(frozen=True)
class Model:
    """What a model answers to each row, how often it fails and how much longer it takes."""

    answers: Sequence[Answer]
    fails: float = 0.0
    slower: float = 1.0


@dataclass(frozen=True)
class World:
    """The champion, rows, and the chance of the second class for each (0 or 1 where it is known)."""

    bundle: Bundle
    rows: Sequence[CoercedRow]
    champion: Model
    chances: NDArray[np.float64]

    @property
    def classes(self) -> tuple[str, str]:
        first, second = self.bundle.classes or ("", "")
        return first, second


@dataclass(frozen=True)
class End:
    """The signal that sent a challenger back, "promoted" or "waits"; and after how many requests."""

    how: str
    requests: int


def ended(world: World, challenger: Model, seed: int, settings: CanarySettings = SETTINGS) -> End:
    """Run one canary: requests are drawn, looked at every so often, and decided on as a server would."""
    random = np.random.default_rng(seed)
    bins = bins_of(world.bundle)
    counters = [Counter(world, model, random) for model in (world.champion, challenger)]
    asked = 0
    for share in settings.shares:
        counts = [Counts() for _ in counters]
        while asked < REQUESTS_AT_MOST:
            theirs = int(random.binomial(LOOK_EVERY, share))
            added = (LOOK_EVERY - theirs, theirs)
            counts = [
                before + counter.counted(rows, share)
                for before, counter, rows in zip(counts, counters, added, strict=True)
            ]
            asked += LOOK_EVERY
            decision = decide(*counts, settings, ordered=bins.ordered, held_minutes=1)
            if decision.action == "back":
                return End(decision.signal, asked)
            if decision.action == "on":
                break
        else:
            return End("waits", asked)
    return End("promoted", asked)


class Counter:
    """Counts requests to a model as a lane does, with late outcomes of some rows."""

    def __init__(self, world: World, model: Model, random: np.random.Generator) -> None:
        bins, loss = bins_of(world.bundle), loss_of(world.bundle)
        self.model, self.chances, self.random, self.bins = model, world.chances, random, bins.count
        self.places = np.array([bins.bin_of(answer) for answer in model.answers])
        self.champion_places = np.array([bins.bin_of(answer) for answer in world.champion.answers])
        pairs = zip(model.answers, world.champion.answers, strict=True)
        self.odd = np.array([bins.apart(ours, theirs) for ours, theirs in pairs])
        self.losses = np.array([[loss(answer, said) for said in world.classes] for answer in model.answers])

    def counted(self, requests: int, share: float) -> Counts:
        rows = self.random.integers(0, len(self.chances), requests)
        times = self.random.lognormal(np.log(TAKES_MS), SPREAD, requests) * self.model.slower
        fine = rows[self.random.random(requests) >= self.model.fails]
        known = fine[self.random.random(len(fine)) < KNOWN]
        happened = (self.random.random(len(known)) < self.chances[known]).astype(int)
        compared = fine[self.random.random(len(fine)) * share <= ASKED_TWICE]
        latencies = np.searchsorted(LATENCY_EDGES, times, side="right")
        return Counts(
            answers=requests,
            errors=requests - len(fine),
            latencies=np.bincount(latencies, minlength=len(LATENCY_EDGES) + 1).tolist(),
            said=np.bincount(self.places[compared], minlength=self.bins).tolist(),
            champion_said=np.bincount(self.champion_places[compared], minlength=self.bins).tolist(),
            compared=len(compared),
            odd=int(self.odd[compared].sum()),
            outcomes=len(known),
            loss=float(self.losses[known, happened].sum()),
        )


def moved(world: World, change: Callable[..., NDArray[np.float64]]) -> list[Answer]:
    """The champion's answers with other log-odds."""
    first, second = world.classes
    said = np.array([answer["probabilities"][second] for answer in world.champion.answers])
    kept = np.clip(said, 1e-6, 1 - 1e-6)
    chances = 1 / (1 + np.exp(-change(np.log(kept / (1 - kept)))))
    limit = 0.5 if world.bundle.threshold is None else world.bundle.threshold
    return [
        {
            "prediction": second if chance >= limit else first,
            "probabilities": {first: 1 - chance, second: chance},
        }
        for chance in map(float, chances)
    ]


def equal(world: World, seed: int) -> Model:
    """As good as the champion: answers differ a little."""
    noise = np.random.default_rng(10_000 + seed).normal(0, JITTER, len(world.rows))
    return Model(moved(world, lambda logit: logit + noise))


def stale(world: World, column: str, *, missing: bool = True) -> Model:
    """A column that is not filled any more, or that belongs to other rows."""
    place = [each.name for each in world.bundle.contract.features].index(column)
    values = [row.values[place] for row in world.rows]
    others = np.random.default_rng(7).permutation(len(values))
    rows = [
        CoercedRow(
            (*row.values[:place], None if missing else values[others[at]], *row.values[place + 1 :]), ()
        )
        for at, row in enumerate(world.rows)
    ]
    return Model(world.bundle.answer(rows))


def bad(world: World, first: str, second: str) -> dict[str, Model]:
    """Ten challengers that must go back; `first` and `second` are columns that matter."""
    answers = world.champion.answers
    return {
        "classes swapped": Model(moved(world, lambda logit: -logit)),
        "classes swapped, other threshold": Model(moved(world, lambda logit: 0.5 - logit)),
        f"{first} stale": stale(world, first),
        f"{second} stale": stale(world, second),
        "overconfident": Model(moved(world, lambda logit: 3 * logit)),
        "too low": Model(moved(world, lambda logit: logit - 0.7)),
        "slow": Model(answers, slower=30),
        "slower still": Model(answers, slower=200),
        "fails sometimes": Model(answers, fails=0.04),
        "fails often": Model(answers, fails=0.5),
    }


def world_of(project: Path) -> World:
    """The bundle of a binary project with its sealed test rows and what became of them."""
    import pyarrow.parquet as pq

    bundle = read_bundle(project / "bundle")
    table = pq.read_table(project / "data/test.parquet")
    names = [column.name for column in bundle.contract.features]
    columns = [table[name].to_pylist() for name in names]
    rows = [CoercedRow(values, ()) for values in zip(*columns, strict=True)]
    happened = [str(label) for label in table[bundle.contract.target.name].to_pylist()]
    classes = bundle.classes or ()
    chances = np.array([float(label == classes[1]) for label in happened])
    return World(bundle, rows, Model(bundle.answer(rows)), chances)


def most_telling(world: World) -> list[str]:
    """Columns by how much answers move where they are missing."""
    second = world.classes[1]

    def said(model: Model) -> NDArray[np.float64]:
        return np.array([answer["probabilities"][second] for answer in model.answers])

    names = [column.name for column in world.bundle.contract.features]
    moves = {name: float(np.abs(said(stale(world, name)) - said(world.champion)).mean()) for name in names}
    return sorted(names, key=lambda name: -moves[name])


def figures(folder: Path) -> Iterator[Figure]:
    """Telco's bundle as the demo left it in `folder`."""
    world = world_of(folder / "demo")
    ends = [ended(world, equal(world, seed), seed) for seed in range(EQUAL)]
    back = sum(end.how not in ("promoted", "waits") for end in ends)
    yield Figure(f"canary: of {EQUAL} equal challengers, sent back", back, 5, "")
    promoted = [end.requests for end in ends if end.how == "promoted"]
    yield Figure(f"canary: of {EQUAL} equal challengers, promoted", len(promoted), 35, "", "higher")
    yield Figure("canary: requests until promoted, median", median(promoted), REQUESTS_AT_MOST, "")
    ends = [
        (name, ended(world, model, seed=1)) for name, model in bad(world, *most_telling(world)[:2]).items()
    ]
    for name, end in ends:
        print(f"  {name:<34} {end.how:<9} after {end.requests:,} requests")
    gone = sum(end.how not in ("promoted", "waits") for _, end in ends)
    yield Figure("canary: of 10 bad challengers, sent back", gone, 10, "", "higher")


if __name__ == "__main__":
    for figure in figures(Path(sys.argv[1])):
        print(figure.row())
