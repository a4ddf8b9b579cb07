"""What the commands about the contract print."""

from __future__ import annotations

from fullcycle.cli.contract import _listed, _told
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.table import Violation
from fullcycle.cycle.collect.check import Checked

CONTRACT = Contract(
    task=Task.binary,
    classes=("no", "yes"),
    columns=(
        Column(name="age", type=ColumnType.numeric, range=(18, 90), missing=("?",)),
        Column(name="plan", type=ColumnType.categorical, allowed=tuple("abcdefgh"), strict=True),
        Column(name="name", type=ColumnType.categorical, allowed=("Smith",), personal=True, required=False),
        Column(name="churn", type=ColumnType.categorical, role=Role.target, allowed=("no", "yes")),
    ),
)


def test_a_contract_is_listed_with_what_was_seen_and_no_personal_value() -> None:
    assert list(_listed(CONTRACT)) == [
        "predicts churn (binary: no, yes)",
        "  age    feature     numeric      18 to 90; missing: '?'",
        "  plan   feature     categorical  a, b, c, d, e, f and 2 more; strict",
        "  name   feature     categorical  personal; may be absent",
        "  churn  target      categorical  no, yes",
    ]


def test_what_is_rejected_and_what_is_only_marked_are_told_apart() -> None:
    marked = Violation("age", "out_of_range", 3, ("91",), strict=False)
    rejected = Violation("plan", "unexpected_value", 1, ("z",), strict=True)
    checked = Checked("new.csv", 10, (marked, rejected), unknown=("extra",))
    assert not checked.passed
    assert list(_told(checked)) == [
        "new.csv: 10 rows; the table breaks the contract",
        "  ! age, 3 rows, out of range: '91'",
        "  x plan, 1 rows, unexpected value: 'z'",
        "  - the contract doesn't know extra",
    ]
    assert Checked("new.csv", 10, (marked,), ()).passed
    assert next(_told(Checked("new.csv", 10, (), ()))).endswith("the table keeps the contract")
