"""Contributions add up to the answer, need no training library, and agree with exact Shapley values."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.contributions import baseline_row, contributions, log_odds
from fullcycle.core.contract.model import Task

ROW = {"age": 71, "income": 9_000_000, "plan": "premium", "active": True, "since": "2019-05-01T00:00:00"}


def opened(folder: Path) -> Bundle:
    return read_bundle(folder, prove=False)


def coerced(bundle: Bundle, row: dict[str, Any]) -> tuple[Any, ...]:
    return bundle.coerce({"e-mail": None, "id": None, **row}).values


@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_contributions_add_up_to_the_answer_less_the_baseline(
    make_bundle: Callable[..., Path], tmp_path: Path, task: Task
) -> None:
    bundle = opened(make_bundle(tmp_path, task))
    values = coerced(bundle, ROW)
    found = contributions(bundle, values)
    [answer] = bundle.answer([bundle.coerce({"e-mail": None, "id": None, **ROW})])
    said = (
        float(answer["prediction"])
        if task is Task.regression
        else float(log_odds(np.array(answer["probabilities"]["yes"])))
    )
    assert found.total == pytest.approx(said, abs=1e-9)
    assert found.baseline + sum(part.amount for part in found.parts) == pytest.approx(found.total, abs=1e-9)
    assert found.of == (None if task is Task.regression else "yes")


def test_an_additive_model_gives_the_exact_shapley_values(bundle: Path) -> None:
    one = opened(bundle)
    values, usual = coerced(one, ROW), baseline_row(one)
    names = [column.name for column in one.contract.features]
    exact = dict.fromkeys(names, 0.0)
    orders = list(permutations(range(len(names))))[:: len(names)]
    for order in orders:
        row, before = list(usual), None
        for at in (None, *order):
            if at is not None:
                row[at] = values[at]
            shares = one.run(one._feeds([row])).probabilities
            assert shares is not None
            score = float(log_odds(shares[0, 1].astype(float)))
            if at is not None and before is not None:
                exact[names[at]] += (score - before) / len(orders)
            before = score
    found = {part.column: part.amount for part in contributions(one, values).parts}
    # The graph's score is a sum, so that one order is as good as all of them, up to float32 probabilities.
    assert found == pytest.approx(exact, abs=1e-4)


def test_the_usual_row_has_nothing_to_explain(bundle: Path) -> None:
    one = opened(bundle)
    found = contributions(one, baseline_row(one))
    assert found.baseline == found.total
    assert {part.amount for part in found.parts} == {0.0}


def test_the_largest_contribution_stands_first_and_equal_rows_get_equal_ones(bundle: Path) -> None:
    one = opened(bundle)
    first, second = (contributions(one, coerced(one, ROW)) for _ in range(2))
    assert first == second
    amounts = [abs(part.amount) for part in first.parts]
    assert amounts == sorted(amounts, reverse=True)
    assert first.as_dict()["contributions"][0]["column"] == first.parts[0].column


def test_another_class_can_be_asked_for(bundle: Path) -> None:
    one = opened(bundle)
    yes, no = (contributions(one, coerced(one, ROW), of=name) for name in ("yes", "no"))
    assert yes.total == pytest.approx(-no.total, abs=1e-4)


def test_explaining_imports_no_training_library(bundle: Path) -> None:
    asked = f"""
import sys
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.bundle.contributions import baseline_row, contributions
bundle = read_bundle({str(bundle)!r})
contributions(bundle, baseline_row(bundle))
print([name for name in ("sklearn", "pandas", "lightgbm", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
