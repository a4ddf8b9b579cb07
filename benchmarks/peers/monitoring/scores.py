"""Drift scores of windows by Evidently and NannyML, by the method that each takes by default for the size and
type of a column; the larger a score, the surer. Called by `benchmarks.monitoring`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def evidently_scores(reference: dict[str, pd.Series], windows: dict[str, Any]) -> dict[str, list[float]]:
    """Its own choice of test: by p for at most 1,000 reference rows, by distance for more."""
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    kinds = {"number": ColumnType.Numerical, "text": ColumnType.Categorical}
    found = {}
    for name, (column, drawn) in windows.items():
        before, kind = reference[column], kinds[column]
        test = get_stattest(before, before, kind, None)
        scores = []
        for values in drawn:
            now = series(values, column)
            result = test(before.dropna(), now.dropna(), kind, None)
            score = float(result.drift_score)
            scores.append(-score if "p_value" in test.display_name else score)
        found[name] = scores
    return found


def nannyml_scores(reference: dict[str, pd.Series], windows: dict[str, Any]) -> dict[str, list[float]]:
    """Its default for numbers and categories: the Jensen-Shannon distance."""
    from nannyml.chunk import DefaultChunker
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.thresholds import StandardDeviationThreshold

    kinds = {"number": FeatureType.CONTINUOUS, "text": FeatureType.CATEGORICAL}
    methods = {}
    for column, before in reference.items():
        made = MethodFactory.create(
            key="jensen_shannon",
            feature_type=kinds[column],
            chunker=DefaultChunker(),
            threshold=StandardDeviationThreshold(),
            computation_params={},
        )
        methods[column] = made.fit(reference_data=before, timestamps=None)
    return {
        name: [float(methods[column].calculate(series(values, column))) for values in drawn]
        for name, (column, drawn) in windows.items()
    }


def series(values: list[Any], column: str) -> pd.Series:
    """A column as both tools take it."""
    if column == "number":
        return pd.Series([np.nan if each is None else each for each in values], dtype=float, name=column)
    return pd.Series(values, dtype=object, name=column)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    before = {column: series(values, column) for column, values in given["reference"].items()}
    scores = {
        "Evidently": evidently_scores(before, given["windows"]),
        "NannyML": nannyml_scores(before, given["windows"]),
    }
    Path(sys.argv[2]).write_text(json.dumps(scores))
