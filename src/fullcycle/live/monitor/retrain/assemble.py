"""Answered rows whose outcome came, as rows to train on: joined by request id, in the words of the contract.

The newest of those that no training has seen are kept apart, and champion and challenger are compared on
them; at the next retraining they are training rows like the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.contract.cells import WORDED
from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.tables import ROW
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import written_aside
from fullcycle.core.served import ANSWERED, REQUEST_ID, REQUEST_ROW, SECONDS, STRFTIME
from fullcycle.live.log.cells import named, pointer, quoted, text_cell
from fullcycle.live.log.read import OpenLog, open_log

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

# The last answer counts where one id was asked several times, and a shadow's is the same question again.
LABELLED = """
CREATE TEMP TABLE labelled AS
    SELECT request_id AS {request_id}, row AS {request_row}, time::TIMESTAMP AS {answered}, {cells}
    FROM predictions WHERE route <> 'shadow' AND {is_outcome}
    QUALIFY row_number() OVER (PARTITION BY request_id, row ORDER BY time DESC) = 1
"""
NEW = """
CREATE TEMP TABLE fresh AS
    SELECT *, row_number() OVER (ORDER BY {answered}, {request_id}, {request_row}) AS place
    FROM labelled {unseen}
"""
COPY = """
COPY (
    SELECT row_number() OVER (ORDER BY {answered}, {request_id}, {request_row}) - 1 AS {row}, *
    FROM ({rows}) ORDER BY 1
) TO {target} (FORMAT parquet)
"""
NAMES = {"request_id": REQUEST_ID, "request_row": REQUEST_ROW, "answered": ANSWERED, "row": ROW}


@dataclass(frozen=True)
class Assembled:
    """How many served rows training sees now, how many of them are new, and how many were kept apart."""

    rows: int
    new: int
    newest: int


def withheld(contract: Contract) -> tuple[str, ...]:
    """Personal columns that the model reads: the log has none of their values, so its rows teach nothing."""
    return tuple(column.name for column in contract.features if column.personal)


def count_new(project: Project) -> int:
    """Answered rows with an outcome that no training has seen."""
    contract = project.contract
    if withheld(contract):
        return 0
    with open_log(project.paths.predictions) as log:
        _labelled(log, contract, project.paths.served, [])
        [(count,)] = log.connection.execute("SELECT count(*) FROM fresh").fetchall()
    return int(count)


def assemble(project: Project, champion: Contract, newest_share: float) -> Assembled:
    """Write `data/served.parquet` (what training sees) and `monitoring/newest.parquet` (kept apart).

    `champion` is the contract of the bundle that the newest rows will be asked of, too. Raises UserError
    where the model reads personal columns, whose values no log has.
    """
    contract, paths = project.contract, project.paths
    personal = withheld(contract)
    if personal:
        raise UserError(
            where=str(paths.predictions),
            found=f"a log without the values of {', '.join(personal)} (personal in contract.yaml)",
            expected="a model whose columns the log keeps",
            hint="bring outcomes into data.source, and let use.retrain train on a schedule",
        )
    more = [each for each in champion.features if each not in contract.features and not each.personal]
    with open_log(paths.predictions) as log:
        _labelled(log, contract, paths.served, more)
        [(new,)] = log.connection.execute("SELECT count(*) FROM fresh").fetchall()
        newest = round(new * newest_share)
        learned = f"SELECT * EXCLUDE (place) FROM fresh WHERE place <= {new - newest}"
        known = f"SELECT * EXCLUDE ({ROW}) FROM read_parquet({quoted(str(paths.served))})"
        both = f"{known} UNION ALL BY NAME {learned}" if paths.served.is_file() else learned
        kept_apart = f"SELECT * EXCLUDE (place) FROM fresh WHERE place > {new - newest}"
        if new > newest:
            _copy(log, both, paths.served)
        _copy(log, kept_apart, paths.newest)
        rows = 0
        if paths.served.is_file():
            [(rows,)] = log.connection.execute(f"SELECT count(*) FROM ({known})").fetchall()
    return Assembled(int(rows), int(new - newest), newest)


def _copy(log: OpenLog, rows: str, target: Path) -> None:
    with written_aside(target) as aside:
        log.connection.execute(COPY.format(rows=rows, target=quoted(str(aside)), **NAMES))


def _labelled(log: OpenLog, contract: Contract, served: Path, more: list[Column]) -> None:
    """The table `fresh`: answered rows with an outcome that are not in `served`, the oldest first."""
    cells = ", ".join(_cells(contract, more))
    log.connection.execute(LABELLED.format(cells=cells, is_outcome=_is_outcome(contract), **NAMES))
    unseen = f"ANTI JOIN read_parquet({quoted(str(served))}) USING ({REQUEST_ID}, {REQUEST_ROW})"
    log.connection.execute(NEW.format(unseen=unseen if served.is_file() else "", **NAMES))


def _is_outcome(contract: Contract) -> str:
    """A class that the contract knows, or a number."""
    if contract.classes is None:
        return "isfinite(TRY_CAST(outcome AS DOUBLE))"
    return f"outcome IN ({', '.join(quoted(each) for each in contract.classes)})"


def _cells(contract: Contract, more: list[Column]) -> Iterator[str]:
    features = {column.name for column in contract.features}
    for column in (*contract.features, *more):
        yield f"{_cell(column)} AS {named(column.name)}"
    time = contract.time
    if time is not None and time.name not in features and time.type is ColumnType.datetime:
        yield f"{_moment('time::TIMESTAMP', time)} AS {named(time.name)}"
    key = contract.key
    if key is not None and key.name not in features and key.type in WORDED:
        # Without a name of its own, a row that is asked like another one would be dropped as its copy.
        yield f"request_id || '#' || row AS {named(key.name)}"
    yield f"{_decimal('outcome', contract.target)} AS {named(contract.target.name)}"


def _cell(column: Column) -> str:
    """An input as a CSV of this contract has it."""
    cell = f"inputs->>{quoted(pointer(column.name))}"
    return (
        _moment(text_cell(column), column) if column.type is ColumnType.datetime else _decimal(cell, column)
    )


def _decimal(cell: str, column: Column) -> str:
    commas = column.type is ColumnType.numeric and column.decimal == ","
    return f"replace({cell}, '.', ',')" if commas else f"({cell})"


def _moment(moment: str, column: Column) -> str:
    """In the first form that the contract lists for this column."""
    form = column.formats[0] if column.formats else "iso"
    if form in SECONDS:
        return f"(epoch_us({moment})::DECIMAL(25, 0) * {SECONDS[form]})::VARCHAR"
    return f"strftime({moment}, {quoted(STRFTIME[form])})"
