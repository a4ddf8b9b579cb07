"""Monitoring: false alarms over undrifted windows of real tables, power beside Evidently and NannyML at equal
false alarms, and a drift report of a million rows beside Evidently's.

Windows are drawn from rows that the reference did not see; the verdict is the one of `fullcycle monitor`,
with the same counts, tests and budget. `python -m benchmarks.monitoring` prints all of it, `python -m
benchmarks.monitoring alarms` one part.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.figure import Figure, show
from benchmarks.peers import HERE, python_of

ROOT = Path(__file__).parents[1]
WINDOWS, ROWS = 500, (200, 1_000, 5_000)
SOURCES = {
    "telco": ("src/fullcycle/data/telco_churn.csv", "churn"),
    "ames": ("tests/data/ames_housing.csv.gz", "Sale_Price"),
    "flights": ("tests/data/nyc_flights.parquet", "late"),
}
DATES = ("year", "month", "day", "time_hour")  # of flights: every later row lies outside
SIZES = (100, 300, 1_000, 3_000)
KINDS = ("shift", "scale", "tail", "category", "new_category", "missing")
DRAWS, FALSE_ALARMS = 200, 0.05
BY_CHANCE = 0.1  # two standard errors of the difference of two shares of DRAWS windows
REFERENCE_ROWS = 5_000
TIMES_FASTER = 20.0


# --- false alarms


@dataclass
class Watching:
    """A reference of half of a table's rows, and the other half to draw windows from."""

    columns: list[Any]
    rest: dict[str, Any]
    rows: int

    def ring(self, chosen: NDArray[np.int64], alpha: float) -> list[str]:
        """Names of columns that would ring for a window of these rows."""
        from fullcycle.core.project.monitor_settings import MonitorLimits
        from fullcycle.live.monitor.drift.columns import judge_columns
        from fullcycle.live.monitor.drift.noise import Noise

        counted = [
            (column, counted_of(column, self.rest[column.name][chosen]), Noise()) for column in self.columns
        ]
        return [drift.name for drift in judge_columns(counted, MonitorLimits(), alpha) if drift.drifted]


def counted_of(column: Any, values: NDArray[Any]) -> Any:
    """What the engine counts of a column; the range and the values of the reference are its contract."""
    from fullcycle.live.monitor.measure import Counted

    if column.numbers is not None:
        numbers = values.astype(float)
        known = numbers[~np.isnan(numbers)]
        edges = np.array(column.numbers.edges)
        places = np.searchsorted(edges, known, side="left")
        counts = np.bincount(places, minlength=len(edges) + 1)
        low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
        beyond = int(np.sum((known < edges[0]) | (known > edges[-1])))
        return Counted(len(values), len(values) - len(known), counts, low, high, beyond)
    place = {text: at for at, text in enumerate(column.texts.categories)}
    present = [text for text in values.tolist() if text]
    counts = np.bincount([place.get(text, len(place)) for text in present], minlength=len(place) + 1)
    unlisted = int(counts[-1]) if not column.reference.other else 0
    return Counted(len(values), len(values) - len(present), counts, unexpected=unlisted)


def watching(name: str, seed: int = 0) -> Watching:
    """Rows parted at random; flights by days, so that a day is in one half alone."""
    from fullcycle.core.bundle.reference import ColumnReference, _learn_categories, _learn_numbers
    from fullcycle.core.contract.model import Column, ColumnType
    from fullcycle.live.monitor.drift.columns import watched

    path, target = SOURCES[name]
    file = ROOT / path
    frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    random = np.random.default_rng(seed)
    groups = frame["month"] * 100 + frame["day"] if name == "flights" else pd.Series(np.arange(len(frame)))
    kept = groups.isin(random.permutation(groups.unique())[: groups.nunique() // 2]).to_numpy()
    columns, rest = [], {}
    for column in frame.columns.drop([target, *DATES], errors="ignore"):
        values = frame[column]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        if numeric:
            numbers = values.to_numpy(dtype=float)
            described = Column(name=column, type=ColumnType.numeric)
            learned: ColumnReference = _learn_numbers(described, numbers[kept], np.isnan(numbers[kept]))
            rest[column] = numbers[~kept]
        else:
            texts = values.astype(object).where(values.notna(), "").astype(str).to_numpy(dtype=object)
            described = Column(name=column, type=ColumnType.categorical)
            learned = _learn_categories(described, texts[kept])
            rest[column] = texts[~kept]
        columns.append(watched(learned, checked=True))
    return Watching(columns, rest, int((~kept).sum()))


def false_alarms(name: str, rows: int) -> tuple[int, float]:
    """Windows of WINDOWS that ring, and how many the promise allows on average."""
    from fullcycle.core.project.monitor_settings import Promise
    from fullcycle.live.monitor.budget import Budget

    made, random = watching(name), np.random.default_rng(1)
    alpha = Budget(Promise(), 86_400).alpha("columns")
    rang = sum(bool(made.ring(random.integers(0, made.rows, rows), alpha)) for _ in range(WINDOWS))
    return rang, alpha * WINDOWS


# --- power at equal false alarms


def reference_rows(random: np.random.Generator) -> dict[str, NDArray[Any]]:
    """A skewed number and a category of five values."""
    return draw(random, REFERENCE_ROWS, "none")


def draw(random: np.random.Generator, rows: int, kind: str) -> dict[str, NDArray[Any]]:
    """Rows with one kind of drift planted."""
    numbers = random.normal(size=rows)
    shares = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    if kind == "shift":
        numbers = numbers + 0.25
    if kind == "scale":
        numbers = numbers * 1.3
    if kind == "tail":
        numbers = np.where(random.random(rows) < 0.05, numbers * 6, numbers)
    if kind == "category":
        shares = np.array([0.32, 0.3, 0.23, 0.1, 0.05])
    texts = random.choice(list("abcde"), rows, p=shares).astype(object)
    if kind == "new_category":
        texts = np.where(random.random(rows) < 0.04, "new", texts)
    if kind == "missing":
        numbers = np.where(random.random(rows) < 0.05, np.nan, numbers)
    return {"number": numbers, "text": texts}


def our_score(column: Any, values: NDArray[Any]) -> float:
    """The larger the surer: minus the logarithm of a column's p."""
    from fullcycle.core.project.monitor_settings import MonitorLimits
    from fullcycle.live.monitor.drift.columns import judge_columns
    from fullcycle.live.monitor.drift.noise import Noise

    still = Noise(0.0, 0.0, 0.0)  # rows are drawn independently, and all tools take them for that
    [drift] = judge_columns([(column, counted_of(column, values), still)], MonitorLimits(), 0.5)
    return float(-np.log(max(drift.p or 1.0, 1e-300)))


def our_scores(tables: dict[str, Any]) -> dict[str, list[float]]:
    """By name of a set of windows: the score of the column that its kind is planted in."""
    from fullcycle.core.bundle.reference import _learn_categories, _learn_numbers
    from fullcycle.core.contract.model import Column, ColumnType
    from fullcycle.live.monitor.drift.columns import watched

    numbers = np.array(tables["reference"]["number"], dtype=float)
    texts = np.array(tables["reference"]["text"], dtype=object)
    columns = {
        "number": watched(
            _learn_numbers(Column(name="number", type=ColumnType.numeric), numbers, np.isnan(numbers)),
            checked=True,
        ),
        "text": watched(
            _learn_categories(Column(name="text", type=ColumnType.categorical), texts), checked=True
        ),
    }
    return {
        name: [
            our_score(columns[column], np.array(values, dtype=float if column == "number" else object))
            for values in windows
        ]
        for name, (column, windows) in tables["windows"].items()
    }


def planted(seed: int = 0) -> dict[str, Any]:
    """Windows by `KIND-ROWS` and, without drift, `none-COLUMN-ROWS`."""
    random = np.random.default_rng(seed)
    windows: dict[str, Any] = {}
    for rows in SIZES:
        for column in ("number", "text"):
            still = [draw(random, rows, "none")[column].tolist() for _ in range(2 * DRAWS)]
            windows[f"none-{column}-{rows}"] = (column, still)
        for kind in KINDS:
            column = "text" if "category" in kind else "number"
            windows[f"{kind}-{rows}"] = (
                column,
                [draw(random, rows, kind)[column].tolist() for _ in range(DRAWS)],
            )
    reference = {name: values.tolist() for name, values in reference_rows(random).items()}
    return {"reference": reference, "windows": windows}


def powers(scores: dict[str, list[float]]) -> dict[str, float]:
    """The share of drifted windows above what FALSE_ALARMS of the still ones pass."""
    found = {}
    for rows in SIZES:
        for kind in KINDS:
            column = "text" if "category" in kind else "number"
            limit = float(np.quantile(scores[f"none-{column}-{rows}"], 1 - FALSE_ALARMS))
            found[f"{kind}-{rows}"] = float(np.mean(np.array(scores[f"{kind}-{rows}"]) > limit))
    return found


def peers_scores(folder: Path, tables: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """The same by the tools' own defaults, in their environment."""
    given, got = folder / "windows.json", folder / "scores.json"
    given.write_text(json.dumps(tables))
    script = str(HERE / "monitoring/scores.py")
    subprocess.run([python_of("monitoring"), script, str(given), str(got)], check=True)
    scores: dict[str, dict[str, list[float]]] = json.loads(got.read_text())
    return scores


# --- a report of a million rows

# From the file to verdicts on every column; of the peer, reading the file is left out. Each has looked once
# before, at the reference itself, so that neither pays for imports.
LOOK = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.project.project import Project
from fullcycle.live.monitor.budget import budget_of
from fullcycle.live.monitor.current import from_source
from fullcycle.live.monitor.judge import Look, look_at
from fullcycle.live.monitor.windows import cut
project = Project(Path(sys.argv[1]))
bundle, settings = read_bundle(project.paths.bundle), project.settings.monitor
for source in sys.argv[2:]:
    started = time.process_time()
    with from_source(project, bundle, source, Path.cwd()) as current:
        table, cuts = cut(current, None, datetime.now(UTC))
        look_at(Look(bundle, settings, budget_of(settings)), current, table, cuts)
print(time.process_time() - started)
"""


def report_seconds(folder: Path) -> tuple[float, float]:
    """CPU seconds of our look at 1 million x 20 and of Evidently's report, beside the same 50,000 rows."""
    from benchmarks.big import write_table
    from benchmarks.monitored import verified

    before, now = write_table(folder / "before", 50_000), write_table(folder / "now", 1_000_000)
    project = verified(folder / "watched", before, "target")
    ours = _answer([sys.executable, "-c", LOOK, str(project.root), str(before), str(now)])
    script = str(HERE / "monitoring/report.py")
    page = str(folder / "evidently.html")
    return ours, _answer([python_of("monitoring"), script, str(before), str(now), page])


def _answer(command: list[str]) -> float:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


# --- all of it


def figures(folder: Path) -> Iterator[Figure]:
    """Bars: the 99% bound of what is promised; each peer's power, less Monte Carlo error."""
    for part in PARTS.values():
        yield from part(folder)


def _alarms(folder: Path) -> Iterator[Figure]:
    from scipy.stats import binom

    del folder
    for name in SOURCES:
        for rows in ROWS:
            rang, allowed = false_alarms(name, rows)
            bar = float(binom.ppf(0.99, WINDOWS, allowed / WINDOWS))
            yield Figure(f"{name}: alarms in {WINDOWS} still windows of {rows:,}", rang, bar, "")


def _power(folder: Path) -> Iterator[Figure]:
    tables = planted()
    ours, theirs = powers(our_scores(tables)), peers_scores(folder, tables)
    for peer, scores in theirs.items():
        of_peer = powers(scores)
        for rows in SIZES:
            mine, other = (np.mean([found[f"{kind}-{rows}"] for kind in KINDS]) for found in (ours, of_peer))
            name = f"mean power over {len(KINDS)} drifts at {rows:,} rows, beside {peer}'s"
            yield Figure(name, float(mine), float(other), "", better="higher")
        print(f"{peer}'s power beside ours")
        for key in ours:
            print(f"  {key:18} {of_peer[key]:.2f} {ours[key]:.2f}")
        least = min(ours, key=lambda key: ours[key] - of_peer[key])
        name = f"power beside {peer}'s where it is best, {least}"
        yield Figure(name, ours[least] - of_peer[least], -BY_CHANCE, "", better="higher")


def _speed(folder: Path) -> Iterator[Figure]:
    mine, other = report_seconds(folder)
    name = "a drift report of 1 M x 20, times fewer CPU seconds than Evidently's"
    yield Figure(name, other / mine, TIMES_FASTER, "x", better="higher")


PARTS = {"alarms": _alarms, "power": _power, "speed": _speed}

if __name__ == "__main__":
    sys.exit(show(*(PARTS[name] for name in sys.argv[1:] or PARTS)))
