"""`contract learn` adds what is lacking and leaves what a person wrote as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cycle.conftest import contract_of

from fullcycle.core.contract.yaml_file import contract_to_yaml, read_contract
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.cycle.collect.learn import add_columns, learn_columns
from fullcycle.cycle.collect.stage import run

CONTRACT = contract_of({"age": "numeric", "churn": "categorical target"}, ["no", "yes"])
NEW = contract_of(
    {"plan": "categorical", "a: b": "numeric", "y": "numeric target"}, plan={"allowed": ("007", "yes")}
).columns[:2]

WRITTEN = """\
# ours
version: 1
columns:
    age:   {type: numeric}   # in years

    # what we predict
    churn:
        type: categorical
        role: target
        # decided on Monday

# the task
task: binary
classes: [no, yes]
"""
LISTED = """\
version: 1
task: binary
classes: [no, yes]
columns:
- name: age
  type: numeric
- {name: churn, type: categorical, role: target}
"""


@pytest.mark.parametrize("text", [WRITTEN, LISTED, contract_to_yaml(CONTRACT)], ids=["own", "list", "init"])
def test_columns_come_below_the_last_one_and_every_line_stays(text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_contract(path) == CONTRACT
    add_columns(path, CONTRACT, NEW)
    assert read_contract(path).columns == (*CONTRACT.columns, *NEW)
    after = path.read_text(encoding="utf-8").splitlines()
    kept = iter(after)
    assert all(line in kept for line in text.splitlines()), "every line is there, in its order"
    assert path.read_text(encoding="utf-8").index("plan") > text.index("churn")


def test_columns_in_braces_are_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    text = (
        "task: binary\nclasses: [no, yes]\n"
        "columns: {age: {type: numeric}, churn: {type: categorical, role: target}}\n"
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="columns in a form that lines can't be added to"):
        add_columns(path, CONTRACT, NEW)
    assert path.read_text(encoding="utf-8") == text


def test_new_columns_are_learned_from_the_snapshot(make_project: Any) -> None:
    lines = [f"{n},{'yes' if n % 2 else 'no'},{n % 7},{'a' if n % 3 else 'b'},x{n}" for n in range(60)]
    project = make_project("age,churn,visits,plan,code\n" + "\n".join(lines) + "\n", CONTRACT)
    project.paths.contract.write_text(contract_to_yaml(CONTRACT), encoding="utf-8")
    [found] = run(project).findings
    assert (found.code, found.columns) == ("FC110", ("visits", "plan", "code"))
    learned = learn_columns(project)
    assert [(c.name, c.type, c.role) for c in learned.columns] == [
        ("visits", "numeric", "feature"),
        ("plan", "categorical", "feature"),
        ("code", "categorical", "identifier"),
    ]
    assert [finding.code for finding in learned.findings] == ["FC107"]
    again = Project(project.root)
    again.__dict__["settings"] = project.settings
    assert again.contract.columns == (*CONTRACT.columns, *learned.columns)
    assert learn_columns(again).columns == ()
    assert run(again).findings == ()
