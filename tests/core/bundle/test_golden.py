"""Golden rows are nobody, hard where converters fail, and the same for the same seed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from fullcycle.core.bundle.golden import adversarial_rows, answered, columns_of, golden_rows
from fullcycle.core.bundle.model import Question
from fullcycle.core.bundle.reference import RARE_ROWS, Reference, learn_reference
from fullcycle.core.contract.model import Column, ColumnType, Contract

Columns = dict[str, Any]


@pytest.fixture
def reference(contract: Contract, training: Columns) -> Reference:
    return learn_reference(contract, training)


def kinds(questions: list[Question]) -> dict[str, Question]:
    return {question.kind: question for question in questions}


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(
    contract: Contract, reference: Reference
) -> None:
    assert golden_rows(contract, reference, seed=1) == golden_rows(contract, reference, seed=1)
    assert golden_rows(contract, reference, seed=1) != golden_rows(contract, reference, seed=2)


def test_no_golden_row_is_a_training_row(contract: Contract, training: Columns, reference: Reference) -> None:
    real = set(zip(*training.values(), strict=True))
    assert not real & {question.values for question in golden_rows(contract, reference, seed=0)}


def test_a_personal_column_is_in_no_golden_row_and_not_in_the_reference(
    contract: Contract, training: Columns, reference: Reference
) -> None:
    people = set(training["e-mail"])
    written = json.dumps([question.model_dump() for question in golden_rows(contract, reference, seed=0)])
    assert not any(person in written for person in people)
    assert not any(person in reference.model_dump_json() for person in people)
    ordinary = [
        question for question in golden_rows(contract, reference, seed=0) if question.kind == "ordinary"
    ]
    assert all(question.row["e-mail"] is None for question in ordinary)


def test_a_category_of_few_rows_is_nobody(contract: Contract, training: Columns) -> None:
    training["plan"][: RARE_ROWS - 1] = ["Count Dracula"] * (RARE_ROWS - 1)
    reference = learn_reference(contract, training)
    plan = next(column for column in reference.columns if column.name == "plan")
    assert "Count Dracula" not in reference.model_dump_json()
    assert plan.other == RARE_ROWS - 1


def test_ordinary_rows_follow_the_marginals(contract: Contract, training: Columns) -> None:
    reference = learn_reference(contract, training)
    rows = golden_rows(contract, reference, seed=0, ordinary=2000)
    drawn = [question.row for question in rows if question.kind == "ordinary"]

    def of(name: str) -> list[Any]:
        return [row[name] for row in drawn]

    def share(values: list[Any], wanted: Any) -> float:
        return sum(value == wanted for value in values) / len(values)

    assert share(of("plan"), "premium") == pytest.approx(share(training["plan"], "premium"), abs=0.05)
    assert share(of("active"), True) == pytest.approx(share(training["active"], True), abs=0.05)
    assert share(of("age"), None) == pytest.approx(share(training["age"], None), abs=0.03)
    ages = [age for age in of("age") if age is not None]
    assert np.median(ages) == pytest.approx(np.median([age for age in training["age"] if age]), abs=3)
    assert all(age == int(age) and 18 <= age <= 90 for age in ages), "whole numbers stay whole"


def test_adversarial_rows_hold_what_converters_get_wrong(contract: Contract) -> None:
    rows = kinds(adversarial_rows(contract))
    names = [column.name for column in contract.features]
    assert rows["all_missing"].values == (None,) * len(names)
    assert rows["beyond_float32"].row["age"] == 1e300
    assert rows["far_above"].row["age"] == pytest.approx(810)
    assert rows["unknown_category"].values[names.index("plan")] == "no such category"
    assert rows["first_moment"].values[names.index("since")] == -62_135_596_800_000_000
    assert rows["last_moment"].values[names.index("since")] == 253_402_300_799_000_000
    assert len(rows["long_text"].row["plan"]) == 1000  # type: ignore[arg-type]


def test_missing_is_asked_in_every_way_it_is_written(contract: Contract) -> None:
    rows = kinds(adversarial_rows(contract))
    nothing = (None,) * len(contract.features)
    assert rows["empty_strings"].row["age"] == ""
    assert rows["missing_tokens"].row["age"] == "?"
    for kind in ("all_missing", "empty_strings", "blank_strings", "missing_tokens"):
        assert rows[kind].values == nothing


def test_no_row_is_asked_twice(contract: Contract, reference: Reference) -> None:
    rows = [repr(question.row) for question in golden_rows(contract, reference, seed=0)]
    assert len(rows) == len(set(rows))


def test_what_a_strict_contract_rejects_is_not_asked(contract: Contract) -> None:
    strict = contract.model_copy(
        update={
            "columns": tuple(
                column.model_copy(update={"strict": True}) if column.name in ("age", "plan") else column
                for column in contract.columns
            )
        }
    )
    rows = kinds(adversarial_rows(strict))
    assert {question.values[0] for question in rows.values()} <= {None, 18.0, 54.0, 90.0}
    assert "all_missing" in rows
    assert "float32_max" not in rows
    assert rows["unicode"].row["plan"] == "basic"


@pytest.mark.parametrize(
    "form", ["iso", "dmy", "mdy", "ymd", "dmy2", "mdy2", "dmy_name", "mdy_name", "epoch_s", "epoch_ms"]
)
def test_moments_are_written_in_a_form_that_the_contract_reads(
    contract: Contract, training: Columns, form: str
) -> None:
    columns = tuple(
        column.model_copy(update={"formats": (form,)}) if column.name == "since" else column
        for column in contract.columns
    )
    changed = contract.model_copy(update={"columns": columns})
    rows = golden_rows(changed, learn_reference(changed, training), seed=0)
    found = kinds(rows)
    at = [column.name for column in contract.features].index("since")
    if not form.endswith("2"):  # a year of two digits lies between 1969 and 2068
        assert found["first_moment"].values[at] == -62_135_596_800_000_000
    assert found["epoch"].values[at] == 0
    assert len([question for question in rows if question.kind == "ordinary"]) == 48


@pytest.mark.parametrize("training_value", [None, 5.0, 1e308, -1e308])
def test_a_constant_or_empty_column_has_a_reference_and_golden_rows(
    contract: Contract, training: Columns, training_value: float | None
) -> None:
    training["age"] = [training_value] * 500
    training["plan"] = [None] * 500
    reference = learn_reference(contract, training)
    assert golden_rows(contract, reference, seed=0)
    age = next(column for column in reference.columns if column.name == "age")
    assert (age.missing, age.typical) == ((500, None) if training_value is None else (0, training_value))


def test_columns_of_gives_questions_back_by_name(contract: Contract, reference: Reference) -> None:
    rows = golden_rows(contract, reference, seed=0)
    columns = columns_of(contract, rows)
    assert list(columns) == [column.name for column in contract.features]
    assert [columns[name][3] for name in columns] == list(rows[3].values)


def test_answers_must_be_as_many_as_questions(contract: Contract, reference: Reference) -> None:
    rows = golden_rows(contract, reference, seed=0)
    with pytest.raises(ValueError, match="zip"):
        answered(rows, ["yes"], [[0.5, 0.5]], made_with={})


def test_the_reference_is_aggregates_of_training_rows(contract: Contract, training: Columns) -> None:
    answers = np.column_stack([np.linspace(0, 1, 500), np.linspace(1, 0, 500)])
    reference = learn_reference(contract, training, probabilities=answers)
    columns = {column.name: column for column in reference.columns}
    ages = [age for age in training["age"] if age is not None]
    assert columns["age"].missing == 500 - len(ages)
    assert columns["age"].shape is not None
    assert sum(columns["age"].shape.counts) == len(ages)
    assert columns["age"].shape.quantiles[50] == np.median(ages) == columns["age"].typical
    assert columns["active"].categories == {
        "false": training["active"].count(False),
        "true": training["active"].count(True),
    } or columns["active"].categories == {
        "true": training["active"].count(True),
        "false": training["active"].count(False),
    }
    assert columns["since"].type is ColumnType.datetime
    assert set(reference.scores) == {"no", "yes"}
    assert reference.scores["yes"].mean == pytest.approx(0.5)


def test_a_reference_does_not_depend_on_the_order_of_rows(contract: Contract, training: Columns) -> None:
    turned = {name: values[::-1] for name, values in training.items()}
    one, other = learn_reference(contract, training), learn_reference(contract, turned)
    for first, second in zip(one.columns, other.columns, strict=True):
        assert (first.categories, first.missing, first.typical) == (
            second.categories,
            second.missing,
            second.typical,
        )
        assert first.shape is None or second.shape is None or first.shape.counts == second.shape.counts


def test_a_pandas_frame_is_read_as_the_same_columns(contract: Contract, training: Columns) -> None:
    import pandas as pd

    frame = pd.DataFrame({name: pd.Series(values) for name, values in training.items()})
    frame["active"] = pd.Series(training["active"], dtype=object)
    frame["since"] = pd.to_datetime(pd.Series(training["since"], dtype="Int64"), unit="us")
    assert learn_reference(contract, frame) == learn_reference(contract, training)


def test_a_personal_column_never_lends_its_range_or_categories(contract: Contract) -> None:
    personal = tuple(
        column.model_copy(update={"personal": True}) if column.name in ("age", "plan") else column
        for column in contract.columns
    )
    for question in adversarial_rows(contract.model_copy(update={"columns": personal})):
        assert question.row["age"] not in (18.0, 54.0, 90.0)
        assert question.row["plan"] not in ("basic", "premium")


def test_wide_ranges_do_not_overflow() -> None:
    column = Column(name="x", type=ColumnType.numeric, range=(-1.7e308, 1.7e308))
    from fullcycle.core.bundle.golden import RANGE_POINTS, _between

    assert all(np.isfinite(_between(column.range, where)) for where in RANGE_POINTS.values())
