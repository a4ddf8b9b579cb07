"""What the shipped defaults reach: out-of-fold scores of telco and Ames, in the mean of five seeds.

A seed changes the split, the folds, the search and the models. Scores are what the experiment stage writes
as evidence: of the champion, on the training rows (80% of the table), each judged by a model that had not
seen it. The test set stays sealed. `python -m benchmarks.quality` measures these alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from statistics import mean

from benchmarks.figure import Figure, show

SEEDS = range(5)
DATA = Path(__file__).parents[1] / "tests" / "data"


@dataclass(frozen=True)
class Bar:
    """A table, its target, and the least that the metric may be."""

    name: str
    source: Path
    target: str
    metric: str
    at_least: float


def figures(folder: Path) -> Iterator[Figure]:
    """A figure for each table; projects are made in `folder`."""
    with as_file(files("fullcycle.data") / "telco_churn.csv") as telco:
        bars = (
            Bar("telco", telco, "churn", "roc_auc", 0.847),
            Bar("ames", DATA / "ames_housing.csv.gz", "Sale_Price", "r2", 0.89),
        )
        for bar in bars:
            scores = [score for score, _ in measured(bar, folder)]
            name = f"{bar.name}, {bar.metric} out of fold, mean of {len(scores)} seeds"
            yield Figure(name, mean(scores), bar.at_least, "", better="higher")


def measured(bar: Bar, folder: Path) -> Iterator[tuple[float, float]]:
    """Score and seconds of the experiment for each seed, in one project."""
    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.core.project.project import Project
    from fullcycle.cycle.clean import stage as clean
    from fullcycle.cycle.collect import stage as collect
    from fullcycle.cycle.experiment import stage as experiment

    project = init_project(NewProject(folder / f"quality_{bar.name}", bar.source, bar.target)).project
    collect.run(project)
    for seed in SEEDS:
        written = project.paths.settings.read_text(encoding="utf-8")
        with_seed = re.sub(r"^seed: .*$", f"seed: {seed}", written, flags=re.MULTILINE)
        if f"seed: {seed}" not in with_seed:
            with_seed += f"seed: {seed}\n"
        project.paths.settings.write_text(with_seed, encoding="utf-8")
        project = Project(project.root)  # a project reads its settings once
        clean.run(project)
        evidence = experiment.run(project)
        champion = next(each for each in evidence.candidates if each.model == evidence.champion)
        if evidence.metric != bar.metric or champion.score.value is None or evidence.run is None:
            sys.exit(f"{bar.name}: the experiment was scored by {evidence.metric}, not by {bar.metric}")
        yield champion.score.value, evidence.run.seconds


if __name__ == "__main__":
    sys.exit(show(figures))
