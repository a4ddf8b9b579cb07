"""What a look found beyond drift is told in lines that a person can act on."""

from __future__ import annotations

from typing import Any

import pytest

from fullcycle.cli.monitor_lines import beyond, drilled_lines, risk_lines
from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.causes import CauseFacts, ColumnCause, SegmentCause
from fullcycle.core.evidence.monitor import BudgetFacts, MonitorEvidence
from fullcycle.core.evidence.performance import ConceptFacts, LabelDelay, MetricFact, PerformanceFacts
from fullcycle.core.evidence.skew import SkewFacts
from fullcycle.core.project.risk_settings import Risk
from fullcycle.live.monitor.drill.responses import Response
from fullcycle.live.monitor.drill.run import Drilled, Rang

AUC = MetricFact(
    metric="roc_auc", higher_is_better=True, rows=1200, value=Interval(value=0.71, low=0.68, high=0.74)
)


def evidence(**found: Any) -> MonitorEvidence:
    return MonitorEvidence(
        source="predictions",
        kind="log",
        bundle="v1",
        reference_rows=1000,
        window="1 day",
        budget=BudgetFacts(count=1, per="quarter", look_s=86_400, alpha_per_look=0.01),
        variation="assumed",
        **found,
    )


def cause(**facts: Any) -> ColumnCause:
    plain = {"column": "income", "moved": 0.8, "contribution": 0.21, "impact": 0.3}
    return ColumnCause(**{**plain, "missing_before": 0.01, "missing_now": 0.4, **facts})


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"kind": "factor", "factor": 100.0}, "all values times 100"),
        ({"kind": "missing"}, "missing in 40.0% of rows, 1.0% before"),
        ({"kind": "renamed", "before": "Omsk", "now": "OMSK"}, "'Omsk' may be called 'OMSK' now"),
        ({"kind": "unseen", "now": "trial"}, "values that were never seen, such as 'trial'"),
        ({"kind": "constant"}, "one value only"),
        ({"kind": "shares"}, "other shares of its values"),
        ({"kind": "shape"}, "another shape"),
    ],
)
def test_a_cause_says_what_the_fault_looks_like(facts: dict[str, Any], told: str) -> None:
    segment = SegmentCause(column="age", low=18, high=30, share_before=0.1, share_now=0.4, gain=1, by_share=0)
    causes = CauseFacts(
        of="yes",
        rows=100,
        score_before=0.3,
        score_now=0.51,
        columns=(cause(**facts),),
        together=0.0,
        segments=(segment,),
    )
    lines = [*beyond(evidence(causes=causes))]
    assert lines == [
        "mean score of yes: 0.3 in training, 0.51 now",
        f"  income: {told}, +0.21 of the mean score",
        "  segment 18 < age <= 30: 10.0% of rows, 40.0% now",
    ]


def test_performance_says_when_outcomes_come_and_who_is_to_blame() -> None:
    concept = ConceptFacts(rows=1200, drifted="concept", p=0, outcomes=0.5, foreseen=0.3, changes=())
    delay = LabelDelay(labelled=1200, waiting=300, median_s=129_600)
    facts = PerformanceFacts(rows=1500, delay=delay, realised=(AUC,), concept=concept)
    assert [*beyond(evidence(performance=facts, performance_of="2026-05-01"))] == [
        "roc_auc 0.710 (0.680 to 0.740) on 1,200 rows with outcomes of 2026-05-01",
        "  outcomes follow inputs otherwise than they did",
        "  1,200 outcomes known, 300 waited for; half of them come within 1.5 days",
    ]
    foreseen = PerformanceFacts(rows=0, estimated=(AUC,))
    assert [*beyond(evidence(performance=foreseen))] == [
        "roc_auc 0.710 (0.680 to 0.740) foreseen, no outcomes yet"
    ]


def test_the_certificate_is_one_line() -> None:
    def told(**facts: Any) -> list[str]:
        return [*beyond(evidence(skew=SkewFacts(**{"different": 0, "largest": 0.1, **facts})))]

    assert told(rows=300) == ["300 served rows asked again as a table: all alike"]
    assert told(rows=300, different=2) == ["300 served rows asked again as a table: 2 differ"]
    assert told(rows=0)[0].startswith("served rows could not be asked again")


def test_a_drill_is_a_table_that_names_what_did_not_ring() -> None:
    faults = (
        Rang("unit", "income", ("FC801", "FC806"), {"FC801": 1, "FC804": 1}, 1),
        Rang("late_labels", None, ("FC817",), {}, None),
    )
    answered = (Response("fallback", True, "previous", 2.6), Response("rollback", None))
    drilled = Drilled("v1", faults, answered)
    assert not drilled.passed
    assert [*drilled_lines(drilled)][1:] == [
        "  unit (income)                FC801 after 1, FC804 after 1",
        "  late labels                  nothing rang; expected FC817",
        "responses, on a copy of what is released",
        "  fallback                     previous answers within 3 ms",
        "  rollback                     nothing is set up to respond: a single point of failure",
    ]
    assert Drilled("v1", faults[:1], answered).passed
    long = Rang("missing_column", "monthly_charges_in_euros", ("FC802",), {"FC802": 1}, 1)
    wide = [*drilled_lines(Drilled("v1", (long, *faults), answered))]
    assert {line.index("FC80") for line in wide[1:3]} == {wide[1].index("FC802")}


def test_a_risk_says_who_notices_what_and_does_what() -> None:
    risk = Risk(failure="nobody answers", detection="FC814", response="roll back")
    assert [*risk_lines("declared", {"down": risk})] == [
        "declared: down",
        "  nobody answers",
        "  noticed by: FC814",
        "  then: roll back (nobody yet)",
    ]
    assert [*risk_lines("proposed", {})] == ["proposed: none"]
