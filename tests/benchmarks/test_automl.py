"""The pieces of `benchmarks.automl` that judge: they need no AutoGluon."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest
from benchmarks.automl import Difference, over_splits, paired_bootstrap
from benchmarks.automl_sides import PEER, Spent, done, floors, plain, read_answers
from benchmarks.automl_tables import TABLES, Split

from fullcycle.core.metrics import METRICS


def a_split(rows: int = 60) -> Split:
    random = np.random.default_rng(0)
    x = random.normal(size=rows)
    frame = pd.DataFrame(
        {
            "x": np.where(random.random(rows) < 0.1, np.nan, x),
            "word": np.where(x > 0.5, "high", None),
            "moment": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows), unit="h"),
            "y": np.where(x + random.normal(size=rows) / 3 > 0, "yes", "no"),
        }
    )
    return Split(frame[: rows // 2], frame[rows // 2 :].assign(word="never seen"), "y", classes=("no", "yes"))


def printed(split: Split, shares: list[list[float]], classes: list[str]) -> str:
    said = {"classes": classes, "answers": shares, "latency_s": 0.02, "size_bytes": 5e6, "seconds": 50.0}
    return "a warning\n" + json.dumps({**said, "model": "WeightedEnsemble_L2", "models": 9}) + "\n"


def test_a_difference_is_positive_where_ours_is_better_whichever_way_the_metric_goes() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(size=400)
    near, far = truth + random.normal(size=400) / 4, truth + random.normal(size=400)
    for name in ("r2", "rmse"):
        assert paired_bootstrap(METRICS[name], truth, near, far, 100).in_errors > 2
        assert paired_bootstrap(METRICS[name], truth, far, near, 100).in_errors < -2
    assert paired_bootstrap(METRICS["r2"], truth, near, near, 100).in_errors == 0


def test_the_error_is_that_of_the_mean_of_paired_differences() -> None:
    random = np.random.default_rng(2)
    truth = random.normal(size=500)
    common = random.normal(size=500)  # what both get wrong alike must not widen the error
    ours, theirs = truth + common, truth + common + random.normal(size=500) / 10
    found = paired_bootstrap(METRICS["mae"], truth, ours, theirs, 1000)
    differences = np.abs(theirs - truth) - np.abs(ours - truth)
    assert found.value == pytest.approx(differences.mean())
    assert found.error == pytest.approx(differences.std(ddof=1) / np.sqrt(500), rel=0.1)


def test_splits_share_rows_so_their_error_does_not_shrink() -> None:
    assert over_splits([Difference(0.02, 0.01), Difference(0.04, 0.03)]) == Difference(0.03, 0.02)


def test_the_peer_s_classes_come_in_our_order() -> None:
    split = a_split()
    shares = [[0.9, 0.1]] * len(split.test)
    side = read_answers(printed(split, shares, ["yes", "no"]), split, Spent(80, 70))
    assert side.name == PEER
    assert side.answers[0].tolist() == [0.1, 0.9]
    assert (side.seconds, side.cpu_s, side.latency_s) == (50.0, 70, 0.02)


@pytest.mark.parametrize("answers", [[[0.9, 0.1]], [[float("nan"), 0.1]] * 30])
def test_a_row_without_an_answer_is_no_answer(answers: list[list[float]]) -> None:
    split = a_split()
    with pytest.raises(ValueError, match="AutoGluon gave"):
        read_answers(printed(split, answers, ["no", "yes"]), split, Spent(80, 70))


def test_floors_answer_rows_with_gaps_and_words_that_they_never_saw() -> None:
    split = a_split()
    for side in floors(split):
        assert side.answers.shape == (30, 2)
        assert np.isfinite(side.answers).all()
    assert list(plain(split.train, "y")) == ["x", "word", "moment"]


@pytest.mark.parametrize("name", ["telco", "ames"])
def test_a_split_has_every_row_on_one_side_and_its_number_decides(name: str) -> None:
    first, again, other = (TABLES[name].split(number) for number in (0, 0, 1))
    assert set(first.train.index).isdisjoint(first.test.index)
    assert first.test.index.equals(again.test.index)
    assert not first.test.index.equals(other.test.index)


def test_flights_are_tested_after_everything_that_was_learned_from() -> None:
    split = TABLES["flights"].split(0)
    assert split.train["time_hour"].max() < split.test["time_hour"].min()
    assert not {"dep_delay", "arr_delay", "air_time"} & set(split.train)


def test_processor_seconds_of_a_child_that_nobody_waits_for_are_counted() -> None:
    child = "import time; end = time.process_time() + 1\nwhile time.process_time() < end: pass"
    parent = f"import subprocess, sys, os; p = subprocess.Popen([sys.executable, '-c', {child!r}]); " + (
        "os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)"
    )
    assert 0.5 < done([sys.executable, "-c", parent]).cpu_s < 5
