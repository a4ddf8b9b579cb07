"""Tables as people have them: pandas (NumPy, nullable or Arrow types), polars, Arrow.

They come in as Arrow, and answers go out as the kind that came in.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa


def as_arrow(frame: Any) -> pa.Table:
    """The frame's columns as an Arrow table: None, NA, NaT and pandas' NaN are null, categories are texts.

    Raises UserError for what is no table, and for a column that holds several types at once.
    """
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return _plain(frame)
    if isinstance(frame, pa.RecordBatch):
        return _plain(pa.Table.from_batches([frame]))
    if _is_of("pandas", frame):
        return _plain(_from_pandas(frame))
    if _is_of("polars", frame):
        return _plain(frame.to_arrow())
    raise UserError(
        where="the table",
        found=f"a {type(frame).__name__}",
        expected="a pandas or polars data frame, or an Arrow table",
        hint="read a file with pandas.read_csv or pyarrow.parquet.read_table first",
    )


def like(table: pa.Table, original: Any) -> Any:
    """An Arrow table as the kind of frame that `original` is; pandas keeps its index and kind of types."""
    if _is_of("pandas", original):
        return _to_pandas(table, original)
    if _is_of("polars", original):
        import polars

        return polars.from_arrow(table)
    return table


def _is_of(library: str, frame: Any) -> bool:
    """Whether it is that library's DataFrame, without importing a library that isn't there anyway."""
    module = sys.modules.get(library)
    return module is not None and isinstance(frame, module.DataFrame)


def _from_pandas(frame: Any) -> pa.Table:
    """Column by column, as a column of mixed objects (numbers and words) becomes one of texts."""
    import pyarrow as pa

    names = [str(name) for name in frame.columns]
    arrays = [_from_series(frame.iloc[:, at], name) for at, name in enumerate(names)]
    return pa.Table.from_arrays(arrays, names=names)


def _from_series(series: Any, name: str) -> Any:
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        array = pa.array([_scalar(value, name) for value in series], type=pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _scalar(value: Any, name: str) -> str | None:
    """One cell of a column of mixed types, as CSV would have it."""
    from fullcycle.core.contract.grammar import text_of_number

    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return text_of_number(value)
    if isinstance(value, list | dict | tuple | set):
        raise UserError(
            where=f"column {name}",
            found=f"a {type(value).__name__} in a cell",
            expected="one text, number, date or truth value in each cell",
            hint="spread it over columns of its own first",
        )
    return str(value)


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries and half floats, which the table engine has no place for, and without metadata."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        kind = field.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        elif pa.types.is_float16(kind):
            kind = pa.float32()
        if pa.types.is_null(kind):
            kind = pa.string()
        if kind != field.type:
            table = table.set_column(at, field.name, table.column(at).cast(kind))
    return table.replace_schema_metadata(None)


def _to_pandas(table: pa.Table, original: Any) -> Any:
    import pandas as pd

    kinds = [original.dtypes.iloc[at] for at in range(original.shape[1])]
    if any(isinstance(kind, pd.ArrowDtype) for kind in kinds):
        frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    elif any(_is_nullable(kind) for kind in kinds):
        frame = table.to_pandas().convert_dtypes()
    else:
        frame = table.to_pandas()
    frame.index = original.index
    return frame


def _is_nullable(kind: Any) -> bool:
    import pandas as pd

    # The texts of plain pandas 3 frames have a type of their own too, with NaN for missing.
    return getattr(kind, "na_value", None) is pd.NA
