"""The command line as a person uses it, and what a run leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tests.journeys.warm import ended

MEASURED = ("run", "speed")  # the only fields that may differ between two runs (core/evidence/base.py)

# Findings that rest on measured latency, and the one that counts openings.
OF_THE_MOMENT = ("FC503", "FC505", "FC602")


def fullcycle(*arguments: str | Path, folder: Path | None = None, exit_code: int = 0) -> str:
    """Type a command, check its exit code, and give back what it printed to stdout."""
    code, stdout, stderr = ended([str(each) for each in arguments], folder or Path.cwd(), os.environ)
    assert code == exit_code, f"{arguments} ended with {code}\n{stdout}\n{stderr}"
    assert "Traceback (most recent call last)" not in stderr, stderr
    assert "nanobind: leaked" not in stderr, stderr
    return stdout


def result_of(project: Path) -> dict[str, Any]:
    """Everything a run decided: hashes of tables and graph, evidence and the bundle's version; no timings,
    no openings of the test set."""
    files = [*sorted((project / "data").glob("*.parquet")), project / "bundle/model.onnx"]
    result: dict[str, Any] = {
        str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    for path in sorted((project / "evidence").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        result[path.name] = without_measured(content) if "run" in content else content
    manifest = json.loads((project / "bundle/MANIFEST.json").read_text(encoding="utf-8"))
    return {**result, "bundle": manifest["bundle"]}


def without_measured(evidence: dict[str, Any]) -> dict[str, Any]:
    """Evidence less how long it took, and less what depends on how often the test set was opened."""
    kept = {key: value for key, value in evidence.items() if key not in (*MEASURED, "openings")}
    kept["findings"] = [each for each in evidence["findings"] if each["code"] not in OF_THE_MOMENT]
    return kept
