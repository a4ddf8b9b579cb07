"""The README's ten lines answer as the bundle does, in a process that can't see fullcycle."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fullcycle.core.bundle import read_bundle
from fullcycle.core.contract.model import Task

SNIPPET = Path(__file__).parents[3] / "docs" / "snippets" / "plain_runtime.py"


SHOW = "\nprint(json.dumps({name: values.tolist() for name, values in answers.items()}))"


def answers_of_plain_runtime(folder: Path) -> Any:
    command = [sys.executable, "-W", "ignore", "-c", SNIPPET.read_text() + SHOW]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("task", [Task.binary, Task.regression])
def test_plain_onnx_runtime_repeats_the_golden_rows(
    tmp_path: Path, make_bundle: Callable[..., Path], task: Task
) -> None:
    bundle = read_bundle(make_bundle(tmp_path, task))
    names = [column.name for column in bundle.contract.features]
    golden = bundle.golden.rows
    rows = [dict(zip(names, row.values, strict=True)) for row in golden]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    answers = answers_of_plain_runtime(tmp_path)
    if task is Task.regression:
        found, right = np.ravel(answers["prediction"]), [row.prediction for row in golden]
        np.testing.assert_allclose(found, np.array(right, dtype=float), atol=1e-5)
    else:
        assert answers["label"] == [row.prediction for row in golden]
        np.testing.assert_allclose(answers["probabilities"], [row.probabilities for row in golden], atol=1e-5)


def test_the_snippet_imports_no_fullcycle_and_stays_short() -> None:
    text = SNIPPET.read_text()
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "fullcycle" not in text
    assert len([line for line in text.splitlines() if line]) - len(imported) <= 10
