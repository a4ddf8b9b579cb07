"""What more rows would do, and what the parameters did: the learning curve, importance and interaction."""

from __future__ import annotations

from collections.abc import Sequence

from fullcycle.core.evidence.experiment import ExperimentEvidence, ParameterEffect, Trial
from fullcycle.people.report.blocks import Block, Chart, Charts, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.charts.relations import Estimate, Series, intervals, scatter
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import METRICS, metric_text, model_text, plain
from fullcycle.people.report.words import Words

THIRDS = 3


def learning_section(words: Words, evidence: ExperimentEvidence) -> list[Section]:
    """Nothing where no curve was measured."""
    points = [each for each in evidence.learning if each.score.value is not None]
    if len(points) < 2:
        return []
    metric = plain(words, METRICS, evidence.metric)
    estimates = [
        Estimate(
            words.whole(each.rows),
            each.score.value or 0.0,
            _bound(each.score.low, each.score.value),
            _bound(each.score.high, each.score.value),
        )
        for each in points
    ]
    title = words.gettext("Score by number of training rows")
    label = f"{title}: " + "; ".join(f"{each.label}: {words.score(each.value)}" for each in estimates)
    picture = intervals(estimates, label=label, x_title=metric, x_format=words.scores())
    text = words.say(
        "The %(model)s with its best parameters, fitted on parts of each fold's training rows and judged on"
        " the same rows each time. Where the last doubling changes little, more rows would too.",
        model=model_text(words, evidence.learning_model),
    )
    blocks: list[Block] = [Paragraphs([text]), Charts([Chart(title, picture)])]
    return [Section("learning", words.gettext("Would more rows help?"), blocks)]


def _bound(bound: float | None, value: float | None) -> float:
    return (value or 0.0) if bound is None else bound


def effects_section(words: Words, evidence: ExperimentEvidence) -> list[Section]:
    """Nothing where no model had trials enough."""
    if not evidence.effects:
        return []
    models = dict.fromkeys(each.model for each in evidence.effects)
    effects = {model: [each for each in evidence.effects if each.model == model] for model in models}
    blocks: list[Block] = [Paragraphs([_sentence(words, evidence, own) for own in effects.values()])]
    charts = [chart for own in effects.values() for chart in _interaction(words, evidence, own)]
    if charts:
        blocks.append(Charts(charts))
    blocks.append(_table(words, evidence.effects))
    return [Section("effects", words.gettext("What the parameters did"), blocks)]


def _sentence(words: Words, evidence: ExperimentEvidence, effects: Sequence[ParameterEffect]) -> Text:
    first = effects[0]
    return words.say(
        "Of the %(model)s, %(parameter)s mattered most: it explains %(share)s of the differences between"
        " trials in %(metric)s. The best third of the trials had %(range)s.",
        model=model_text(words, first.model),
        parameter=words.code(first.parameter),
        share=words.percent(first.share, 0),
        metric=metric_text(words, evidence.metric),
        range=_range(words, first),
    )


def _range(words: Words, effect: ParameterEffect) -> Text:
    if effect.best_low is None or effect.best_high is None:
        return words.data(str(effect.best_value))
    low, high = words.number(effect.best_low), words.number(effect.best_high)
    return low if low == high else words.say("%(low)s to %(high)s", low=low, high=high)


def _interaction(
    words: Words, evidence: ExperimentEvidence, effects: Sequence[ParameterEffect]
) -> list[Chart]:
    """The trials by the two parameters that mattered most, marked by how good they were."""
    numeric = [each.parameter for each in effects if each.best_low is not None][:2]
    trials = [each for each in evidence.trials if each.model == effects[0].model]
    if len(numeric) < 2:
        return []
    across, up = numeric
    sign = -1 if evidence.higher_is_better else 1
    ordered = sorted(trials, key=lambda each: sign * each.score)
    best = max(2, len(ordered) // THIRDS)
    groups = [
        Series(words.gettext("other trials"), _places(ordered[best:], across, up)),
        Series(words.gettext("best third"), _places(ordered[:best], across, up)),
    ]
    title = words.say(
        "%(model)s: %(across)s and %(up)s",
        model=model_text(words, effects[0].model),
        across=words.data(across),
        up=words.data(up),
    )
    picture = scatter(
        groups,
        label=f"{across}, {up}: {len(ordered)}",
        x_title=across,
        y_title=up,
        x_format=words.numbers(),
        y_format=words.numbers(),
    )
    return [Chart(title, picture, words.gettext("A mark for each trial; filled dots are the best third."))]


def _places(trials: Sequence[Trial], across: str, up: str) -> list[tuple[float, float]]:
    return [(float(str(t.parameters[across])), float(str(t.parameters[up]))) for t in trials]


def _table(words: Words, effects: Sequence[ParameterEffect]) -> Table:
    columns = [
        Column(words.gettext("model")),
        Column(words.gettext("parameter")),
        Column(words.gettext("share of the differences"), numeric=True),
        Column(words.gettext("in the best third")),
    ]
    rows = [
        [
            cell(model_text(words, each.model)),
            cell(words.code(each.parameter)),
            cell(words.percent(each.share, 0), each.share),
            cell(_range(words, each)),
        ]
        for each in effects
    ]
    caption = words.gettext("Importance by functional ANOVA over the trials of a model")
    return Table(caption, columns, rows, compact=True)
