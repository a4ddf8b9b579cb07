"""The test that routes are: its names are ours, not a person's, and so are said in the page's language."""

from __future__ import annotations

from fullcycle.core.evidence.abtest import ROUTES_TEST, AnalysisFacts, MetricResult
from fullcycle.people.report.sentences.abtest import OUR_NAMES
from fullcycle.people.report.terms import plain
from fullcycle.people.report.words import Words


def in_words(words: Words, facts: AnalysisFacts) -> AnalysisFacts:
    """The facts with names in the page's language, where champion and challenger are compared."""
    if facts.name != ROUTES_TEST:
        return facts

    def name(key: str) -> str:
        return plain(words, OUR_NAMES, key)

    shares = tuple(each.model_copy(update={"variant": name(each.variant)}) for each in facts.mismatch.shares)
    decisions = tuple(
        each.model_copy(update={"treatment": name(each.treatment), "metric": name(each.metric)})
        for each in facts.decisions
    )
    return facts.model_copy(
        update={
            "name": name(facts.name),
            "control": name(facts.control),
            "mismatch": facts.mismatch.model_copy(update={"shares": shares}),
            "decisions": decisions,
            "metrics": tuple(_metric(words, each) for each in facts.metrics),
            "versions": {name(role): version for role, version in facts.versions.items()},
        }
    )


def _metric(words: Words, metric: MetricResult) -> MetricResult:
    arms = tuple(
        each.model_copy(update={"variant": plain(words, OUR_NAMES, each.variant)}) for each in metric.arms
    )
    comparisons = tuple(
        each.model_copy(update={"treatment": plain(words, OUR_NAMES, each.treatment)})
        for each in metric.comparisons
    )
    return metric.model_copy(
        update={"name": plain(words, OUR_NAMES, metric.name), "arms": arms, "comparisons": comparisons}
    )
