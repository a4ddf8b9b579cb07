"""Hypotheses as runs of MLflow: one with its hash before any result, its arms below it afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fullcycle.core.evidence.hypotheses import ClaimResult
from fullcycle.core.hypotheses.ledger import Event
from fullcycle.core.metrics import METRICS
from fullcycle.core.models.evaluate import OutOfFold
from fullcycle.cycle.experiment.hypotheses.compare import Side
from fullcycle.cycle.experiment.tracking import LoggedRun

PARAMETER_AT_MOST = 500  # characters that every MLflow store takes


def opened_run(event: Event) -> LoggedRun:
    """A hypothesis that is fixed and not decided: what it says, and its hash as a tag."""
    return LoggedRun(
        name=f"hypothesis {event.id}",
        parameters={key: _short(value) for key, value in event.said.items()},
        metrics={},
        tags=_tags(event),
        ended=False,
    )


def decided_runs(
    event: Event,
    run_id: str,
    result: ClaimResult,
    metric: str,
    arms: Mapping[str, tuple[Side, Sequence[OutOfFold]]],
) -> list[LoggedRun]:
    """The result on the run that was opened for it, and a run for each arm below."""
    parent = LoggedRun(
        name=f"hypothesis {event.id}",
        parameters={},
        metrics={
            "gain": result.gain.value,
            "gain_low": result.gain.low,
            "gain_high": result.gain.high,
            "gain_fold": result.gains,
            "p_value": result.p_value,
            "power": result.power,
        },
        tags={**_tags(event), "verdict": result.verdict},
        run_id=run_id,
    )
    return [
        parent,
        *(replace(_arm_run(event, name, metric, arm), parent=run_id) for name, arm in arms.items()),
    ]


def _arm_run(event: Event, name: str, metric: str, arm: tuple[Side, Sequence[OutOfFold]]) -> LoggedRun:
    (side, answers), measured = arm, METRICS[metric]
    folds = [score for each in answers for score in each.fold_scores(measured)]
    score = sum(each.score(measured) for each in answers) / len(answers)
    return LoggedRun(
        name=f"{event.id} {name}",
        parameters={"model": side.model, "arm": name, **side.parameters},
        metrics={metric: score, f"{metric}_fold": folds},
        tags={**_tags(event), "arm": name},
    )


def _tags(event: Event) -> dict[str, str]:
    tags = {
        "hypothesis": event.id,
        "hypothesis_sha256": event.hash,
        "data_sha256": event.data,
        "mlflow.source.name": "fullcycle experiment --hypothesis",
    }
    return {**tags, "mlflow.source.git.commit": event.commit} if event.commit else tags


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= PARAMETER_AT_MOST else text[: PARAMETER_AT_MOST - 1] + "…"
