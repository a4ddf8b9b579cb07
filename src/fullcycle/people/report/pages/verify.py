"""The page of the verdict: metrics against the baseline, gates, curves, openings of the test set."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.verify import (
    CalibrationBin,
    CalibrationSummary,
    MetricResult,
    VerifyEvidence,
)
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Confusion,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
    Tone,
    Verdict,
)
from fullcycle.people.report.charts.relations import (
    Estimate,
    Series,
    calibration,
    curve,
    intervals,
    scatter,
)
from fullcycle.people.report.pages.common import cell, histogram_chart, interval_text, told
from fullcycle.people.report.pages.prepare import microseconds, parity_table
from fullcycle.people.report.pages.value import value_section, value_sentence, value_tiles
from fullcycle.people.report.pages.verify_parts.champion import champion_section
from fullcycle.people.report.pages.verify_parts.coverage import coverage_section
from fullcycle.people.report.pages.verify_parts.explanations import explanations_section
from fullcycle.people.report.pages.verify_parts.robustness import (
    behaviour_section,
    robustness_section,
    stability_section,
)
from fullcycle.people.report.pages.verify_parts.slices import fairness_section, slices_section
from fullcycle.people.report.pages.verify_parts.tests import tests_section, tests_tile
from fullcycle.people.report.records import Records
from fullcycle.people.report.sentences.modelling import gate_text
from fullcycle.people.report.terms import (
    LOWER_IS_BETTER,
    METRIC_MEANINGS,
    METRICS,
    metric_text,
    plain,
)
from fullcycle.people.report.words import Words

UNIT_METRICS = ("roc_auc", "average_precision", "accuracy", "f1_macro", "precision", "recall", "r2")


def verify_page(words: Words, records: Records) -> Page:
    """The report of verify."""
    evidence = records.verify
    assert evidence is not None
    value = evidence.value
    return Page(
        stage="verify",
        title=words.gettext("Verification"),
        lede=words.count(
            "How the bundle does on %(n)s row that nothing has learned from.",
            "How the bundle does on %(n)s rows that nothing has learned from.",
            evidence.rows,
        ),
        verdict=verdict(words, evidence),
        tiles=[*(value_tiles(words, value) if value else ()), *_tiles(words, evidence)],
        conclusions=[
            *([value_sentence(words, value, test=True)] if value else ()),
            *_summary(words, evidence),
            *told(words, (evidence,)),
        ],
        sections=[
            *([value_section(words, value, test=True)] if value else ()),
            _metrics(words, evidence),
            tests_section(words, evidence),
            *champion_section(words, evidence),
            *_curves(words, evidence),
            *coverage_section(words, evidence),
            *_mistakes(words, evidence),
            *slices_section(words, records, evidence),
            *fairness_section(words, evidence),
            *robustness_section(words, evidence),
            *behaviour_section(words, evidence),
            *stability_section(words, evidence),
            *explanations_section(words, evidence),
            _proof(words, evidence),
            _openings(words, evidence),
        ],
        created=evidence.run.created if evidence.run else "",
    )


def headline(evidence: VerifyEvidence) -> MetricResult | None:
    """The metric that the project is judged by."""
    return next((m for m in evidence.metrics if m.metric == evidence.headline), None)


def verdict(words: Words, evidence: VerifyEvidence) -> Verdict:
    """Passed or failed, with what decided it."""
    failed = [gate for gate in evidence.gates if not gate.passed]
    if evidence.passed:
        text = words.count(
            "Passed: the bundle may be released, its %(n)s gate is open.",
            "Passed: the bundle may be released, all its %(n)s gates are open.",
            len(evidence.gates),
        )
        return Verdict(text, "good", _against_baseline(words, evidence))
    names = words.joined([gate_text(words, gate.id, gate.metric, gate.about) for gate in failed])
    text = words.count(
        "Failed: %(n)s gate is closed, the bundle is not ready for release.",
        "Failed: %(n)s gates are closed, the bundle is not ready for release.",
        len(failed),
    )
    return Verdict(text, "bad", words.say("Not passed: %(names)s.", names=names) if failed else Markup(""))


def _against_baseline(words: Words, evidence: VerifyEvidence) -> Markup:
    metric = headline(evidence)
    if metric is None:
        return Markup("")
    return words.say(
        "%(metric)s on the test set is %(score)s; the trivial baseline has %(baseline)s.",
        metric=metric_text(words, metric.metric),
        score=interval_text(words, metric.model, words.score),
        baseline=words.score(metric.baseline),
    )


def _tiles(words: Words, evidence: VerifyEvidence) -> list[Tile]:
    tiles = []
    metric = headline(evidence)
    if metric is not None:
        note = words.say("trivial baseline: %(baseline)s", baseline=words.score(metric.baseline))
        tiles.append(Tile(metric_text(words, metric.metric), words.score(metric.model.value), note))
    passed = sum(gate.passed for gate in evidence.gates)
    shown = words.say("%(passed)s of %(all)s", passed=passed, all=len(evidence.gates))
    tone: Tone = "good" if evidence.passed else "bad"
    tiles.append(Tile(words.gettext("Gates passed"), shown, "", tone))
    if evidence.checks:
        tiles.append(tests_tile(words, evidence))
    tiles.append(Tile(words.gettext("Test rows"), words.whole(evidence.rows)))
    tiles.append(Tile(words.gettext("Models judged on these rows"), words.whole(evidence.openings)))
    if evidence.threshold is not None:
        tiles.append(Tile(words.gettext("Decision threshold"), words.fixed(evidence.threshold, 3)))
    return tiles


def _summary(words: Words, evidence: VerifyEvidence) -> list[Conclusion]:
    metric = headline(evidence)
    if metric is None or metric.model.low is None or metric.model.high is None or metric.baseline is None:
        return []
    better = (
        metric.model.low > metric.baseline if metric.higher_is_better else metric.model.high < metric.baseline
    )
    shown = {
        "metric": metric_text(words, metric.metric),
        "end": words.score(metric.model.low if metric.higher_is_better else metric.model.high),
        "baseline": words.score(metric.baseline),
    }
    text = (
        words.say(
            "The model beats the trivial baseline beyond doubt: even the unfavourable end of the interval"
            " of its %(metric)s, %(end)s, is better than %(baseline)s.",
            **shown,
        )
        if better
        else words.say(
            "The model cannot be told from the trivial baseline: the interval of its %(metric)s reaches"
            " %(end)s, and the baseline has %(baseline)s.",
            **shown,
        )
    )
    return [Conclusion(text, "info" if better else "warning", link="#metrics")]


def _metrics(words: Words, evidence: VerifyEvidence) -> Section:
    blocks: list[Block] = []
    drawn = [
        _estimate(words, m)
        for m in evidence.metrics
        if m.metric in UNIT_METRICS and m.model.value is not None
    ]
    if drawn:
        title = words.gettext("The model and the trivial baseline")
        label = f"{title}: " + "; ".join(f"{e.label} {words.score(e.value)}" for e in drawn)
        picture = intervals(
            drawn,
            label=label,
            x_title=words.gettext("metric on the test set; higher is better"),
            x_format=words.numbers(3),
        )
        note = words.gettext(
            "Filled dot with whiskers: the model and its interval. Hollow diamond: the baseline."
        )
        blocks.append(Charts([Chart(title, picture, note)]))
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("model"), numeric=True),
        Column(words.gettext("interval"), numeric=True),
        Column(words.gettext("baseline"), numeric=True),
        Column(words.gettext("what it says"), wide=True),
    ]
    rows = [_metric_row(words, metric) for metric in evidence.metrics]
    blocks.append(Table(words.gettext("Metrics on the test set"), columns, rows))
    return Section("metrics", words.gettext("Metrics"), blocks)


def _estimate(words: Words, metric: MetricResult) -> Estimate:
    value = metric.model.value or 0.0
    low = metric.model.low if metric.model.low is not None else value
    high = metric.model.high if metric.model.high is not None else value
    return Estimate(plain(words, METRICS, metric.metric), value, low, high, metric.baseline)


def _metric_row(words: Words, metric: MetricResult) -> list[Cell]:
    model = metric.model
    interval: Text = "–"
    if model.low is not None and model.high is not None:
        interval = words.say("%(low)s to %(high)s", low=words.score(model.low), high=words.score(model.high))
    meaning: Text = words.gettext(METRIC_MEANINGS.get(metric.metric, "")) or "–"
    if metric.metric in LOWER_IS_BETTER:
        meaning = words.say("%(meaning)s; lower is better", meaning=meaning)
    return [
        cell(metric_text(words, metric.metric)),
        cell(words.score(model.value), model.value),
        cell(interval),
        cell(words.score(metric.baseline), metric.baseline),
        cell(meaning),
    ]


def _curves(words: Words, evidence: VerifyEvidence) -> list[Section]:
    charts = []
    if evidence.roc:
        charts.append(_roc(words, evidence))
    if evidence.calibration:
        charts.append(_calibration(words, evidence.calibration, several=len(evidence.confusion) > 2))
    if not charts:
        return []
    blocks: list[Block] = [Charts(charts)]
    if evidence.calibration_summary is not None:
        blocks.append(Paragraphs([_calibration_text(words, evidence.calibration_summary)]))
    return [Section("curves", words.gettext("Ranking and calibration"), blocks)]


def _calibration_text(words: Words, summary: CalibrationSummary) -> Markup:
    return words.say(
        "Probabilities are off by %(error)s on average (expected calibration error); true ones would stay"
        " under %(chance)s in 95 of 100 such samples. The Brier score is %(brier)s: %(uncertainty)s from the"
        " target itself, less %(resolution)s that the model tells apart, plus %(reliability)s that its"
        " probabilities are off.",
        error=words.percent(summary.error),
        chance=words.percent(summary.error_by_chance),
        brier=words.score(summary.brier),
        uncertainty=words.score(summary.uncertainty),
        resolution=words.score(summary.resolution),
        reliability=words.fixed(summary.reliability, 4),
    )


def _roc(words: Words, evidence: VerifyEvidence) -> Chart:
    auc = next((m.model.value for m in evidence.metrics if m.metric == "roc_auc"), None)
    label = words.gettext("ROC curve; area below it: %(auc)s") % {"auc": words.score(auc)}
    picture = curve(
        evidence.roc,
        label=label,
        x_title=words.gettext("false positives, share of actual negatives"),
        y_title=words.gettext("true positives, share of actual positives"),
        share_format=lambda share: words.percent(share, 0),
    )
    note = words.gettext("The dashed line is guessing; the further above it, the better.")
    return Chart(words.gettext("ROC curve"), picture, note)


def _calibration(words: Words, bins: tuple[CalibrationBin, ...], *, several: bool) -> Chart:
    """Of two classes the probability of the second; of several that of the class that was said."""
    x_title, y_title = words.gettext("predicted probability"), words.gettext("observed share, with interval")
    if several:
        x_title = words.gettext("probability of the class that was said")
        y_title = words.gettext("share of right answers, with interval")
    data = [
        (
            b.predicted,
            b.observed,
            b.low,
            b.high,
            words.count("%(n)s row", "%(n)s rows", b.rows).striptags()
            + f": {words.percent(b.predicted)} → {words.percent(b.observed)}",
        )
        for b in bins
    ]
    label = words.gettext("Calibration: predicted and observed shares") + ": "
    label += "; ".join(f"{words.percent(b.predicted)} → {words.percent(b.observed)}" for b in bins)
    picture = calibration(
        data,
        label=label,
        x_title=x_title,
        y_title=y_title,
        share_format=lambda share: words.percent(share, 0),
    )
    note = words.gettext("On the dashed line, what was predicted is what happened.")
    return Chart(words.gettext("Calibration"), picture, note)


def _mistakes(words: Words, evidence: VerifyEvidence) -> list[Section]:
    blocks: list[Block] = []
    if evidence.confusion:
        blocks.append(_confusion(words, evidence.confusion))
    charts = []
    if evidence.residuals is not None:
        x_title = words.gettext("actual less predicted")
        charts.append(histogram_chart(words, x_title, evidence.residuals, title=words.gettext("Errors")))
    if evidence.predicted_actual:
        charts.append(_predicted_actual(words, evidence.predicted_actual))
    if charts:
        blocks.append(Charts(charts))
    return [Section("mistakes", words.gettext("Where it errs"), blocks)] if blocks else []


def _predicted_actual(words: Words, points: tuple[tuple[float, float], ...]) -> Chart:
    label = words.gettext("Predicted against actual values, %(n)s test rows") % {
        "n": words.whole(len(points))
    }
    picture = scatter(
        [Series("", [(actual, predicted) for predicted, actual in points])],
        label=label,
        x_title=words.gettext("actual"),
        y_title=words.gettext("predicted"),
        x_format=words.numbers(),
        y_format=words.numbers(),
        diagonal=True,
    )
    note = words.gettext("On the dashed line, the prediction is exact.")
    return Chart(words.gettext("Predicted and actual"), picture, note)


def _confusion(words: Words, counts: dict[str, dict[str, int]]) -> Confusion:
    classes = list(dict.fromkeys([*counts, *(name for row in counts.values() for name in row)]))
    rows = []
    for actual in classes:
        row = counts.get(actual, {})
        total = sum(row.values()) or 1
        rows.append(
            [
                (
                    words.whole(row.get(predicted, 0)),
                    words.percent(row.get(predicted, 0) / total, 0),
                    round(10 * row.get(predicted, 0) / total),
                )
                for predicted in classes
            ]
        )
    return Confusion(
        title=words.gettext("Test rows by actual and predicted class, with the share of each actual class"),
        actual=words.gettext("actual"),
        predicted=words.gettext("predicted"),
        classes=classes,
        counts=rows,
    )


def _proof(words: Words, evidence: VerifyEvidence) -> Section:
    text = words.say("The bundle that was judged: %(bundle)s.", bundle=words.code(evidence.bundle))
    texts = [text]
    if evidence.speed is not None:
        texts.append(
            words.say(
                "It answers one row in %(median)s (99 of 100 within %(most)s), as prepare measured.",
                median=microseconds(words, evidence.speed.single_row_p50_us),
                most=microseconds(words, evidence.speed.single_row_p99_us),
            )
        )
    blocks: list[Block] = [Paragraphs(texts), parity_table(words, (evidence.parity,))]
    return Section("parity", words.gettext("Proof on test rows"), blocks)


def _openings(words: Words, evidence: VerifyEvidence) -> Section:
    times = words.count(
        "%(n)s model has been judged on these test rows.",
        "%(n)s models have been judged on these test rows.",
        evidence.openings,
    )
    text = words.say(
        "Each opening is written to %(file)s before the labels are read. The more often one looks and"
        " changes something, the kinder the verdict becomes.",
        file=words.code("evidence/openings.jsonl"),
    )
    return Section("openings", words.gettext("Openings of the test set"), [Paragraphs([times, text])])
