"""A project in which a person has declared policies, gains, criteria of success and a claim.

One run of it serves the journeys of each: what they ask for doesn't touch the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

POLICIES = {
    "tenure": {"outliers": "flag", "outlier_factor": 0.3, "scaling": "quantile"},
    "monthly_charges": {"outliers": "clip", "outlier_rule": "mad", "outlier_factor": 1, "missing": "median"},
    "total_charges": {
        "outliers": "null", "outlier_factor": 0.5, "missing": "constant", "fill": 0, "scaling": "none",
    },
    "visits": {
        "outliers": "drop_row", "missing": "most_frequent", "indicator": False, "scaling": "robust",
    },
    "contract": {"missing": "most_frequent", "rare_share": 0.1},
    "payment_method": {"missing": "constant", "fill": "unknown", "indicator": True, "rare_share": 0.3},
}  # fmt: skip
CLAIM = {
    "claim": "How long somebody has been a customer matters",
    "metric": "roc_auc",
    "control": {"model": "linear", "without": ["tenure", "total_charges", "contract"]},
    "treatment": {"model": "linear"},
    "minimum_effect": 0.01,
    "test": "paired_bootstrap",
    "repeats": 1,
}
VALUE = {"unit": "EUR", "gain": {"tp": "2 * coalesce(monthly_charges, 60) - 20", "fp": -20}}
SUCCESS = [{"value": "per_row", "at_least": 1}, {"metric": "roc_auc", "at_least": 0.6}]


def declare(project: Path, **sections: Any) -> None:
    """What a person writes into fullcycle.yaml; of `clean` its keys are added."""
    yaml, path = YAML(), project / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings["clean"].update(sections.pop("clean", {}))
    settings.update(sections)
    with path.open("w", encoding="utf-8") as target:
        yaml.dump(settings, target)


def with_gaps_and_visits(source: Path, path: Path) -> None:
    """Telco with gaps and a number of visits, some of them absurd."""
    random = np.random.default_rng(2)
    table = pd.read_csv(source)
    table["visits"] = random.poisson(9, len(table)).astype(float)
    table.loc[random.random(len(table)) < 0.02, "visits"] = 5000.0
    for name in ("visits", "monthly_charges", "contract", "payment_method"):
        table.loc[random.random(len(table)) < 0.08, name] = None
    table.to_csv(path, index=False)
