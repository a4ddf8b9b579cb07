"""Tables of pandas (NumPy, nullable, Arrow types), polars and Arrow as Arrow, and answers back in kind.

The library of a table is recognised by the module of its class: none of them is imported unless it is there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def as_arrow(frame: Any) -> pa.Table:
    """The table's columns as Arrow, without an index; a column of several Python types becomes text.

    Raises UserError for what is no table, and for column names that are no text or stand twice.
    """
    import pyarrow as pa

    library = _library(frame)
    if library == "pandas":
        _check_names(list(frame.columns))
        table = pa.table({name: _pandas_column(frame[name]) for name in frame.columns})
    elif isinstance(frame, pa.Table):
        table = frame
    elif hasattr(frame, "__arrow_c_stream__"):
        table = pa.table(frame)
    else:
        raise UserError(
            where="the table",
            found=f"a {type(frame).__name__}",
            expected="a table of pandas, polars or Arrow",
            hint="for single rows there is `fullcycle predict`",
        )
    _check_names(table.column_names)
    return pa.table({name: _plain(table[name]) for name in table.column_names})


def like(answers: pa.Table, original: Any) -> Any:
    """The answers as a table of the kind of `original`; a pandas index is kept."""
    library = _library(original)
    if library == "pandas":
        frame = answers.to_pandas()
        frame.index = original.index
        return frame
    if library == "polars":
        import polars

        return polars.from_arrow(answers)
    return answers


def _library(frame: Any) -> str:
    return type(frame).__module__.partition(".")[0]


def _check_names(names: list[Any]) -> None:
    odd = [name for name in names if not isinstance(name, str)]
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if odd or repeated:
        raise UserError(
            where="the table's header",
            found=f"column names {', '.join(map(repr, (odd or repeated)[:4]))}"
            + ("" if odd else ", each more than once"),
            expected="a name of text for each column, each once",
            hint="rename the columns as contract.yaml has them",
        )


def _pandas_column(column: pd.Series[Any]) -> pa.Array:
    """A NaN among objects is missing; objects of several types become text, as they would in a CSV."""
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        texts = [None if _is_missing(value) else str(value) for value in column]
        return pa.array(texts, type=pa.string())


def _is_missing(value: Any) -> bool:
    import pandas as pd

    answer = pd.isna(value)
    return answer if isinstance(answer, bool) else False


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary and view encodings as what they encode: what is read must not depend on how it is held."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    return column
