"""The cycle against itself: where the target has nothing to do with the columns, it says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.journeys.conftest import make_small
from tests.journeys.typed import typed

SEEDS = 20
AT_LEAST = 17
ROWS = 600


def shuffled(telco: Path, folder: Path, seed: int) -> Path:
    """Some customers, each with the answer of another one."""
    random = np.random.default_rng(seed)
    table = pd.read_csv(telco).sample(ROWS, random_state=seed)
    table["churn"] = random.permutation(table["churn"].to_numpy())
    path = folder / "customers.csv"
    table.to_csv(path, index=False)
    return path


def has_skill(telco: Path, folder: Path, seed: int) -> bool:
    """Whether the verdict of a whole run says that the model is better than the trivial baseline."""
    project = folder / "project"
    source = shuffled(telco, folder, seed)
    made = typed("init", project, "--data", source, "--target", "churn", at=folder)
    assert made.exit_code == 0, made.stderr
    make_small(project)
    ran = typed("run", at=project)
    verdict = json.loads((project / "evidence/verify.json").read_text(encoding="utf-8"))
    [gate] = [gate for gate in verdict["gates"] if gate["id"] == "better_than_baseline"]
    assert ran.exit_code == (0 if verdict["passed"] else 1), ran.stderr
    return bool(gate["passed"])


@pytest.mark.nightly
def test_with_a_shuffled_target_the_cycle_reports_no_skill(tmp_path: Path) -> None:
    from tests.journeys.conftest import TELCO

    skilled = []
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        if has_skill(TELCO, folder, seed):
            skilled.append(seed)
    assert SEEDS - len(skilled) >= AT_LEAST, skilled
