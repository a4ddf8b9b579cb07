"""A table of raw rows is answered as the same rows are one by one, and comes back in kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from fullcycle.core.bundle import Bundle, read_bundle
from fullcycle.core.bundle.golden import GoldenRow
from fullcycle.core.contract.model import Task
from fullcycle.core.errors import UserError

Columns = dict[str, Any]
CLASS_COLUMNS = ["prediction", "probability_no", "probability_yes"]


@pytest.fixture
def opened(bundle: Path) -> Bundle:
    return read_bundle(bundle)


@pytest.fixture
def raw(training: Columns) -> pd.DataFrame:
    """Rows as a CSV holds them: everything is text, and missing is an empty cell or a token."""
    frame = pd.DataFrame(
        {
            "noise": "unknown columns are no concern",
            "since": [
                "" if value is None else str(np.datetime64(value, "us")) for value in training["since"]
            ],
            "age": ["?" if value is None else f" {value:g} " for value in training["age"]],
            "income": ["" if value is None else repr(value) for value in training["income"]],
            "plan": ["" if value is None else value for value in training["plan"]],
            "active": ["" if value is None else str(value).lower() for value in training["active"]],
            "e-mail": training["e-mail"],
        }
    )
    return frame.set_index(pd.Index(range(1000, 1000 + len(frame)), name="member"))


def one_by_one(opened: Bundle, frame: pd.DataFrame) -> list[float]:
    rows = frame.drop(columns="noise").to_dict("records")
    answers = opened.answer([opened.coerce({str(name): row[name] for name in row}) for row in rows])
    return [answer["probabilities"]["yes"] for answer in answers]


def test_a_table_is_answered_as_its_rows_are(
    opened: Bundle, raw: pd.DataFrame, training: Columns, expected: Callable[..., Any]
) -> None:
    answers = opened.predict(raw)
    assert list(answers.columns) == CLASS_COLUMNS
    assert answers["probability_yes"].tolist() == one_by_one(opened, raw)
    np.testing.assert_allclose(answers["probability_yes"], expected(training, Task.binary)[:, 1], atol=1e-6)
    said = np.where(answers["probability_yes"] >= 0.4, "yes", "no")
    assert answers["prediction"].tolist() == said.tolist()


def test_the_index_of_a_pandas_frame_is_kept(opened: Bundle, raw: pd.DataFrame) -> None:
    shuffled = raw.sample(frac=1, random_state=0)
    pd.testing.assert_index_equal(opened.predict(shuffled).index, shuffled.index)
    pd.testing.assert_frame_equal(opened.predict(shuffled), opened.predict(raw).loc[shuffled.index])


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas of NumPy": lambda frame: frame,
    "pandas nullable": lambda frame: frame.convert_dtypes(),
    "pandas of Arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda frame: pl.from_pandas(frame.reset_index(drop=True)),
    "Arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}


@pytest.fixture
def typed(training: Columns) -> pd.DataFrame:
    """The same rows with types instead of texts."""
    frame = pd.DataFrame({name: pd.Series(values) for name, values in training.items()})
    frame["since"] = pd.to_datetime(frame["since"].astype("Int64"), unit="us")
    return frame


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_table_comes_back_as_its_kind_with_the_same_answers(
    opened: Bundle, raw: pd.DataFrame, typed: pd.DataFrame, kind: Callable[[pd.DataFrame], Any]
) -> None:
    table = kind(typed)
    answers = opened.predict(table)
    assert type(answers) is type(table)
    assert (
        list(answers.columns if not isinstance(answers, pa.Table) else answers.column_names) == CLASS_COLUMNS
    )
    assert np.asarray(answers["probability_yes"]).tolist() == opened.predict(raw)["probability_yes"].tolist()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_no_rows_give_a_table_of_the_right_columns(
    tmp_path: Path,
    make_bundle: Callable[..., Path],
    typed: pd.DataFrame,
    kind: Callable[[pd.DataFrame], Any],
    task: Task,
) -> None:
    answers = read_bundle(make_bundle(tmp_path, task)).predict(kind(typed.iloc[:0]))
    names = list(answers.columns if not isinstance(answers, pa.Table) else answers.column_names)
    assert names == (CLASS_COLUMNS if task is Task.binary else ["prediction"])
    assert len(answers) == 0


def test_batches_do_not_change_answers(opened: Bundle, raw: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(opened.predict(raw, batch_rows=7), opened.predict(raw))


def test_numbers_are_answered_as_numbers(
    tmp_path: Path,
    make_bundle: Callable[..., Path],
    raw: pd.DataFrame,
    training: Columns,
    expected: Callable[..., Any],
) -> None:
    answers = read_bundle(make_bundle(tmp_path, Task.regression)).predict(raw)
    assert list(answers.columns) == ["prediction"]
    np.testing.assert_allclose(answers["prediction"], expected(training, Task.regression), atol=1e-5)


def test_a_required_column_that_is_absent_is_an_error(opened: Bundle, raw: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="'plan'"):
        opened.predict(raw.drop(columns="plan"))


def test_a_cell_without_meaning_is_an_error_as_in_a_request(opened: Bundle, raw: pd.DataFrame) -> None:
    raw.iloc[3, raw.columns.get_loc("age")] = "fortyone"
    with pytest.raises(UserError, match="column age: found 1 row with values like 'fortyone'"):
        opened.predict(raw)


def test_an_unexpected_category_is_answered(opened: Bundle, raw: pd.DataFrame) -> None:
    raw["plan"] = "a plan that nobody had"
    assert len(opened.predict(raw)) == len(raw)


def test_golden_rows_are_answered_rightly_through_the_table_path(opened: Bundle) -> None:
    """Rows of one kind of cells at a time: a column of mixed raw types is no table."""
    alike: dict[tuple[str, ...], list[GoldenRow]] = defaultdict(list)
    for row in opened.golden.rows:
        alike[tuple(type(value).__name__ for value in row.row.values())].append(row)
    for kinds, rows in alike.items():
        answers = opened.predict(
            pa.table(
                {
                    name: pa.array(
                        [row.row[name] for row in rows], pa.string() if kind == "NoneType" else None
                    )
                    for name, kind in zip(rows[0].row, kinds, strict=True)
                }
            )
        )
        assert answers["prediction"].to_pylist() == [row.prediction for row in rows], kinds
        assert answers["probability_yes"].to_pylist() == pytest.approx(
            [(row.probabilities or ())[1] for row in rows], abs=1e-5
        )


def test_a_table_that_has_a_row_number_of_its_own_keeps_its_order(opened: Bundle, raw: pd.DataFrame) -> None:
    numbered = raw.assign(_row=range(len(raw), 0, -1))
    pd.testing.assert_frame_equal(opened.predict(numbered), opened.predict(raw))
