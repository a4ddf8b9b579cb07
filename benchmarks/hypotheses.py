"""How often the tests of hypotheses are wrong, and how often they find what is there.

`python -m benchmarks.hypotheses [PAIRS]` draws a table for each pair from a known world and runs both arms as
`fullcycle experiment --hypothesis` does. In a null pair both arms are one LightGBM with two seeds, so every
claim of a difference is false. For power the treatment sees a column that the control doesn't; its true gain
is measured on 20,000 fresh rows for each of 40 tables.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figure import Figure
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.engines.trials import ThreadEngine
from fullcycle.core.metrics import METRICS, answer_for
from fullcycle.core.models.evaluate import Evaluator
from fullcycle.core.project.claims import Hypothesis
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import DataSettings, ExperimentSettings, Settings

ALPHA = 0.05
NULL_PAIRS = 500
FALSE_AT_MOST = 37  # the 99% bound of a binomial with 500 draws at 5%
TESTS = ("corrected_t", "paired_bootstrap")
ROWS = 300
SMALL_TREES: dict[str, Any] = {"n_estimators": 15, "num_leaves": 4, "colsample_bytree": 0.5, "subsample": 0.7}
EFFECTS = (0.0, 0.4, 0.7, 1.0)  # weight of the column that only the treatment sees, in log-odds
POWER_PAIRS = 100
FRESH_ROWS = 20_000
CONTRACT = Contract(
    task=Task.binary,
    classes=("no", "yes"),
    columns=(
        *(Column(name=name, type=ColumnType.numeric) for name in ("a", "b", "c")),
        Column(name="target", type=ColumnType.categorical, role=Role.target),
    ),
)


@dataclass(frozen=True)
class Judged:
    """One pair under one test."""

    p_value: float
    gain: float
    power: float
    supported: bool


def world(rows: int, random: np.random.Generator, weight: float = 0.7) -> pd.DataFrame:
    """Three normal columns with log-odds of 1, 0.5 and `weight`."""
    columns = random.normal(size=(rows, 3))
    odds = columns @ np.array([1.0, 0.5, weight])
    target = np.where(random.random(rows) < 1 / (1 + np.exp(-odds)), "yes", "no")
    return pd.DataFrame(
        {"_row": np.arange(rows), **dict(zip("abc", columns.T, strict=True)), "target": target}
    )


def null_hypothesis(repeats: int = 2) -> Hypothesis:
    """The same trees with another seed."""
    trees = {"model": "lightgbm", "parameters": SMALL_TREES}
    return _hypothesis(trees, {**trees, "seed": 1_000_003}, repeats)


def planted_hypothesis(repeats: int = 2) -> Hypothesis:
    """A linear model with and without column c."""
    return _hypothesis({"model": "linear", "without": ["c"]}, {"model": "linear"}, repeats)


def _hypothesis(control: dict[str, Any], treatment: dict[str, Any], repeats: int) -> Hypothesis:
    return Hypothesis.model_validate(
        {
            "claim": "the treatment is better",
            "metric": "roc_auc",
            "control": control,
            "treatment": treatment,
            "minimum_effect": 0.02,
            "repeats": repeats,
        }
    )


def judge(hypothesis: Hypothesis, frame: pd.DataFrame, seed: int, gain: float = 0.02) -> dict[str, Judged]:
    """Both arms on the folds of this table, decided by each test at 5%; power is for a true `gain`."""
    from fullcycle.cycle.experiment.hypotheses.compare import compare, read_ground, sides
    from fullcycle.cycle.experiment.hypotheses.effect import bootstrap_effect, fold_effect

    metric = METRICS[hypothesis.metric]
    with tempfile.TemporaryDirectory() as folder:
        project = _project(Path(folder), frame, seed)
        ground = read_ground(project, hypothesis.repeats)
        pair = sides(project, "claim", hypothesis, (), ground)
        found = compare(project, pair, ground, ThreadEngine(1), lambda: None)
    effects: dict[str, Any] = {
        "corrected_t": fold_effect(metric, found.control, found.treatment),
        "paired_bootstrap": bootstrap_effect(
            metric, found.control, found.treatment, found.units, resamples=400, seed=seed
        ),
    }
    return {
        name: Judged(
            effect.p_value, effect.value, effect.power(gain, ALPHA), effect.interval(1 - ALPHA)[0] > 0
        )
        for name, effect in effects.items()
    }


def _project(root: Path, frame: pd.DataFrame, seed: int) -> Project:
    (root / "data").mkdir()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), root / "data/train.parquet")
    project = Project(root)
    settings = Settings(
        name="bench", data=DataSettings(source="x.csv"), seed=seed, experiment=ExperimentSettings(folds=5)
    )
    project.__dict__.update(contract=CONTRACT, settings=settings)
    return project


def false_claims(pairs: int, first: int = 0) -> dict[str, int]:
    """Null pairs that a test calls different, by test."""
    counts = dict.fromkeys(TESTS, 0)
    hypothesis = null_hypothesis()
    for seed in range(first, first + pairs):
        judged = judge(hypothesis, world(ROWS, np.random.default_rng(seed)), seed)
        for name in TESTS:
            counts[name] += judged[name].p_value <= ALPHA
    return counts


@cache
def true_gain(weight: float, tables: int = 40) -> float:
    """The gain of AUC that models of such tables have on fresh rows, in the mean."""
    gains = []
    metric = METRICS["roc_auc"]
    for seed in range(tables):
        random = np.random.default_rng(10_000 + seed)
        frame = pd.concat(
            [world(int(ROWS * 0.8), random, weight), world(FRESH_ROWS, random, weight)], ignore_index=True
        )
        scores = []
        for without in ((), ("c",)):
            evaluator, codes = _fresh(frame, without)
            (answer,) = evaluator.out_of_fold([("linear", _defaults())])
            scores.append(metric.function(codes, answer_for(metric, answer.answer)))
        gains.append(scores[0] - scores[1])
    return float(np.mean(gains))


def _fresh(frame: pd.DataFrame, without: Sequence[str]) -> tuple[Evaluator, Any]:
    from fullcycle.core.models.evaluate import Rows, codes_of

    columns = tuple(
        each.model_copy(update={"role": Role.ignore}) if each.name in without else each
        for each in CONTRACT.columns
    )
    contract = CONTRACT.model_copy(update={"columns": columns})
    codes = codes_of(frame["target"], contract)
    train = np.arange(int(ROWS * 0.8))
    fresh = np.arange(len(train), len(frame))
    rows = Rows(frame[["a", "b", "c"]], frame["target"].astype(object), codes, [(train, fresh)])
    return Evaluator(contract, (), rows, ThreadEngine(1), 0), codes[fresh]


def _defaults() -> dict[str, Any]:
    from fullcycle.core.models.candidates import CANDIDATES, search_context

    return CANDIDATES["linear"].default(search_context(CONTRACT, ROWS, np.zeros(ROWS)))


def power_of(weight: float, pairs: int = POWER_PAIRS) -> dict[str, tuple[float, float]]:
    """Share of pairs that are supported, and the mean power that was foretold for the true gain, by test."""
    gain = true_gain(weight)
    hypothesis = planted_hypothesis()
    judged = [
        judge(hypothesis, world(ROWS, np.random.default_rng(50_000 + seed), weight), seed, max(gain, 1e-6))
        for seed in range(pairs)
    ]
    return {
        name: (
            float(np.mean([each[name].supported for each in judged])),
            float(np.mean([each[name].power for each in judged])),
        )
        for name in TESTS
    }


def figures(folder: Path) -> Iterator[Figure]:
    """False claims over 500 null pairs, by test."""
    counts = false_claims(NULL_PAIRS)
    for name in TESTS:
        yield Figure(f"false claims in {NULL_PAIRS} null pairs, {name}", counts[name], FALSE_AT_MOST, "pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="?", type=int, default=NULL_PAIRS)
    parser.add_argument("--power-pairs", type=int, default=POWER_PAIRS)
    arguments = parser.parse_args()
    wall, used = time.perf_counter(), time.process_time()
    counts = false_claims(arguments.pairs)
    for name in TESTS:
        print(f"false claims, {name}: {counts[name]} of {arguments.pairs} null pairs", flush=True)
    for weight in EFFECTS:
        found = power_of(weight, arguments.power_pairs)
        told = "; ".join(
            f"{name} {share:.2f} (foretold {power:.2f})" for name, (share, power) in found.items()
        )
        print(f"weight {weight}, true gain of AUC {true_gain(weight):.4f}: supported {told}", flush=True)
    print(f"{time.perf_counter() - wall:.0f} s, {time.process_time() - used:.0f} CPU seconds")


if __name__ == "__main__":
    main()
