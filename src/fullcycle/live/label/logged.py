"""Rows of the prediction log to be labelled: what was asked, with the outcomes so far.

A row is named by the id of its request and its place there, as POST /feedback takes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from fullcycle.core.contract.model import Contract
from fullcycle.core.engines.tables import ROW, read_parquet
from fullcycle.core.errors import UserError
from fullcycle.live.log.cells import named as sql_name
from fullcycle.live.log.cells import quoted, text_cell
from fullcycle.live.log.read import open_log

if TYPE_CHECKING:
    import ibis

REQUEST_ID, REQUEST_ROW = "request_id", "request_row"

# The last answer counts where one id was asked several times, and a shadow's is the same question again.
ROWS = """
COPY (
    SELECT row_number() OVER (ORDER BY time, request_id, row) - 1 AS {number}, request_id AS {request_id},
        row AS {request_row}, {columns}
    FROM predictions WHERE route <> 'shadow'
    QUALIFY row_number() OVER (PARTITION BY request_id, row ORDER BY time DESC) = 1
    ORDER BY 1
) TO {target} (FORMAT parquet)
"""


@contextmanager
def logged_rows(predictions: Path, contract: Contract) -> Iterator[ibis.Table]:
    """Rows that were answered, with the outcome as their target. Raises UserError where there are none."""
    with TemporaryDirectory(prefix="fullcycle-log-") as scratch:
        target = Path(scratch) / "rows.parquet"
        with open_log(predictions) as log:
            [(rows,)] = log.connection.execute(_query(contract, target)).fetchall()
        if not rows:
            raise UserError(
                where=str(predictions),
                found="no answer in the prediction log",
                expected="rows that `fullcycle serve` has answered",
                hint="`fullcycle label next` without --log takes rows of the project's source",
            )
        yield read_parquet(target)


def is_logged(table: ibis.Table) -> bool:
    """Whether rows are named by requests."""
    return REQUEST_ID in table.columns and REQUEST_ROW in table.columns


def named(table: ibis.Table) -> Any:
    """What a row is remembered by."""
    return table[REQUEST_ID] + "#" + table[REQUEST_ROW].cast("string")


def _query(contract: Contract, target: Path) -> str:
    columns = [f"{text_cell(column)} AS {sql_name(column.name)}" for column in contract.features]
    columns.append(f"outcome AS {sql_name(contract.target.name)}")
    return ROWS.format(
        number=ROW,
        request_id=REQUEST_ID,
        request_row=REQUEST_ROW,
        columns=", ".join(columns),
        target=quoted(str(target)),
    )
