"""The stable codes of findings. A code never changes its meaning; the docs have a section for each.

Names only: sentences in English and Russian live in the catalogue of `people/report`.
"""

from __future__ import annotations

from enum import StrEnum

from fullcycle.core.evidence.base import Finding, Scalar, Severity


class Code(StrEnum):
    """FC1 data as it came, FC2 cleaning, FC3 analysis, FC4 experiments, FC5 the graph, FC6 the verdict,
    FC7 labels."""

    encoding_guessed = "FC101"
    values_out_of_type = "FC102"
    sentinel_suspect = "FC103"
    text_dropped = "FC104"
    all_missing = "FC105"
    constant_column = "FC106"
    identifier_column = "FC107"
    unnamed_column = "FC108"
    source_changed = "FC109"
    column_added = "FC110"
    column_gone = "FC111"
    distribution_changed = "FC112"
    join_unmatched = "FC113"
    ambiguous_format = "FC114"
    duplicate_rows = "FC201"
    duplicate_keys = "FC202"
    target_missing = "FC203"
    contradicting_labels = "FC204"
    outliers = "FC205"
    missing_values = "FC206"
    unexpected_values = "FC207"
    class_too_small = "FC208"
    train_test_overlap = "FC209"
    groups_across_split = "FC210"
    time_missing = "FC211"
    near_duplicates = "FC212"
    copied_column = "FC213"
    rare_categories = "FC214"
    spelling_variants = "FC215"
    missing_tokens = "FC216"
    trimmed_texts = "FC217"
    missing_depends = "FC218"
    scaled = "FC219"
    leak_suspect = "FC301"
    missingness_leak = "FC302"
    strong_correlation = "FC303"
    skewed_column = "FC304"
    imbalanced_target = "FC305"
    strongest_columns = "FC306"
    pair_leak = "FC307"
    identifier_leak = "FC308"
    group_leak = "FC309"
    time_leak = "FC310"
    aggregate_leak = "FC311"
    order_leak = "FC312"
    trend = "FC313"
    segment_differs = "FC314"
    missing_together = "FC315"
    measured_on_sample = "FC316"
    search_ended_by_time = "FC401"
    no_better_than_baseline = "FC402"
    simple_model_as_good = "FC403"
    search_on_sample = "FC404"
    hypothesis_changed = "FC420"
    too_few_rows_for_claim = "FC421"
    value_contradicts_metric = "FC430"
    value_no_better = "FC431"
    graph_proven = "FC501"
    calibrated = "FC502"
    gate_failed = "FC601"
    test_opened_again = "FC602"
    weak_slice = "FC603"
    worse_than_champion = "FC604"
    champion_not_compared = "FC605"
    miscalibrated = "FC606"
    groups_unequal = "FC607"
    answers_fragile = "FC608"
    behaviour_failed = "FC609"
    answers_unstable = "FC610"
    rows_not_apart = "FC611"
    labels_suspect = "FC701"
    annotators_disagree = "FC702"


def finding(code: Code, severity: Severity, *columns: str, **facts: Scalar | list[Scalar]) -> Finding:
    """A finding in one line."""
    return Finding(code=code.value, severity=severity, columns=columns, facts=facts)
