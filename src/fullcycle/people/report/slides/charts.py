"""Charts of slides, as data that PowerPoint draws: the same numbers that pages draw."""

from __future__ import annotations

from fullcycle.core.evidence.experiment import ExperimentEvidence
from fullcycle.core.evidence.explore import ColumnProfile, ExploreEvidence, TargetBin
from fullcycle.people.report.pages.common import number_format
from fullcycle.people.report.records import Records
from fullcycle.people.report.slides.deck import NativeChart, Series
from fullcycle.people.report.slides.told import plain
from fullcycle.people.report.terms import STAGES, metric_text, model_text
from fullcycle.people.report.terms import plain as term
from fullcycle.people.report.words import Words

BARS = 10
PERCENT = {"en": "0%", "ru": "0\N{NO-BREAK SPACE}%"}


def strength_chart(words: Words, evidence: ExploreEvidence) -> NativeChart | None:
    """What each of the most telling columns says about the target, alone."""
    related = [p for p in evidence.columns if p.relation is not None and p.role == "feature"][:BARS]
    strengths = [profile.relation.strength for profile in related if profile.relation]
    if not related:
        return None
    return NativeChart(
        "bars",
        words.gettext("Strength of the relation to the target"),
        [profile.name for profile in related],
        [Series(words.gettext("strength"), strengths)],
        words.gettext("column"),
        words.gettext("strength, from 0 (nothing) to 1 (all)"),
    )


def relation_chart(words: Words, evidence: ExploreEvidence) -> NativeChart | None:
    """The target by the parts of the column that tells most."""
    best = next((p for p in evidence.columns if p.relation is not None and p.role == "feature"), None)
    if best is None or best.relation is None:
        return None
    of = best.relation.of
    title = (
        words.say("Share of %(value)s by %(column)s", value=words.value(of), column=best.name)
        if of is not None
        else words.say("Mean of %(target)s by %(column)s", target=evidence.target, column=best.name)
    )
    return NativeChart(
        "columns",
        plain(title),
        [_label(words, best, each) for each in best.relation.bins],
        [Series(words.gettext("target"), [each.target for each in best.relation.bins])],
        best.name,
        words.gettext("share of the rows") if of is not None else evidence.target,
        PERCENT[words.language] if of is not None else "#,##0.##",
    )


def _label(words: Words, profile: ColumnProfile, part: TargetBin) -> str:
    if part.kind == "missing":
        return words.gettext("missing")
    if part.kind == "rest":
        return words.gettext("the rest")
    if part.start is None or part.end is None:
        return part.label
    shown = number_format(words, profile.type)
    low, high = shown(part.start), shown(part.end)
    return low if low == high else f"{low} – {high}"


def distribution_chart(words: Words, evidence: ExploreEvidence) -> NativeChart | None:
    """How the values of the most telling number are spread."""
    numbers = [p for p in evidence.columns if p.histogram is not None and p.role == "feature"]
    if not numbers or numbers[0].histogram is None:
        return None
    profile, data = numbers[0], numbers[0].histogram
    shown = number_format(words, profile.type)
    return NativeChart(
        "columns",
        plain(words.say("Distribution of %(column)s", column=profile.name)),
        [shown((low + high) / 2) for low, high in zip(data.edges, data.edges[1:], strict=False)],
        [Series(words.gettext("rows"), list(data.counts))],
        plain(words.say("%(column)s, middle of the bin", column=profile.name)),
        words.gettext("rows"),
        "#,##0",
    )


def models_chart(words: Words, evidence: ExperimentEvidence) -> NativeChart:
    """The best of each model beside the baseline, out of fold."""
    metric = plain(metric_text(words, evidence.metric))
    names = [plain(model_text(words, each.model)) for each in evidence.candidates]
    scores = [each.score.value for each in evidence.candidates]
    return NativeChart(
        "bars",
        plain(words.say("%(metric)s out of fold", metric=metric)),
        [*names, words.gettext("trivial baseline")],
        [Series(metric, [*scores, evidence.baseline])],
        words.gettext("model"),
        metric,
        "0.000",
    )


def stages_chart(words: Words, records: Records) -> NativeChart | None:
    """How long each stage of the recorded run took."""
    timed = [(each.stage, each.run.seconds) for each in records.in_order if each.run]
    if not timed:
        return None
    return NativeChart(
        "bars",
        words.gettext("The recorded run, stage by stage"),
        [term(words, STAGES, stage) for stage, _ in timed],
        [Series(words.gettext("seconds"), [seconds for _, seconds in timed])],
        words.gettext("stage"),
        words.gettext("seconds"),
        "0.0",
    )
