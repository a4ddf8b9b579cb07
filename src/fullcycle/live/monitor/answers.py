"""The log as answers: who was told what and when, how long it took, and what turned out to be true.

Inputs stay where they are: this is what performance and control charts look at, at every look anew, for
outcomes come after a window was judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fullcycle.core.contract.model import Column, Task
from fullcycle.core.engines.tables import ROW, read_parquet, to_arrow
from fullcycle.core.project.files import scratch_folder
from fullcycle.live.log.cells import named, pointer, quoted, typed_cell
from fullcycle.live.monitor.current import SCORE, WHEN, Current, score_names
from fullcycle.live.monitor.performance.answered import Answered
from fullcycle.live.monitor.windows import Cut, W, cut

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.project.monitor_settings import Window
    from fullcycle.core.project.project import Project
    from fullcycle.live.log.read import OpenLog

Floats = NDArray[np.float64]

TRUTH, WAITED, AGE = "_truth", "_waited_s", "_age_s"
LATENCY, FALLBACK = "_latency_ms", "_fallback"
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
ANSWERS_AT_MOST = 2_000_000  # the newest: three months of 20,000 a day

READ = """
COPY (
    SELECT row_number() OVER (ORDER BY time, request_id, row) - 1 AS {row}, time::TIMESTAMP AS {when},
        latency_ms AS {latency}, (fallback IS NOT NULL)::DOUBLE AS {fallback}, outcome AS {truth},
        epoch(coalesce(outcome_time, {now}::TIMESTAMPTZ)) - epoch(time) AS {waited},
        epoch({now}::TIMESTAMPTZ) - epoch(time) AS {age}, {cells}
    FROM (SELECT * FROM predictions WHERE route <> 'shadow' ORDER BY time DESC LIMIT {at_most})
    QUALIFY row_number() OVER (PARTITION BY request_id, row ORDER BY time DESC) = 1
    ORDER BY 1
) TO {target} (FORMAT parquet)
"""


@dataclass(frozen=True)
class Waits:
    """Of each row, in seconds: `waited_s` from answer to outcome, or until now where it is not `known`, and
    `age_s` from answer until now."""

    waited_s: Floats
    age_s: Floats
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """`table` has the window of each answer in `W`; `cuts` are the windows in order."""

    bundle: Bundle
    table: ibis.Table
    cuts: Sequence[Cut]

    def of(self, number: int) -> Answered:
        """Rows of a window that this bundle answered."""
        return self._of(number)[0]

    def rows_of(self, number: int) -> pa.Table:
        """The same rows with what slices are told by."""
        names = [ROW, *(column.name for column in _sliced(self.bundle))]
        asked = self.table.filter((self.table[W] == number) & self._answered)
        return to_arrow(asked.select(names).order_by(ROW))

    def waits_of(self, number: int) -> Waits:
        """How long each of them waited for its outcome."""
        return self._of(number)[1]

    def waits(self, cuts: Sequence[Cut]) -> list[Waits]:
        """The same of several windows, in one pass."""
        asked = self.table.filter(self.table[W].isin([cut.number for cut in cuts]) & self._answered)
        rows = to_arrow(asked.select(W, WAITED, AGE, known=self.table[TRUTH].notnull()).order_by(W))
        numbers = rows[W].to_numpy()
        places = [cut.number for cut in cuts]
        ends = zip(*(np.searchsorted(numbers, places, side) for side in SIDES), strict=True)
        whole = Waits(_numbers(rows[WAITED]), _numbers(rows[AGE]), np.asarray(rows["known"].to_numpy()))
        return [
            Waits(whole.waited_s[low:high], whole.age_s[low:high], whole.known[low:high])
            for low, high in ends
        ]

    def known(self) -> dict[int, int]:
        """Outcomes that are known, by window."""
        from fullcycle.core.engines.tall import fetch

        counted = self.table.filter(self._answered).group_by(W).aggregate(known=self.table[TRUTH].count())
        return {int(row[W]): int(row["known"]) for row in fetch(counted)}

    @property
    def _answered(self) -> Any:
        return self.table[SCORE.format(0)].notnull()

    def _of(self, number: int) -> tuple[Answered, Waits]:
        rows = to_arrow(self.table.filter((self.table[W] == number) & self._answered).order_by(ROW))
        names = score_names(self.bundle.contract)
        said = np.column_stack([_numbers(rows[SCORE.format(place)]) for place in range(len(names))])
        answered = answered_of(self.bundle, said, np.array(rows[TRUTH].to_pylist(), dtype=object))
        return answered, Waits(_numbers(rows[WAITED]), _numbers(rows[AGE]), answered.known)


def answered_of(bundle: Bundle, said: Floats, outcomes: NDArray[Any]) -> Answered:
    """Scores of shape (n, k) and outcomes as texts (None where unknown), as metrics take them."""
    task = bundle.contract.task
    if bundle.classes is None:
        truth = np.array([_number(outcome) for outcome in outcomes], dtype=np.float64)
        return Answered(Task.regression, said[:, 0], truth)
    codes = {name: float(place) for place, name in enumerate(bundle.classes)}
    truth = np.array([codes.get(str(outcome), np.nan) for outcome in outcomes], dtype=np.float64)
    answered = Answered(task, said, truth)
    return answered if bundle.threshold is None else Answered(task, said, truth, bundle.threshold)


@contextmanager
def log_answers(
    project: Project, log: OpenLog, bundle: Bundle, window: Window | None, now: datetime
) -> Iterator[Answers]:
    """The newest answers of the log by windows that are over."""
    from fullcycle.core.engines.tall import row_count

    with scratch_folder(project.root / ".fullcycle") as scratch:
        target = scratch / "answers.parquet"
        log.connection.execute(_read(bundle, now, str(target)))
        table = read_parquet(target)
        current = Current("log", "predictions", table, row_count(table), ())
        numbered, cuts = cut(current, window, now)
        yield Answers(bundle, numbered, [each for each in cuts if each.whole])


def _read(bundle: Bundle, now: datetime, target: str) -> str:
    places = enumerate(score_names(bundle.contract))
    cells = [f"{_score(bundle, name)} AS {SCORE.format(place)}" for place, name in places]
    cells += [f"{typed_cell(column)} AS {named(column.name)}" for column in _sliced(bundle)]
    return READ.format(
        row=ROW,
        when=WHEN,
        latency=LATENCY,
        fallback=FALLBACK,
        truth=TRUTH,
        waited=WAITED,
        age=AGE,
        now=quoted(now.isoformat()),
        cells=", ".join(cells),
        at_most=ANSWERS_AT_MOST,
        target=quoted(target),
    )


def _sliced(bundle: Bundle) -> tuple[Column, ...]:
    """What slices are told by: nothing where the bundle tells of none."""
    return bundle.contract.features if bundle.tests.slices else ()


def _score(bundle: Bundle, name: str) -> str:
    path = pointer("prediction") if bundle.classes is None else pointer("probabilities", name)
    said = f"TRY_CAST(output->>{quoted(path)} AS DOUBLE)"
    return f"CASE WHEN version = {quoted(bundle.version)} AND fallback IS NULL THEN {said} END"


def _numbers(column: Any) -> Floats:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _number(outcome: object) -> float:
    try:
        return float(str(outcome))
    except ValueError:
        return float("nan")
