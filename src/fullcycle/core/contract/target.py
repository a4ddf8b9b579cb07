"""The target: which task it sets, its classes in order, and its column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from fullcycle.core.contract.cells import read_columns
from fullcycle.core.contract.grammar import fold
from fullcycle.core.contract.model import Column, ColumnType, Role, Task
from fullcycle.core.contract.rules import folded_token
from fullcycle.core.contract.spelling import spelling_of
from fullcycle.core.contract.survey import ColumnSurvey
from fullcycle.core.contract.vocabulary import NEGATIVE_WORDS, POSITIVE_WORDS, SURELY_MISSING
from fullcycle.core.errors import UserError

CLASSES_AT_MOST = 100
CODES_AT_MOST = 10  # whole numbers that differ this little are classes, if each has rows enough
ROWS_OF_A_CODE = 20  # on average
NEGATED = re.compile(r"(?:no|not|non|нет|не)[ _-].+")
TRUTH = frozenset({"true", "false"})


@dataclass(frozen=True)
class Target:
    """What is predicted. `classes` stand in order, the positive one of two last; None in regression."""

    task: Task
    classes: tuple[str, ...] | None
    column: Column


def learn_target(
    table: ibis.Table, surveyed: ColumnSurvey, as_number: Column | None, task: Task | None
) -> Target:
    """The task that the target's values set, or the one that is asked for.

    `as_number` is the column read as numbers, if it can be. Raises UserError for a target that is empty, has
    one value only, or doesn't suit the task.
    """
    where = f"the target {surveyed.name}"
    if surveyed.present == 0:
        raise UserError(where=where, found="no value in any row", expected="a value to learn from")
    if surveyed.physical in ("date", "timestamp", "other"):
        raise UserError(where=where, found=f"a {surveyed.physical} column", expected="classes or numbers")
    classes = _classes(table, surveyed, as_number)
    task = task or _task(surveyed, as_number, classes)
    if task is Task.regression:
        return Target(task, None, _number(surveyed, as_number, where))
    _check_classes(classes, task, where)
    ordered = _in_order(classes, as_number) if task is Task.multiclass else _positive_last(classes)
    return Target(task, ordered, _class_column(surveyed, as_number, ordered))


def missing_among_words(values: Mapping[str, int] | None) -> tuple[str, ...]:
    """Texts that are no category in any column; a dash beside a plus is one, and is not among them."""
    return tuple(sorted(value for value in values or () if folded_token(value) in SURELY_MISSING))


def _class_column(surveyed: ColumnSurvey, as_number: Column | None, classes: tuple[str, ...]) -> Column:
    column = Column(
        name=surveyed.name,
        type=ColumnType.categorical,
        role=Role.target,
        missing=as_number.missing if as_number is not None else (),
        lower=_is_truth(surveyed),
        allowed=classes,
    )
    if as_number is not None or column.lower or surveyed.values is None:
        return column
    tokens = missing_among_words(surveyed.values)
    spelling = spelling_of({value: n for value, n in surveyed.values.items() if value not in tokens})
    return column.model_copy(
        update={
            "missing": tokens,
            "spelling": spelling.merged,
            "proposed_spelling": spelling.proposed,
        }
    )


def _is_truth(surveyed: ColumnSurvey) -> bool:
    """True, TRUE and true are one class, as a data frame, a CSV and JSON each have their own way."""
    words = {fold(value) for value in surveyed.values or ()}
    return surveyed.physical == "boolean" or words == TRUTH


def _classes(table: ibis.Table, surveyed: ColumnSurvey, as_number: Column | None) -> dict[str, int]:
    """Values as classes with their counts, at most one more than there may be."""
    column = _class_column(surveyed, as_number, ()).model_copy(update={"allowed": None})
    parsed, [read] = read_columns(table, [column])
    values = parsed.select(value=read.value)
    values = values.filter(values["value"].notnull())
    counted = values.group_by("value").aggregate(rows=values.count())
    most = counted.order_by([ibis.desc("rows"), "value"]).limit(CLASSES_AT_MOST + 1)
    return {row["value"]: int(row["rows"]) for row in most.to_pyarrow().to_pylist()}


def _task(surveyed: ColumnSurvey, as_number: Column | None, classes: dict[str, int]) -> Task:
    if len(classes) <= 2 and not (as_number is not None and len(classes) == 1):
        return Task.binary
    if as_number is None:
        return Task.multiclass
    codes = len(classes) <= CODES_AT_MOST and surveyed.whole == surveyed.numbers
    return Task.multiclass if codes and surveyed.present >= ROWS_OF_A_CODE * len(classes) else Task.regression


def _number(surveyed: ColumnSurvey, as_number: Column | None, where: str) -> Column:
    if as_number is None:
        raise UserError(
            where=where,
            found="values that are no numbers",
            expected="numbers, for task regression",
            hint="choose another target, or `--task multiclass`",
        )
    if surveyed.low == surveyed.high:
        raise UserError(
            where=where,
            found=f"the same number in every row ({surveyed.low:g})",
            expected="numbers that differ",
        )
    return as_number.model_copy(update={"role": Role.target, "proposed_missing": ()})


def _check_classes(classes: dict[str, int], task: Task, where: str) -> None:
    if len(classes) == 1:
        raise UserError(
            where=where,
            found=f"one class in every row ({next(iter(classes))!r})",
            expected="at least two classes",
        )
    if len(classes) > CLASSES_AT_MOST:
        raise UserError(
            where=where,
            found=f"more than {CLASSES_AT_MOST} different values",
            expected=f"at most {CLASSES_AT_MOST} classes, or numbers",
            hint="choose another target, or `--task regression` for numbers",
        )
    if task is Task.binary and len(classes) > 2:
        raise UserError(
            where=where,
            found=f"{len(classes)} classes ({', '.join(list(classes)[:5])})",
            expected="two classes, for task binary",
            hint="use `--task multiclass`",
        )


def _in_order(classes: dict[str, int], as_number: Column | None) -> tuple[str, ...]:
    return tuple(sorted(classes, key=float)) if as_number is not None else tuple(sorted(classes))


def _positive_last(classes: dict[str, int]) -> tuple[str, ...]:
    """The event last: by the words, else the larger number, else the rarer class."""
    one, other = sorted(classes)
    for first, second in ((one, other), (other, one)):
        if _is_positive(second) and not _is_positive(first):
            return first, second
        if _is_negative(first) and not _is_negative(second):
            return first, second
    try:
        return (one, other) if float(one) < float(other) else (other, one)
    except ValueError:
        return (other, one) if classes[one] < classes[other] else (one, other)


def _is_positive(value: str) -> bool:
    return fold(value) in POSITIVE_WORDS


def _is_negative(value: str) -> bool:
    word = fold(value)
    return word in NEGATIVE_WORDS or NEGATED.fullmatch(word) is not None
