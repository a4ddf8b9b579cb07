"""The page about the search: baseline, candidates, trials, folds, parameters, and where the runs are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.experiment import Candidate, ExperimentEvidence
from fullcycle.core.evidence.value import ValueFacts
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Commands,
    Conclusion,
    Facts,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
)
from fullcycle.people.report.charts.relations import Estimate, intervals, strips
from fullcycle.people.report.charts.relations import trials as trials_picture
from fullcycle.people.report.pages.common import cell, interval_text, parameter, told, whole
from fullcycle.people.report.pages.experiment_parts.learning import effects_section, learning_section
from fullcycle.people.report.pages.experiment_parts.proposals import proposals_section
from fullcycle.people.report.pages.value import (
    candidate_values,
    value_section,
    value_sentence,
    value_tiles,
)
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import (
    FOLDS,
    METRIC_MEANINGS,
    METRICS,
    MODELS,
    metric_text,
    model_text,
    plain,
    term,
)
from fullcycle.people.report.words import Words

WANDB = "wandb:"  # how its address in `tracking.uri` begins


def experiment_page(words: Words, records: Records) -> Page:
    """The report of experiment."""
    evidence = records.experiment
    assert evidence is not None
    value = evidence.value
    return Page(
        stage="experiment",
        title=words.gettext("Experiments"),
        lede=words.say(
            "Which models were tried on the same folds of the training rows, how each did, and which one"
            " goes on."
        ),
        tiles=[*(value_tiles(words, value) if value else ()), *_tiles(words, evidence)],
        conclusions=[
            *([value_sentence(words, value, test=False)] if value else ()),
            *_summary(words, evidence),
            *told(words, (evidence, records.proposals)),
        ],
        sections=[
            *([_value(words, evidence, value)] if value else ()),
            _candidates(words, evidence),
            _folds(words, evidence),
            _search(words, evidence),
            _parameters(words, evidence),
            *effects_section(words, evidence),
            *learning_section(words, evidence),
            *proposals_section(words, records.proposals),
            _tracking(words, evidence),
        ],
        created=evidence.run.created if evidence.run else "",
    )


def _value(words: Words, evidence: ExperimentEvidence, value: ValueFacts) -> Section:
    section = value_section(words, value, test=False)
    table = candidate_values(words, evidence.candidate_values, value.unit)
    return replace(section, blocks=[*section.blocks, table])


def champion_of(evidence: ExperimentEvidence) -> Candidate | None:
    """The candidate that won, if it is among those written down."""
    return next((c for c in evidence.candidates if c.model == evidence.champion), None)


def _score(words: Words, evidence: ExperimentEvidence) -> Interval:
    champion = champion_of(evidence)
    return champion.score if champion else Interval(value=None)


def _tiles(words: Words, evidence: ExperimentEvidence) -> list[Tile]:
    score = _score(words, evidence)
    note: Text = ""
    if score.low is not None and score.high is not None:
        note = words.say(
            "%(confidence)s interval %(low)s to %(high)s",
            confidence=words.percent(score.confidence, 0),
            low=words.score(score.low),
            high=words.score(score.high),
        )
    ended = (
        words.gettext("all that were planned")
        if evidence.ended_by == "trials"
        else words.gettext("ended by time")
    )
    return [
        Tile(words.gettext("Champion"), model_text(words, evidence.champion)),
        Tile(metric_text(words, evidence.metric), words.score(score.value), note),
        Tile(words.gettext("Trivial baseline"), words.score(evidence.baseline)),
        Tile(words.gettext("Trials"), words.whole(len(evidence.trials)), ended),
        Tile(words.gettext("Folds"), words.whole(evidence.folds), term(words, FOLDS, evidence.fold_kind)),
    ]


def _summary(words: Words, evidence: ExperimentEvidence) -> list[Conclusion]:
    score = _score(words, evidence)
    lines = [
        Conclusion(
            words.say(
                "The champion is the %(model)s: its %(metric)s on out-of-fold predictions is %(score)s; the"
                " trivial baseline has %(baseline)s.",
                model=model_text(words, evidence.champion),
                metric=metric_text(words, evidence.metric),
                score=interval_text(words, score, words.score),
                baseline=words.score(evidence.baseline),
            ),
            link="#candidates",
        )
    ]
    champion = champion_of(evidence)
    if champion and len(champion.fold_scores) > 1:
        lines.append(
            Conclusion(
                words.say(
                    "From fold to fold its score runs from %(low)s to %(high)s.",
                    low=words.score(min(champion.fold_scores)),
                    high=words.score(max(champion.fold_scores)),
                ),
                link="#folds",
            )
        )
    return lines


def _model_order(evidence: ExperimentEvidence) -> list[Candidate]:
    sign = -1 if evidence.higher_is_better else 1
    return sorted(evidence.candidates, key=lambda c: sign * (c.score.value or 0.0))


def _candidates(words: Words, evidence: ExperimentEvidence) -> Section:
    ordered = _model_order(evidence)
    meaning = METRIC_MEANINGS.get(evidence.metric)
    texts: list[Text] = []
    if meaning:
        texts.append(
            words.say(
                "%(metric)s: %(meaning)s.",
                metric=metric_text(words, evidence.metric),
                meaning=words.say(meaning),
            )
        )
    blocks: list[Block] = [Paragraphs(texts)]
    estimates = [
        Estimate(plain(words, MODELS, c.model), c.score.value, c.score.low, c.score.high)
        for c in ordered
        if c.score.value is not None and c.score.low is not None and c.score.high is not None
    ]
    charts = [_intervals(words, evidence, estimates)] if estimates else []
    if any(c.fold_scores for c in ordered):
        charts.append(_strips(words, evidence))
    blocks.append(Charts(charts))
    blocks.append(_table(words, ordered))
    return Section("candidates", words.gettext("Candidates beside the baseline"), blocks)


def _intervals(words: Words, evidence: ExperimentEvidence, estimates: Sequence[Estimate]) -> Chart:
    metric = plain(words, METRICS, evidence.metric)
    title = words.say("%(metric)s of each model's best trial", metric=metric)
    label = f"{title}: " + "; ".join(f"{e.label} {words.score(e.value)}" for e in estimates)
    x_title = words.gettext("%(metric)s, out of fold, with bootstrap interval") % {"metric": metric}
    picture = intervals(estimates, label=label, x_title=x_title, x_format=words.scores())
    baseline = words.score(evidence.baseline)
    note = (
        words.say("The trivial baseline has %(baseline)s. Higher is better.", baseline=baseline)
        if evidence.higher_is_better
        else words.say("The trivial baseline has %(baseline)s. Lower is better.", baseline=baseline)
    )
    return Chart(title, picture, note)


def _strips(words: Words, evidence: ExperimentEvidence) -> Chart:
    metric = plain(words, METRICS, evidence.metric)
    data = _fold_scores(words, evidence)
    label = "; ".join(f"{name}: {', '.join(map(words.score, values))}" for name, values in data.items())
    picture = strips(data, label=label, x_title=metric, x_format=words.scores())
    return Chart(words.gettext("Score in each fold"), picture, words.gettext("A mark for each fold."))


def _fold_scores(words: Words, evidence: ExperimentEvidence) -> dict[str, tuple[float, ...]]:
    return {plain(words, MODELS, c.model): c.fold_scores for c in _model_order(evidence) if c.fold_scores}


def _table(words: Words, ordered: Sequence[Candidate]) -> Table:
    metrics = list(dict.fromkeys(metric for c in ordered for metric in c.metrics))
    columns = [Column(words.gettext("model")), Column(words.gettext("trial"), numeric=True)]
    columns += [Column(metric_text(words, metric), numeric=True) for metric in metrics]
    rows = [
        [
            cell(model_text(words, c.model)),
            whole(words, c.trial),
            *(cell(words.score(c.metrics.get(metric)), c.metrics.get(metric)) for metric in metrics),
        ]
        for c in ordered
    ]
    return Table(words.gettext("All metrics of the candidates, out of fold"), columns, rows)


def _folds(words: Words, evidence: ExperimentEvidence) -> Section:
    metric = plain(words, METRICS, evidence.metric)
    data = _fold_scores(words, evidence)
    text = words.count(
        "The %(rows)s training rows are cut into %(n)s fold, %(kind)s; preprocessing is fitted inside each"
        " fold.",
        "The %(rows)s training rows are cut into %(n)s folds, %(kind)s; preprocessing is fitted inside each"
        " fold.",
        evidence.folds,
        rows=words.whole(evidence.rows),
        kind=term(words, FOLDS, evidence.fold_kind),
    )
    blocks: list[Block] = [Paragraphs([text])]
    if data:
        longest = max(len(values) for values in data.values())
        columns = [Column(words.gettext("model"))]
        columns += [
            Column(words.say("fold %(number)s", number=index + 1), numeric=True) for index in range(longest)
        ]
        rows = [
            [cell(name), *(cell(words.score(value), value) for value in values)]
            for name, values in data.items()
        ]
        caption = words.say("%(metric)s by fold", metric=metric)
        blocks.append(Table(caption, columns, rows, compact=True))
    return Section("folds", words.gettext("Fold by fold"), blocks)


def _search(words: Words, evidence: ExperimentEvidence) -> Section:
    metric = plain(words, METRICS, evidence.metric)
    texts = [_ending(words, evidence)]
    replayed = sum(trial.replayed for trial in evidence.trials)
    if replayed:
        texts.append(
            words.count(
                "%(n)s trial was replayed from the record of an earlier search.",
                "%(n)s trials were replayed from the record of an earlier search.",
                replayed,
            )
        )
    blocks: list[Block] = [Paragraphs(texts)]
    if evidence.trials:
        data = [(t.number, t.score, plain(words, MODELS, t.model)) for t in evidence.trials]
        title = words.gettext("Trials in the order of the search")
        label = f"{title}; " + words.gettext("best: %(score)s") % {
            "score": words.score(best_so_far(evidence)[-1][1])
        }
        picture = trials_picture(
            data,
            best_so_far(evidence),
            label=label,
            x_title=words.gettext("trial number"),
            y_title=words.gettext("%(metric)s, mean of the folds") % {"metric": metric},
            x_format=words.numbers(),
            y_format=words.scores(),
        )
        note = words.gettext("The line is the best score so far; the shape of a mark tells the model.")
        blocks += [Charts([Chart(title, picture, note)]), _trials_table(words, evidence)]
    return Section("search", words.gettext("The search"), blocks)


def _ending(words: Words, evidence: ExperimentEvidence) -> Text:
    budget = words.number(evidence.time_budget_s)
    if evidence.ended_by == "trials":
        return words.count(
            "The search ended because its %(n)s trial was done, within the ceiling of %(budget)s s.",
            "The search ended because all its %(n)s trials were done, within the ceiling of %(budget)s s.",
            len(evidence.trials),
            budget=budget,
        )
    return words.count(
        "The search was ended by its time budget of %(budget)s s after %(n)s trial.",
        "The search was ended by its time budget of %(budget)s s after %(n)s trials.",
        len(evidence.trials),
        budget=budget,
    )


def best_so_far(evidence: ExperimentEvidence) -> list[tuple[int, float]]:
    """The best score after each trial."""
    better = max if evidence.higher_is_better else min
    stair: list[tuple[int, float]] = []
    for trial in evidence.trials:
        score = better(stair[-1][1], trial.score) if stair else trial.score
        stair.append((trial.number, score))
    return stair


def _trials_table(words: Words, evidence: ExperimentEvidence) -> Table:
    rows = [
        [
            whole(words, t.number),
            cell(model_text(words, t.model)),
            cell(words.score(t.score), t.score),
            cell(
                words.data(
                    "; ".join(f"{key} = {_short(words, value)}" for key, value in t.parameters.items())
                )
                or "–"
            ),
        ]
        for t in evidence.trials
    ]
    columns = [
        Column(words.gettext("trial"), numeric=True),
        Column(words.gettext("model")),
        Column(metric_text(words, evidence.metric), numeric=True),
        Column(words.gettext("parameters"), wide=True),
    ]
    return Table(
        words.gettext("Every trial"), columns, rows, search=words.gettext("Find a trial"), compact=True
    )


def _short(words: Words, value: object) -> str:
    return words.number(value, 3) if isinstance(value, float) else str(value)


def _parameters(words: Words, evidence: ExperimentEvidence) -> Section:
    blocks: list[Block] = []
    for candidate in _model_order(evidence):
        pairs: list[tuple[Text, Text]] = [
            (words.code(k), parameter(words, v)) for k, v in candidate.parameters.items()
        ]
        blocks.append(
            Paragraphs([words.say("Parameters of the %(model)s:", model=model_text(words, candidate.model))])
        )
        blocks.append(Facts(pairs) if pairs else Paragraphs([words.gettext("The defaults.")]))
    return Section("parameters", words.gettext("Parameters"), blocks)


def _tracking(words: Words, evidence: ExperimentEvidence) -> Section:
    pairs: list[tuple[Text, Text]] = [
        (words.code(key), words.code(value)) for key, value in evidence.tracking.items()
    ]
    uri = evidence.tracking.get("uri") or evidence.tracking.get("tracking_uri") or "sqlite:///mlflow.db"
    blocks: list[Block] = [Paragraphs([_where_runs_are(words, uri)])]
    if pairs:
        blocks.append(Facts(pairs))
    if uri.startswith(WANDB):
        sent = (words.gettext("Send what was kept offline"), "wandb sync")
        blocks.append(Commands([sent]))
    elif not uri.startswith("http"):
        line = (words.gettext("Look at them in a browser"), f"mlflow ui --backend-store-uri {uri}")
        blocks.append(Commands([line]))
    return Section("runs", words.gettext("Where the runs are"), blocks)


def _where_runs_are(words: Words, uri: str) -> Text:
    if not uri.startswith(WANDB):
        return words.gettext("Every run is in MLflow with its parameters and its score in each fold.")
    return words.say(
        "Every run is in Weights & Biases with its parameters and its score in each fold, in the group of its"
        " search. With %(setting)s it is kept in the folder %(folder)s until it is sent.",
        setting=words.code("WANDB_MODE=offline"),
        folder=words.code("wandb"),
    )
