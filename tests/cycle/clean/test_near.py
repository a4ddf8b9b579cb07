"""Rows that nearly repeat another one: which are told, how, and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cycle.clean.test_clean import both, cleaned, decision, part
from tests.cycle.conftest import contract_of

from fullcycle.core.contract.infer import infer_contract
from fullcycle.core.contract.model import Contract
from fullcycle.core.contract.table import coerce_table
from fullcycle.core.engines.tables import ROW, connect, from_arrow
from fullcycle.core.evidence.clean import CleanEvidence
from fullcycle.core.project.clean_settings import CleanSettings
from fullcycle.core.project.settings import SplitSettings
from fullcycle.cycle.clean.near import find
from fullcycle.cycle.clean.near.find import Near, near_duplicates

CONTRACT = contract_of(
    {
        "id": "text identifier",
        "name": "text",
        "city": "categorical",
        "age": "numeric",
        "paid": "numeric",
        "since": "datetime",
        "churn": "categorical target",
    },
    ["no", "yes"],
)
COLUMNS = [column.name for column in CONTRACT.columns]
CITIES = ["Berlin", "Hamburg", "Leipzig", "Dresden", "Bremen"]
DROP = CleanSettings(near_duplicates="drop")


def people(rows: int = 120) -> list[list[str]]:
    rng = np.random.default_rng(4)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        [
            f"k{number}",
            " ".join("".join(rng.choice(list(letters), 7)).title() for _ in range(2)),
            str(rng.choice(CITIES)),
            str(rng.integers(18, 80)),
            f"{rng.uniform(10, 5000):.2f}",
            f"20{rng.integers(10, 25)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
            "yes" if number % 3 == 0 else "no",
        ]
        for number in range(rows)
    ]


def source(rows: list[list[str]]) -> str:
    return "\n".join([",".join(COLUMNS), *(",".join(row) for row in rows)]) + "\n"


def changed(row: list[str], **cells: str) -> list[str]:
    """The row entered again, under another identifier and with these cells."""
    return [cells.get(name, cell) for name, cell in zip(COLUMNS, ["new", *row[1:]], strict=True)]


def swapped(name: str) -> str:
    return " ".join(reversed(name.split()))


CHANGES = {
    "case": ("name", "text", str.upper),
    "spaces": ("name", "text", lambda name: name.replace(" ", "  ")),
    "a letter": ("name", "text", lambda name: name[:3] + "ü" + name[4:]),
    "two letters": ("name", "text", lambda name: "Q" + name[1:-1] + "q"),
    "words": ("name", "text", swapped),
    "last digits": ("paid", "number", lambda paid: f"{float(paid) + 0.01:.2f}"),
    "rounded": ("paid", "number", lambda paid: str(round(float(paid)))),
    "missing": ("city", "missing", lambda city: ""),
    "a day": ("since", "moment", lambda since: f"{since[:-2]}{int(since[-2:]) + 1:02d}"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_row_entered_again_with_a_slip_is_told_with_both_rows(make_project: Any, kind: str) -> None:
    column, how, change = CHANGES[kind]
    rows = people()
    copy = changed(rows[7], **{column: change(rows[7][COLUMNS.index(column)])})
    evidence = cleaned(make_project(source([*rows, copy]), CONTRACT))
    told = decision(evidence, "FC212")
    assert (told.rows, told.examples, told.action) == (1, ("120",), "report")
    [pair] = told.pairs
    assert (pair.first, pair.second) == (7, 120)
    assert [(cell.column, cell.kind) for cell in pair.cells if cell.kind] == [("id", "name"), (column, how)]
    assert told.facts[f"by_{how}"] == 1
    assert evidence.rows_out == 121


def test_a_row_entered_again_under_another_identifier_is_told(make_project: Any) -> None:
    rows = people()
    told = decision(cleaned(make_project(source([*rows, changed(rows[7])]), CONTRACT)), "FC212")
    assert [cell.kind for cell in told.pairs[0].cells if cell.kind] == ["name"]


def test_rows_that_differ_in_more_than_little_are_not_told(make_project: Any) -> None:
    rows = people()
    other = [changed(rows[7], city="Kassel"), changed(rows[8], paid="9.5"), changed(rows[9], name="Ada Lo")]
    evidence = cleaned(make_project(source([*rows, *other]), CONTRACT))
    assert not [each for each in evidence.decisions if each.code == "FC212"]


def test_of_near_duplicates_the_first_stays_and_neither_part_has_the_other(make_project: Any) -> None:
    rows = people()
    copies = [changed(rows[at], name=rows[at][1].upper()) for at in range(0, 40, 2)]
    project = make_project(source([*copies, *rows]), CONTRACT, clean=DROP)
    evidence = cleaned(project)
    told = decision(evidence, "FC212")
    assert (told.rows, told.action, told.facts["across"]) == (20, "drop", 0)
    assert [row[ROW] for row in both(project)] == [
        at for at in range(140) if at < 20 or (at - 20) % 2 or at >= 60
    ]


def test_pairs_that_the_split_tears_apart_are_counted_and_a_warning(make_project: Any) -> None:
    rows = people()
    copies = [changed(row, name=row[1].upper()) for row in rows[:60]]
    project = make_project(source([*rows, *copies]), CONTRACT)
    evidence = cleaned(project)
    test = {row[ROW] for row in part(project, "test")}
    torn = sum((at in test) != (at + 120 in test) for at in range(60))
    assert decision(evidence, "FC212").facts["across"] == torn > 0
    assert [str(each.severity) for each in evidence.findings if each.code == "FC212"] == ["warning"]


def own_test_file(make_project: Any, **more: Any) -> tuple[Any, CleanEvidence]:
    rows = people()
    project = make_project(source(rows[:90]), CONTRACT, split=SplitSettings(test="test.csv"), **more)
    copies = [changed(row, paid=str(round(float(row[4])))) for row in rows[:5]]
    (project.root / "test.csv").write_text(source([*rows[90:], *copies]))
    return project, cleaned(project)


def test_near_copies_of_a_persons_own_test_rows_are_told(make_project: Any) -> None:
    project, evidence = own_test_file(make_project)
    assert decision(evidence, "FC212").facts["across"] == 5
    assert len(both(project)) == 125


def test_of_a_pair_across_a_persons_own_test_file_the_training_row_goes(make_project: Any) -> None:
    project, evidence = own_test_file(make_project, clean=DROP)
    assert decision(evidence, "FC212").rows == 5
    assert len(part(project, "test")) == 35
    assert [row[ROW] for row in part(project, "train")] == list(range(5, 90))


def test_nothing_of_a_personal_column_is_shown(make_project: Any) -> None:
    rows = people()
    hidden = tuple(c.model_copy(update={"personal": c.name in ("id", "name")}) for c in CONTRACT.columns)
    contract = CONTRACT.model_copy(update={"columns": hidden})
    evidence = cleaned(make_project(source([*rows, changed(rows[7], name=rows[7][1].upper())]), contract))
    [pair] = decision(evidence, "FC212").pairs
    assert {cell.column for cell in pair.cells if cell.hidden} == {"id", "name"}
    assert not re.search("|".join(rows[7][1].split()), evidence.model_dump_json(), re.IGNORECASE)


def near(frame: pd.DataFrame, target: str, contract: Contract | None = None, **settings: Any) -> Near:
    rows = pa.array(np.arange(len(frame)), pa.int64())
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    contract = contract or infer_contract(from_arrow(arrow), target).contract
    coerced = coerce_table(from_arrow(arrow.append_column(ROW, rows)), contract)
    return near_duplicates(coerced, contract, CleanSettings(**settings))


def test_rows_alike_by_chance_are_not_told() -> None:
    rng = np.random.default_rng(0)
    few = pd.DataFrame({f"c{n}": rng.choice(["plum", "plums", "pear"], 3000) for n in range(9)})
    few["y"] = rng.choice(["no", "yes"], 3000)
    assert near(few, "y").pairs == ()
    some = few.assign(age=rng.integers(18, 90, 3000), paid=rng.integers(100, 200, 3000))
    assert near(some, "y").pairs == ()


def test_nothing_of_telco_is_told(telco: Any) -> None:
    frame = pd.read_csv(telco)
    assert len(frame) > 7000
    assert near(frame, "churn").pairs == ()


def test_of_a_long_table_a_share_is_looked_at_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame(people(1000), columns=COLUMNS).drop(columns="id")
    frame = pd.concat([frame, frame.assign(name=frame["name"].str.upper())], ignore_index=True)
    assert len(near(frame, "churn").pairs) == 1000
    monkeypatch.setattr(find, "LOOKED_AT_ROWS", 400)
    some = near(frame, "churn")
    assert some.share == 0.2
    assert 250 < len(some.pairs) < 650  # a pair is found by any of two or three keys
    assert len(near(frame, "churn", near_duplicates="drop").pairs) == 1000


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, list[int]]:
    """People with slips among them, and an order of the rows."""
    rows = people(60)
    for at in draw(st.lists(st.integers(0, 59), max_size=12, unique=True)):
        column, _, change = CHANGES[draw(st.sampled_from(sorted(CHANGES)))]
        rows.append(changed(rows[at], **{column: change(rows[at][COLUMNS.index(column)])}))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame, draw(st.permutations(range(len(frame))))


def found(frame: pd.DataFrame, threads: int) -> set[frozenset[int]]:
    """Pairs of the frame's labels."""
    before = connect().con.execute("SELECT current_setting('threads')").fetchone()[0]
    connect().con.execute(f"SET threads = {threads}")
    try:
        pairs = near(frame, "churn", CONTRACT).pairs
    finally:
        connect().con.execute(f"SET threads = {before}")
    return {frozenset((int(frame.index[p.first]), int(frame.index[p.second]))) for p in pairs}


def same_pairs(drawn: tuple[pd.DataFrame, list[int]]) -> None:
    frame, order = drawn
    once = found(frame, 1)
    assert once == found(frame, 4) == found(frame.iloc[order], 2)
    assert len(once) >= len(frame) - 60


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_neither_threads_nor_the_order_of_rows_change_what_is_found(
    drawn: tuple[pd.DataFrame, list[int]],
) -> None:
    same_pairs(drawn)


@pytest.mark.nightly
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_neither_threads_nor_order_change_what_is_found_in_many_tables(
    drawn: tuple[pd.DataFrame, list[int]],
) -> None:
    same_pairs(drawn)
