"""A year of flights: trained on January to March, monitored by month to December, retrained when an alarm
rings.

Each month is one window of a table with outcomes. *Frozen* is the model of the first quarter all year; the
other one is trained anew, on the newest three months, after a month in which FC811 (performance fell) or
FC813 (outcomes follow inputs otherwise) rang, and answers from the next month on. Month, day and year are no
features.

Then AUC without outcomes: what the frozen model's probabilities foresee for parts of its own sealed test
rows (each carrier, origin and hour: other inputs, the same quarter) and for each month, beside NannyML's
estimate for the same rows, and beside the AUC that was realised. `python -m benchmarks.monitor_year` prints
the table.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figure import Figure, show
from benchmarks.monitored import flights, flights_project
from benchmarks.peers import HERE, python_of

if TYPE_CHECKING:
    from fullcycle.core.evidence.monitor import MonitorEvidence
    from fullcycle.core.evidence.verify import CalibrationBin
    from fullcycle.core.project.project import Project
    from fullcycle.live.monitor.performance.answered import Answered

TRAINED = (1, 2, 3)
LAST = 12
RETRAIN_ON = ("FC811", "FC813")
ROWS_OF_A_PART = 400
HEADER = f"{'month':6} {'frozen':7} {'retrained':10} {'foreseen':9} alarms; what moved most"


@dataclass(frozen=True)
class Month:
    """AUC of both models on a month, what the frozen one foresaw, and what rang."""

    number: int
    frozen: float
    retrained: float
    foreseen: float
    alarms: tuple[str, ...]
    causes: tuple[str, ...]

    def row(self) -> str:
        """As a line of the table."""
        alarms = " ".join(self.alarms) or "none"
        causes = ", ".join(self.causes)
        numbers = f"{self.number:<6} {self.frozen:.4f}  {self.retrained:.4f}     {self.foreseen:.4f}"
        return f"{numbers}    {alarms}; {causes}"


def figures(folder: Path) -> Iterator[Figure]:
    """The year, then the estimates."""
    frozen = flights_project(folder / "frozen", TRAINED)
    print(HEADER)
    months = [month for month in year(folder, frozen) if print(month.row(), flush=True) is None]
    gained = mean(month.retrained - month.frozen for month in months)
    yield Figure("flights: AUC that retraining on alarm adds, year", gained, 0.0, "", better="higher")
    yield from estimates(frozen)


def year(folder: Path, frozen: Project) -> Iterator[Month]:
    """April to December."""
    current = frozen
    for number in range(4, LAST + 1):
        table = flights(number)
        place = folder / f"month{number}.parquet"
        pq.write_table(table, place)
        seen = look(frozen, place)
        ours = seen if current is frozen else look(current, place)
        yield Month(
            number,
            auc(seen.performance.realised) if seen.performance else float("nan"),
            auc(ours.performance.realised) if ours.performance else float("nan"),
            auc(seen.performance.estimated) if seen.performance else float("nan"),
            tuple(sorted({alarm.finding.code for alarm in ours.ringing})),
            tuple(each.column for each in (ours.causes.columns if ours.causes else ())[:2]),
        )
        if number < LAST and {alarm.finding.code for alarm in ours.ringing} & set(RETRAIN_ON):
            newest = (number - 2, number - 1, number)
            current = flights_project(folder / f"after{number}", newest)


def look(project: Project, table: Path) -> MonitorEvidence:
    """One month as one window."""
    from fullcycle.live.monitor.stage import Asked, run

    return run(project, Asked(source=str(table), here=table.parent))


def auc(facts: Any) -> float:
    """Of the metrics of a window."""
    return next(float(fact.value.value) for fact in facts if fact.metric == "roc_auc")


def estimates(project: Project) -> Iterator[Figure]:
    """Mean absolute error of AUC: ours, NannyML's, by parts of the test rows and by months."""
    reference, rest = halves(pq.read_table(project.paths.test))
    known = scored(project, reference)
    bins = binned(known)
    parts = {name: scored(project, table) for name, table in parted(rest)}
    months = {str(number): scored(project, flights(number)) for number in range(4, LAST + 1)}
    for name, groups in (("parts of the same quarter", parts), ("months", months)):
        theirs, ours, realised = by_nannyml(project, known, groups), {}, {}
        for group, answered in groups.items():
            ours[group], realised[group] = foreseen(answered, bins), truly(answered)
        error, theirs_error = (
            mean(abs(found[group] - realised[group]) for group in groups) for found in (ours, theirs)
        )
        print(f"  {name}: {len(groups)}; error of AUC ours {error:.4f}, NannyML {theirs_error:.4f}")
        yield Figure(f"AUC without outcomes, {name}: error", error, theirs_error, "")


def halves(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Test rows that a peer may learn its calibration from, and those to estimate for."""
    first = np.random.default_rng(0).random(table.num_rows) < 0.5
    return table.filter(pa.array(first)), table.filter(pa.array(~first))


def binned(known: Answered) -> list[CalibrationBin]:
    """Bins as a verdict has them, of the same rows that the peer is fitted on."""
    from fullcycle.core.evidence.verify import CalibrationBin

    parts = np.array_split(np.argsort(known.score), 10)
    return [
        CalibrationBin(
            rows=len(part),
            predicted=float(known.score[part].mean()),
            observed=float(known.truth[part].mean()),
            low=0.0,
            high=1.0,
        )
        for part in parts
    ]


def parted(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Rows of each value of three columns, where there are enough."""
    for column in ("carrier", "origin", "hour"):
        values = table[column].to_numpy()
        for value in sorted({*values.tolist()}):
            mask = values == value
            if mask.sum() >= ROWS_OF_A_PART:
                yield f"{column} {value}", table.filter(pa.array(mask))


def scored(project: Project, table: pa.Table) -> Answered:
    """Answers with outcomes."""
    from fullcycle.core.bundle.predict import answer_table, coerce
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.live.monitor.answers import answered_of

    bundle = read_bundle(project.paths.bundle)
    answers = answer_table(bundle, coerce(table, bundle.contract), batch_rows=8192)
    said = np.column_stack([answers[f"probability_{name}"].to_numpy() for name in bundle.classes or ()])
    outcomes = [str(value).lower() for value in table[bundle.contract.target.name].to_pylist()]
    return answered_of(bundle, said, np.array(outcomes, dtype=object))


def foreseen(answered: Answered, bins: Sequence[CalibrationBin]) -> float:
    """Ours, without looking at outcomes."""
    from fullcycle.live.monitor.performance.estimate import estimated

    return auc(estimated(answered, bins))


def truly(answered: Answered) -> float:
    """By outcomes."""
    from fullcycle.core.metrics import METRICS

    return METRICS["roc_auc"].function(answered.codes(), answered.answer)


def by_nannyml(project: Project, known: Answered, groups: Mapping[str, Answered]) -> dict[str, float]:
    """NannyML's CBPE, fitted on half of the test rows with their outcomes."""
    folder = project.root.parent
    frame(known).assign(truth=known.codes()).to_parquet(folder / "reference.parquet")
    rows = pd.concat([frame(answered).assign(group=name) for name, answered in groups.items()])
    rows.to_parquet(folder / "rows.parquet")
    asked = [python_of("nannyml"), str(HERE / "nannyml/estimate.py"), "reference.parquet", "rows.parquet"]
    said = subprocess.run(asked, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found: dict[str, float] = json.loads(said.stdout)["auc"]
    return found


def frame(answered: Answered) -> pd.DataFrame:
    """As NannyML takes them."""
    score = answered.answer[:, 1]
    return pd.DataFrame({"score": score, "label": (score >= answered.threshold).astype(int)})


if __name__ == "__main__":
    sys.exit(show(figures))
