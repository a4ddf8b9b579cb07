"""Whatever clean may decide on a column, the graph does it as the fitted pipeline does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fullcycle.core.contract.model import Column, ColumnType, Contract, Task
from fullcycle.core.evidence.clean import ColumnPolicy
from fullcycle.core.models.adversarial import adversarial_frame
from fullcycle.core.models.candidates import CANDIDATES, build_candidate, search_context
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.parity import compare, graph_feeds, open_session, prove

MakeContract = Callable[..., Contract]
Target = Callable[[Task], np.ndarray[Any, Any]]

COLUMNS = ("linear", "lightgbm", "extra_trees")  # one of each kind of columns

NUMBERS = st.fixed_dictionaries(
    {
        "outliers": st.sampled_from(["keep", "flag", "clip", "null"]),
        "outlier_rule": st.sampled_from(["iqr", "mad"]),
        "outlier_factor": st.sampled_from([0.5, 1.5, 3.0]),
        "missing": st.sampled_from(["model", "median", "most_frequent", "constant"]),
        "fill": st.sampled_from([0.0, -1.0, 41.5]),
        "indicator": st.booleans(),
        "scaling": st.sampled_from(["standard", "robust", "quantile", "none"]),
    }
)
CATEGORIES = st.fixed_dictionaries(
    {
        "missing": st.sampled_from(["own_category", "most_frequent", "constant"]),
        "fill": st.sampled_from(["Berlin", "never seen before"]),
        "indicator": st.booleans(),
        "rare_share": st.sampled_from([0.0, 0.05, 0.3]),
    }
)


def policies_of(contract: Contract) -> st.SearchStrategy[tuple[ColumnPolicy, ...]]:
    def policy(column: Column) -> st.SearchStrategy[ColumnPolicy]:
        kinds = CATEGORIES if column.type is ColumnType.categorical else NUMBERS
        return kinds.map(lambda said: ColumnPolicy(column=column.name, **said))

    return st.tuples(*map(policy, contract.features))


def candidate_of(model: str, contract: Contract, policies: tuple[ColumnPolicy, ...], rows: int) -> Any:
    codes = [1.0, 2.0, 3.0] if contract.task is Task.regression else [0]
    parameters = CANDIDATES[model].default(search_context(contract, rows, codes))
    if model == "lightgbm":
        parameters["n_estimators"] = 20
    return build_candidate(model, parameters, contract, policies)


@pytest.mark.parametrize("examples", [15, pytest.param(200, marks=pytest.mark.nightly)])
def test_any_policies_are_carried_out_in_the_graph_as_in_the_pipeline(
    examples: int,
    contract: MakeContract,
    rows: pd.DataFrame,
    target: Target,
    hard_frames: st.SearchStrategy[pd.DataFrame],
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        _graph_and_pipeline_agree(data, contract, rows, target, hard_frames)

    holds()


def _graph_and_pipeline_agree(
    data: st.DataObject,
    contract: MakeContract,
    rows: pd.DataFrame,
    target: Target,
    hard_frames: st.SearchStrategy[pd.DataFrame],
) -> None:
    task = data.draw(st.sampled_from([Task.binary, Task.regression]))
    model = data.draw(st.sampled_from(COLUMNS))
    made = contract(task)
    policies = data.draw(policies_of(made))
    fitted = candidate_of(model, made, policies, len(rows)).fit(rows, target(task))
    graph = serialize(export_onnx(fitted, made))
    session = open_session(graph)
    for frame in (rows, adversarial_frame(made, rows), data.draw(hard_frames)):
        compared = compare(fitted, session, frame, made)
        assert not len(compared.wrong), (policies, compared.errors.max())


def test_the_proof_passes_where_every_action_is_set_for_some_column(
    contract: MakeContract, rows: pd.DataFrame, target: Target
) -> None:
    made = contract()
    policies = (
        ColumnPolicy(column="order", missing="constant", fill=-1.0, outliers="null", scaling="quantile"),
        ColumnPolicy(column="city <b>", missing="most_frequent", indicator=True, rare_share=0.05),
        ColumnPolicy(column="income", missing="median", outliers="clip", scaling="robust"),
        ColumnPolicy(column="member?", missing="most_frequent", scaling="none"),
        ColumnPolicy(column="gather_1", missing="model", indicator=True, outliers="flag", outlier_factor=0.2),
        ColumnPolicy(column="вошёл", missing="median", scaling="robust"),
        ColumnPolicy(column='plan "x"', missing="constant", fill="basic"),
    )
    for model in COLUMNS:
        fitted = candidate_of(model, made, policies, len(rows)).fit(rows, target(Task.binary))
        graph = serialize(export_onnx(fitted, made))
        for frame in (rows, adversarial_frame(made, rows)):
            assert prove(fitted, graph, frame, made, "adversarial").passed


@pytest.mark.parametrize("model", COLUMNS)
def test_an_outlier_that_became_missing_is_answered_as_a_missing_one(
    model: str, contract: MakeContract, rows: pd.DataFrame, target: Target
) -> None:
    made = contract()
    policies = (ColumnPolicy(column="order", missing="model", indicator=True, outliers="null"),)
    fitted = candidate_of(model, made, policies, len(rows)).fit(rows, target(Task.binary))
    session = onnxruntime.InferenceSession(serialize(export_onnx(fitted, made)))
    wild, missing = (rows.head(1).assign(order=value) for value in (1e9, np.nan))
    answers = [session.run(["probabilities"], graph_feeds(each, made))[0] for each in (wild, missing)]
    np.testing.assert_array_equal(*answers)
