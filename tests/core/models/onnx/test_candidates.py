"""Whole candidates: one graph from raw columns to the calibrated answer, equal to the fitted pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.tiers import examples

from fullcycle.core.contract.model import Contract, Task
from fullcycle.core.models.adversarial import adversarial_frame, coerced_frame
from fullcycle.core.models.onnx import export_onnx, serialize
from fullcycle.core.models.onnx.graph import IR_VERSION, OPSET, OPSET_ML
from fullcycle.core.models.parity import compare, graph_feeds, open_session, prove

CANDIDATES = [
    *((name, task) for task in Task for name in ("linear", "lightgbm", "blend")),
    ("log_target", Task.regression),
]

Fitted = Callable[[str, Task], Any]
MakeContract = Callable[..., Contract]


@pytest.fixture(scope="session", params=CANDIDATES, ids=lambda chosen: f"{chosen[0]} {chosen[1]}")
def candidate(
    request: pytest.FixtureRequest, fitted: Fitted, contract: MakeContract
) -> tuple[Any, Contract, bytes, Any]:
    """A fitted candidate, its contract, the bytes of its graph and a session on them."""
    name, task = request.param
    made = contract(task)
    model = serialize(export_onnx(fitted(name, task), made))
    return fitted(name, task), made, model, open_session(model)


def test_training_rows_are_proven(candidate: Any, rows: pd.DataFrame) -> None:
    pipeline, contract, model, _ = candidate
    parity = prove(pipeline, model, rows, contract, "train")
    assert parity.passed
    assert (parity.rows, parity.rows_of, parity.labels_differ) == (len(rows), "train", 0)
    assert parity.largest_error < 2e-6  # well inside the tolerance, so that it isn't luck


def test_adversarial_rows_are_proven(candidate: Any, rows: pd.DataFrame) -> None:
    pipeline, contract, model, _ = candidate
    assert prove(pipeline, model, adversarial_frame(contract, rows), contract, "adversarial").rows > 400


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_row_is_answered_as_by_the_pipeline(
    data: st.DataObject, candidate: Any, hard_frames: st.SearchStrategy[pd.DataFrame]
) -> None:
    pipeline, contract, _, session = candidate
    frame = data.draw(hard_frames)
    assert not len(compare(pipeline, session, frame, contract).wrong)


def test_a_row_alone_is_answered_as_in_a_batch(candidate: Any, rows: pd.DataFrame) -> None:
    _, contract, _, session = candidate
    hard = adversarial_frame(contract, rows)
    batch = session.run(None, graph_feeds(hard, contract))
    for position in range(0, len(hard), 29):
        alone = session.run(None, graph_feeds(hard.iloc[[position]], contract))
        for one, many in zip(alone, batch, strict=True):
            if one.dtype == object:
                assert one[0] == many[position]
            else:
                np.testing.assert_allclose(one[0], many[position], rtol=1e-6, atol=1e-7)


def test_no_rows_get_no_answers(candidate: Any, rows: pd.DataFrame) -> None:
    _, contract, _, session = candidate
    for answer in session.run(None, graph_feeds(rows.iloc[:0], contract)):
        assert answer.shape[0] == 0


def test_the_interface_is_one_input_for_each_column_and_the_answers_by_name(candidate: Any) -> None:
    _, contract, _, session = candidate
    found = {each.name: (each.type, each.shape) for each in session.get_inputs()}
    assert list(found) == [column.name for column in contract.features]
    assert found["order"] == ("tensor(float)", ["N", 1])
    assert found["income"] == ("tensor(double)", ["N", 1])
    assert found["member?"] == ("tensor(float)", ["N", 1])
    assert found["вошёл"] == ("tensor(int64)", ["N", 1])
    assert found["city <b>"] == ("tensor(string)", ["N", 1])
    answers = {each.name: (each.type, each.shape) for each in session.get_outputs()}
    if contract.task is Task.regression:
        assert answers == {"prediction": ("tensor(float)", ["N", 1])}
    else:
        assert answers == {
            "probabilities": ("tensor(float)", ["N", len(contract.classes)]),
            "label": ("tensor(string)", ["N"]),
        }


def test_the_same_fit_gives_the_same_bytes(candidate: Any) -> None:
    pipeline, contract, model, _ = candidate
    assert serialize(export_onnx(pipeline, contract)) == model


def test_the_graph_is_valid_for_old_runtimes_and_holds_no_infinity(candidate: Any) -> None:
    model = onnx.load_from_string(candidate[2])
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == IR_VERSION
    assert {each.domain: each.version for each in model.opset_import} == {"": OPSET, "ai.onnx.ml": OPSET_ML}
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        assert values.dtype.kind not in "f" or not np.isinf(values).any()
    for node in model.graph.node:
        for attribute in node.attribute:
            assert np.isfinite(attribute.floats).all()


def test_members_of_a_blend_share_the_reading_of_columns(fitted: Fitted, contract: MakeContract) -> None:
    model = export_onnx(fitted("blend", Task.binary), contract())
    assert sum(node.op_type == "LabelEncoder" for node in model.graph.node) == 1


def test_classes_come_in_the_order_of_the_contract(
    rows: pd.DataFrame, fitted: Fitted, contract: MakeContract
) -> None:
    turned = contract(Task.binary, classes=("yes", "no"))
    pipeline = fitted("linear", Task.binary)
    model = serialize(export_onnx(pipeline, turned))
    prove(pipeline, model, rows, turned, "train")
    names = [each.name for each in open_session(model).get_outputs()]
    answers = dict(zip(names, open_session(model).run(None, graph_feeds(rows, turned)), strict=True))
    np.testing.assert_allclose(answers["probabilities"], pipeline.predict_proba(rows)[:, ::-1], atol=1e-6)


def test_a_class_that_training_never_saw_has_probability_zero(
    rows: pd.DataFrame, fitted: Fitted, contract: MakeContract
) -> None:
    wider = contract(Task.multiclass, classes=("no", "never", "yes"))
    pipeline = fitted("linear", Task.binary)
    model = serialize(export_onnx(pipeline, wider))
    prove(pipeline, model, rows, wider, "train")
    answers = open_session(model).run(["probabilities"], graph_feeds(rows, wider))[0]
    assert (answers[:, 1] == 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)


def test_the_threshold_decides_the_label_of_two_classes(
    rows: pd.DataFrame, fitted: Fitted, contract: MakeContract
) -> None:
    pipeline = fitted("linear", Task.binary)
    session = open_session(serialize(export_onnx(pipeline, contract())))
    probabilities, labels = session.run(["probabilities", "label"], graph_feeds(rows, contract()))
    assert pipeline.threshold == 0.4
    assert set(labels[probabilities[:, 1] > 0.4001]) == {"yes"}
    assert set(labels[probabilities[:, 1] < 0.3999]) == {"no"}
    assert ((probabilities[:, 1] > 0.4) & (probabilities[:, 1] < 0.5)).any()


@pytest.mark.parametrize("text", ["Berlin\x00", "\x00", "Ber\x00lin", "berlin", "Berlin ", "x" * 5_000_000])
def test_a_string_that_only_looks_like_a_category_is_another_one(
    text: str, rows: pd.DataFrame, fitted: Fitted, contract: MakeContract
) -> None:
    pipeline, made = fitted("blend", Task.binary), contract()
    row = {name: [None] for name in rows.columns} | {"city <b>": [text]}
    session = open_session(serialize(export_onnx(pipeline, made)))
    assert not len(compare(pipeline, session, coerced_frame(made, row), made).wrong)
