# mypy: disable-error-code="untyped-decorator,empty-body"
"""Functions of DuckDB that features need and Ibis has no name for. Another backend needs a line for each."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from typing import Any

import ibis

FLOAT_MAX = 1.7976931348623157e308


@ibis.udf.scalar.builtin(name="round_even")
def round_even(number: float, digits: int) -> float:
    """Half to the even neighbour, as Python and ONNX round."""


@ibis.udf.scalar.builtin(name="floor")
def round_down(number: float) -> float:
    """Still a float: Ibis' own goes through int64."""


@ibis.udf.scalar.builtin(name="ceil")
def round_up(number: float) -> float:
    """Still a float."""


@ibis.udf.scalar.builtin(name="epoch_us")
def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 UTC."""


@ibis.udf.scalar.builtin(name="pow")
def power(base: float, exponent: float) -> float:
    """As IEEE 754 has it."""


@ibis.udf.scalar.builtin(name="ln")
def logarithm(number: float) -> float:
    """Natural."""


@ibis.udf.scalar.builtin(name="sqrt")
def square_root(number: float) -> float:
    """Of a number that is not negative."""


@ibis.udf.scalar.builtin(name="exp")
def exponential(number: float) -> float:
    """e to the number."""


def finite(number: Any) -> Any:
    """Null where a number is infinite or NaN."""
    return number.abs().__le__(FLOAT_MAX).ifelse(number, ibis.null())


def remainder(a: Any, b: Any) -> Any:
    """Python's modulo of floats: exact, with the sign of the divisor; null where that is 0."""
    rest = a % b.nullif(0.0)
    return ((rest != 0) & ((rest < 0) != (b < 0))).ifelse(rest + b, rest)


def strict(value: Any, *arguments: Any) -> Any:
    """Null where any argument is."""
    missing = arguments[0].isnull()
    for argument in arguments[1:]:
        missing = missing | argument.isnull()
    return missing.ifelse(ibis.null(), value)


# --- forms of operations in a table; numbers that aren't finite become null where they are used


def absolute(a: Any) -> Any:
    return a.abs()


def floor_division(a: Any, b: Any) -> Any:
    return round_even((a - remainder(a, b)) / b, 0)


def log(a: Any) -> Any:
    return logarithm((a > 0).ifelse(a, ibis.null()))


def log1p(a: Any) -> Any:
    return logarithm((a > -1).ifelse(a + 1.0, ibis.null()))


def sqrt(a: Any) -> Any:
    return square_root((a >= 0).ifelse(a, ibis.null()))


def round_whole(a: Any) -> Any:
    return round_even(a, 0)


def round_to(a: Any, digits: int) -> Any:
    return round_even(a * 10.0**digits, 0) / 10.0**digits


def of_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that would pass over a missing argument, without that."""
    return lambda *arguments: strict(function(*arguments), *arguments)


def clip(a: Any, low: Any, high: Any) -> Any:
    return strict(ibis.greatest(ibis.least(a, high), low), a, low, high)


def count_reached(a: Any, *edges: Any) -> Any:
    return reduce(lambda x, y: x + y, [(a >= edge).cast("float64") for edge in edges])


def one_of(a: Any, *options: Any) -> Any:
    return reduce(lambda x, y: x | y, [a == option for option in options])


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    return ibis.cases((condition, yes), (~condition, no))


def negation(a: Any) -> Any:
    """Not `~a`, which Ibis 12 writes without brackets: NOT a IS NULL means NOT (a IS NULL)."""
    return ibis.cases((a, False), (~a, True))


def is_null(a: Any) -> Any:
    return a.isnull()


def joined(a: Any, b: Any) -> Any:
    return a.concat(b)


def between(later: Any, earlier: Any) -> Any:
    return (micros_of(later) - micros_of(earlier)).cast("float64")


def in_units(unit_us: int) -> Callable[[Any], Any]:
    return lambda duration: duration / float(unit_us)


def part_of_time(name: str) -> Callable[[Any], Any]:
    """A part of a moment as float64; Monday is 0."""
    if name == "weekday":
        return lambda moment: moment.day_of_week.index().cast("float64")
    return lambda moment: getattr(moment, name)().cast("float64")
