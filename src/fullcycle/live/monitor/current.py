"""What is looked at: rows of the prediction log, or of any source, coerced by the contract of the bundle.

Nothing is loaded into Python: a table of the engine, over a Parquet file that lies in a scratch folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ibis

from fullcycle.core.contract.model import Column, ColumnType, Contract
from fullcycle.core.engines.tables import ROW, connect, read_parquet
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import scratch_folder
from fullcycle.core.sources.parquet import SUFFIXES, parquet_names, read_parquet_source
from fullcycle.live.log.cells import named, pointer, quoted, typed_cell

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.contract.few_texts import TextsRead
    from fullcycle.core.project.project import Project
    from fullcycle.live.score.joining import Joins

WHEN = "_when"  # the moment of a row: a timestamp in UTC, or null
SCORE = "_score_{}"  # of the answer's place
WORDED = (ColumnType.categorical, ColumnType.text)
VALUE = "prediction"  # what scores are called in regression

# The last answer counts where one id was asked several times; a shadow's is the same question again.
LOGGED = """
COPY (
    SELECT row_number() OVER (ORDER BY time, request_id, row) - 1 AS {row}, time::TIMESTAMP AS {when}, {cells}
    FROM predictions WHERE route <> 'shadow' {since}
    QUALIFY row_number() OVER (PARTITION BY request_id, row ORDER BY time DESC) = 1
    ORDER BY 1
) TO {target} (FORMAT parquet)
"""


@dataclass(frozen=True)
class Current:
    """`table` has the row number, the moment (`WHEN`, where rows have one), every feature that is there,
    coerced, and columns of scores by the names in `scores`; scores of a source are None until answered.
    `unreadable` cells are of all rows."""

    kind: Literal["log", "source"]
    name: str
    table: ibis.Table
    rows: int
    columns: tuple[Column, ...]
    vanished: tuple[str, ...] = ()
    appeared: tuple[str, ...] = ()
    scores: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)

    @property
    def has_time(self) -> bool:
        """Whether rows have a moment."""
        return WHEN in self.table.columns


def score_names(contract: Contract) -> tuple[str, ...]:
    """What the reference calls the scores: classes, or the predicted number."""
    return contract.classes or (VALUE,)


@contextmanager
def logged(project: Project, bundle: Bundle, since: datetime | None = None) -> Iterator[Current]:
    """Rows that were answered after `since`; scores where this bundle answered them.

    Raises UserError where nothing was answered yet.
    """
    from fullcycle.core.engines.tall import row_count
    from fullcycle.live.log.read import open_log

    features, folder = bundle.contract.features, project.paths.predictions
    names = score_names(bundle.contract)
    scores = {name: SCORE.format(place) for place, name in enumerate(names)}
    with scratch_folder(project.root / ".fullcycle") as scratch:
        target = scratch / "logged.parquet"
        with open_log(folder) as log:
            log.connection.execute(_logged(bundle, scores, since, target))
        table = read_parquet(target)
        rows = row_count(table)
        if not rows and since is None:
            raise UserError(
                where=str(folder),
                found="no answer in the prediction log",
                expected="rows that `fullcycle serve` has answered",
                hint="`fullcycle monitor --current SRC` looks at any table",
            )
        yield Current("log", "predictions", table, rows, features, scores=scores)


def _logged(bundle: Bundle, scores: dict[str, str], since: datetime | None, target: Path) -> str:
    cells = [f"{typed_cell(column)} AS {named(column.name)}" for column in bundle.contract.features]
    cells += [f"{_score(bundle, name)} AS {place}" for name, place in scores.items()]
    after = "" if since is None else f"AND time >= {quoted(since.isoformat())}::TIMESTAMPTZ"
    return LOGGED.format(row=ROW, when=WHEN, cells=", ".join(cells), since=after, target=quoted(str(target)))


def _score(bundle: Bundle, name: str) -> str:
    path = pointer("prediction") if bundle.classes is None else pointer("probabilities", name)
    said = f"TRY_CAST(output->>{quoted(path)} AS DOUBLE)"
    return f"CASE WHEN version = {quoted(bundle.version)} AND fallback IS NULL THEN {said} END"


@contextmanager
def from_source(project: Project, bundle: Bundle, source: str, here: Path) -> Iterator[Current]:
    """All rows of a source, with joined columns; a required column that it lacks is told, not an error."""
    from fullcycle.core.contract.few_texts import read_few_texts
    from fullcycle.core.engines.tall import row_count

    with scratch_folder(project.root / ".fullcycle") as scratch, _raw(project, source, here, scratch) as raw:
        contract = _lenient(bundle.contract)
        there = [column for column in contract.features if column.name in raw.columns]
        texts = read_few_texts(raw, contract)
        with _view(_coerced(raw, contract, texts, scratch)) as table:
            yield Current(
                "source",
                source,
                table,
                row_count(table),
                tuple(bundle.contract.column(column.name) for column in there),
                vanished=tuple(c.name for c in contract.features if c.name not in raw.columns),
                appeared=tuple(_unknown(raw, bundle.contract)),
                unreadable=_unreadable(raw, there, texts),
            )


@contextmanager
def _raw(project: Project, source: str, here: Path, scratch: Path) -> Iterator[ibis.Table]:
    """The source's columns as they are and the row number; Parquet on this machine is read where it lies."""
    from fullcycle.core.engines.stream import stream_parquet
    from fullcycle.core.sources.source import open_source
    from fullcycle.live.score.joining import Joins

    own = project.settings.data
    root = project.root if source == own.source else here
    if not own.joins and (root / source).suffix in SUFFIXES and (root / source).is_file():
        names, _ = parquet_names(root / source, source)
        yield read_parquet_source(connect(), root / source, names)
        return
    reading = own.model_copy(
        update={"source": source, "table": None, "query": None, "joins": [], "labels": None}
    )
    joins = Joins(own, project.root, project.contract) if own.joins else None
    place = scratch / "source.parquet"
    with open_source(reading, root, snapshot=place, write=stream_parquet) as opened:
        yield opened.table if joins is None else _joined(place, scratch, joins)


def _unreadable(raw: ibis.Table, columns: Sequence[Column], known: TextsRead) -> dict[str, int]:
    """How many cells of texts are no number, moment or truth, by column; typed columns have none. The `known`
    texts of a column say it without counting."""
    from fullcycle.core.contract.cells import physical_type
    from fullcycle.core.contract.table import counts_of
    from fullcycle.core.engines.tall import fetch

    texts = [
        column
        for column in columns
        if column.type not in WORDED and physical_type(raw[column.name].type()) == "text"
    ]
    found = {}
    for column in texts:
        if rows := sum(text.rows for text in known.get(column.name, {}).values() if text.out_of_type):
            found[column.name] = rows
    texts = [column for column in texts if column.name not in known]
    for count in counts_of(raw, texts):
        for (name, kind), rows in count.above_zero([*fetch(count.query)[0].values()]).items():
            if kind == "out_of_type":
                found[name] = rows
    return found


def _joined(place: Path, scratch: Path, joins: Joins) -> ibis.Table:
    from fullcycle.live.score.joining import join_to

    join_to(place, scratch / "joined.parquet", joins)
    return read_parquet(scratch / "joined.parquet")


def _lenient(contract: Contract) -> Contract:
    """Features, the outcome, and the column of time: what is absent is null."""
    asked = [*contract.features, contract.target]
    time = contract.time
    if time is not None and time not in asked:
        asked.append(time)
    columns = tuple(column.model_copy(update={"required": False}) for column in asked)
    return contract.model_copy(update={"columns": columns})


def _unknown(raw: ibis.Table, contract: Contract) -> list[str]:
    known = {ROW, *(column.name for column in contract.columns)}
    return [name for name in raw.columns if name not in known]


@contextmanager
def _view(table: ibis.Table) -> Iterator[ibis.Table]:
    """The same under a name, so that Ibis compiles how cells are read once and not with each question."""
    name = ibis.util.gen_name("current")
    try:
        yield connect().create_view(name, table)
    finally:
        connect().drop_view(name, force=True)


def _coerced(raw: ibis.Table, contract: Contract, texts: TextsRead, scratch: Path) -> ibis.Table:
    """Coerced once and kept in a file, where reading cells costs more than reading the file again."""
    from fullcycle.core.contract.few_texts import reads_every_cell
    from fullcycle.core.contract.table import coerce_table
    from fullcycle.core.engines.stream import stream_parquet

    coerced = coerce_table(raw, contract, texts=texts)
    time = contract.time
    if time is not None and time.name in raw.columns and coerced[time.name].type().is_timestamp():
        coerced = coerced.mutate(**{WHEN: coerced[time.name]})
    if not reads_every_cell(raw, contract, texts):
        return coerced
    stream_parquet(coerced, scratch / "coerced.parquet")
    return read_parquet(scratch / "coerced.parquet")
