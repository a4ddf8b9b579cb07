"""Columns that say what another one says are found; what only looks like one is not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fullcycle.core.contract.infer import Inference, infer_contract
from fullcycle.core.contract.model import Role
from fullcycle.core.engines.tables import from_arrow

ROWS = 60
TARGET = ["no", "no", "yes"] * (ROWS // 3)
PRICES = [round(3 + 0.37 * (i * 7 % 41), 2) for i in range(ROWS)]
CITIES = [("Rome", "Oslo", "Riga", "Oslo", "Rome", "Oslo")[i * i % 6] for i in range(ROWS)]


def learn(**columns: list[Any]) -> Inference:
    return infer_contract(from_arrow(pa.table({**columns, "y": TARGET})), "y")


def copies(inference: Inference) -> list[tuple[tuple[str, ...], object, object]]:
    found = [f for f in inference.findings if f.code == "FC213"]
    return [(f.columns, f.facts["kind"], f.facts["action"]) for f in found]


def test_a_column_that_equals_another_is_left_out() -> None:
    inference = learn(price=PRICES, cost=list(PRICES), city=CITIES)
    assert copies(inference) == [(("cost", "price"), "equal", "left_out")]
    cost = inference.contract.column("cost")
    assert (cost.role, cost.copy_of, cost.required) == (Role.ignore, "price", False)
    assert inference.contract.column("price").role is Role.feature


def test_other_words_for_the_same_are_told_and_stay() -> None:
    codes = [{"Rome": "IT", "Oslo": "NO", "Riga": "LV"}[city] for city in CITIES]
    inference = learn(city=CITIES, country=codes, price=PRICES)
    assert copies(inference) == [(("country", "city"), "one_to_one", "report")]
    assert inference.contract.column("country").role is Role.feature


def test_columns_that_differ_in_one_row_or_one_gap_are_no_copies() -> None:
    other = [*PRICES[:-2], PRICES[-1], PRICES[-2]]
    gaps, elsewhere = [None, *PRICES[1:]], [*PRICES[:1], None, *PRICES[2:]]
    swapped = [*CITIES[:-1], "Oslo" if CITIES[-1] != "Oslo" else "Rome"]
    assert copies(learn(a=PRICES, b=other, c=gaps, d=elsewhere, e=CITIES, f=swapped)) == []


def test_gaps_in_the_same_rows_do_not_hide_a_copy() -> None:
    gaps = [None if i % 9 == 0 else price for i, price in enumerate(PRICES)]
    assert copies(learn(a=gaps, b=list(gaps))) == [(("b", "a"), "equal", "left_out")]


def test_what_is_compared_are_values_and_not_their_texts() -> None:
    written = learn(price=[f"{price:.2f}" for price in PRICES], longer=[f"{price:.3f}" for price in PRICES])
    assert copies(written) == [(("longer", "price"), "equal", "left_out")]


def test_every_later_copy_names_the_first_column_and_few_rows_prove_nothing() -> None:
    assert copies(learn(a=PRICES, b=list(PRICES), c=list(PRICES))) == [
        (("b", "a"), "equal", "left_out"),
        (("c", "a"), "equal", "left_out"),
    ]
    few = pa.table({"a": PRICES[:12], "b": PRICES[:12], "y": TARGET[:12]})
    assert copies(infer_contract(from_arrow(few), "y")) == []
