"""Served requests go the way of tables, and whatever comes out otherwise is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from tests.core.bundle import conftest as by_hand
from tests.released import ROW

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.project.log_settings import LogSettings
from fullcycle.core.project.route_settings import BreakerSettings
from fullcycle.live.log.read import open_log
from fullcycle.live.log.writer import LogPlace, PredictionLog
from fullcycle.live.monitor.skew import ServedRow, certify, served_sample
from fullcycle.live.routes.breaker import Breaker
from fullcycle.live.routes.lane import Lane
from fullcycle.live.routes.router import Deployment, Served


@pytest.fixture(scope="module")
def bundle(bundle_folder: Path) -> Bundle:
    return read_bundle(bundle_folder)


@pytest.fixture(scope="module")
def served(bundle: Bundle) -> list[ServedRow]:
    return served_by(bundle)


def served_by(bundle: Bundle, **of_all: Any) -> list[ServedRow]:
    """What the log keeps of the training rows, without the personal column."""
    columns = by_hand.training_columns(60)
    rows = [{name: values[at] for name, values in columns.items()} for at in range(60)]
    texts = [{**row, "since": None, "e-mail": None, **of_all} for row in rows[:30]] + [ROW] * 30
    names = [column.name for column in bundle.contract.features]
    return [
        ServedRow(
            "r1", at, each.route, each.version, dict(zip(names, each.row.values, strict=True)), each.answer
        )
        for at, each in enumerate(answers_of(bundle, texts))
    ]


def answers_of(bundle: Bundle, rows: list[dict[str, Any]]) -> list[Served]:
    coerced = [bundle.coerce(row) for row in rows]
    return [
        Served("champion", bundle.version, row, answer, 0.05)
        for row, answer in zip(coerced, bundle.answer(coerced), strict=True)
    ]


def test_what_the_server_said_is_what_a_table_gets(bundle: Bundle, served: list[ServedRow]) -> None:
    facts = certify(served, {bundle.version: bundle}.get)
    assert facts.holds
    assert (facts.rows, facts.different, facts.withheld) == (60, 0, 0)
    assert facts.largest < 0.1


def test_numbers_are_certified_too(regression_folder: Path) -> None:
    bundle = read_bundle(regression_folder)
    served = served_by(bundle)
    assert certify(served, {bundle.version: bundle}.get).holds
    wrong = replace(served[7], output={"prediction": served[7].output["prediction"] + 0.01})
    facts = certify([*served[:7], wrong, *served[8:]], {bundle.version: bundle}.get)
    assert facts.different == 1
    assert facts.differences[0].kind == "number"


def test_an_answer_that_a_table_does_not_get_is_a_difference(bundle: Bundle, served: list[ServedRow]) -> None:
    said = served[4].output["probabilities"]
    moved = {"no": said["no"] - 3e-5, "yes": said["yes"] + 3e-5}
    other = "no" if served[5].output["prediction"] == "yes" else "yes"
    changed = [
        replace(served[4], output={**served[4].output, "probabilities": moved}),
        replace(served[5], output={**served[5].output, "prediction": other}),
        *served[6:],
    ]
    facts = certify(changed, {bundle.version: bundle}.get)
    assert not facts.holds
    assert [(each.row, each.kind) for each in facts.differences] == [(4, "number"), (5, "label")]
    assert facts.largest == pytest.approx(3, rel=0.2)


def test_values_that_a_table_reads_otherwise_are_named_by_column(
    bundle: Bundle, served: list[ServedRow]
) -> None:
    """A server that forgot to strip and to read missing tokens would log such values."""
    rows = [replace(served[0], inputs={**served[0].inputs, "plan": " premium "}), *served[1:]]
    facts = certify(rows, {bundle.version: bundle}.get)
    assert [each.kind for each in facts.differences if each.kind == "read"] == ["read"]
    assert facts.columns["plan"] == 1


def test_a_row_that_tables_refuse_is_a_difference(bundle: Bundle, served: list[ServedRow]) -> None:
    strict = bundle.contract.model_copy(
        update={
            "columns": tuple(
                column.model_copy(update={"strict": True}) if column.name == "age" else column
                for column in bundle.contract.columns
            )
        }
    )
    stricter = replace(bundle, facts=bundle.facts.model_copy(update={"contract": strict}))
    row = replace(served[0], inputs={**served[0].inputs, "age": 400.0})
    facts = certify([row, *served[1:]], {bundle.version: stricter}.get)
    assert [(each.row, each.kind) for each in facts.differences] == [(0, "refused")]


def test_what_can_not_be_asked_again_is_counted(bundle: Bundle, served: list[ServedRow]) -> None:
    rows = [
        replace(served[0], version="gone"),
        replace(served[1], route="constant"),
        replace(served[2], inputs={**served[2].inputs, "e-mail": "5f2a"}),
        *served[3:],
    ]
    facts = certify(rows, {bundle.version: bundle}.get)
    assert (facts.rows, facts.no_bundle, facts.no_model, facts.withheld) == (57, 1, 1, 1)
    assert facts.holds
    assert not certify([], {bundle.version: bundle}.get).holds


@pytest.mark.nightly
def test_a_sample_of_the_log_is_drawn_and_certified(tmp_path: Path, bundle: Bundle) -> None:
    log = PredictionLog(LogPlace(tmp_path / "predictions", LogSettings()))
    log.meets(Deployment(Lane("champion", bundle, Breaker(BreakerSettings()), Lock()), lambda _: None))
    for number in range(30):
        log.append(f"r{number}", answers_of(bundle, [{**ROW, "age": 20 + number}]))
    log.close()
    with open_log(tmp_path / "predictions") as opened:
        sample = served_sample(opened, rows=12, seed=3)
        again = served_sample(opened, rows=12, seed=3)
        none = served_sample(opened, where="version = 'other'")
    assert len(sample) == 12
    assert sample == again
    assert none == []
    assert certify(sample, {bundle.version: bundle}.get).holds
