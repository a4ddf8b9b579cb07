"""AUC that NannyML expects of groups of rows without their outcomes: REFERENCE ROWS, two Parquet files,
gives JSON.

Both have `score` (of the second class) and `label` (what was said); the reference has `truth`, the rows
`group`.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import nannyml
import pandas as pd


def expected(reference: pd.DataFrame, rows: pd.DataFrame) -> dict[str, float]:
    """By group."""
    chunks = nannyml.chunk.CountBasedChunker(1)
    estimator = nannyml.CBPE(
        y_pred_proba="score",
        y_pred="label",
        y_true="truth",
        metrics=["roc_auc"],
        problem_type="classification_binary",
        chunker=chunks,
    ).fit(reference)
    found = {}
    for group, own in rows.groupby("group"):
        table = estimator.estimate(own.drop(columns="group").reset_index(drop=True)).to_df()
        analysed = table[table[("chunk", "period")] == "analysis"]
        found[str(group)] = float(analysed[("roc_auc", "value")].iloc[0])
    return found


if __name__ == "__main__":
    tables = [pd.read_parquet(path) for path in sys.argv[1:3]]
    json.dump({"version": version("nannyml"), "auc": expected(*tables)}, sys.stdout)
