"""A person sets every action for some column: training and graph do it alike, and it is on record."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import fullcycle as fc

pytestmark = pytest.mark.nightly  # by day the guide walks this way: make docs


@pytest.fixture(scope="module")
def project(declared_project: Path) -> Path:
    return declared_project


def evidence(project: Path, stage: str) -> dict:
    return json.loads((project / f"evidence/{stage}.json").read_text(encoding="utf-8"))


def test_every_action_is_on_record_with_what_it_changed(project: Path) -> None:
    decisions = evidence(project, "clean")["decisions"]
    outliers = {d["column"]: d for d in decisions if d["code"] == "FC205"}
    assert {name: d["action"] for name, d in outliers.items()} == {
        "tenure": "flag",
        "monthly_charges": "clip",
        "total_charges": "null",
        "visits": "drop_row",
    }
    assert {name for name, d in outliers.items() if d["after"]} == set(outliers) - {"tenure"}
    missing = {d["column"]: d["action"] for d in decisions if d["code"] == "FC206"}
    assert missing.items() >= {
        ("visits", "most_frequent"),
        ("monthly_charges", "median"),
        ("contract", "most_frequent"),
        ("payment_method", "constant"),
    }
    scaled = {d["column"]: d["action"] for d in decisions if d["code"] == "FC219"}
    assert scaled.items() >= {("tenure", "quantile"), ("visits", "robust"), ("total_charges", "none")}


def test_dropped_rows_are_training_rows(project: Path) -> None:
    train, test = (
        pq.read_table(project / f"data/{part}.parquet")["visits"].to_pandas() for part in ("train", "test")
    )
    assert train.max() < 100
    assert test.max() == 5000


def test_the_graph_is_proven_on_training_adversarial_and_test_rows(project: Path) -> None:
    proofs = [*evidence(project, "prepare")["parity"], evidence(project, "verify")["parity"]]
    assert {proof["rows_of"] for proof in proofs} == {"train", "adversarial", "test"}
    assert all(proof["passed"] for proof in proofs)


def test_the_bundle_answers_an_outlier_as_its_policy_says(project: Path) -> None:
    """What is clipped is answered as the fence, and what is made missing as a missing value."""
    policies = {p["column"]: p for p in evidence(project, "clean")["policies"]}
    row = pd.read_csv(project.parent / "customers.csv").head(1)
    bundle = fc.load_bundle(project / "bundle")
    far, further = (
        bundle.predict(row.assign(monthly_charges=policies["monthly_charges"]["upper"] * times))
        for times in (2, 1000)
    )
    pd.testing.assert_frame_equal(far, further)
    wild, empty = (bundle.predict(row.assign(total_charges=value)) for value in (1e7, None))
    pd.testing.assert_frame_equal(wild, empty)
