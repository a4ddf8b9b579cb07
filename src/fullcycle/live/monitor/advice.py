"""What to do about an alarm, in a line, where no report is at hand: a webhook, a file, the command line."""

from __future__ import annotations

from fullcycle.core.evidence.findings import Code
from fullcycle.core.evidence.monitor import AlarmFacts

ADVICE = {
    Code.column_drifted: "ask who supplies it what changed; if the world did, train again",
    Code.missing_rate_moved: "look at the source before it: a broken join, a renamed field, a new form",
    Code.column_vanished: "bring the column back under this name, or train a model without it",
    Code.score_drifted: "see which columns moved, and compare with outcomes as they come",
    Code.constant_answer: "look at what is sent; `fullcycle rollback` if a release came before it",
    Code.contract_broken: "widen the contract if the values are right, mend the source if not",
    Code.performance_fell: "have newer rows labelled and train again; `fullcycle rollback` after a release",
    Code.performance_expected_lower: "compare with outcomes as they come; see which columns moved",
    Code.concept_drifted: "inputs are as before and outcomes are not: train again on newer rows",
    Code.out_of_control: "see on the page Monitoring which chart left its limits, and since when",
    Code.skew_found: "a request and a table are read differently: report it with the row that it names",
    Code.rows_differ_together: "see whether the columns that it names still mean what they meant",
}
OTHERWISE = "see the page Monitoring of `fullcycle report`"


def advice_of(code: str) -> str:
    """What to do about a finding of this code."""
    return ADVICE.get(Code(code), OTHERWISE) if code in set(Code) else OTHERWISE


def line_of(alarm: AlarmFacts) -> str:
    """Code, what it is about, how far, and since when."""
    found = alarm.finding
    about = ", ".join(found.columns) or str(found.facts.get("score") or found.facts.get("metric") or "")
    effect = found.facts.get("effect")
    measured = f", effect {effect:.3f}" if isinstance(effect, float) else ""
    name = Code(found.code).name.replace("_", " ") if found.code in set(Code) else ""
    said = " ".join(part for part in (found.code, name, about) if part)
    return f"{said}{measured}, since {alarm.first_window}"
