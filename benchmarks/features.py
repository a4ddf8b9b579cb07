"""What twenty features cost one row: a graph with them beside a graph of the same model without.

Both are LightGBM with its shipped defaults on telco, in ONNX Runtime on one thread, row by row in turn. The
difference holds the nodes of the features and what the model does with twenty columns more.
`python -m benchmarks.features` prints it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from ruamel.yaml import YAML

from benchmarks.figure import Figure, show
from benchmarks.inference import ROUNDS, once
from benchmarks.labels import cleaned

GROWS_AT_MOST = 60  # microseconds
TWENTY = {
    "monthly_mean": "total_charges / max(tenure, 1)",
    "price_change": "monthly_charges - monthly_mean",
    "price_change_share": "price_change / monthly_charges",
    "new": "tenure < 6",
    "loyal": "tenure >= 48 and contract != 'Month-to-month'",
    "tenure_band": "bucket(tenure, 6, 12, 24, 48)",
    "plan": "contract + '/' + internet_service",
    "risky": "contract == 'Month-to-month' and payment_method in ('Electronic check', 'Mailed check')",
    "log_total": "log1p(total_charges)",
    "no_total": "is_missing(total_charges)",
    "price_level": "'high' if monthly_charges > 80 else 'middle' if monthly_charges > 40 else 'low'",
    "expected_total": "round(tenure * monthly_charges, 2)",
    "discount": "clip((expected_total - total_charges) / max(expected_total, 1), -1, 1)",
    "services": "(1 if online_security == 'Yes' else 0) + (1 if tech_support == 'Yes' else 0)",
    "has_family": "partner == 1 or dependents == 1",
    "alone_and_new": "not has_family and new",
    "years": "floor(tenure / 12)",
    "month_of_year": "tenure % 12",
    "fiber": "internet_service == 'Fiber optic'",
    "fiber_cost": "monthly_charges if fiber else 0",
}


def figures(folder: Path) -> Iterator[Figure]:
    """The growth of p50, with p50 of the graph without features as its floor."""
    with as_file(files("fullcycle.data") / "telco_churn.csv") as source:
        project = cleaned(folder / "features", source, "churn")
    plain = graph(project.root)
    declare(project.root / "fullcycle.yaml")
    rich = graph(project.root)
    without, with_them = [], []
    for _ in range(ROUNDS):
        without.append(once(*plain))
        with_them.append(once(*rich))
    floor, found = (float(np.median(taken[200:]) * 1e6) for taken in (without, with_them))
    title = f"telco: {len(TWENTY)} features, growth of one row's p50"
    yield Figure(title, found - floor, GROWS_AT_MOST, "us", floor=floor, floor_name="the row without")


def declare(path: Path) -> None:
    """What a person writes into fullcycle.yaml."""
    yaml = YAML()
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings["features"] = dict(TWENTY)
    with path.open("w", encoding="utf-8") as target:
        yaml.dump(settings, target)


def graph(root: Path) -> tuple[onnxruntime.InferenceSession, dict[str, Any]]:
    """The fitted model of a cleaned project in ONNX Runtime, and one row for it."""
    from fullcycle.core.evidence.clean import CleanEvidence
    from fullcycle.core.evidence.store import read_evidence
    from fullcycle.core.models.candidates import CANDIDATES, build_candidate, search_context
    from fullcycle.core.models.frame import read_frame
    from fullcycle.core.models.onnx import export_onnx, serialize
    from fullcycle.core.models.parity import graph_feeds
    from fullcycle.core.project.project import Project

    project = Project(root)
    contract = project.contract
    frame, target, _, _ = read_frame(project.paths.train, contract)
    policies = read_evidence(project.paths.evidence, CleanEvidence).policies
    codes = target.astype("category").cat.codes.to_numpy()
    parameters = CANDIDATES["lightgbm"].default(search_context(contract, len(codes), codes))
    fitted = build_candidate("lightgbm", parameters, contract, policies, 0).fit(frame, target.to_numpy())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = serialize(export_onnx(fitted, contract))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session, graph_feeds(frame.head(1), contract)


if __name__ == "__main__":
    sys.exit(show(figures))
