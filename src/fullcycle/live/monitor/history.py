"""What monitoring remembers, in `monitoring/history.duckdb`: judged windows, and alarms with their state.

To change the tables: raise `HISTORY_VERSION` and teach `_migrate` the older ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.monitor import AlarmFacts, WindowFacts
from fullcycle.core.project.files import held_alone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HISTORY_VERSION = 1
FILE, LOCK = "history.duckdb", ".lock"
TABLES = """
CREATE TABLE IF NOT EXISTS format (version INTEGER);
CREATE TABLE IF NOT EXISTS windows (
    bundle TEXT, source TEXT, key TEXT, place TIMESTAMPTZ, row BIGINT, judged_at TIMESTAMPTZ, facts TEXT,
    PRIMARY KEY (bundle, source, key)
);
CREATE TABLE IF NOT EXISTS alarms (
    id TEXT PRIMARY KEY, bundle TEXT, source TEXT, subject TEXT, finding TEXT, state TEXT,
    first_window TEXT, last_window TEXT, windows INTEGER, opened_at TIMESTAMPTZ, sent_at TIMESTAMPTZ,
    acknowledged_by TEXT, note TEXT
);
"""
NO_ALARM = (
    Code.window_too_small,
    Code.variation_unknown,
    Code.column_appeared,
    Code.outcomes_by_score,
)
# Not of a window, but of a look at the whole log: only the next look can say that it is over.
OF_A_LOOK = (
    Code.performance_fell,
    Code.performance_expected_lower,
    Code.concept_drifted,
    Code.out_of_control,
    Code.skew_found,
    Code.outcomes_late,
)
GRAVEST_FIRST = {"error": 0, "warning": 1, "info": 2}
ALARM = "id, finding, state, first_window, last_window, windows, acknowledged_by, note"


class History:
    """Of one project; windows and alarms of one bundle and source at a time."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(TABLES)
        [(count,)] = connection.execute("SELECT count(*) FROM format").fetchall()
        if not count:
            connection.execute("INSERT INTO format VALUES (?)", [HISTORY_VERSION])

    def windows(self, bundle: str, source: str, at_most: int = 10_000) -> list[WindowFacts]:
        """The last judged windows, in order."""
        asked = (
            "SELECT facts FROM windows WHERE bundle = ? AND source = ? ORDER BY place DESC, row DESC LIMIT ?"
        )
        rows = self._connection.execute(asked, [bundle, source, at_most]).fetchall()
        return [WindowFacts.model_validate_json(facts) for (facts,) in reversed(rows)]

    def remember(self, bundle: str, source: str, windows: Sequence[WindowFacts], now: datetime) -> None:
        """Keep windows; one of the same key is replaced."""
        for window in windows:
            self._connection.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?, ?, ?)",
                [bundle, source, window.key, window.start, window.first_row, now, window.model_dump_json()],
            )

    def forget(self, bundle: str, source: str) -> None:
        """A source is looked at anew each time: it may have other rows by now."""
        self._connection.execute("DELETE FROM windows WHERE bundle = ? AND source = ?", [bundle, source])

    def ring(self, bundle: str, source: str, window: WindowFacts, now: datetime) -> None:
        """Open, continue and close alarms by what a window found."""
        self._ring((bundle, source), window.findings, window, now, of_a_look=False)

    def ring_look(
        self, bundle: str, source: str, found: Sequence[Finding], newest: WindowFacts, now: datetime
    ) -> None:
        """The same by what was found in all windows together, when this one was the newest."""
        self._ring((bundle, source), found, newest, now, of_a_look=True)

    def _ring(
        self,
        whose: tuple[str, str],
        findings: Sequence[Finding],
        window: WindowFacts,
        now: datetime,
        *,
        of_a_look: bool,
    ) -> None:
        bundle, source = whose
        found = {subject_of(each): each for each in findings if _rings(each)}
        asked = "SELECT subject, id FROM alarms WHERE bundle = ? AND source = ? AND state <> 'over'"
        there = {
            subject: id_
            for subject, id_ in self._connection.execute(asked, [bundle, source]).fetchall()
            if (Code(json.loads(subject)[0]) in OF_A_LOOK) is of_a_look
        }
        for subject, each in found.items():
            if subject in there:
                self._continue(there[subject], each, window)
            else:
                self._open((bundle, source, subject), each, window, now)
        for subject, id_ in there.items():
            if subject not in found:
                self._connection.execute("UPDATE alarms SET state = 'over' WHERE id = ?", [id_])

    def _open(self, about: tuple[str, str, str], found: Finding, window: WindowFacts, now: datetime) -> None:
        [(number,)] = self._connection.execute("SELECT count(*) FROM alarms").fetchall()
        digest = hashlib.sha256(f"{about} {number}".encode()).hexdigest()[:4]
        self._connection.execute(
            "INSERT INTO alarms VALUES (?, ?, ?, ?, ?, 'open', ?, ?, 1, ?, NULL, NULL, NULL)",
            [f"a{number + 1}-{digest}", *about, found.model_dump_json(), window.key, window.key, now],
        )

    def _continue(self, id_: str, found: Finding, window: WindowFacts) -> None:
        self._connection.execute(
            "UPDATE alarms SET windows = windows + (last_window <> ?)::INTEGER, last_window = ?, finding = ? "
            "WHERE id = ?",
            [window.key, window.key, found.model_dump_json(), id_],
        )

    def alarms(self, bundle: str, source: str) -> list[AlarmFacts]:
        """Alarms that are not over, the gravest first."""
        asked = f"SELECT {ALARM} FROM alarms WHERE bundle = ? AND source = ? AND state <> 'over'"
        found = [_alarm(row) for row in self._connection.execute(asked, [bundle, source]).fetchall()]
        return sorted(found, key=lambda alarm: (GRAVEST_FIRST[alarm.finding.severity], alarm.id))

    def unsent(self, bundle: str, source: str, now: datetime, cooldown_s: float) -> list[AlarmFacts]:
        """Open alarms that were not sent yet, or so long ago that they may be sent again."""
        asked = (
            f"SELECT {ALARM} FROM alarms WHERE bundle = ? AND source = ? AND state = 'open' "
            "AND (sent_at IS NULL OR epoch(?::TIMESTAMPTZ) - epoch(sent_at) >= ?) ORDER BY id"
        )
        rows = self._connection.execute(asked, [bundle, source, now, cooldown_s]).fetchall()
        return [_alarm(row) for row in rows]

    def sent(self, alarms: Sequence[AlarmFacts], now: datetime) -> None:
        """These have reached somebody."""
        for alarm in alarms:
            self._connection.execute("UPDATE alarms SET sent_at = ? WHERE id = ?", [now, alarm.id])

    def acknowledge(self, id_: str, who: str, note: str | None) -> AlarmFacts:
        """Somebody knows: quiet until it is over. UserError for an id that no open alarm has."""
        asked = (
            "UPDATE alarms SET state = 'acknowledged', acknowledged_by = ?, note = ? "
            f"WHERE id = ? AND state <> 'over' RETURNING {ALARM}"
        )
        rows = self._connection.execute(asked, [who, note, id_]).fetchall()
        if not rows:
            known = self._connection.execute(
                "SELECT id FROM alarms WHERE state <> 'over' ORDER BY id"
            ).fetchall()
            raise UserError(
                where="fullcycle monitor ack",
                found=f"no alarm {id_!r} that rings",
                expected=", ".join(each for (each,) in known) or "an alarm; none rings now",
                hint="`fullcycle monitor alarms` lists them",
            )
        return _alarm(rows[0])


def subject_of(found: Finding) -> str:
    """What an alarm is about: the same code about the same columns is the same alarm."""
    told = [str(found.facts[name]) for name in ("score", "metric") if found.facts.get(name)]
    columns = () if found.code == Code.skew_found else found.columns
    return json.dumps([found.code, *columns, *told])


def _rings(found: Finding) -> bool:
    return found.severity is not Severity.info and Code(found.code) not in NO_ALARM


def _alarm(row: tuple[Any, ...]) -> AlarmFacts:
    id_, found, state, first, last, windows, who, note = row
    return AlarmFacts(
        id=id_,
        finding=Finding.model_validate_json(found),
        state=state,
        first_window=first,
        last_window=last,
        windows=windows,
        acknowledged_by=who,
        note=note,
    )


@contextmanager
def open_history(folder: Path) -> Iterator[History]:
    """For this process alone. UserError where another one monitors the project just now."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    busy = UserError(
        where=str(folder),
        found="another `fullcycle monitor` of this project",
        expected="one at a time",
        hint="try again when it is done",
    )
    with held_alone(folder / LOCK, busy), duckdb.connect(str(folder / FILE)) as connection:
        yield History(connection)


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
