"""Decisions as findings: what the first page of a report says about cleaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.clean import Decision
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.cycle.clean.enough import CLASS_SMALL
from fullcycle.cycle.clean.rows import Outcome

# Values out of type are told by collect already. Of gaps and outliers only the largest are told, as every
# column with one has its own line among the decisions; so has every column that reaches no model.
NOT_TOLD = {
    Code.values_out_of_type.value,
    Code.scaled.value,
    Code.missing_tokens.value,
    Code.trimmed_texts.value,
    Code.read_from_text.value,
    Code.all_missing.value,
    Code.constant_column.value,
    Code.identifier_column.value,
    Code.text_dropped.value,
}
LARGEST_ONLY = {  # share of the training rows
    Code.missing_values.value: 0.05,
    Code.outliers.value: 0.02,
    Code.rare_categories.value: 0.01,
}
TOLD_OF_EACH = 5
WITH_EXAMPLES = {Code.spelling_variants.value}  # which say what was done; of rows there are only numbers
WARNINGS = {
    Code.sentinel_suspect.value,
    Code.epoch_suspect.value,
    Code.duplicate_keys.value,
    Code.contradicting_labels.value,
    Code.train_test_overlap.value,
    Code.groups_across_split.value,
}


def findings_of(decisions: Sequence[Decision], train_rows: int) -> tuple[Finding, ...]:
    """One for each decision about rows, and for the largest about columns."""
    told = [decision for decision in decisions if decision.code not in {*NOT_TOLD, *LARGEST_ONLY}]
    for code, share in LARGEST_ONLY.items():
        large = [d for d in decisions if d.code == code and d.rows >= share * train_rows]
        told += sorted(large, key=lambda decision: -decision.rows)[:TOLD_OF_EACH]
    return tuple(_finding(decision) for decision in told)


def _finding(decision: Decision) -> Finding:
    grave = decision.code in WARNINGS or decision.facts.get("across")
    severity = Severity.warning if grave else Severity.info
    facts = {**decision.facts, "rows": decision.rows, "action": decision.action}
    if decision.code in WITH_EXAMPLES and decision.examples:
        facts["examples"] = list(decision.examples)
    named = (decision.column, decision.facts.get("original"))
    columns = tuple(str(name) for name in named if name is not None)
    return Finding(code=decision.code, severity=severity, columns=columns, facts=facts)


def across_outcome(groups: int, column: str) -> Outcome:
    """Groups with rows on both sides, as happens where time or a person's test file told them apart."""
    if not groups:
        return Outcome()
    return Outcome(
        Decision(
            code=Code.groups_across_split.value,
            column=column,
            rows=0,
            action="report",
            reason="for_a_person",
            facts={"groups": groups},
        )
    )


def small_classes(classes: Mapping[str, int]) -> tuple[Finding, ...]:
    """Classes that hardly can be learned."""
    return tuple(
        finding(Code.class_too_small, Severity.warning, rows=rows, **{"class": name})
        for name, rows in classes.items()
        if rows < CLASS_SMALL
    )
