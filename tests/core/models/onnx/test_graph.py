"""The builder: names that no column takes, nodes made once, answers by the threshold."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.models.onnx.answers import Chances, add_answers
from fullcycle.core.models.onnx.graph import ExportError, Graph, Matrix, serialize
from fullcycle.core.models.onnx.inputs import declare_inputs
from fullcycle.core.models.onnx.strings import TABLE_ENTRIES_AT_MOST, group_columns


@pytest.mark.parametrize("name", ["neg_0", "_neg_0", "neg_0x", "constant_0", "neg"])
def test_a_column_may_have_the_name_of_a_node(name: str) -> None:
    graph = Graph()
    column = graph.add_input(name, "float32")
    scaled = graph.add("Mul", graph.add("Neg", column), graph.constant([[2.0]], "float32"))
    graph.add_output("answer", scaled, "float32", ["N", 1])
    session = onnxruntime.InferenceSession(serialize(graph.model()))
    assert session.run(None, {name: np.array([[3.0]], dtype=np.float32)})[0].tolist() == [[-6.0]]


@pytest.mark.parametrize("name", ["label", "probabilities", "prediction"])
def test_a_column_with_the_name_of_an_answer_is_refused_by_name(name: str) -> None:
    contract = Contract(
        task=Task.regression,
        columns=(
            Column(name=name, type=ColumnType.numeric),
            Column(name="y", type=ColumnType.numeric, role=Role.target),
        ),
    )
    with pytest.raises(ExportError, match=f"column {name}.*found the name of an answer"):
        declare_inputs(Graph(), contract)


def test_equal_nodes_and_constants_are_made_once() -> None:
    graph = Graph()
    column = graph.add_input("x", "float32")
    first = graph.add("Add", column, graph.constant(1.0, "float32"))
    assert graph.add("Add", column, graph.constant(1.0, "float32")) == first
    assert graph.add("Add", column, graph.constant(2.0, "float32")) != first
    assert (len(graph.nodes), len(graph.constants)) == (2, 2)


def test_constants_of_other_types_or_shapes_are_not_taken_for_equal() -> None:
    graph = Graph()
    names = {
        graph.constant(0.0, "float32"),
        graph.constant(-0.0, "float32"),
        graph.constant(0.0, "float64"),
        graph.constant([0.0], "float32"),
        graph.constant(["0"], "string"),
        graph.constant(["0", ""], "string"),
    }
    assert len(names) == 6


def test_a_probability_at_the_threshold_is_the_last_class() -> None:
    graph = Graph()
    chance = graph.add("Cast", graph.add_input("p", "float64"), to=11)
    add_answers(graph, Chances(chance, ("no", "yes"), 0.4), ("no", "yes"))
    session = onnxruntime.InferenceSession(serialize(graph.model()))
    asked = np.array([[np.nextafter(0.4, 0)], [0.4], [0.41]])
    assert session.run(["label"], {"p": asked})[0].tolist() == ["no", "yes", "yes"]


def test_bools_beside_numbers_become_numbers_of_the_others_type() -> None:
    graph = Graph()
    number = Matrix(graph.add_input("x", "float64"), 1, "float64")
    flag = Matrix(graph.add("IsNaN", number.name), 1, "bool")
    assert graph.side_by_side([number, flag]).dtype == "float64"
    assert graph.side_by_side([flag, flag]).dtype == "bool"
    assert graph.side_by_side([graph.cast(number, "float32"), flag]).dtype == "float32"


def test_columns_with_many_categories_do_not_make_a_table_of_all_with_all() -> None:
    vocabularies = [[f"{column}_{entry}" for entry in range(500)] for column in range(60)]
    groups = group_columns(vocabularies)
    assert [position for group in groups for position in group.positions] == list(range(60))
    for group in groups:
        assert len(group.positions) * (len(group.vocabulary) + 1) <= TABLE_ENTRIES_AT_MOST
    assert len(groups) < 10


def test_one_column_with_more_categories_than_a_table_holds_stands_alone() -> None:
    huge = [str(entry) for entry in range(TABLE_ENTRIES_AT_MOST + 5)]
    groups = group_columns([["a"], huge, ["b"]])
    assert [group.positions for group in groups] == [(0,), (1,), (2,)]


def test_no_columns_make_no_groups() -> None:
    assert group_columns([]) == []
