"""The tables that leaks are planted in: telco (classes), Ames (a number), flights (in time, one in 40)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "tests" / "data"
TARGETS = {"telco": "churn", "ames": "Sale_Price", "flights": "late"}
AMES = (
    "Sale_Price Neighborhood Gr_Liv_Area Year_Built Garage_Area Lot_Area Bldg_Type House_Style Overall_Cond "
    "Total_Bsmt_SF Full_Bath TotRms_AbvGrd Year_Sold Mo_Sold Foundation Central_Air Fireplaces "
    "Longitude Latitude"
)
AFTERWARDS = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]

Rng = np.random.Generator
Make = Callable[[pd.DataFrame, Rng], pd.DataFrame]


@dataclass(frozen=True)
class Plant:
    """A leak and its clean twin in a table. `columns` are those that the finding must name, in any order."""

    name: str
    kind: str
    table: str
    code: str
    columns: tuple[str, ...]
    leak: Make
    twin: Make
    by: Sequence[str] = ()


@cache
def table(name: str) -> pd.DataFrame:
    """The table as it is, in the order of its source."""
    if name == "telco":
        with as_file(files("fullcycle.data") / "telco_churn.csv") as path:
            return pd.read_csv(path)
    if name == "ames":
        return pd.read_csv(DATA / "ames_housing.csv.gz")[AMES.split()]
    frame = pd.read_parquet(DATA / "nyc_flights.parquet")
    frame = frame[frame["late"].notna()].iloc[::40].reset_index(drop=True)
    frame["time_hour"] = frame["time_hour"].dt.tz_localize(None)
    frame["late"] = frame["late"].astype(bool)
    return frame


def before_departure(frame: pd.DataFrame) -> pd.DataFrame:
    """Flights with what is known before departure."""
    return frame.drop(columns=AFTERWARDS)


def answer(frame: pd.DataFrame) -> Any:
    """The target as 0 and 1, or as a number."""
    for name in TARGETS.values():
        if name in frame:
            column = frame[name]
            return (
                column.to_numpy(float)
                if name == "Sale_Price"
                else column.astype(str).isin(["True", "true", "Yes", "yes", "1"]).to_numpy(int)
            )
    raise KeyError("no target")


def put(name: str, make: Callable[[pd.DataFrame, Any, Rng], Any]) -> Make:
    """A column made of the table and its target."""

    def planted(frame: pd.DataFrame, rng: Rng) -> pd.DataFrame:
        return frame.assign(**{name: make(frame, answer(frame), rng)})

    return planted


def shuffled(name: str, make: Make) -> Make:
    """The same column, its values in other rows."""

    def planted(frame: pd.DataFrame, rng: Rng) -> pd.DataFrame:
        leaking = make(frame, rng)
        order = rng.permutation(len(leaking))
        return leaking.assign(**{name: leaking[name].to_numpy()[order]})

    return planted


def column(
    name: str, kind: str, table: str, code: str, make: Callable[[pd.DataFrame, Any, Rng], Any], **more: Any
) -> Plant:
    """A plant of one column called `extra`, and its twin: shuffled, where nothing else is given."""
    leak = put("extra", make)
    twin = put("extra", more["twin"]) if "twin" in more else shuffled("extra", leak)
    if table == "flights":
        leak, twin = _narrow(leak), _narrow(twin)
    by = more.get("by", ())
    return Plant(name, kind, table, code, ("extra", *by), leak, twin)


def rows(  # noqa: PLR0917 - a row of the table of plants
    name: str, kind: str, table: str, code: str, columns: Sequence[str], leak: Make, twin: Make
) -> Plant:
    """A plant that is more than one column."""
    if table == "flights":
        leak, twin = _narrow(leak), _narrow(twin)
    return Plant(name, kind, table, code, tuple(columns), leak, twin)


def _narrow(make: Make) -> Make:
    return lambda frame, rng: make(
        before_departure(frame) if "arr_delay" in frame and "late" in frame else frame, rng
    )
