"""What a record of the log holds, as SQL over its JSON."""

from __future__ import annotations

from fullcycle.core.contract.model import Column, ColumnType

CASTS = {ColumnType.numeric: "DOUBLE", ColumnType.boolean: "BOOLEAN"}


def text_cell(column: Column) -> str:
    """An input as a text, as in a CSV, but for moments: the log has them as the graph takes them."""
    cell = f"inputs->>{quoted(pointer(column.name))}"
    return f"make_timestamp(({cell})::BIGINT)" if column.type is ColumnType.datetime else cell


def typed_cell(column: Column) -> str:
    """An input as the contract reads it; of a personal column, whether there is a value."""
    if column.personal:
        return f"inputs->>{quoted(pointer(column.name))}"
    kind = CASTS.get(column.type)
    return text_cell(column) if kind is None else f"TRY_CAST({text_cell(column)} AS {kind})"


def pointer(*names: str) -> str:
    """A JSON pointer: a name alone would be taken for a path where it begins with $ or /."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def quoted(text: str) -> str:
    """A text of SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def named(name: str) -> str:
    """A name of SQL, whatever it is."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
