"""Parts one after another as one file, Parquet or CSV by its ending, that appears whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import written_aside

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".parquet", ".csv")


def check_ending(out: Path) -> None:
    """UserError for a file whose ending says no format."""
    if out.suffix.lower() not in ENDINGS:
        raise UserError(
            where=str(out),
            found=f"the ending {out.suffix!r}" if out.suffix else "no ending",
            expected="a file that ends in .parquet or .csv",
            hint=f"-o {out.with_suffix('.parquet')}",
        )
    if out.is_dir():
        raise UserError(where=str(out), found="a folder", expected="a file to write")


def rejected_beside(out: Path) -> Path:
    """Where rows that were set aside go: out.parquet has out.rejected.parquet."""
    return out.with_name(f"{out.stem}.rejected{out.suffix}")


def join_parts(parts: Sequence[Path], out: Path) -> None:
    """Write the rows of all parts, which have equal columns; at least one part."""
    import pyarrow.parquet as pq

    with written_aside(out) as aside:
        schema = pq.read_schema(parts[0])
        with _writer(aside, schema, csv=out.suffix.lower() == ".csv") as writer:
            for part in parts:
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches():
                        writer.write_batch(batch)


def _writer(path: Path, schema: pa.Schema, *, csv: bool) -> Any:
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    if csv:
        return pc.CSVWriter(path, schema, write_options=pc.WriteOptions(quoting_style="needed"))
    return pq.ParquetWriter(path, schema, compression="zstd")
