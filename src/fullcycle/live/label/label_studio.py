"""Tasks and the labeling configuration of Label Studio (https://labelstud.io/guide/task_format)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from fullcycle.core.contract.model import Contract
from fullcycle.live.label.sheet import LABEL, Row

TABLE = "columns"  # key of a task's data, and name of the tag that shows it
Task = dict[str, Any]


def tasks(
    rows: Sequence[Row], answers: Sequence[Mapping[str, Any]], contract: Contract, version: str
) -> list[Task]:
    """A task for each row, with the bundle's answer as a prediction to accept or correct.

    Where `answers` has none (a blind sheet) there is no prediction. What names the row stays in the task's
    data, and comes back with the export.
    """
    made = []
    for row, answer in zip(rows, answers, strict=True):
        task: Task = {"data": {**row.names, TABLE: row.cells}}
        if "prediction" in answer:
            task["predictions"] = [_prediction(answer, contract, version)]
        made.append(task)
    return made


def _prediction(answer: Mapping[str, Any], contract: Contract, version: str) -> Task:
    said = answer["prediction"]
    kind, value = (
        ("choices", {"choices": [said]}) if contract.classes else ("number", {"number": float(said)})
    )
    result = {"id": LABEL, "from_name": LABEL, "to_name": TABLE, "type": kind, "value": value}
    prediction: Task = {"model_version": version, "result": [result]}
    if contract.classes:
        prediction["score"] = float(answer[f"probability_{said}"])
    return prediction


def configuration(contract: Contract) -> str:
    """The XML to paste into the project's labeling interface: the row as a table, and what to choose from."""
    lines = [
        "<View>",
        f"  <Header value={quoteattr(contract.target.name)}/>",
        f'  <Table name="{TABLE}" value="${TABLE}"/>',
    ]
    if contract.classes:
        lines.append(f'  <Choices name="{LABEL}" toName="{TABLE}" choice="single" required="true">')
        lines += [f"    <Choice value={quoteattr(name)}/>" for name in contract.classes]
        lines.append("  </Choices>")
    else:
        lines.append(f'  <Number name="{LABEL}" toName="{TABLE}" required="true"/>')
    return "\n".join([*lines, "</View>"]) + "\n"
