"""Evidently's drift report of a table beside a reference, as HTML; prints CPU seconds of the report alone.

Called by `benchmarks.monitoring`: report.py REFERENCE CURRENT OUT, columns `id` and `target` left out.
"""

from __future__ import annotations

import sys
import time

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

if __name__ == "__main__":
    before, now = (pd.read_parquet(path).drop(columns=["id", "target"]) for path in sys.argv[1:3])
    for current in (before, now):  # the first look pays for imports
        started = time.process_time()
        made = Report([DataDriftPreset()]).run(current, before)
        made.save_html(sys.argv[3])
    print(time.process_time() - started)
