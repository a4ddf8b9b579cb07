"""Forty leaks of nine kinds that the detectors were tuned on, each with its clean twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.leak_tables import Plant, Rng, answer, column, put, rows, shuffled

Frame = pd.DataFrame


def planted() -> list[Plant]:
    """In the order of the kinds."""
    return [
        *_values(),
        *_gaps(),
        *_pairs(),
        *_identifiers(),
        *_groups(),
        *_times(),
        *_aggregates(),
        *_orders(),
    ]


def _values() -> list[Plant]:
    return [
        column(
            "closed account",
            "after the fact",
            "telco",
            "FC301",
            lambda f, y, r: np.where(y, "closed", "active"),
        ),
        column("inverse", "after the fact", "telco", "FC301", lambda f, y, r: 1 - y),
        column(
            "score of a model, noisy",
            "after the fact",
            "telco",
            "FC301",
            lambda f, y, r: y + r.normal(0, 0.3, len(f)),
        ),
        column(
            "3% of labels flipped",
            "after the fact",
            "telco",
            "FC301",
            lambda f, y, r: np.where(r.random(len(f)) < 0.03, 1 - y, y),
        ),
        column(
            "delay at arrival",
            "after the fact",
            "flights",
            "FC301",
            lambda f, y, r: np.where(y, r.exponential(40, len(f)) + 15, r.normal(-5, 8, len(f))).round(),
        ),
        column("tax on the price", "after the fact", "ames", "FC301", lambda f, y, r: (y * 0.013).round()),
        column(
            "logarithm, 2% noise",
            "after the fact",
            "ames",
            "FC301",
            lambda f, y, r: np.log(y) + r.normal(0, 0.02, len(f)),
        ),
        column(
            "price as a text", "after the fact", "ames", "FC301", lambda f, y, r: [f"USD {v:,.0f}" for v in y]
        ),
        column(
            "price band",
            "after the fact",
            "ames",
            "FC301",
            lambda f, y, r: pd.qcut(y, 5, labels=list("abcde")).astype(str),
        ),
        column(
            "price for a third of the rows",
            "after the fact",
            "ames",
            "FC301",
            lambda f, y, r: np.where(
                r.random(len(f)) < 0.35, y, r.permutation(y) * r.uniform(0.5, 1.5, len(f))
            ),
        ),
    ]


def _gaps() -> list[Plant]:
    return [
        column(
            "reason only of those who left",
            "missingness",
            "telco",
            "FC302",
            lambda f, y, r: np.where(y, r.choice(["price", "moved", "other"], len(f)), None),
        ),
        column(
            "left empty for 90% of those who left",
            "missingness",
            "telco",
            "FC302",
            lambda f, y, r: np.where((y == 1) & (r.random(len(f)) < 0.9), np.nan, r.normal(50, 9, len(f))),
        ),
        column(
            "note of a quarter of those who left",
            "missingness",
            "telco",
            "FC302",
            lambda f, y, r: np.where((y == 1) & (r.random(len(f)) < 0.25), r.normal(0, 1, len(f)), np.nan),
        ),
        column(
            "compensation of late flights",
            "missingness",
            "flights",
            "FC302",
            lambda f, y, r: np.where(y, r.integers(100, 600, len(f)), np.nan),
        ),
        column(
            "insurance of dear houses",
            "missingness",
            "ames",
            "FC302",
            lambda f, y, r: np.where(y > np.median(y), r.normal(5, 1, len(f)), np.nan),
        ),
    ]


def _pairs() -> list[Plant]:
    def two(make: Any) -> Any:
        def both(frame: Frame, rng: Rng) -> Frame:
            first, second = make(frame, answer(frame), rng)
            return frame.assign(one=first, other=second)

        return both

    def plant(name: str, table: str, make: Any) -> Plant:
        return rows(name, "pair", table, "FC307", ("one", "other"), two(make), shuffled("other", two(make)))

    def dates(f: Frame, y: Any, r: Rng) -> Any:
        due = pd.Timestamp("2020-01-01") + pd.to_timedelta(r.integers(0, 900, len(f)), "D")
        return due, due + pd.to_timedelta(
            np.where(y, r.integers(8, 40, len(f)), r.integers(-5, 8, len(f))), "D"
        )

    def amounts(f: Frame, y: Any, r: Rng) -> Any:
        owed = r.lognormal(4, 1, len(f)).round(2)
        return owed, (owed * np.where(y, r.uniform(0.2, 0.9, len(f)), r.uniform(0.95, 1.05, len(f)))).round(2)

    def parts(f: Frame, y: Any, r: Rng) -> Any:
        other = r.normal(3e5, 2e5, len(f)).round()
        return other + y, other

    def rate(f: Frame, y: Any, r: Rng) -> Any:
        area = r.uniform(500, 4000, len(f)).round()
        return (y * area / 1000).round(), area

    def clock(f: Frame, y: Any, r: Rng) -> Any:
        due = r.integers(0, 1440, len(f))
        came = (due + np.where(y, r.integers(16, 200, len(f)), r.integers(-20, 15, len(f)))) % 1440
        return due // 60 * 100 + due % 60, came // 60 * 100 + came % 60

    return [
        plant("two dates", "telco", dates),
        plant("paid and owed", "telco", amounts),
        plant("price with something, and that", "ames", parts),
        plant("price times area, and area", "ames", rate),
        plant("due and come by the clock", "flights", clock),
    ]


def _identifiers() -> list[Plant]:
    def by_class(f: Frame, y: Any, r: Rng) -> Any:
        return np.argsort(np.argsort(y * 10 + r.random(len(f)))) + 10_000

    def noisy(f: Frame, y: Any, r: Rng) -> Any:
        return np.argsort(np.argsort(y + r.normal(0, y.std(), len(f)))) + 1

    def letters(f: Frame, y: Any, r: Rng) -> Any:
        return [("A" if v else "B") + f"{k:06d}" for v, k in zip(y, r.permutation(len(f)), strict=True)]

    def even(f: Frame, y: Any, r: Rng) -> Any:
        return r.permutation(len(f)) * 2 + y + 100_000

    def ranges(f: Frame, y: Any, r: Rng) -> Any:
        return [f"C-{k + (500_000 if v else 100_000)}" for v, k in zip(y, r.permutation(len(f)), strict=True)]

    def rename(plant: Plant) -> Plant:
        def to_id(make: Any) -> Any:
            return lambda frame, rng: make(frame, rng).rename(columns={"extra": "record_id"})

        return Plant(
            plant.name,
            plant.kind,
            plant.table,
            plant.code,
            ("record_id",),
            to_id(plant.leak),
            to_id(plant.twin),
        )

    made = [
        column("numbers in blocks of a class", "identifier", "telco", "FC308", by_class),
        column("numbers in the order of the price, noisy", "identifier", "ames", "FC308", noisy),
        column("a letter for the class", "identifier", "telco", "FC308", letters),
        column("odd numbers for one class", "identifier", "flights", "FC308", even),
        column("a range for each class", "identifier", "telco", "FC308", ranges),
    ]
    return [rename(plant) for plant in made]


def _groups() -> list[Plant]:
    def patients(size: int, alike: float, text: bool) -> Any:
        def make(f: Frame, y: Any, r: Rng) -> Any:
            order = np.argsort(y + r.normal(0, 1e-9, len(f)), kind="stable")
            group = np.empty(len(f), dtype=int)
            group[order] = np.arange(len(f)) // size
            group = r.permutation(group.max() + 1)[group]
            moved = r.random(len(f)) > alike
            group[moved] = r.permutation(group[moved])
            return [f"P{g:05d}" for g in group] if text else group + 1000

        return make

    return [
        column("patients of five visits", "group", "telco", "FC309", patients(5, 1.0, False)),
        column("patients by a text, 85% alike", "group", "telco", "FC309", patients(4, 0.85, True)),
        column("customers of ten flights", "group", "flights", "FC309", patients(10, 0.95, True)),
        column("buildings of six sales", "group", "ames", "FC309", patients(6, 0.95, False)),
        column("couples", "group", "telco", "FC309", patients(2, 1.0, False)),
    ]


def _times() -> list[Plant]:
    def trend(f: Frame, y: Any, r: Rng) -> Any:
        order = np.argsort(np.argsort(y + r.normal(0, 1.2 * y.std(), len(f))))
        return pd.Timestamp("2019-01-01") + pd.to_timedelta(order * 4, "h")

    def spells(f: Frame, y: Any, r: Rng) -> Any:
        order = _in_spells(y, r, 40)
        return pd.Timestamp("2019-01-01") + pd.to_timedelta(order, "h")

    def months(f: Frame, y: Any, r: Rng) -> Any:
        place = np.argsort(np.argsort(y + r.normal(0, 0.5 * y.std(), len(f)))) * 48 // len(f)
        return [f"{2016 + m // 12}-{m % 12 + 1:02d}" for m in place]

    def tomorrow(f: Frame, y: Any, r: Rng) -> Any:
        return np.append(y[1:], y[-1])

    def past(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y).shift(1).rolling(7, min_periods=1).mean()

    def running(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y).rolling(7, min_periods=1).mean()

    return [
        column("a trend by the hour", "time", "telco", "FC310", trend),
        column("spells of forty rows", "time", "telco", "FC310", spells),
        column("months of rising prices", "time", "ames", "FC310", months),
        column("the next row's target", "time", "flights", "FC310", tomorrow),
        column("running mean with the present", "time", "flights", "FC310", running, twin=past),
    ]


def _in_spells(y: Any, r: Rng, size: int) -> Any:
    """Places of rows in an order where spells of one class follow each other."""
    order = np.concatenate([r.permutation(np.flatnonzero(y == k)) for k in (0, 1)])
    spells = [order[at : at + size] for at in range(0, len(order), size)]
    place = np.empty(len(y), dtype=int)
    place[np.concatenate([spells[at] for at in r.permutation(len(spells))])] = np.arange(len(y))
    return place


def _by(name: str, how: str) -> Any:
    def make(f: Frame, y: Any, r: Rng) -> Any:
        return pd.Series(y, index=f.index).groupby(f[name]).transform(how)

    return make


def _out_of_fold(name: str) -> Any:
    def make(f: Frame, y: Any, r: Rng) -> Any:
        fold, made = r.integers(0, 5, len(f)), np.zeros(len(f))
        for k in range(5):
            others = pd.Series(y[fold != k]).groupby(f[name].to_numpy()[fold != k]).mean()
            made[fold == k] = f[name][fold == k].map(others).fillna(y.mean())
        return made

    return make


def _aggregates() -> list[Plant]:
    def plant(name: str, table: str, by: str, how: Any, **more: Any) -> Plant:
        make = how if callable(how) else _by(by, how)
        return column(name, "aggregate", table, "FC311", make, by=(by,), **more)

    def smoothed(f: Frame, y: Any, r: Rng) -> Any:
        rows_of, mean = _by("tailnum", "count")(f, y, r), _by("tailnum", "mean")(f, y, r)
        return (rows_of * mean + 10 * y.mean()) / (rows_of + 10)

    return [
        plant("mean by neighbourhood", "ames", "Neighborhood", "mean", twin=_out_of_fold("Neighborhood")),
        plant("median by style", "ames", "House_Style", "median"),
        plant("rate by contract", "telco", "contract", "mean", twin=_out_of_fold("contract")),
        plant("sum by destination", "flights", "dest", "sum"),
        plant("rate by plane, smoothed", "flights", "tailnum", smoothed, twin=_out_of_fold("tailnum")),
    ]


def _orders() -> list[Plant]:
    def sort(key: Any) -> Any:
        def make(frame: Frame, rng: Rng) -> Frame:
            return frame.iloc[np.argsort(key(answer(frame), rng), kind="stable")].reset_index(drop=True)

        return make

    def mixed(frame: Frame, rng: Rng) -> Frame:
        return frame.sample(frac=1, random_state=int(rng.integers(1000))).reset_index(drop=True)

    def plant(name: str, table: str, key: Any) -> Plant:
        return rows(name, "order of rows", table, "FC312", (), sort(key), mixed)

    return [
        plant("sorted by class", "telco", lambda y, r: y),
        plant("in blocks of forty", "telco", lambda y, r: _in_spells(y, r, 40)),
        plant("roughly sorted", "flights", lambda y, r: y + r.normal(0, 0.5, len(y))),
        plant("sorted by price, falling", "ames", lambda y, r: -y),
    ]


__all__ = ["planted", "put"]
