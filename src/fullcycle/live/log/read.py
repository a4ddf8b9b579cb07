"""Reading: the whole log as one table of DuckDB, whichever form a row lies in, with outcomes joined.

An outcome belongs to one answer: the last one that was given under its request id, for a client that asks
again under the same id has seen only that one. What a shadow said to the same request gets the outcome too.
Sent twice it counts once; of different ones the last counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.live.log.files import part_files, raw_files
from fullcycle.live.log.table import Torn, sources_of, write_part

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TRIES = 5  # a compaction may take a file over between the look at the folder and the look into the file

VIEWS = """
CREATE VIEW feedback AS
    SELECT request_id, row, arg_max(outcome, time) AS outcome, max(time) AS outcome_time
    FROM records WHERE kind = 'feedback' GROUP BY request_id, row;
CREATE VIEW last_answers AS
    SELECT request_id, row, route = 'shadow' AS watched, max(time) AS time
    FROM records SEMI JOIN feedback USING (request_id, row)
    WHERE kind = 'prediction' GROUP BY request_id, row, watched;
CREATE VIEW predictions AS
    SELECT said.* EXCLUDE (kind, outcome), feedback.outcome, feedback.outcome_time
    FROM (SELECT * FROM records WHERE kind = 'prediction') AS said
    LEFT JOIN last_answers AS latest
        ON said.request_id = latest.request_id AND said.row = latest.row
        AND (said.route = 'shadow') = latest.watched AND said.time = latest.time
    LEFT JOIN feedback ON latest.request_id = feedback.request_id AND latest.row = feedback.row;
CREATE VIEW orphans AS
    SELECT * FROM feedback ANTI JOIN predictions USING (request_id, row);
"""


@dataclass(frozen=True)
class OpenLog:
    """The log at a moment. Views: `predictions` (an answered row with its outcome, if it is known),
    `feedback` (an outcome for each row of a request), `orphans` (outcomes of no answer), `records` (all).

    `inputs` and `output` are JSON: `inputs->>'age'`, `(output->'probabilities'->>'yes')::DOUBLE`.
    """

    connection: DuckDBPyConnection
    torn: int
    parts: int
    raw: int

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The answer to a query, as dicts."""
        rows: list[dict[str, Any]] = self.connection.sql(sql).to_arrow_table().to_pylist()
        return rows


@contextmanager
def open_log(folder: Path) -> Iterator[OpenLog]:
    """Read what `folder` holds now, while workers write and while it is compacted, at constant memory.

    >>> from pathlib import Path
    >>> with open_log(Path("no such folder")) as log:
    ...     log.rows("SELECT count(*) AS n FROM predictions")
    [{'n': 0}]
    """
    import duckdb

    with TemporaryDirectory(prefix="fullcycle-log-") as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET autoinstall_known_extensions = false")
        yield _held_still(connection, folder, Path(scratch))


def _held_still(connection: DuckDBPyConnection, folder: Path, scratch: Path) -> OpenLog:
    for _ in range(TRIES):
        with suppress(FileNotFoundError):
            return _opened(connection, folder, scratch)
    raise UserError(
        where=str(folder),
        found="files that come and go faster than they can be read",
        hint="try again when the compaction is done",
    )


def _opened(connection: DuckDBPyConnection, folder: Path, scratch: Path) -> OpenLog:
    # Files first: one that is taken over in between is then in a part too, and that part is known.
    raw = raw_files(folder)
    parts = [part.path for part in part_files(folder)]
    taken_over = frozenset().union(*(sources_of(part) for part in parts)) if raw else frozenset()
    waiting = [file.path for file in raw if file.path.name not in taken_over]
    torn, beside = Torn(), scratch / "raw.parquet"
    write_part(beside, waiting, torn)
    files = ", ".join(_quoted(path) for path in (*parts, beside))
    connection.execute(f"CREATE OR REPLACE VIEW records AS SELECT * FROM read_parquet([{files}])")
    connection.execute(VIEWS)
    return OpenLog(connection, torn.lines, len(parts), len(waiting))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
