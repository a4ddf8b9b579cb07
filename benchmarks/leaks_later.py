"""Leaks that were written after the detectors were tuned, to see what tuning is worth elsewhere.

What misses here is told in docs/guide/leaks.md as it was at the first run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.leak_tables import Plant, Rng, answer, column, rows, shuffled

Frame = pd.DataFrame


def planted_later() -> list[Plant]:
    """In the order of the kinds."""
    return [
        *_after_the_fact(),
        *_missing(),
        *_two(),
        *_keys(),
        *_entities(),
        *_in_time(),
        *_means(),
        *_sorted(),
    ]


def _after_the_fact() -> list[Plant]:
    return [
        column(
            "status in five words",
            "after the fact",
            "telco",
            "FC301",
            lambda f, y, r: np.where(
                y, r.choice(["closed", "ended"], len(f)), r.choice(["ok", "new", "vip"], len(f))
            ),
        ),
        column(
            "refund, zero for most",
            "after the fact",
            "telco",
            "FC301",
            lambda f, y, r: np.where(y, r.lognormal(3, 1, len(f)), 0.0),
        ),
        column(
            "square root of the price",
            "after the fact",
            "ames",
            "FC301",
            lambda f, y, r: np.sqrt(y) * (1 + r.normal(0, 0.01, len(f))),
        ),
        column(
            "price in words of thousands",
            "after the fact",
            "ames",
            "FC301",
            lambda f, y, r: [f"{v / 1000:.0f}k" for v in y],
        ),
    ]


def _missing() -> list[Plant]:
    return [
        column(
            "survey that leavers skip",
            "missingness",
            "telco",
            "FC302",
            lambda f, y, r: np.where(
                r.random(len(f)) < np.where(y, 0.85, 0.1), None, r.choice(["good", "bad"], len(f))
            ),
        ),
        column(
            "gate of flights on time",
            "missingness",
            "flights",
            "FC302",
            lambda f, y, r: np.where(y == 0, r.integers(1, 40, len(f)), np.nan),
        ),
        rows(
            "two gaps that only together tell",
            "missingness",
            "telco",
            "FC302",
            ("one", "other"),
            _joint,
            shuffled("other", _joint),
        ),
    ]


def _joint(frame: Frame, rng: Rng) -> Frame:
    y, first = answer(frame), rng.random(len(frame)) < 0.5
    return frame.assign(
        one=np.where(first, np.nan, rng.normal(0, 1, len(frame))),
        other=np.where(first ^ (y == 1), np.nan, rng.normal(0, 1, len(frame))),
    )


def _two() -> list[Plant]:
    def stamps(frame: Frame, rng: Rng) -> Frame:
        y = answer(frame)
        start = 1_500_000_000 + rng.integers(0, 10**8, len(frame))
        return frame.assign(
            start_s=start,
            end_s=start + np.where(y, rng.integers(50, 90, len(frame)), rng.integers(100, 900, len(frame))),
        )

    def share(frame: Frame, rng: Rng) -> Frame:
        assessed = answer(frame) * rng.normal(1, 0.02, len(frame))
        area = rng.lognormal(0, 0.8, len(frame))
        return frame.assign(per_area=assessed / area, the_area=1 / area)

    return [
        rows(
            "seconds since 1970",
            "pair",
            "telco",
            "FC307",
            ("start_s", "end_s"),
            stamps,
            shuffled("end_s", stamps),
        ),
        rows(
            "price by area and one over it",
            "pair",
            "ames",
            "FC307",
            ("per_area", "the_area"),
            share,
            shuffled("the_area", share),
        ),
    ]


def _keys() -> list[Plant]:
    def renamed(plant: Plant, name: str) -> Plant:
        def as_key(make: Any) -> Any:
            return lambda frame, rng: make(frame, rng).rename(columns={"extra": name})

        return Plant(
            plant.name, plant.kind, plant.table, plant.code, (name,), as_key(plant.leak), as_key(plant.twin)
        )

    def ticket(f: Frame, y: Any, r: Rng) -> Any:
        return [f"{k:05d}-{'97' if v else '42'}" for v, k in zip(y, r.permutation(len(f)), strict=True)]

    def ranked(f: Frame, y: Any, r: Rng) -> Any:
        place = np.argsort(np.argsort(y + r.normal(0, 0.6 * y.std(), len(f))))
        return [f"H{k:05d}" for k in place]

    def half(f: Frame, y: Any, r: Rng) -> Any:
        return (
            np.argsort(
                np.argsort(np.where(r.random(len(f)) < 0.6, y, r.random(len(f))) + r.random(len(f)) * 0.01)
            )
            + 1
        )

    return [
        renamed(column("last two digits of a ticket", "identifier", "telco", "FC308", ticket), "ticket"),
        renamed(column("house number by price", "identifier", "ames", "FC308", ranked), "house_id"),
        renamed(
            column("numbers that are in order for most", "identifier", "flights", "FC308", half), "booking_no"
        ),
    ]


def _entities() -> list[Plant]:
    def uneven(f: Frame, y: Any, r: Rng) -> Any:
        key = np.empty(len(f), dtype=int)
        for k in (0, 1):
            at = r.permutation(np.flatnonzero(y == k))
            size = r.integers(1, 9, len(at))
            key[at] = np.repeat(np.arange(len(at)), size)[: len(at)] * 2 + k
        names = r.permutation(key.max() + 1)
        return [f"dev-{names[k]:x}" for k in key]

    def sellers(f: Frame, y: Any, r: Rng) -> Any:
        order = np.argsort(np.log(y) + r.normal(0, 0.15, len(f)))
        key = np.empty(len(f), dtype=int)
        key[order] = np.arange(len(f)) // 4
        return r.permutation(90_000)[:10_000][key]

    return [
        column("devices of one to eight rows", "group", "telco", "FC309", uneven),
        column("sellers of like houses", "group", "ames", "FC309", sellers),
    ]


def _in_time() -> list[Plant]:
    def drift(f: Frame, y: Any, r: Rng) -> Any:
        return (
            20_150_000
            + np.array(
                [
                    10_000 * (d // 360) + 100 * (d % 360 // 30 + 1) + d % 30 + 1
                    for d in np.argsort(np.argsort(y + r.normal(0, 0.4 * y.std(), len(f)))) * 1400 // len(f)
                ]
            )
        ).astype(int)

    def outages(f: Frame, y: Any, r: Rng) -> Any:
        place = np.empty(len(f), dtype=int)
        order = np.concatenate([r.permutation(np.flatnonzero(y == k)) for k in (0, 1)])
        spells = np.array_split(order, 250)
        place[np.concatenate([spells[at] for at in r.permutation(250)])] = np.arange(len(f))
        return pd.Timestamp("2021-06-01") + pd.to_timedelta(place * 13 + r.integers(0, 13, len(f)), "min")

    def ahead(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y).rolling(5, min_periods=1, center=True).mean()

    return [
        column("dates as whole numbers", "time", "ames", "FC310", drift),
        column("outages by the minute", "time", "telco", "FC310", outages),
        column("mean of neighbours before and after", "time", "flights", "FC310", ahead),
    ]


def _means() -> list[Plant]:
    def left_out(f: Frame, y: Any, r: Rng) -> Any:
        by = pd.Series(y, index=f.index).groupby(f["Neighborhood"])
        rows_of, total = by.transform("count"), by.transform("sum")
        return ((total - y) / (rows_of - 1).clip(lower=1)).where(rows_of > 1, y.mean())

    def noisy(f: Frame, y: Any, r: Rng) -> Any:
        by = pd.Series(y, index=f.index).groupby(f["payment_method"]).transform("mean")
        return (by * 100).round(1)

    def two(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y, index=f.index).groupby([f["dest"], f["carrier"]]).transform("mean")

    def largest(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y, index=f.index).groupby(f["Neighborhood"]).transform("max")

    return [
        column(
            "mean of the neighbourhood's others", "aggregate", "ames", "FC311", left_out, by=("Neighborhood",)
        ),
        column("rate in percent, rounded", "aggregate", "telco", "FC311", noisy, by=("payment_method",)),
        column(
            "rate by destination and carrier", "aggregate", "flights", "FC311", two, by=("dest", "carrier")
        ),
        column("dearest of the neighbourhood", "aggregate", "ames", "FC311", largest, by=("Neighborhood",)),
    ]


def _sorted() -> list[Plant]:
    def by(key: Any) -> Any:
        return lambda frame, rng: frame.iloc[np.argsort(key(answer(frame), rng), kind="stable")].reset_index(
            drop=True
        )

    def mixed(frame: Frame, rng: Rng) -> Frame:
        return frame.sample(frac=1, random_state=5).reset_index(drop=True)

    def turns(y: Any, r: Rng) -> Any:
        place = np.arange(len(y), dtype=float)
        place[y == 1] = np.arange((y == 1).sum()) * 3.0
        place[y == 0] = np.sort(np.concatenate([np.arange((y == 0).sum())]) * 1.5) + 0.7
        return place

    return [
        rows(
            "the other class first, some astray",
            "order of rows",
            "flights",
            "FC312",
            (),
            by(lambda y, r: np.where(r.random(len(y)) < 0.1, 1 - y, y) * -1),
            mixed,
        ),
        rows("every third row by turns", "order of rows", "telco", "FC312", (), by(turns), mixed),
        rows(
            "in ten slices by price",
            "order of rows",
            "ames",
            "FC312",
            (),
            by(lambda y, r: pd.qcut(y, 10, labels=False)),
            mixed,
        ),
    ]
