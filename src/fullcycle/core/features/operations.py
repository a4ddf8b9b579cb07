"""The table of operations: what each is called, takes and gives, and its two forms.

Adding an operation is adding an entry: its tests (both forms on random values, its example), its line in the
reference and its error messages come by themselves. Several entries of one name are told apart by what they
take; a boolean counts as the number 0 or 1 where only a number fits.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis

from fullcycle.core.features import calendar
from fullcycle.core.features import functions as sql
from fullcycle.core.features import graph_forms as graph
from fullcycle.core.features.graph_forms import Form
from fullcycle.core.features.tree import Kind

N, B, T, M, D = Kind.number, Kind.boolean, Kind.text, Kind.time, Kind.duration  # short, for the table below
ORDERED, EQUAL = (N, M, D), (N, M, D, T, B)

Example = tuple[str, float | bool | str | None]


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    `takes` are the kinds of the arguments, and `more` that of further ones; arguments from place
    `literal_from` on must stand in the expression as values. `table` makes an Ibis expression, in which a
    number that isn't finite becomes missing by itself; `graph` makes nodes. One missing argument makes the
    result missing, unless `missing` is "own". `example` is an expression over EXAMPLE_ROW and its value.
    """

    name: str
    written: str
    takes: tuple[Kind, ...]
    gives: Kind
    table: Callable[..., Any]
    graph: Form
    told: str
    example: Example
    more: Kind | None = None
    literal_from: int | None = None
    missing: Literal["any", "own"] = "any"


def fits(operation: Operation, kinds: Sequence[Kind], *, promote: bool = False) -> bool:
    """Whether arguments of these kinds fit; with `promote` a boolean fits where a number is wanted."""
    extra = len(kinds) - len(operation.takes)
    if extra < 0 or (extra and operation.more is None):
        return False
    wanted = [*operation.takes, *[operation.more] * extra]
    return all(
        kind is want or (promote and kind is B and want is N)
        for kind, want in zip(kinds, wanted, strict=True)
    )


def _arithmetic() -> list[Operation]:
    two: dict[str, tuple[Callable[..., Any], Form, str, Example]] = {
        "+": (operator.add, graph.plain("Add"), "sum", ("amount + 1", 13.5)),
        "-": (operator.sub, graph.plain("Sub"), "difference", ("amount - 1", 11.5)),
        "*": (operator.mul, graph.plain("Mul"), "product", ("amount * 2", 25.0)),
        "/": (
            operator.truediv,
            graph.plain("Div", whole=(1,)),
            "quotient; missing where b is 0",
            ("amount / 0", None),
        ),
        "//": (
            sql.floor_division,
            graph.floor_division,
            "quotient rounded down, as Python does it",
            ("-7 // amount", -1.0),
        ),
        "%": (
            sql.remainder,
            graph.remainder,
            "rest of a division, with the sign of b as in Python",
            ("-amount % 5", 2.5),
        ),
        "**": (sql.power, graph.power, "power", ("amount ** 2", 156.25)),
    }
    rows = [Operation(name, f"a {name} b", (N, N), N, *entry) for name, entry in two.items()]
    negative = ("with the other sign", ("-amount", -12.5))
    return [*rows, Operation("negative", "-a", (N,), N, operator.neg, graph.plain("Neg"), *negative)]


def _functions() -> list[Operation]:
    one: dict[str, tuple[Callable[..., Any], Form, str, Example]] = {
        "abs": (sql.absolute, graph.plain("Abs"), "without its sign", ("abs(-amount)", 12.5)),
        "exp": (
            sql.exponential,
            graph.plain("Exp", whole=(0,)),
            "e to the power a",
            ("exp(amount * 0)", 1.0),
        ),
        "log": (
            sql.log,
            graph.plain("Log"),
            "natural logarithm; missing unless a > 0",
            ("log(0 * amount)", None),
        ),
        "log1p": (sql.log1p, graph.log1p, "log(1 + a); missing unless a > -1", ("log1p(amount * 0)", 0.0)),
        "sqrt": (
            sql.sqrt,
            graph.plain("Sqrt"),
            "square root; missing unless a >= 0",
            ("sqrt(amount * 2)", 5.0),
        ),
        "floor": (
            sql.round_down,
            graph.plain("Floor"),
            "the whole number at or below",
            ("floor(-amount)", -13.0),
        ),
        "ceil": (sql.round_up, graph.plain("Ceil"), "the whole number at or above", ("ceil(amount)", 13.0)),
        "round": (
            sql.round_whole,
            graph.plain("Round"),
            "the nearest whole number, a half to the even one as in Python",
            ("round(amount)", 12.0),
        ),
    }
    rows = [Operation(name, f"{name}(a)", (N,), N, *entry) for name, entry in one.items()]
    digits = ("to so many digits after the point", ("round(amount / 3, 2)", 4.17))
    low_high = ("a, but not below low nor above high", ("clip(amount, 0, 10)", 10.0))
    edges = ("how many of the edges a reaches: 0 below the first", ("bucket(amount, 10, 20)", 1.0))
    least, most = sql.of_all(ibis.least), sql.of_all(ibis.greatest)
    return [
        *rows,
        Operation(
            "round", "round(a, digits)", (N, N), N, sql.round_to, graph.round_to, *digits, literal_from=1
        ),
        Operation(
            "min", "min(a, b, ...)", (N, N), N, least, graph.extreme("Min"), "the smallest",
            ("min(amount, 3)", 3.0), more=N,
        ),
        Operation(
            "max", "max(a, b, ...)", (N, N), N, most, graph.extreme("Max"), "the largest",
            ("max(amount, 3)", 12.5), more=N,
        ),
        Operation("clip", "clip(a, low, high)", (N, N, N), N, sql.clip, graph.clip, *low_high),
        Operation(
            "bucket", "bucket(a, 10, 20, ...)", (N, N), N, sql.count_reached, graph.bucket, *edges,
            more=N, literal_from=1,
        ),
    ]  # fmt: skip


def _comparisons() -> list[Operation]:
    forms: dict[str, tuple[tuple[Kind, ...], Callable[..., Any], Form, str, Example]] = {
        "==": (EQUAL, operator.eq, graph.equals, "both are equal", ("plan == 'basic'", True)),
        "!=": (EQUAL, operator.ne, graph.differs, "they differ", ("plan != 'basic'", False)),
        "<": (ORDERED, operator.lt, graph.compared("Less"), "a is less", ("amount < 3", False)),
        "<=": (
            ORDERED,
            operator.le,
            graph.compared("LessOrEqual"),
            "a is at most b",
            ("amount <= 12.5", True),
        ),
        ">": (ORDERED, operator.gt, graph.compared("Greater"), "a is more", ("amount > 3", True)),
        ">=": (
            ORDERED,
            operator.ge,
            graph.compared("GreaterOrEqual"),
            "a is at least b",
            ("seen >= since", True),
        ),
    }
    rows = [
        Operation(name, f"a {name} b", (kind, kind), B, table, form, f"whether {told}", example)
        for name, (kinds, table, form, told, example) in forms.items()
        for kind in kinds
    ]
    listed = ("whether a is one of the values", ("plan in ('basic', 'plus')", True))
    return rows + [
        Operation(
            "in", "a in (x, y, ...)", (kind, kind), B, sql.one_of, graph.one_of, *listed, more=kind,
            literal_from=1,
        )
        for kind in (T, N)
    ]  # fmt: skip


def _logic() -> list[Operation]:
    both, either = sql.of_all(operator.and_), sql.of_all(operator.or_)
    return [
        Operation(
            "and", "a and b", (B, B), B, both, graph.both, "both hold", ("active and amount > 3", True)
        ),
        Operation(
            "or", "a or b", (B, B), B, either, graph.either, "at least one holds", ("active or gap > 3", None)
        ),
        Operation(
            "not", "not a", (B,), B, sql.negation, graph.negation, "does not hold", ("not active", False)
        ),
    ]


def _missing(kind: Kind) -> list[Operation]:
    chosen = "a where the condition holds, b where it doesn't; missing where the condition is"
    first, asked = "the first that is not missing", "whether there is no value"
    return [
        Operation(
            "if", "a if c else b", (B, kind, kind), kind, sql.chosen, graph.chosen, chosen,
            ("1 if amount > 10 else 0", 1.0), missing="own",
        ),
        Operation(
            "coalesce", "coalesce(a, b, ...)", (kind, kind), kind, ibis.coalesce, graph.first_there, first,
            ("coalesce(gap, 7)", 7.0), more=kind, missing="own",
        ),
        Operation(
            "is_missing", "is_missing(a)", (kind,), B, sql.is_null, graph.is_missing, asked,
            ("is_missing(gap)", True), missing="own",
        ),
    ]  # fmt: skip


def _moments() -> list[Operation]:
    told = {
        "year": ("from 1 to 9999", 2024.0),
        "quarter": ("from 1 to 4", 1.0),
        "month": ("from 1 to 12", 2.0),
        "day": ("day of the month, from 1 to 31", 29.0),
        "day_of_year": ("from 1 to 366", 60.0),
        "weekday": ("from 0 (Monday) to 6 (Sunday)", 3.0),
        "hour": ("from 0 to 23, UTC", 13.0),
        "minute": ("from 0 to 59", 45.0),
        "second": ("from 0 to 59, without fractions", 30.0),
    }
    return [
        Operation(
            name, f"{name}(t)", (M,), N, sql.part_of_time(name), calendar.part_of_time(name), words,
            (f"{name}(seen)", value),
        )
        for name, (words, value) in told.items()
    ]  # fmt: skip


def _durations() -> list[Operation]:
    units = {
        "days": calendar.DAY_US,
        "hours": calendar.HOUR_US,
        "minutes": calendar.MINUTE_US,
        "seconds": calendar.SECOND_US,
    }
    rows = [
        Operation(
            name, f"{name}(t - u)", (D,), N, sql.in_units(unit), graph.in_units(unit),
            f"the time between two moments in {name}, with fractions",
            (f"{name}(seen - since)", 15_429_930.0 * calendar.SECOND_US / unit),
        )
        for name, unit in units.items()
    ]  # fmt: skip
    told = "the time between two moments; days(...), hours(...) make a number of it"
    example: Example = ("days(seen - seen)", 0.0)
    return [Operation("-", "t - u", (M, M), D, sql.between, graph.between, told, example), *rows]


def _texts() -> list[Operation]:
    told, example = "two categories joined to one", ("plan + '/' + region", "basic/north")
    return [Operation("+", "a + b", (T, T), T, sql.joined, graph.joined, told, example)]


TABLE: tuple[Operation, ...] = (
    *_arithmetic(),
    *_functions(),
    *_comparisons(),
    *_logic(),
    *_moments(),
    *_durations(),
    *_texts(),
    *(operation for kind in Kind for operation in _missing(kind)),
)
OPERATIONS: dict[str, tuple[Operation, ...]] = {
    name: tuple(each for each in TABLE if each.name == name)
    for name in dict.fromkeys(each.name for each in TABLE)
}
FUNCTIONS = tuple(dict.fromkeys(each.name for each in TABLE if each.written.startswith(f"{each.name}(")))
EXAMPLE_ROW: dict[str, Any] = {
    "amount": 12.5,
    "gap": None,
    "plan": "basic",
    "region": "north",
    "active": True,
    "seen": "2024-02-29T13:45:30",
    "since": "2023-09-03T23:40:00",
}
