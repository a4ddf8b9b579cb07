"""Answers of an open bundle, for rows of the API."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.contract.row import RowRejected

Columns = dict[str, Any]
ROW = {
    "age": 41,
    "income": "52000.5",
    "plan": " premium ",
    "active": True,
    "since": "2020-02-29",
    "e-mail": "a@example.org",
}


def raw_rows(training: Columns, rows: int) -> list[dict[str, Any]]:
    named = [dict(zip(training, values, strict=True)) for values in zip(*training.values(), strict=True)]
    for row in named:
        row["since"] = None if row["since"] is None else str(np.datetime64(row["since"], "us"))
    return named[:rows]


def test_a_row_is_answered_with_a_class_and_its_probabilities(bundle: Path) -> None:
    opened = read_bundle(bundle)
    [answer] = opened.answer([opened.coerce(ROW)])
    assert answer["prediction"] == "yes"
    assert list(answer["probabilities"]) == ["no", "yes"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert orjson.loads(orjson.dumps(answer)) == answer


def test_a_number_is_answered_in_regression(tmp_path: Path, make_bundle: Callable[..., Path]) -> None:
    opened = read_bundle(make_bundle(tmp_path, Task.regression))
    [answer] = opened.answer([opened.coerce(ROW)])
    assert list(answer) == ["prediction"]
    assert isinstance(answer["prediction"], float)


@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_answers_are_the_pipelines_and_alone_as_in_a_batch(
    tmp_path: Path,
    make_bundle: Callable[..., Path],
    expected: Callable[..., Any],
    training: Columns,
    task: Task,
) -> None:
    opened = read_bundle(make_bundle(tmp_path, task))
    rows = [opened.coerce(row) for row in raw_rows(training, 50)]
    batch = opened.answer(rows)
    assert batch == [opened.answer([row])[0] for row in rows]
    found = [
        answer["prediction"] if task is Task.regression else answer["probabilities"]["yes"]
        for answer in batch
    ]
    pipeline = expected({name: values[:50] for name, values in training.items()}, task)
    right = pipeline if task is Task.regression else pipeline[:, 1]
    np.testing.assert_allclose(np.array(found, dtype=float), right, atol=1e-6)


def test_the_threshold_of_the_graph_decides_the_label(bundle: Path, training: Columns) -> None:
    opened = read_bundle(bundle)
    answers = opened.answer([opened.coerce(row) for row in raw_rows(training, 200)])
    assert {answer["prediction"] for answer in answers} == {"no", "yes"}
    assert all(
        (answer["prediction"] == "yes") == (answer["probabilities"]["yes"] >= 0.4) for answer in answers
    )


def test_no_rows_have_no_answers(bundle: Path) -> None:
    assert read_bundle(bundle).answer([]) == []


def test_a_row_without_a_required_column_is_refused(bundle: Path) -> None:
    opened = read_bundle(bundle)
    with pytest.raises(RowRejected) as refusal:
        opened.coerce({name: value for name, value in ROW.items() if name != "age"})
    assert [error.column for error in refusal.value.errors] == ["age"]


def test_many_threads_share_one_bundle(bundle: Path, training: Columns) -> None:
    opened = read_bundle(bundle)
    rows = [opened.coerce(row) for row in raw_rows(training, 200)]
    with ThreadPoolExecutor(4) as pool:
        answers = [answer for [answer] in pool.map(lambda row: opened.answer([row]), rows)]
    assert answers == opened.answer(rows)


def test_threads_of_the_runtime_can_be_set(bundle: Path) -> None:
    assert read_bundle(bundle, threads=2).answer([read_bundle(bundle).coerce(ROW)])
