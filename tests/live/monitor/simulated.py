"""Windows of an unchanged process as counts, drawn without any rows: autocorrelated, with a weekly season,
the columns driven in part by one common cause. Ten million rows cost as much as a hundred."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fullcycle.core.bundle.reference import ColumnReference
from fullcycle.core.bundle.variation import _order, rho
from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.monitor import ColumnDrift
from fullcycle.core.project.monitor_settings import MonitorLimits
from fullcycle.live.monitor.drift.baseline import NumberBaseline, TextBaseline, _cuts
from fullcycle.live.monitor.drift.columns import Watched, judge_columns
from fullcycle.live.monitor.drift.noise import ALIKE, Noise
from fullcycle.live.monitor.measure import Counted

GRID = np.linspace(-3.0, 3.0, 101)
LOGITS = np.log(np.array([0.5, 0.25, 0.15, 0.08, 0.02]))


@dataclass
class Process:
    """`spread` is how far a day's mean strays (in standard deviations of a row, and of a logit)."""

    seed: int
    rows: int
    columns: int = 20
    spread: float = 0.1
    season: float = 0.1
    memory: float = 0.7
    days: int = 0
    state: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.state = self.random.normal(size=self.columns + 1)
        self.phases = self.random.uniform(0, 7, self.columns)

    def day(self) -> list[NDArray[np.int64]]:
        """Counts of the next day, by column: numbers by the grid, then texts by category."""
        kept = np.sqrt(1 - self.memory**2)
        self.state = self.memory * self.state + kept * self.random.normal(size=self.columns + 1)
        strays = 0.8 * self.state[1:] + 0.6 * self.state[0]
        moved = self.spread * strays + self.season * np.sin(2 * np.pi * (self.days + self.phases) / 7)
        self.days += 1
        return [self._counts(at, shift) for at, shift in enumerate(moved)]

    def _counts(self, at: int, shift: float) -> NDArray[np.int64]:
        if at % 2:
            shares = np.exp(LOGITS + shift * np.array([1, -1, 0, 0.5, -0.5]))
        else:
            shares = np.diff([0.0, *ndtr(GRID - shift), 1.0])
        return self.random.multinomial(self.rows, shares / shares.sum())


@dataclass
class Reference:
    """Days of the process as the bundle keeps them: sums, and natural variation."""

    columns: list[Watched]
    noise: list[Noise]

    @staticmethod
    def of(days: list[list[NDArray[np.int64]]], known: bool = True) -> Reference:
        """Learned from days; or without natural variation, as where training rows have no time."""
        columns, noise = [], []
        for at, column in enumerate(zip(*days, strict=True)):
            counts = np.array(column)
            watched = _texts(at, counts.sum(axis=0)) if at % 2 else _numbers(at, counts.sum(axis=0))
            columns.append(watched)
            noise.append(_noise(watched, counts) if known else Noise())
        return Reference(columns, noise)

    def judge(
        self, day: list[NDArray[np.int64]], alpha: float, limits: MonitorLimits
    ) -> tuple[ColumnDrift, ...]:
        """The verdicts on a day."""
        counted = [
            Counted(int(counts.sum()), 0, np.append(counts, 0) if at % 2 else counts)
            for at, counts in enumerate(day)
        ]
        return judge_columns(list(zip(self.columns, counted, self.noise, strict=True)), limits, alpha)


def _numbers(at: int, counts: NDArray[np.int64]) -> Watched:
    rows, shares = int(counts.sum()), np.cumsum(counts)[:-1] / counts.sum()
    baseline = NumberBaseline(rows, tuple(GRID.tolist()), shares, 0.0, _cuts(shares), 3.3)
    reference = ColumnReference(name=f"n{at}", type=ColumnType.numeric, rows=rows, missing=0)
    return Watched(f"n{at}", "input", ColumnType.numeric, reference, baseline, None)


def _texts(at: int, counts: NDArray[np.int64]) -> Watched:
    rows, names = int(counts.sum()), tuple(f"k{place}" for place in range(len(counts)))
    reference = ColumnReference(name=f"c{at}", type=ColumnType.categorical, rows=rows, missing=0)
    baseline = TextBaseline(rows, names, np.append(counts, 0))
    return Watched(f"c{at}", "input", ColumnType.categorical, reference, None, baseline)


def _noise(watched: Watched, counts: NDArray[np.int64]) -> Noise:
    binned = counts if watched.numbers is None else np.array([watched.numbers.binned(day) for day in counts])
    mix = rho(binned.astype(float)) or 0.0
    order = (_order(binned.astype(float)) or 0.0) if watched.numbers is not None else mix
    return Noise(order, mix, 0.0, (len(counts) - 1) / ALIKE, "blocks")
