"""What a look at the log finds beyond drift, through the stage: performance, control, skew, causes,
alarms."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.core.bundle.conftest import THRESHOLD, pipeline
from tests.live.monitor.conftest import NOW, Table, people
from tests.released import bundle_in, project_in

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.contract.model import Task
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.monitor import AlarmFacts, MonitorEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.evidence.verify import MetricResult
from fullcycle.core.project.project import Project
from fullcycle.live.log.table import FORMAT, SOURCES, schema
from fullcycle.live.monitor.stage import Asked, run

DAY = timedelta(days=1)
FIRST = datetime(2026, 5, 1, tzinfo=UTC)
Columns = dict[str, Any]


@pytest.fixture(scope="module")
def verified_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose verdict says what its probabilities give on rows like those of training."""
    auc = MetricResult(
        metric="roc_auc",
        higher_is_better=True,
        model=Interval(value=0.6, low=0.57, high=0.63),
        baseline=0.5,
    )
    return bundle_in(tmp_path_factory.mktemp("verified"), metrics=(auc,))


@pytest.fixture(scope="module")
def bundle(verified_bundle: Path) -> Bundle:
    return read_bundle(verified_bundle)


@pytest.fixture
def project(tmp_path: Path, verified_bundle: Path) -> Project:
    made = project_in(tmp_path / "project")
    made.paths.bundle.symlink_to(verified_bundle)
    return made


def log_day(
    project: Project,
    bundle: Bundle,
    day: int,
    rows: int = 300,
    *,
    truth: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]] | None = None,
    latency_ms: float = 1.0,
    change: Callable[[Columns], None] | None = None,
    answer: Callable[[list[float]], list[float]] | None = None,
) -> None:
    """A part of the log with the answers of one day, and their outcomes two days later where `truth` is
    given."""
    moment, random = FIRST + DAY * day, np.random.default_rng(day)
    columns = people(rows, seed=day)
    columns["e-mail"] = [None] * rows
    columns["since"] = [None if each is None else each * 1_000_000 for each in columns["since"]]
    if change is not None:
        change(columns)
    said = pipeline(columns, Task.binary)
    came = None if truth is None else random.random(rows) < truth(said[:, 1])
    records: list[dict[str, Any]] = []
    for at, shares in enumerate(said.tolist()):
        told = shares if answer is None else answer(shares)
        label = "yes" if told[1] >= THRESHOLD else "no"
        output = {"prediction": label, "probabilities": {"no": told[0], "yes": told[1]}}
        asked = {"request_id": f"{day}-{at}", "row": 0}
        records.append(
            {
                **asked,
                "kind": "prediction",
                "time": moment + DAY * at / rows,
                "route": "champion",
                "version": bundle.version,
                "latency_ms": latency_ms * float(random.lognormal(0, 0.2)),
                "inputs": json.dumps({name: values[at] for name, values in columns.items()}),
                "output": json.dumps(output),
                "prediction": label,
            }
        )
        if came is not None:
            outcome = "yes" if came[at] else "no"
            records.append({**asked, "kind": "feedback", "time": moment + 2 * DAY, "outcome": outcome})
    project.paths.predictions.mkdir(exist_ok=True)
    described = schema().with_metadata({SOURCES: b"[]", FORMAT: b"1"})
    target = project.paths.predictions / f"{moment:%Y-%m-%d}_1.parquet"
    pq.write_table(pa.Table.from_pylist(records, described), target)


def as_foreseen(probability: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return probability


def codes(evidence: MonitorEvidence) -> set[str]:
    """Of what rings, but for the personal column that this log leaves empty, so that rows can be asked
    again."""
    return {alarm.finding.code for alarm in evidence.ringing if alarm.finding.columns != ("e-mail",)}


def looks(evidence: MonitorEvidence) -> list[AlarmFacts]:
    return [alarm for alarm in evidence.ringing if alarm.finding.code in ("FC811", "FC813")]


def test_a_quiet_fortnight_has_charts_performance_and_a_certificate_and_no_alarm(
    project: Project, bundle: Bundle
) -> None:
    for day in range(14):
        log_day(project, bundle, day, 150, truth=as_foreseen if day < 12 else None)
    evidence = run(project, Asked(), FIRST + 14 * DAY)
    assert codes(evidence) == set()
    assert evidence.skew is not None
    assert evidence.skew.holds
    assert {each.metric for each in evidence.control} == {"latency", "fallbacks", "score", "outcome"}
    assert all(each.weekly and len(each.windows) == 14 for each in evidence.control)
    performance = evidence.performance
    assert performance is not None
    assert evidence.performance_of is not None
    assert evidence.performance_of.startswith("2026-05-12")  # later answers have no outcome yet
    assert performance.delay is not None
    assert performance.delay.labelled == 150
    assert 86_400 < (performance.delay.median_s or 0) < 2 * 86_400
    assert {fact.metric for fact in performance.realised} == {fact.metric for fact in performance.estimated}
    assert performance.concept is not None
    assert performance.concept.drifted != "concept"
    assert read_evidence(project.paths.evidence, MonitorEvidence).performance == performance


@pytest.mark.nightly
def test_outcomes_that_nobody_sends_any_more_ring(project: Project, bundle: Bundle) -> None:
    for day in range(10):
        log_day(project, bundle, day, 60, truth=as_foreseen if day < 5 else None)
    assert codes(run(project, Asked(), FIRST + 10 * DAY)) == {"FC817"}


def test_outcomes_that_follow_otherwise_ring_when_they_come(project: Project, bundle: Bundle) -> None:
    log_day(project, bundle, 0, 600)
    assert codes(run(project, Asked(), NOW)) == set()
    log_day(project, bundle, 0, 600, truth=lambda probability: 1 - probability)  # the same day, now known
    rung = run(project, Asked(), NOW)
    assert codes(rung) == {"FC811", "FC813"}
    assert "roc_auc" in {each.finding.facts.get("metric") for each in rung.alarms}
    log_day(project, bundle, 1, 600, truth=as_foreseen)
    assert codes(run(project, Asked(), NOW)) == set()


@pytest.mark.nightly
def test_an_alarm_of_the_look_stays_the_same_alarm_while_windows_come(
    project: Project, bundle: Bundle
) -> None:
    log_day(project, bundle, 0, 600, truth=lambda probability: 1 - probability)
    first = looks(run(project, Asked(), NOW))
    log_day(project, bundle, 1, 600)
    again = looks(run(project, Asked(), NOW))
    assert {alarm.id for alarm in again} == {alarm.id for alarm in first}
    assert {alarm.windows for alarm in again} == {2}


@pytest.mark.nightly
def test_slow_answers_ring_a_control_chart(project: Project, bundle: Bundle) -> None:
    for day in range(24):
        log_day(project, bundle, day, 60, latency_ms=1.0 if day < 22 else 2.5)
    evidence = run(project, Asked(), NOW)
    [alarm] = [each for each in evidence.ringing if each.finding.code == "FC814"]
    assert alarm.finding.facts["metric"] == "latency"
    assert str(alarm.finding.facts["since"]).startswith("2026-05-2")
    [latency] = [each for each in evidence.control if each.metric == "latency"]
    assert latency.values[0] == pytest.approx(1, rel=0.2)
    assert latency.values[-1] == pytest.approx(2.5, rel=0.2)


def test_an_answer_that_a_table_would_not_get_rings(project: Project, bundle: Bundle) -> None:
    log_day(project, bundle, 0, 100, answer=lambda shares: [shares[0] - 0.01, shares[1] + 0.01])
    evidence = run(project, Asked(), NOW)
    assert codes(evidence) == {"FC815"}
    assert evidence.skew is not None
    assert evidence.skew.different == evidence.skew.rows == 100


def test_the_cause_of_a_drift_is_named(project: Project, bundle: Bundle) -> None:
    def in_cents(columns: Columns) -> None:
        columns["income"] = [None if each is None else each * 100 for each in columns["income"]]

    log_day(project, bundle, 0)
    log_day(project, bundle, 1, change=in_cents)
    evidence = run(project, Asked(), NOW)
    assert evidence.causes is not None
    first = evidence.causes.columns[0]
    assert (first.column, first.kind) == ("income", "factor")
    assert first.factor == pytest.approx(100, rel=0.1)
    assert first.contribution > 0.2
    assert run(project, Asked(), NOW).causes is None  # nothing new was looked at


@pytest.mark.nightly
def test_a_table_with_outcomes_has_a_performance(
    project: Project, make_table: Table, ask: Callable[..., Asked]
) -> None:
    random = np.random.default_rng(0)
    source = make_table(600, left=lambda _: random.choice(["no", "yes"], 600).tolist())
    evidence = run(project, ask(source))
    assert evidence.performance is not None
    assert evidence.performance.rows == 600
    assert evidence.performance.delay is None
    assert "FC811" in codes(evidence)
    without = run(project, ask(make_table(600, seed=2))).performance
    assert without is not None
    assert without.realised == ()
    assert len(without.estimated) == 5
