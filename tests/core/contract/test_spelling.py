"""Spellings of one category are merged, slips only proposed, and what may be two things stays two."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.infer import infer_contract
from fullcycle.core.contract.row import compile_row
from fullcycle.core.contract.spelling import edits, spelling_of
from fullcycle.core.contract.table import check_table, coerce_table
from fullcycle.core.engines.tables import ROW, from_arrow

CITIES = ["New York", "Saint-Denis", "Орёл", "Boston", "Los Angeles", "Nowosibirsk"]
WAYS = (
    str.upper,
    str.lower,
    lambda city: city.replace(" ", "  "),
    lambda city: city.replace(" ", "_").replace("-", " "),
    lambda city: city.replace("ё", "е"),
    lambda city: "".join(chr(ord(c) + 0xFEE0) if "A" <= c <= "z" else c for c in city),
)


@pytest.mark.parametrize(
    "alike",
    [
        {"New York": 9, "new york": 2, "New-York": 1, "new_york": 1, "NEW  YORK": 1, "NewYork": 1},
        {"Орёл": 5, "Орел": 2, "орёл": 1},
        {"St. Paul": 5, "St Paul": 2, "ST PAUL.": 1},
        {"male": 50, "Male": 49},
        {"B": 95, "b": 5},
        {"Ａpple": 1, "Apple": 3},
    ],
)
def test_case_spaces_and_marks_make_no_other_category(alike: dict[str, int]) -> None:
    [meant] = spelling_of(alike).meaning(alike)
    assert meant == max(alike, key=lambda value: alike[value])
    assert spelling_of(alike).proposed == {}


@pytest.mark.parametrize(
    "values",
    [
        {"A+": 5, "A-": 5, "A": 5},
        {"a": 5, "A": 5},
        {"1-2": 4, "12": 9, "1.2": 5},
        {"Type I": 500, "Type II": 2, "Type III": 1},
        {"North": 100, "South": 1},
        {"male": 500, "female": 1},
        {"model 1234": 500, "model 1235": 1},
        {"Austria": 400, "Australia": 1},
        {"Iran": 400, "Iraq": 1},
        {"Brk Cmn": 100, "BrkFace": 1, "BrkTil": 1},
        {"Kansas": 100, "Arkansas": 100},
    ],
)
def test_what_may_be_two_things_stays_two(values: dict[str, int]) -> None:
    found = spelling_of(values)
    assert (found.merged, found.proposed) == ({}, {})


def test_a_slip_is_proposed_where_it_is_rare() -> None:
    values = {"Chicago": 300, "Chcago": 2, "Chicaog": 1, "Boston": 10, "Bostom": 1, "Denver": 9, "Denvar": 1}
    assert spelling_of(values).proposed == {"Chcago": "Chicago", "Chicaog": "Chicago", "Bostom": "Boston"}


@pytest.mark.parametrize(
    ("one", "other", "number"), [("ab", "ba", 1), ("abc", "abc", 0), ("kitten", "sitting", 3)]
)
def test_edits_are_counted(one: str, other: str, number: int) -> None:
    assert edits(one, other) == edits(other, one) == number


@given(
    st.lists(st.tuples(st.sampled_from(CITIES), st.integers(-40, len(WAYS) - 1)), min_size=60, max_size=120)
)
@settings(max_examples=examples(25), deadline=None)
def test_planted_variants_read_as_the_categories_that_they_came_from(cells: list[tuple[str, int]]) -> None:
    """In a table and in a request alike."""
    cells = [*((city, -1) for city in CITIES for _ in range(60)), *cells]
    texts = [WAYS[way](city) if way >= 0 else city for city, way in cells]
    table = from_arrow(
        pa.table(
            {
                ROW: range(len(texts)),
                "city": texts,
                "y": ["no", "yes"] * (len(texts) // 2) + ["no"] * (len(texts) % 2),
            }
        )
    )
    contract = infer_contract(table, "y").contract
    assert check_table(table, contract) == []
    read = coerce_table(table, contract).order_by(ROW).to_pyarrow()["city"].to_pylist()
    meant = {
        city: Counter(word for word, (name, _) in zip(read, cells, strict=True) if name == city)
        for city in CITIES
    }
    assert all(len(words) == 1 for words in meant.values())
    assert len({next(iter(words)) for words in meant.values()}) == len(CITIES)
    assert set(contract.column("city").allowed or ()) == {next(iter(words)) for words in meant.values()}
    rows = compile_row(contract)
    assert [rows({"city": text}).values[0] for text in dict.fromkeys(texts)] == [
        read[texts.index(text)] for text in dict.fromkeys(texts)
    ]


def test_classes_of_the_target_are_merged_too() -> None:
    labels = ["left", "stayed", "stayed", "Stayed"] * 20
    inference = infer_contract(from_arrow(pa.table({"x": range(80), "y": labels})), "y")
    assert inference.contract.classes == ("stayed", "left")
    assert inference.contract.target.spelling == {"Stayed": "stayed"}
    [found] = [f for f in inference.findings if f.code == "FC215"]
    assert (found.columns, found.facts["rows"], found.facts["action"]) == (("y",), 20, "merged")


def test_a_word_with_letters_of_two_alphabets_is_the_one_that_it_looks_like() -> None:
    counts = {"Самара": 20, "Cамара": 1, "Samara": 20, "Sаmara": 1, "Дом X": 5, "Дом Х": 5}
    assert spelling_of(counts).merged == {"Cамара": "Самара", "Sаmara": "Samara"}
