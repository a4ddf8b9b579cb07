"""Expressions are made where they make sense, and every one compiles."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tests.cycle.experiment.proposals.conftest import contract_for

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.features.compile import with_features
from fullcycle.cycle.experiment.proposals.interactions import Weights, weigh
from fullcycle.cycle.experiment.proposals.pool import Proposal, make_proposals

ROWS = 400


def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    at = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 9000, ROWS), unit="h"))
    return pd.DataFrame(
        {
            "Monthly charge": random.uniform(1, 9, ROWS),
            "class": random.lognormal(0, 2, ROWS),
            "flag": random.integers(0, 2, ROWS).astype(float),
            "gap": np.where(random.random(ROWS) < 0.3, np.nan, random.normal(0, 1e6, ROWS)),
            "план": random.choice(["a", "b"], ROWS).astype(object),
            "at": at.astype("datetime64[us]"),
            "until": (at + pd.Timedelta(days=3)).astype("datetime64[us]"),
            "region": random.choice(["n", "s"], ROWS).astype(object),
            "y": random.normal(size=ROWS),
        }
    )


def proposals(weights: Weights | None = None) -> list[Proposal]:
    frame = table()
    contract = contract_for(frame)
    columns = contract.features
    return make_proposals(contract, columns, frame, weights or Weights({}, {}))


def test_every_kind_is_there_and_each_is_written_as_it_is_read_back() -> None:
    found = {each.expression: each for each in proposals()}
    assert {each.kind for each in found.values()} == {
        "date_part", "date_difference", "ratio", "difference", "sum", "product", "joined", "log", "missing",
    }  # fmt: skip
    assert found["col('Monthly charge') / col('class')"].name == "monthly_charge_per_class"
    assert found["region + '/' + col('план')"].type is ColumnType.categorical
    assert found["days(until - at)"].columns == ("until", "at")
    assert found["log1p(col('class'))"].kind == "log"
    assert found["is_missing(gap)"].type is ColumnType.boolean


def test_a_flag_is_multiplied_and_not_divided_by_and_scales_far_apart_are_not_added() -> None:
    found = {each.expression for each in proposals()}
    assert "col('Monthly charge') * flag" in found
    assert not any("/ flag" in each or "flag /" in each or "flag +" in each for each in found)
    assert not any("gap -" in each or "+ gap" in each or "- gap" in each for each in found)


def test_names_are_free_and_of_one_kind() -> None:
    names = [each.name for each in proposals()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_every_proposal_compiles_to_the_table_engine() -> None:
    import ibis
    import pyarrow as pa

    frame = table()
    trees = {each.name: each.tree for each in proposals()}
    made = with_features(ibis.memtable(pa.Table.from_pandas(frame)), trees)
    assert set(trees) <= set(made.columns)


def test_of_400_columns_only_pairs_that_matter_are_made() -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.normal(size=(300, 400)), columns=[f"c{at}" for at in range(400)])
    frame["y"] = np.sign(frame["c17"]) * np.sign(frame["c301"]) + random.normal(0, 0.1, 300)
    contract = contract_for(frame)
    weights = weigh(contract.features, frame, frame["y"].to_numpy(), contract, seed=0)
    found = make_proposals(contract, contract.features, frame, weights)
    assert len(found) < 250


def test_columns_that_only_matter_together_are_paired_first() -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.normal(size=(1500, 12)), columns=[f"c{at}" for at in range(12)])
    frame["y"] = np.sign(frame["c3"]) * np.sign(frame["c8"]) + random.normal(0, 0.1, 1500)
    contract = contract_for(frame)
    weights = weigh(contract.features, frame, frame["y"].to_numpy(), contract, seed=0)
    assert weights.best_pairs([c.name for c in contract.features], among=2, interacting=3)[0] == ("c3", "c8")
