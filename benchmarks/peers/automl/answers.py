"""Runs in the peer's environment: AutoGluon's `medium_quality` on our training rows, and what it answers.

`python answers.py TRAIN TEST TARGET METRIC SECONDS FOLDER` prints one line of JSON as the last of its output.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

SINGLE_ROWS = 120  # the first twenty warm it up


def main():
    train, test, target, metric, seconds, folder = sys.argv[1:]
    rows, asked = pd.read_parquet(train), pd.read_parquet(test).drop(columns=target)
    predictor = TabularPredictor(target, eval_metric=metric, path=str(Path(folder) / "fitted"), verbosity=0)
    started = time.perf_counter()
    predictor.fit(rows, presets="medium_quality", time_limit=float(seconds), num_cpus=2)
    fitted_s = time.perf_counter() - started
    deployed = predictor.clone_for_deployment(str(Path(folder) / "deployed"), return_clone=True)
    deployed.persist()
    classes = None if deployed.problem_type == "regression" else [str(name) for name in deployed.class_labels]
    answer = deployed.predict if classes is None else deployed.predict_proba
    said = {
        "classes": classes,
        "answers": answer(asked).to_numpy(dtype=float).tolist(),
        "latency_s": single_row_s(answer, asked),
        "size_bytes": sum(path.stat().st_size for path in Path(deployed.path).rglob("*") if path.is_file()),
        "seconds": fitted_s,
        "model": deployed.model_best,
        "models": len(predictor.model_names()),
    }
    print(json.dumps(said))


def single_row_s(answer, asked):
    """Median seconds of one row in a data frame, models held in memory."""
    taken = []
    for number in range(SINGLE_ROWS):
        place = number % len(asked)
        row = asked.iloc[place : place + 1]
        started = time.perf_counter()
        answer(row)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken[20:]))


if __name__ == "__main__":
    main()
