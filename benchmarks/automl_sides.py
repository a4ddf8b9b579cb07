"""Who answers the test rows in `benchmarks.automl`: our bundle, AutoGluon, and two plain models."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray

from benchmarks.automl_tables import Split
from benchmarks.commands import FULLCYCLE
from benchmarks.peers import HERE, python_of
from benchmarks.process import LOOK_EVERY_S

SEARCH = 0.35  # of the seconds; imports, collect, clean, prepare and verify take the rest
TRIALS = 1000  # more than there is time for: time ends the search
PEER = "AutoGluon"
FLOORS = ("LightGBM defaults", "linear model")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """Answers to the test rows: probabilities (n, k) in the order of the split's classes, or values (n,).

    What a floor would cost is not measured: its `latency_s` and `size_bytes` are NaN.
    """

    name: str
    answers: Floats
    seconds: float
    cpu_s: float
    latency_s: float = float("nan")
    size_bytes: float = float("nan")
    chosen: str = ""


def ours(split: Split, folder: Path, seed: int, seconds: float) -> Side:
    """`init` and `run verify` as a person types them; the bundle answers."""
    from benchmarks.inference import single_row
    from fullcycle.core.bundle import read_bundle
    from fullcycle.core.evidence.experiment import ExperimentEvidence
    from fullcycle.core.evidence.store import read_evidence

    train, project = folder / "train.parquet", folder / "project"
    split.train.to_parquet(train, index=False)
    time_column = ("--time", split.time) if split.time else ()
    init = [FULLCYCLE, "init", str(project), "--data", str(train), "--target", split.target, *time_column]
    spent = [done(init)]
    split.test.to_parquet(project / "test.parquet", index=False)
    settle(project, seed, SEARCH * seconds)
    run = done([FULLCYCLE, "-C", str(project), "run", "verify"], fine=(0, 1))
    if not (project / "bundle/MANIFEST.json").exists():  # 1 is a gate that failed, or no bundle at all
        sys.exit(f"no bundle in {project}\n{run.output}")
    spent.append(run)
    said = read_bundle(project / "bundle").predict(split.test.drop(columns=split.target))
    found = read_evidence(project / "evidence", ExperimentEvidence)
    return Side(
        "fullcycle",
        _in_order(said, split),
        sum(each.seconds for each in spent),
        sum(each.cpu_s for each in spent),
        single_row(project / "bundle")[0] / 1e6,
        sum(path.stat().st_size for path in (project / "bundle").iterdir()),
        f"{found.champion} of {len(found.trials)} trials",
    )


def _in_order(said: Any, split: Split) -> Floats:
    names = ["prediction"] if split.classes is None else [f"probability_{name}" for name in split.classes]
    answers: Floats = said[names].to_numpy(dtype=np.float64)
    return answers[:, 0] if split.classes is None else answers


def settle(folder: Path, seed: int, budget_s: float) -> None:
    """What a person sets in fullcycle.yaml: a test file of their own, a seed, time instead of trials."""
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings_yaml import settings_to_yaml

    project = Project(folder)
    settings = project.settings
    search = settings.experiment.model_copy(update={"time_budget_s": budget_s, "trials": TRIALS})
    own = settings.split.model_copy(update={"test": "test.parquet"})
    # Without a budget for the form, variants are measured and not chosen; refits only describe the model.
    quick = {
        "prepare": settings.prepare.model_copy(update={"variants": False}),
        "verify": settings.verify.model_copy(update={"refits": 0}),
    }
    changed = settings.model_copy(update={"seed": seed, "split": own, "experiment": search, **quick})
    project.paths.settings.write_text(settings_to_yaml(changed), encoding="utf-8")


def theirs(split: Split, folder: Path, metric: str, seconds: float) -> Side:
    """AutoGluon in a process and environment of its own, on the same rows as Parquet."""
    python, script = python_of("automl"), str(HERE / "automl/answers.py")
    train, test = folder / "peer_train.parquet", folder / "peer_test.parquet"
    split.train.to_parquet(train, index=False)
    split.test.to_parquet(test, index=False)
    words = (str(train), str(test), split.target, metric, str(seconds), str(folder / "peer"))
    spent = done([python, script, *words])
    return read_answers(spent.output, split, spent)


@dataclass(frozen=True)
class Spent:
    """Wall-clock and processor seconds of a process and its children, and what it printed."""

    seconds: float
    cpu_s: float
    output: str = ""


def done(command: Sequence[str], fine: Sequence[int] = (0,)) -> Spent:
    """Run it to its end; an exit code that is not `fine` ends the benchmark with its output."""
    started, used = time.perf_counter(), dict[int, float]()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    threading.Thread(target=_watch, args=(process.pid, used), daemon=True).start()
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode not in fine:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}\n{output}\n{errors}")
    return Spent(seconds, sum(used.values()), output)


def _watch(pid: int, used: dict[int, float]) -> None:
    """Processor seconds by process. Nobody waits for warm stages: getrusage would miss them."""
    while True:
        try:
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    used[process.pid] = sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            return
        time.sleep(LOOK_EVERY_S)


def read_answers(printed: str, split: Split, spent: Spent) -> Side:
    """The last line that the peer printed. ValueError unless there is one finite answer for each row."""
    said = json.loads(printed.strip().splitlines()[-1])
    answers = np.asarray(said["answers"], dtype=np.float64)
    if split.classes is not None:
        answers = answers[:, [said["classes"].index(name) for name in split.classes]]
    if len(answers) != len(split.test) or not np.isfinite(answers).all():
        raise ValueError(f"{PEER} gave {len(answers)} answers to {len(split.test)} rows, or some not finite")
    chosen = f"{said['model']} of {said['models']} models"
    return Side(PEER, answers, said["seconds"], spent.cpu_s, said["latency_s"], said["size_bytes"], chosen)


def floors(split: Split) -> Iterator[Side]:
    """LightGBM as it comes, categories told; and one-hot, imputed, scaled columns into a linear model."""
    for name, fit in zip(FLOORS, (_lightgbm, _linear), strict=True):
        started, before = time.perf_counter(), time.process_time()
        model, train, test = fit(split)
        labels = split.train[split.target]
        model.fit(train, labels if split.classes is None else pd.Categorical(labels, split.classes).codes)
        answers = model.predict(test) if split.classes is None else model.predict_proba(test)
        yield Side(name, answers, time.perf_counter() - started, time.process_time() - before)


def _lightgbm(split: Split) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    from lightgbm import LGBMClassifier, LGBMRegressor

    train, test = plain(split.train, split.target), plain(split.test, split.target)
    for name in texts(train):
        train[name] = train[name].astype("category")
        known = test[name].isin(train[name].cat.categories)
        test[name] = test[name].where(known).astype(train[name].dtype)
    model = LGBMRegressor if split.classes is None else LGBMClassifier
    return model(n_jobs=1, verbose=-1), train, test


def _linear(split: Split) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    train, test = plain(split.train, split.target), plain(split.test, split.target)
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_include=object)),
    )
    model = Ridge() if split.classes is None else LogisticRegression(max_iter=1000)
    return make_pipeline(columns, model), train, test


def plain(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    """Numbers as float64 (moments too), everything else as objects with None where a value is missing."""
    given = frame.drop(columns=target)
    return pd.DataFrame({name: _plain(given[name]) for name in given})


def _plain(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("int64").astype(np.float64)
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(np.float64)
    return column.astype(object).where(column.notna(), None)


def texts(frame: pd.DataFrame) -> list[str]:
    """Columns that hold no numbers."""
    return [str(name) for name in frame.select_dtypes(exclude="number")]
