"""What fairlearn says of a made-up table, for tests/cycle/verify/data/fairness_peer.json.

Run in an environment of `requirements.txt`: `python answers.py > .../fairness_peer.json`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import numpy as np
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate

ROWS = 600
RATES = {
    "selection": selection_rate,
    "true_positive": true_positive_rate,
    "false_positive": false_positive_rate,
}


def answers(seed: int) -> dict[str, object]:
    """Labels, groups, and each rate by group with difference and ratio."""
    random = np.random.default_rng(seed)
    truth, said = random.integers(0, 2, ROWS), random.integers(0, 2, ROWS)
    groups = random.choice(["a", "b", "c"], ROWS, p=[0.6, 0.3, 0.1])
    frame = MetricFrame(metrics=RATES, y_true=truth, y_pred=said, sensitive_features=groups)
    return {
        "truth": truth.tolist(),
        "said": said.tolist(),
        "groups": groups.tolist(),
        "rates": {rate: frame.by_group[rate].to_dict() for rate in RATES},
        "difference": frame.difference().to_dict(),
        "ratio": frame.ratio().to_dict(),
    }


if __name__ == "__main__":
    content = {"fairlearn": version("fairlearn"), "cases": [answers(seed) for seed in (1, 2)]}
    json.dump(content, sys.stdout)
