"""A contract of a few columns, with and without a key that may be written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task

MakeContract = Callable[..., Contract]


def contract_of(*, task: Task = Task.binary, personal_key: bool = False) -> Contract:
    classes = None if task is Task.regression else ("no", "yes")
    return Contract(
        task=task,
        classes=classes,
        columns=(
            Column(name="id", type=ColumnType.categorical, role=Role.identifier, personal=personal_key),
            Column(name="age", type=ColumnType.numeric),
            Column(name="phone", type=ColumnType.categorical, personal=True),
            Column(name="label", type=ColumnType.categorical),
            Column(
                name="bought",
                type=ColumnType.categorical if classes else ColumnType.numeric,
                role=Role.target,
                allowed=classes,
            ),
        ),
    )


@pytest.fixture
def make_contract() -> MakeContract:
    return contract_of


@pytest.fixture
def contract() -> Contract:
    return contract_of()
