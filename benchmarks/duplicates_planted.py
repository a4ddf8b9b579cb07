"""What is planted: copies, repeated keys, near copies of several kinds, contradicting labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.leak_tables import TARGETS, before_departure, table

SHARE = 0.01  # of rows get a copy
KEY, PERSON = "record", "contact"
FIRST = "anna boris clara dmitri elena fedor greta hanna ivan julia kirill lena maria nikolai olga pavel"
LAST = "abramov berger cheng dubois eriksen fischer gruber hoffmann ivanova jansen keller lindgren"
STREETS = "oak maple cedar station river garden market church school bridge hill lake park mill"

Rng = np.random.Generator
Change = Callable[[pd.DataFrame, Rng], pd.DataFrame]


@dataclass(frozen=True)
class Plant:
    """`change` is done to copies of some rows, which then stand anywhere in the table.

    `named` tables have a key and a line of text about a person beside their own columns; `keyless` ones have
    that text alone. `setting` and `value` of `clean` make the stage drop what it finds, and `both` says that
    it then drops both rows.
    """

    kind: str
    change: Change
    setting: str = "near_duplicates"
    value: str = "drop"
    named: bool = False
    keyless: bool = False
    both: bool = False
    classes: bool = False  # for tables with classes alone


def plants() -> list[Plant]:
    """Every kind, once."""
    return [
        Plant("exact copy", lambda rows, rng: rows, "duplicates", "drop"),
        Plant("repeated key", other_values, "duplicate_keys", "keep_first", named=True),
        Plant("contradicting label", other_label, "contradictions", "drop", both=True, classes=True),
        Plant("last digits", last_digits),
        Plant("rounded", rounded),
        Plant("one cell missing", one_missing),
        Plant("slip in a category", slip_in_category),
        Plant("new key alone", new_key, named=True),
        Plant("case", on_text(upper_case), named=True),
        Plant("spaces", on_text(lambda text, rng: text.replace(" ", "  ")), named=True),
        Plant("one letter", on_text(changed_letters(1)), named=True),
        Plant("two letters", on_text(changed_letters(2)), named=True),
        Plant("swapped words", on_text(swapped_words), named=True),
        Plant("text and number", letter_and_number, named=True),
        Plant("case, no key", on_text(upper_case), named=True, keyless=True),
        Plant("one letter, no key", on_text(changed_letters(1)), named=True, keyless=True),
        Plant("two letters, no key", on_text(changed_letters(2)), named=True, keyless=True),
        Plant("text and number, no key", letter_and_number, named=True, keyless=True),
    ]


@cache
def clean_table(name: str, *, named: bool, keyless: bool = False) -> pd.DataFrame:
    """The table without a copy, a contradiction or a row without a target; with a key and a text if named,
    with the text alone if it is keyless."""
    frame = table(name)
    frame = before_departure(frame) if name == "flights" else frame
    features = [column for column in frame.columns if column != TARGETS[name]]
    frame = frame[frame[TARGETS[name]].notna()].drop_duplicates(features).reset_index(drop=True)
    if not named:
        return frame
    rng = np.random.default_rng(11)
    texts = [person(rng) for _ in range(len(frame))]
    keys = [f"{name[0].upper()}{number:06d}" for number in rng.permutation(len(frame))]
    return frame.assign(**({} if keyless else {KEY: keys}), **{PERSON: texts})


def person(rng: Rng) -> str:
    first, last, street = (str(rng.choice(words.split())) for words in (FIRST, LAST, STREETS))
    return f"{first.title()} {last.title()}, {rng.integers(1, 200)} {street.title()} Street"


def planted(plant: Plant, name: str, rng: Rng) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """The table with copies in it, and the pairs of row numbers that belong together."""
    frame = clean_table(name, named=plant.named, keyless=plant.keyless)
    chosen = rng.choice(len(frame), round(SHARE * len(frame)), replace=False)
    copies = plant.change(frame.iloc[chosen].copy(), rng)
    same = (copies.astype(str).to_numpy() == frame.iloc[chosen].astype(str).to_numpy()).all(axis=1)
    changed = np.full(len(copies), True) if plant.kind == "exact copy" else ~same
    copies, chosen = copies[changed], chosen[changed]
    if plant.kind == "repeated key":  # of two records with one key, not of two with one content
        chosen = np.roll(chosen, 1)
    order = rng.permutation(len(frame) + len(copies))
    place = np.argsort(order)
    pairs = [(int(place[row]), int(place[len(frame) + at])) for at, row in enumerate(chosen)]
    return pd.concat([frame, copies], ignore_index=True).iloc[order].reset_index(drop=True), pairs


def new_key(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """Entered a second time."""
    return rows.assign(**{KEY: [f"Z{number:06d}" for number in range(len(rows))]}) if KEY in rows else rows


def other_values(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """The keys of these rows with the values of others."""
    return rows.assign(**{KEY: np.roll(rows[KEY].to_numpy(), 1)})


def other_label(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    [target] = [name for name in TARGETS.values() if name in rows]
    classes = list(pd.unique(rows[target]))
    other = {value: classes[(at + 1) % len(classes)] for at, value in enumerate(classes)}
    return rows.assign(**{target: rows[target].map(other)})


def _numbers(rows: pd.DataFrame, distinct: int) -> list[str]:
    """Columns of many different numbers; of the others a copy would be off by a category."""
    target = set(TARGETS.values())
    found = rows.select_dtypes("number").columns
    return [
        name for name in found if name not in target and rows[name].nunique() >= min(distinct, len(rows) / 2)
    ]


def _one_cell(rows: pd.DataFrame, rng: Rng, names: list[str], change: Callable[[Any], Any]) -> pd.DataFrame:
    """One of these columns in each row."""
    changed = rows.astype(dict.fromkeys(names, object))
    for at in range(len(rows)):
        column = changed.columns.get_loc(str(rng.choice(names)))
        value = changed.iat[at, column]
        if pd.notna(value):
            changed.iat[at, column] = change(value)
    return new_key(changed, rng)


def last_digits(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """A number off by one in its last digit as it is written."""

    def off(value: Any) -> Any:
        digits = len(repr(float(value)).partition(".")[2])
        return value + 1 if float(value).is_integer() else round(value + 10.0**-digits, digits)

    return _one_cell(rows, rng, _numbers(rows, 50), off)


def rounded(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """A number without its fraction, or a whole one of four digits or more to three of them."""

    def nearest(value: Any) -> Any:
        whole = float(value).is_integer() and abs(value) >= 1000
        return round(value, 3 - len(str(int(abs(value))))) if whole else float(round(value))

    return _one_cell(rows, rng, _numbers(rows, 50), nearest)


def one_missing(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    names = [name for name in rows.columns if name not in {KEY, *TARGETS.values()}]
    return _one_cell(rows, rng, names, lambda value: None)


def slip_in_category(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """Two letters swapped in a category of six letters or more, as a person types."""
    names = [
        name
        for name in rows.columns
        if rows[name].map(lambda value: isinstance(value, str) and len(value) >= 6).all()
        and name not in TARGETS.values()
    ]
    return (
        _one_cell(rows, rng, names, lambda text: text[:2] + text[3] + text[2] + text[4:]) if names else rows
    )


def on_text(change: Callable[[str, Rng], str]) -> Change:
    """The text of the person otherwise, under a new key."""

    def planted(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
        texts = [change(text, rng) for text in rows[PERSON]]
        return new_key(rows.assign(**{PERSON: texts}), rng)

    return planted


def changed_letters(number: int) -> Callable[[str, Rng], str]:
    """So many letters of the name replaced by others."""

    def change(text: str, rng: Rng) -> str:
        letters = [at for at, letter in enumerate(text.partition(",")[0]) if letter.isalpha()]
        for at in rng.choice(letters, number, replace=False):
            other = "abcdefghijklmnopqrstuvwxyz".replace(text[at].lower(), "")
            text = text[:at] + str(rng.choice(list(other))) + text[at + 1 :]
        return text

    return change


def upper_case(text: str, rng: Rng) -> str:
    return text.upper()


def swapped_words(text: str, rng: Rng) -> str:
    return re.sub(r"^(\w+) (\w+),", r"\2 \1,", text)


def letter_and_number(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    return last_digits(on_text(changed_letters(1))(rows, rng), rng)
