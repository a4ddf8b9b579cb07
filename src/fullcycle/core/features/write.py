"""A tree as text again: what `parse` reads back to an equal tree."""

from __future__ import annotations

from datetime import datetime
from keyword import iskeyword

from fullcycle.core.features.tree import Call, Constant, Found, Leaf, Node

INFIX = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or")


def written(node: Node) -> str:
    """The expression, with brackets around every part that has parts."""
    match node:
        case Leaf(name=name):
            return named(name)
        case Constant(value=value):
            return _constant(value)
        case Found(lookup=lookup, column=column, key=key):
            return f"lookup({lookup}, {written(key)}).{column}"
        case Call(operation=operation, arguments=arguments):
            return _call(operation, [written(each) for each in arguments])
    raise TypeError(f"no text for {node}")


def named(column: str) -> str:
    """A column's name as an expression takes it.

    >>> named("amount"), named("Monthly charge"), named("class")
    ('amount', "col('Monthly charge')", "col('class')")
    """
    plain = column.isidentifier() and column.isascii() and not iskeyword(column)
    return column if plain else f"col({column!r})"


def _constant(value: float | bool | str | datetime) -> str:
    if isinstance(value, datetime):
        return f'moment("{value.isoformat()}")'
    if isinstance(value, float) and value < 0:
        return f"({value!r})"
    return repr(value)


def _call(operation: str, arguments: list[str]) -> str:
    if operation in INFIX:
        return f"({arguments[0]} {operation} {arguments[1]})"
    match operation:
        case "negative":
            # A bracket, or the sign would become part of a number.
            return f"(-({arguments[0]}))"
        case "not":
            return f"(not {arguments[0]})"
        case "in":
            return f"({arguments[0]} in ({', '.join(arguments[1:])},))"
        case "if":
            condition, yes, no = arguments
            return f"({yes} if {condition} else {no})"
    return f"{operation}({', '.join(arguments)})"
