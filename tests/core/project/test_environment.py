"""What a run ran on is written down by name, and the same environment has the same digest."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from tests.released import project_in

from fullcycle.core.errors import UserError
from fullcycle.core.project.environment import (
    TOLD_ONLY,
    digest,
    environment,
    record_environment,
    recorded_environment,
)


def test_packages_threads_and_hardware_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = environment()
    for name in (
        "numpy",
        "scikit-learn",
        "onnxruntime",
        "threadpoolctl",
        "joblib",
    ):  # the last two: of others
        assert found[name] == metadata.version(name)
    assert found["threads.OMP_NUM_THREADS"] == "3"
    assert set(TOLD_ONLY) < set(found)
    assert "pytest" not in found


def test_a_model_of_ones_own_brings_its_package() -> None:
    assert "pytest" in environment(["linear", "_pytest.nodes:build"])


def test_the_digest_follows_what_decides_and_nothing_else() -> None:
    found = environment()
    assert digest({**found, "hardware.processor": "another"}) == digest(found)
    assert digest({**found, "numpy": "1.0"}) != digest(found)


def test_a_record_is_read_back_and_left_alone_if_it_says_the_same(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        recorded_environment(project)
    record_environment(project)
    assert recorded_environment(project) == environment()
    path = project.paths.evidence / "environment.json"
    before = path.stat().st_mtime_ns
    record_environment(project)
    assert path.stat().st_mtime_ns == before
    path.write_text("[]")
    with pytest.raises(UserError, match="no record that can be read"):
        recorded_environment(project)
