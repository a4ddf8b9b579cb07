"""`tests/behaviour.yaml`: what people expect of a model, as tests that a run checks.

Errors name file and line. What a test refers to (columns, classes, values) is checked against the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.contract.row import RowRejected, compile_row
from fullcycle.core.errors import UserError
from fullcycle.core.project.section import Section
from fullcycle.core.project.verify_settings import CheckSeverity
from fullcycle.core.project.yaml_document import Document, Location, read_document
from fullcycle.core.project.yaml_errors import validated

HINT = "mend it, then run `fullcycle run verify`; docs/guide/verify.md has an example of each kind"
Raw = str | int | float | bool | None


class Test(Section):
    """What every test has."""

    __test__ = False  # pytest collects by name

    name: str = Field(min_length=1)
    severity: CheckSeverity | None = None


class Invariance(Test):
    """Another value of a column must not move the answer by more than `at_most`, in a `share` of the rows."""

    column: str
    values: list[Raw] | None = None
    at_most: float = Field(ge=0)
    share: float = Field(1.0, gt=0, le=1)


class Direction(Test):
    """Raising a number must not lower (or must not raise) the answer, but for `tolerance`."""

    column: str
    raise_by: float = Field(gt=0)
    must: Literal["not_fall", "not_rise"]
    of: str | None = None
    tolerance: float = Field(0.0, ge=0)
    share: float = Field(1.0, gt=0, le=1)


class Example(Test):
    """A row with the answer it must get; columns that are left out have their usual value."""

    row: dict[str, Raw] = Field(min_length=1)
    answer: str | None = None
    of: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _wants_something(self) -> Example:
        if self.answer is None and self.at_least is None and self.at_most is None:
            raise ValueError("an example that expects nothing: add answer, at_least or at_most")
        return self


class BehaviourFile(Section):
    """The whole file."""

    version: Literal[1] = 1
    invariance: list[Invariance] = []
    direction: list[Direction] = []
    examples: list[Example] = []


@dataclass(frozen=True)
class Placed:
    """A test and where it stands."""

    test: Invariance | Direction | Example
    line: int


def read_behaviour(path: Path, contract: Contract) -> list[Placed]:
    """The tests in the order of the file; none where there is no file. UserError names file, line and key."""
    if not path.exists():
        return []
    document = read_document(path, hint=HINT)
    content = validated(document, BehaviourFile, hint=HINT)
    placed = []
    for kind in ("invariance", "direction", "examples"):
        for at, test in enumerate(getattr(content, kind)):
            for key, found, expected, hint in _broken(test, contract):
                raise UserError(
                    where=document.where((kind, at, *key)), found=found, expected=expected, hint=hint or HINT
                )
            placed.append(Placed(test, _line(document, (kind, at))))
    return sorted(placed, key=lambda each: each.line)


def _line(document: Document, location: Location) -> int:
    return document.lines.get(location, 0)


Broken = tuple[Location, str, str, str]


def _broken(test: Invariance | Direction | Example, contract: Contract) -> Iterator[Broken]:
    features = {column.name: column for column in contract.features}
    if isinstance(test, Example):
        yield from _broken_example(test, contract, features)
        return
    if test.column not in features:
        yield _unknown(("column",), test.column, list(features), "a feature of contract.yaml")
        return
    column = features[test.column]
    if isinstance(test, Direction):
        if column.type is not ColumnType.numeric:
            yield ("column",), f"{test.column!r}, a {column.type} column", "a numeric column", ""
        yield from _broken_class(test.of, contract)
        return
    for at, value in enumerate(test.values or ()):
        yield from _broken_value(("values", at), value, column, contract)
    if test.values is None and not column.allowed and column.type is not ColumnType.boolean:
        yield ("column",), f"{test.column!r} without values", "values to try", "such as `values: [a, b]`"


def _broken_example(test: Example, contract: Contract, features: dict[str, Column]) -> Iterator[Broken]:
    for name, value in test.row.items():
        if name not in features:
            yield _unknown(("row", name), name, list(features), "features of contract.yaml")
            return
        yield from _broken_value(("row", name), value, features[name], contract)
    yield from _broken_class(test.of, contract)
    if test.answer is not None and contract.classes is None:
        yield ("answer",), f"{test.answer!r} of a number", "at_least and at_most", ""
    elif test.answer is not None and test.answer not in (contract.classes or ()):
        yield _unknown(("answer",), test.answer, list(contract.classes or ()), "a class of contract.yaml")


def _broken_class(of: str | None, contract: Contract) -> Iterator[Broken]:
    if of is not None and of not in (contract.classes or ()):
        yield _unknown(("of",), of, list(contract.classes or ()), "a class of contract.yaml")


def _broken_value(key: Location, value: Raw, column: Column, contract: Contract) -> Iterator[Broken]:
    try:
        coerced_value(value, column, contract)
    except RowRejected as rejected:
        first = rejected.errors[0]
        yield key, first.found, first.expected, ""


def _unknown(key: Location, name: str, known: list[str], expected: str) -> Broken:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(known[:10])}"
    return key, repr(name), expected, hint


def coerced_value(value: Raw, column: Column, contract: Contract) -> Any:
    """A value as the contract reads it in a row; raises RowRejected."""
    alone = contract.model_copy(update={"columns": (column, contract.target), "derived": ()})
    return compile_row(alone)({column.name: value}).values[0]
