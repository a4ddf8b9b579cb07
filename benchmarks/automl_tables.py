"""The tables of `benchmarks.automl` and how each is split: rows that every side learns from and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.commands import FLIGHTS, LEAKS

AMES = Path(__file__).parents[1] / "tests/data/ames_housing.csv.gz"
TEST_SHARE = 0.2
FLIGHTS_ROWS = 60_000  # of a window; all of them take minutes in any tool
WINDOW, STEP = 0.6, 0.1  # of the year: split 0 ends with it, each further one ends a step earlier
CLASSES, NUMBERS = ("roc_auc", "log_loss"), ("r2", "rmse")


@dataclass(frozen=True)
class Split:
    """Training and test rows as they come; of classes the second is the one that AUC is about."""

    train: pd.DataFrame
    test: pd.DataFrame
    target: str
    classes: tuple[str, ...] | None = None
    time: str | None = None

    @property
    def truth(self) -> NDArray[Any]:
        """Codes of the classes, or numbers."""
        labels = self.test[self.target]
        if self.classes is None:
            return labels.to_numpy(dtype=np.float64)
        return np.asarray(pd.Categorical(labels, self.classes).codes, dtype=np.int64)


@dataclass(frozen=True)
class Table:
    """`metrics`: what both sides choose their models by, and what keeps them honest beside it."""

    name: str
    metrics: tuple[str, str]
    split: Callable[[int], Split]


def telco(number: int) -> Split:
    """Churn of customers, at random with equal shares of both classes."""
    from sklearn.model_selection import train_test_split

    with as_file(files("fullcycle.data") / "telco_churn.csv") as path:
        frame = pd.read_csv(path)
    parts = train_test_split(frame, test_size=TEST_SHARE, random_state=number, stratify=frame["churn"])
    return Split(*parts, "churn", classes=("No", "Yes"))


def ames(number: int) -> Split:
    """Prices of houses, at random."""
    from sklearn.model_selection import train_test_split

    parts = train_test_split(pd.read_csv(AMES), test_size=TEST_SHARE, random_state=number)
    return Split(*parts, "Sale_Price")


def flights(number: int) -> Split:
    """Late arrivals by what is known before departure: a window of the year, its last fifth the test."""
    frame = pd.read_parquet(FLIGHTS).drop(columns=list(LEAKS)).dropna(subset="late")
    frame["late"] = np.where(frame["late"].astype(bool), "late", "fine")
    frame = frame.sort_values("time_hour", kind="stable")
    end = round((1 - number * STEP) * len(frame))
    window = frame.iloc[max(0, end - round(WINDOW * len(frame))) : end]
    window = window.sample(min(FLIGHTS_ROWS, len(window)), random_state=number).sort_index()
    window = window.sort_values("time_hour", kind="stable").reset_index(drop=True)
    cut = round((1 - TEST_SHARE) * len(window))
    # Flights of the hour of the cut go to the test: no moment is on both sides.
    before = window["time_hour"] < window["time_hour"].iloc[cut]
    return Split(window[before], window[~before], "late", classes=("fine", "late"), time="time_hour")


TABLES = {
    "telco": Table("telco", CLASSES, telco),
    "ames": Table("ames", NUMBERS, ames),
    "flights": Table("flights", CLASSES, flights),
}
