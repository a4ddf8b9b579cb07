"""What tea-tasting and statsmodels say of a few made-up tests, for tests/live/abtest/data/peers.json.

Run in an environment of `requirements.txt`: `python answers.py > ../../../tests/live/abtest/data/peers.json`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import numpy as np
import pandas as pd
import tea_tasting as tt
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower

LIBRARIES = ("statsmodels", "tea-tasting")
UNITS = 300
RESULTS = ("control", "treatment", "effect_size", "effect_size_ci_lower", "effect_size_ci_upper")
RELATIVE = ("rel_effect_size", "rel_effect_size_ci_lower", "rel_effect_size_ci_upper")


def table(seed: int) -> pd.DataFrame:
    """Numbers of few digits, so that the file holds them whole. Half of the units are in each variant."""
    random = np.random.default_rng(seed)
    variant = np.arange(UNITS) % 2
    before = random.gamma(2.0, 10.0, UNITS).round(3)
    visits = random.poisson(3.0, UNITS) + 1.0
    seen = np.maximum(1.0, visits + random.integers(-1, 2, UNITS))
    spent = (0.8 * before + random.gamma(2.0, 4.0, UNITS) + 0.5 * visits + variant).round(3)
    bought = (random.random(UNITS) < 0.3 + 0.1 * variant).astype(int)
    return pd.DataFrame(
        {
            "variant": variant,
            "spent": spent,
            "before": before,
            "visits": visits,
            "seen": seen,
            "bought": bought,
        }
    )


def case(seed: int) -> dict:
    rows = table(seed)
    found = tt.Experiment(
        mean=tt.Mean("spent"),
        cuped=tt.Mean("spent", "before"),
        ratio=tt.RatioOfMeans("spent", "visits"),
        ratio_cuped=tt.RatioOfMeans("spent", "visits", "before", "seen"),
        share=tt.Proportion("bought", method="norm", correction=False, equal_var=False),
    ).analyze(rows, control=0)
    answers = {}
    for name, result in found.items():
        told = result._asdict()
        answers[name] = {key: float(told[key]) for key in (*RESULTS, *RELATIVE, "pvalue")}
    return {"rows": {name: rows[name].tolist() for name in rows}, "answers": answers}


def power(effect: float) -> dict:
    """Units of each of two variants for a mean with a standard deviation of 10."""
    units = TTestIndPower().solve_power(effect_size=effect / 10, alpha=0.05, power=0.8)
    data = tt.aggr.Aggregates(count_=1_000, mean_={"y": 100.0}, var_={"y": 100.0})
    metric = tt.Mean("y", effect_size=effect, alpha=0.05, power=0.8)
    [tea] = metric.solve_power_from_aggregates(data, "n_obs")
    return {"effect": effect, "statsmodels_each": float(units), "tea_tasting_all": int(tea.n_obs)}


def corrected() -> dict:
    p_values = [0.001, 0.04, 0.012, 0.3, 0.02]
    return {
        "p_values": p_values,
        **{name: multipletests(p_values, method=name)[1].tolist() for name in ("holm", "bonferroni")},
    }


if __name__ == "__main__":
    answers = {
        "versions": {name: version(name) for name in LIBRARIES},
        "cases": [case(0), case(1)],
        "power": [power(0.5), power(2.0), power(6.0)],
        "corrected": corrected(),
    }
    json.dump(answers, sys.stdout)
