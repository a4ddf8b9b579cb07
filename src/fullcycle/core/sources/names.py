"""Names of columns: present, told apart by the engine, and not too many."""

from __future__ import annotations

import string
from collections import defaultdict
from collections.abc import Sequence

from fullcycle.core.contract.grammar import WHITE
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def checked_names(
    names: Sequence[str], columns_at_most: int, where: str
) -> tuple[tuple[str, ...], list[str]]:
    """The names to use, and which of them were made up for empty ones (`column_3` for the third).

    White space at the ends of a name goes: nobody would see it, or type it in a request. UserError for too
    many columns, for names that are equal or differ in the case of ASCII letters only (DuckDB can't tell
    those apart), and for the name that the row number has.
    """
    if len(names) - 1 > columns_at_most:
        raise _too_many(len(names), columns_at_most, where)
    bare = [name.strip(WHITE) for name in names]
    made_up = [f"column_{place}" for place, name in enumerate(bare, 1) if not name]
    used = tuple(name or f"column_{place}" for place, name in enumerate(bare, 1))
    _refuse_equal(used, where)
    _refuse_row_number(used, where)
    return used, made_up


def folded(name: str) -> str:
    """A name as the engine compares it."""
    return name.translate(_ASCII_LOWER)


def _too_many(columns: int, columns_at_most: int, where: str) -> UserError:
    return UserError(
        where=where,
        found=f"{columns:,} columns",
        expected=f"at most {columns_at_most:,} beside the target (each feature is an input of the model)",
        hint="leave columns out of the table, or set data.columns_at_most in fullcycle.yaml",
    )


def _refuse_equal(names: Sequence[str], where: str) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names, 1):
        places[folded(name)].append(place)
    for same in places.values():
        if len(same) > 1:
            written = ", ".join(repr(names[place - 1]) for place in same[:3])
            raise UserError(
                where=f"{where}, header",
                found=f"{len(same)} columns of one name ({written}: columns {', '.join(map(str, same[:5]))})",
                expected="names that differ in more than case, and white space at their ends",
                hint="rename all but one of them in the table",
            )


def _refuse_row_number(names: Sequence[str], where: str) -> None:
    for name in names:
        if folded(name) == ROW:
            raise UserError(
                where=f"{where}, header",
                found=f"a column named {name!r}",
                expected=f"another name: {ROW!r} is the number of the source row in every table",
                hint="rename it in the table",
            )
