"""What each configuration of the portfolio reaches, out of fold, on tables of different kinds and sizes.

`python -m benchmarks.portfolio [TABLE ...]` prints a line for each configuration (score by its metric,
log loss or RMSE beside it, seconds of its fits on one worker) and one for what a whole search makes of them.
The portfolio and the shares of trials in `cycle/experiment/search.py` are to be judged by these lines; so far
only telco's and most of Ames' were looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "tests" / "data"
ROWS_AT_MOST = 20_000


def tables() -> dict[str, tuple[Callable[[], pd.DataFrame], str]]:
    """A table and its target by name."""
    from sklearn import datasets

    def bundled(name: str) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(datasets, f"load_{name}")(as_frame=True).frame
        if name != "diabetes":
            frame["target"] = "class " + frame["target"].astype(str)
        return frame

    def made(rows: int, classes: int, rare: float | None) -> pd.DataFrame:
        weights = None if rare is None else [1 - rare, rare]
        shape = {"n_features": 20, "n_informative": 8, "n_redundant": 4, "flip_y": 0.02}
        X, y = datasets.make_classification(
            rows, n_classes=classes, weights=weights, class_sep=0.7, random_state=1, **shape
        )
        frame = pd.DataFrame(X, columns=[f"x{number}" for number in range(20)])
        return frame.assign(target=np.char.add("class ", y.astype(str)).astype(object))

    def telco() -> pd.DataFrame:
        with as_file(files("fullcycle.data") / "telco_churn.csv") as path:
            return pd.read_csv(path)

    def flights() -> pd.DataFrame:
        frame = pd.read_parquet(DATA / "nyc_flights.parquet").sample(ROWS_AT_MOST, random_state=0)
        late = np.where(frame["arr_delay"] > 15, "late", "fine")
        known = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "origin", "dest", "distance"]
        return frame[known].assign(target=late)[frame["arr_delay"].notna()]

    return {
        "telco": (telco, "churn"),
        "ames": (lambda: pd.read_csv(DATA / "ames_housing.csv.gz"), "Sale_Price"),
        "flights": (flights, "target"),
        "breast_cancer": (lambda: bundled("breast_cancer"), "target"),
        "wine": (lambda: bundled("wine"), "target"),
        "diabetes": (lambda: bundled("diabetes"), "target"),
        "digits": (lambda: bundled("digits"), "target"),
        "imbalanced": (lambda: made(8000, 2, 0.03), "target"),
        "multiclass": (lambda: made(4000, 5, None), "target"),
    }


def measured(name: str, folder: Path) -> Iterator[str]:
    """The lines of one table."""
    from fullcycle.cycle.experiment.evaluate import Evaluator

    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.core.engines.trials import ThreadEngine
    from fullcycle.core.evidence.clean import CleanEvidence
    from fullcycle.core.evidence.store import read_evidence
    from fullcycle.core.metrics import DEFAULT_METRIC, METRICS
    from fullcycle.core.models.candidates import CANDIDATES, search_context
    from fullcycle.cycle.clean import stage as clean
    from fullcycle.cycle.collect import stage as collect
    from fullcycle.cycle.experiment import stage as experiment

    make, target = tables()[name]
    source = folder / f"{name}.csv"
    make().to_csv(source, index=False)
    project = init_project(NewProject(folder / name, source, target)).project
    collect.run(project)
    clean.run(project)
    contract, policies = project.contract, read_evidence(project.paths.evidence, CleanEvidence).policies
    material = experiment.read_material(project)
    evaluator = Evaluator(contract, policies, material.rows, ThreadEngine(1), 0)
    context = search_context(contract, len(material.rows.codes), material.rows.codes)
    metric = METRICS[DEFAULT_METRIC[contract.task]]
    for kind in CANDIDATES.values():
        if kind.name in ("xgboost", "catboost") and not find_spec(kind.name):
            continue
        for position, parameters in enumerate(kind.portfolio(context)):
            [found] = evaluator.out_of_fold([(kind.name, parameters)])
            yield _line(f"{name:14} {kind.name} {position}", metric, found, contract.task)
    evidence = experiment.run(project)
    for each in evidence.candidates:
        mark = " *" if each.model == evidence.champion else ""
        beside = each.metrics.get("log_loss", each.metrics.get("rmse"))
        yield f"{name:14} search: {each.model + mark:18} {each.score.value:8.4f} {beside:10.4f}"
    if evidence.run is not None:
        yield f"{name:14} search: {len(evidence.trials)} trials in {evidence.run.seconds:.0f} s"


def _line(label: str, metric: Any, found: Any, task: Any) -> str:
    scores = found.scores(task)
    beside = scores.get("log_loss", scores.get("rmse"))
    return f"{label:38} {found.score(metric):8.4f} {beside:10.4f} {found.seconds:7.1f} s"


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names or tables():
            for line in measured(name, Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
