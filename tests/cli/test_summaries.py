"""What a stage found, in lines that fit a terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import pytest
from tests.people import evidence_factory as made
from tests.people.label_factory import labels

from fullcycle.cli import running, stages, summaries
from fullcycle.cli.label import _audit_told
from fullcycle.cli.summaries import HEADLINES, headline, interval, kinds, passed, summary
from fullcycle.core.evidence import Finding, Interval, Severity

EVIDENCE = [made.collect(), made.clean(), made.explore(), made.experiment(), made.prepare(), made.verify()]


def test_every_stage_has_its_line_and_its_kind_of_evidence() -> None:
    assert list(HEADLINES) == list(kinds())
    assert [evidence.stage for evidence in EVIDENCE] == list(HEADLINES)


@pytest.mark.parametrize("evidence", EVIDENCE, ids=lambda evidence: evidence.stage)
def test_a_stage_in_one_line(evidence: object) -> None:
    assert "\n" not in headline(evidence)  # type: ignore[arg-type]
    assert 20 < len(headline(evidence)) < 120  # type: ignore[arg-type]


def test_the_verdict_stands_beside_interval_rows_and_baseline() -> None:
    assert headline(made.verify()) == (
        "passed, 3 of 3 gates: ROC AUC 0.849 (0.829 to 0.869) on 1,404 sealed rows, "
        "0.500 for the trivial baseline"
    )
    assert headline(made.verify(passed=False)).startswith("FAILED, 2 of 3 gates: ROC AUC")
    assert (passed(made.verify()), passed(made.verify(passed=False)), passed(made.clean())) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize("together", [True, False])
def test_a_headline_is_told_once(
    together: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage has told it on stderr; who reads stdout alone must not miss it."""
    evidence = made.clean()
    monkeypatch.setattr(running, "run_one", lambda *_: None)
    monkeypatch.setattr(summaries, "read_stage", lambda *_: evidence)
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: together)
    assert stages._by_dvc(cast(Any, None), "clean", as_json=False) == 0
    told = capsys.readouterr().out.splitlines()
    assert (headline(evidence) in told) == (not together)
    assert any("FC" in line for line in told)


def test_an_audit_shows_no_more_rows_than_were_asked_for() -> None:
    audit = labels().audit
    assert audit is not None
    rows = [line for line in _audit_told(audit, Path("suspects.csv"), 2) if line.startswith("  row ")]
    assert len(rows) == 2 < len(audit.suspects)


def test_a_failed_gate_is_told_as_a_finding_with_its_code() -> None:
    assert any(line.startswith("  x FC601") for line in summary(made.verify(passed=False)))


def test_a_regression_is_told_by_its_own_metric() -> None:
    assert "R2 0.905 (0.885 to 0.925)" in headline(made.verify(regression=True))


def test_an_undecided_suspect_is_counted_and_a_decided_one_is_not() -> None:
    explored = made.explore()
    suspect = {"column": "left_on", "kind": "value", "strength": 0.99}
    told = explored.model_copy(update={"suspects": (summaries_suspect(**suspect),)})
    assert headline(told).endswith("1 may leak the target")
    decided = explored.model_copy(update={"suspects": (summaries_suspect(**suspect, decision="drop"),)})
    assert headline(decided).endswith("no suspect of a leak")


def summaries_suspect(**facts: object) -> object:
    from fullcycle.core.evidence.explore import LeakSuspect

    return LeakSuspect.model_validate(facts)


def test_the_weightiest_findings_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = list(summaries.finding_lines(made.every_finding()))
    marks = [line[2] for line in "\n".join(lines).splitlines() if line[2] != " "]
    assert marks == sorted(marks, key="x!-a".index)
    assert lines[-1].endswith("more: see the report")


@pytest.mark.parametrize("columns", ["80", "120", "20", "400"])
def test_findings_are_wrapped_to_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = "\n".join(summaries.finding_lines(made.every_finding())).splitlines()
    assert max(map(len, lines)) <= max(60, min(120, int(columns)))


def test_a_finding_of_a_later_version_is_told_by_its_code() -> None:
    unknown = Finding(code="FC999", severity=Severity.info)
    assert next(iter(summaries.finding_lines([unknown]))).startswith("  - FC999")


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Interval(value=0.8471, low=0.83, high=0.86), "0.847 (0.830 to 0.860)"),
        (Interval(value=0.8471), "0.847"),
        (Interval(value=None), "undefined"),
        (Interval(value=32_815.2, low=31_000.0, high=34_000.9), "32,815 (31,000 to 34,001)"),
    ],
)
def test_an_estimate_shows_its_bounds_if_it_has_them(estimate: Interval, text: str) -> None:
    assert interval(estimate) == text


def test_collect_tells_joins_and_what_is_new_in_its_snapshot() -> None:
    from fullcycle.core.evidence.collect import ColumnChange, JoinFacts, SnapshotChange

    join = JoinFacts(
        source="planes.parquet",
        on={"tailnum": "tailnum"},
        how="left",
        cardinality="many_to_one",
        rows=1000,
        matched=900,
        joined_rows=50,
        columns=("seats", "year"),
    )
    change = SnapshotChange(
        previous_sha256="0123456789abcdef",
        rows_before=800,
        rows_after=1000,
        columns_added=("extra",),
        changed=(ColumnChange(column="age", psi=0.4, missing_before=0, missing_after=0),),
    )
    unknown = Finding(code="FC110", severity=Severity.info, columns=("extra",))
    told = summary(
        made.collect().model_copy(update={"joins": (join,), "change": change, "findings": (unknown,)})
    )
    assert told[1] == "  + 900 of 1,000 rows found in planes.parquet; 2 columns taken"
    assert " ".join(told[2].split()) == (
        "~ beside the snapshot before (01234567): +200 rows; extra new; distributed otherwise: age"
    )
    assert told[3] == "  next: `fullcycle contract learn` adds the columns that contract.yaml lacks"
