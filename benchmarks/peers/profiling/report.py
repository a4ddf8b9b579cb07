"""Runs in the peer's environment: its default report of a Parquet file, as its README shows it."""

import sys

import pandas as pd
from data_profiling import ProfileReport

ProfileReport(pd.read_parquet(sys.argv[1]), progress_bar=False).to_file(sys.argv[2])
