"""What `label audit` finds of labels that were made wrong: recall in its top 10%, beside what can be found.

5% of the training labels are flipped, the out-of-fold answers are made again on the wrong labels (LightGBM
with its shipped defaults, the project's own folds), and the audit ranks all training rows. *Confident* flips
fall on rows whose label a model of clean labels gave 0.8 or more; *uniform* ones fall anywhere, so that many
of them turn an unlikely label into a likely one, which nothing can tell from the columns. The ceiling ranks
the same rows by answers of the model of clean labels. `python -m benchmarks.labels` prints the whole table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.figure import Figure, show

WRONG, TOP, CONFIDENT = 0.05, 0.10, 0.8
SEEDS = 5
AT_LEAST = 0.70  # of the confident flips of telco
Z99 = 2.3263  # one-sided 99% (DECISIONS 46)
DATA = Path(__file__).parents[1] / "tests" / "data"
HEADER = f"{'table, flips':24} {'recall in top 10%':22} ceiling  right in first 5%  suspects: right, found"
Where = Literal["confident", "uniform"]


@dataclass(frozen=True)
class Found:
    """Pooled over seeds: how many `flipped` labels stand in the top 10%, and how good suspects are."""

    flipped: int
    in_top: int
    in_top_at_best: int
    suspects: int
    wrong_suspects: int
    first: int  # of as many rows as were flipped, from the top
    first_wrong: int

    def bounds(self, count: int, of: int, z: float = 1.96) -> tuple[float, float]:
        """Wilson's interval."""
        share, scale = count / of, 1 + z * z / of
        centre = (share + z * z / (2 * of)) / scale
        half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / scale
        return float(centre - half), float(centre + half)


def figures(folder: Path) -> Iterator[Figure]:
    """The bar: confident flips of telco, by the lower 99% bound of the recall."""
    found = measure(telco(folder), "confident")
    low, _ = found.bounds(found.in_top, found.flipped, Z99)
    yield Figure("label audit: confident flips of telco in its top 10%", low, AT_LEAST, "", better="higher")


def measure(table: Table, where: Where) -> Found:
    """Flip, answer again, audit; pooled over the seeds."""
    from fullcycle.live.label.confident import doubt_labels

    counts = np.zeros(7, dtype=int)
    clean = table.out_of_fold(table.codes)
    likely = clean[np.arange(len(clean)), table.codes] >= CONFIDENT
    for seed in range(table.seeds):
        random = np.random.default_rng(seed)
        among = np.flatnonzero(likely) if where == "confident" else np.arange(len(likely))
        flipped = random.choice(among, round(WRONG * len(likely)), replace=False)
        wrong = table.codes.copy()
        steps = random.integers(1, table.classes, len(flipped))
        wrong[flipped] = (wrong[flipped] + steps) % table.classes
        doubt = doubt_labels(wrong, table.out_of_fold(wrong))
        best = doubt_labels(wrong, clean)
        counts += counted(doubt.ranked, best.ranked, np.flatnonzero(doubt.suspect), flipped)
    return Found(*counts.tolist())


def counted(
    ranked: NDArray[Any], best: NDArray[Any], suspects: NDArray[Any], flipped: NDArray[Any]
) -> NDArray[Any]:
    top, many = round(TOP * len(ranked)), len(flipped)
    among = [np.isin(rows, flipped).sum() for rows in (ranked[:top], best[:top], suspects, ranked[:many])]
    return np.array([many, among[0], among[1], len(suspects), among[2], many, among[3]])


@dataclass(frozen=True)
class Table:
    """Training rows of a project, and what answers them out of fold."""

    name: str
    codes: NDArray[Any]
    classes: int
    out_of_fold: Callable[[NDArray[Any]], NDArray[np.float64]]
    seeds: int = SEEDS


def telco(folder: Path) -> Table:
    with as_file(files("fullcycle.data") / "telco_churn.csv") as source:
        return prepared(folder / "telco", source, "churn")


def others(folder: Path) -> Iterator[Table]:
    """Tables of other kinds: easy and hard to tell, two classes and ten."""
    from sklearn.datasets import load_breast_cancer, load_digits

    for name, load, seeds in (("cancer", load_breast_cancer, SEEDS), ("digits", load_digits, 2)):
        bunch = load(as_frame=True)
        frame = bunch.frame.rename(columns=lambda column: column.replace(" ", "_"))
        frame["target"] = [f"class_{code}" for code in bunch.target]
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        yield prepared(folder / name, path, "target", seeds)
    yield prepared(folder / "flights", flights(folder), "late", 2)


def flights(folder: Path) -> Path:
    """20,000 flights, with what is known before departure."""
    import pyarrow.parquet as pq

    known = [
        "month",
        "day",
        "sched_dep_time",
        "sched_arr_time",
        "carrier",
        "origin",
        "dest",
        "distance",
        "hour",
    ]
    frame = pq.read_table(DATA / "nyc_flights.parquet", columns=[*known, "late"]).to_pandas().dropna()
    path = folder / "flights.csv"
    frame.sample(20_000, random_state=0).sort_index().to_csv(path, index=False)
    return path


def prepared(folder: Path, source: Path, target: str, seeds: int = SEEDS) -> Table:
    """A project as `init` makes it, collected and cleaned."""
    from fullcycle.core.engines.trials import ThreadEngine
    from fullcycle.core.models.candidates import CANDIDATES, search_context
    from fullcycle.core.models.evaluate import Evaluator, Rows
    from fullcycle.core.models.folds import make_folds
    from fullcycle.core.models.material import read_material

    project = cleaned(folder, source, target)
    rows, contract = read_material(project).rows, project.contract
    parameters = CANDIDATES["lightgbm"].default(search_context(contract, len(rows.codes), rows.codes))
    names = np.array(contract.classes or (), dtype=object)

    def out_of_fold(codes: NDArray[Any]) -> NDArray[np.float64]:
        labels = pd.Series(names[codes], index=rows.target.index, dtype=object)
        folds = make_folds(contract, project.settings, labels, None, None, seed=0)
        given = Rows(rows.features, labels, codes, folds)
        [answered] = Evaluator(contract, (), given, ThreadEngine(2), 0).out_of_fold(
            [("lightgbm", parameters)]
        )
        return answered.answer

    return Table(folder.name, rows.codes, len(names), out_of_fold, seeds)


def cleaned(folder: Path, source: Path, target: str) -> Any:
    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.cycle.clean import stage as clean
    from fullcycle.cycle.collect import stage as collect

    project = init_project(NewProject(folder, source, target)).project
    collect.run(project)
    clean.run(project)
    return project


def ames(folder: Path) -> Found:
    """Numbers: 5% of the prices replaced by that of another house at random."""
    from fullcycle.core.engines.trials import ThreadEngine
    from fullcycle.core.models.candidates import CANDIDATES, search_context
    from fullcycle.core.models.evaluate import Evaluator, Rows
    from fullcycle.core.models.material import read_material
    from fullcycle.live.label.confident import doubt_numbers

    project = cleaned(folder / "ames", DATA / "ames_housing.csv.gz", "Sale_Price")
    rows, contract = read_material(project).rows, project.contract
    parameters = CANDIDATES["lightgbm"].default(search_context(contract, len(rows.codes), rows.codes))

    def out_of_fold(prices: NDArray[Any]) -> NDArray[np.float64]:
        given = Rows(rows.features, pd.Series(prices, index=rows.target.index), prices, rows.folds)
        [answered] = Evaluator(contract, (), given, ThreadEngine(2), 0).out_of_fold(
            [("lightgbm", parameters)]
        )
        return answered.answer

    counts, clean = np.zeros(7, dtype=int), out_of_fold(rows.codes)
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        flipped = random.choice(len(rows.codes), round(WRONG * len(rows.codes)), replace=False)
        wrong = rows.codes.copy()
        wrong[flipped] = random.permutation(rows.codes)[: len(flipped)]
        doubt, best = doubt_numbers(wrong, out_of_fold(wrong)), doubt_numbers(wrong, clean)
        counts += counted(doubt.ranked, best.ranked, np.flatnonzero(doubt.suspect), flipped)
    return Found(*counts.tolist())


def main() -> int:
    """The bar, then every table."""

    def table(folder: Path) -> Iterator[Figure]:
        yield from figures(folder / "bar")
        print(HEADER)
        for each in (telco(folder), *others(folder)):
            for where in ("confident", "uniform"):
                print(row(f"{each.name}, {where}", measure(each, where)), flush=True)
        print(row("ames, another's price", ames(folder)), flush=True)

    return show(table)


def row(name: str, found: Found) -> str:
    low, high = found.bounds(found.in_top, found.flipped)
    recall = f"{found.in_top / found.flipped:.3f} ({low:.3f} to {high:.3f})"
    right, told = found.wrong_suspects / max(found.suspects, 1), found.wrong_suspects / found.flipped
    ceiling, first = found.in_top_at_best / found.flipped, found.first_wrong / found.first
    return f"{name:24} {recall:22} {ceiling:<8.3f} {first:<18.3f} {right:.3f}, {told:.3f}"


if __name__ == "__main__":
    sys.exit(main())
