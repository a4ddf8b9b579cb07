"""One analysis: the draw, each metric with its intervals, what was known when, segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from fullcycle.core.evidence.abtest import AnalysisFacts, Comparison, MetricResult
from fullcycle.core.evidence.base import Interval
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Facts,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.lines import Period, time_line
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.abtest_parts.decided import RULES, sentence
from fullcycle.people.report.pages.abtest_parts.numbers import (
    change_axis,
    change_text,
    change_title,
    plain_interval,
    signed_percent,
    value_text,
)
from fullcycle.people.report.pages.common import cell, day, whole
from fullcycle.people.report.terms import term
from fullcycle.people.report.words import Words

DAY_US = 86_400 * 10**6
SEGMENTS_SHOWN = 24


def _(message: str) -> str:
    return message


TESTS = {
    "z": _("normal approximation of two shares"),
    "welch": _("Welch's t test"),
    "delta": _("delta method for a ratio of means"),
}
CORRECTIONS = {"holm": _("Holm"), "bonferroni": _("Bonferroni"), "dunnett": _("Dunnett")}
GUARDS = {"holds": _("holds"), "broken": _("broken"), "open": _("not shown yet")}


def analysis_section(words: Words, facts: AnalysisFacts, anchor: str) -> Section:
    """Everything about one test."""
    title = words.gettext("Test %(name)s") % {"name": facts.name}
    blocks: list[Block] = [
        Paragraphs([*([words.data(facts.claim)] if facts.claim else ()), *_decisions(words, facts)]),
        Facts(_about(words, facts)),
        Charts([_draw(words, facts)]),
    ]
    for metric in facts.metrics:
        blocks += [_table(words, metric), Charts(_charts(words, metric))]
    return Section(anchor, title, blocks)


def _decisions(words: Words, facts: AnalysisFacts) -> list[Text]:
    return [
        words.say(
            "%(sentence)s Decided %(rule)s.",
            sentence=sentence(words, facts, each),
            rule=term(words, RULES, each.rule),
        )
        for each in facts.decisions
    ]


def _about(words: Words, facts: AnalysisFacts) -> list[tuple[Text, Text]]:
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Source"), words.code(facts.source)),
        (words.gettext("Units"), _units(words, facts)),
        (words.gettext("Control"), words.data(facts.control)),
        (words.gettext("Chance of a false difference"), _alpha(words, facts)),
    ]
    if facts.since is not None and facts.until is not None:
        pairs.append((words.gettext("From"), _moment(words, facts.since)))
        pairs.append((words.gettext("To"), _moment(words, facts.until)))
    if facts.unknown:
        pairs.append((words.gettext("Rows without variant or unit"), words.whole(facts.unknown)))
    if facts.strata is not None:
        within = words.count(
            "%(n)s value of %(column)s",
            "%(n)s values of %(column)s",
            facts.strata_used,
            column=words.name(facts.strata),
        )
        pairs.append((words.gettext("Compared within"), within))
    if facts.fixed is not None and facts.design is not None:
        pairs.append((words.gettext("Design fixed"), words.moment(facts.fixed)))
        pairs.append((words.gettext("Hash"), words.code(facts.design[:12])))
    pairs += [(words.data(role), words.code(version)) for role, version in facts.versions.items()]
    return pairs


def _units(words: Words, facts: AnalysisFacts) -> Text:
    if facts.planned_units is None:
        return words.whole(facts.units)
    return words.say(
        "%(units)s of %(planned)s planned",
        units=words.whole(facts.units),
        planned=words.whole(facts.planned_units),
    )


def _alpha(words: Words, facts: AnalysisFacts) -> Text:
    if facts.comparisons < 2:
        return words.percent(facts.alpha, 2)
    return words.count(
        "%(alpha)s for %(n)s comparison together, by %(correction)s",
        "%(alpha)s for %(n)s comparisons together, by %(correction)s",
        facts.comparisons,
        alpha=words.percent(facts.alpha, 2),
        correction=term(words, CORRECTIONS, facts.correction),
    )


def _moment(words: Words, iso: str) -> str:
    return words.moment(iso) if "T" in iso else day(words, _microseconds(iso))


def _microseconds(iso: str) -> float:
    return datetime.fromisoformat(f"{iso[:10]}T00:00:00+00:00").timestamp() * 1e6


def _draw(words: Words, facts: AnalysisFacts) -> Chart:
    """Shares beside the planned ones."""
    data = [
        Estimate(
            each.variant,
            each.share.value or 0.0,
            each.share.low or 0.0,
            each.share.high or 0.0,
            reference=each.planned,
            told=f"{each.variant}: {words.percent(each.share.value, 2)}",
        )
        for each in facts.mismatch.shares
    ]
    picture = intervals(
        data,
        label="; ".join(each.told for each in data),
        x_title=words.gettext("share of the units"),
        x_format=lambda share: words.percent(share, 2),
    )
    told = words.say(
        "Hollow diamonds are the planned shares. A share may be off by %(smallest)s of itself; the intervals"
        " hold at every look, with a chance of %(alpha)s of a false alarm.",
        smallest=words.percent(facts.mismatch.smallest),
        alpha=words.percent(facts.mismatch.alpha, 2),
    )
    return Chart(words.gettext("The draw: shares of the variants"), picture, told)


def _table(words: Words, metric: MetricResult) -> Table:
    """Each variant's value, and each treatment's change."""
    columns = [
        Column(words.gettext("variant")),
        Column(words.gettext("units"), numeric=True),
        Column(words.gettext("value"), numeric=True),
        Column(words.gettext("change"), numeric=True),
        Column(words.gettext("interval of one look"), numeric=True),
        Column(words.gettext("interval at every look"), numeric=True),
        Column(words.gettext("p-value, adjusted"), numeric=True),
        *([Column(words.gettext("limit"))] if _limited(metric) else []),
    ]
    control, *others = metric.arms
    first = [
        cell(words.data(control.variant)),
        whole(words, control.units),
        cell(value_text(words, metric.kind, control.value), control.value),
        *[cell("–")] * (len(columns) - 3),
    ]
    rows = [
        [
            cell(words.data(arm.variant)),
            whole(words, arm.units),
            cell(value_text(words, metric.kind, arm.value), arm.value),
            *_change(words, metric, each),
        ]
        for arm, each in zip(others, metric.comparisons, strict=True)
    ]
    return Table(_caption(words, metric), columns, [first, *rows])


def _limited(metric: MetricResult) -> bool:
    """A guard, or the loss of a challenger, which the canary holds against its limit."""
    return any(each.guard is not None for each in metric.comparisons)


def _caption(words: Words, metric: MetricResult) -> Text:
    test = term(words, TESTS, metric.test)
    if metric.guard:
        return words.say("Guard %(name)s: %(test)s", name=words.name(metric.name), test=test)
    return words.say("Metric %(name)s: %(test)s", name=words.name(metric.name), test=test)


def _change(words: Words, metric: MetricResult, each: Comparison) -> list[Cell]:
    guard = []
    if _limited(metric):
        limit = change_text(words, metric.kind, metric.smallest)
        guard = [
            cell(words.say("%(limit)s: %(verdict)s", limit=limit, verdict=term(words, GUARDS, each.guard)))
        ]
    return [
        cell(_relative(words, metric, each), each.effect.value),
        cell(_bounds(words, metric.kind, each.effect), each.effect.low),
        cell(_bounds(words, metric.kind, each.sequential), each.sequential.low if each.sequential else None),
        cell(words.number(each.p_adjusted, 2), each.p_adjusted),
        *guard,
    ]


def _relative(words: Words, metric: MetricResult, each: Comparison) -> str:
    """`+0.87 pp (+8.6%)`."""
    change = change_text(words, metric.kind, each.effect.value)
    if each.relative is None:
        return change
    return f"{change} ({signed_percent(words, each.relative.value)})"


def _bounds(words: Words, kind: str, interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{change_text(words, kind, interval.low)} … {change_text(words, kind, interval.high)}"


def _charts(words: Words, metric: MetricResult) -> list[Chart]:
    charts = []
    for each in metric.comparisons:
        charts.append(_effects(words, metric, each))
        charts += [_path(words, metric, each)] if len(each.path) > 1 else []
        charts += [_segments(words, metric, each)] if each.segments else []
    return charts


def _effects(words: Words, metric: MetricResult, each: Comparison) -> Chart:
    """A treatment's change, by each kind of interval."""
    kinds = (
        (words.gettext("one look"), each.effect),
        (words.gettext("every look"), each.sequential),
        (words.gettext("bootstrap"), each.bootstrap),
    )
    data = [_estimate(words, metric, name, interval) for name, interval in kinds if interval is not None]
    title = words.gettext("%(metric)s: %(treatment)s against %(control)s") % {
        "metric": metric.name,
        "treatment": each.treatment,
        "control": metric.arms[0].variant,
    }
    return Chart(title, _drawn(words, metric, data), _note(words, metric))


def _note(words: Words, metric: MetricResult) -> Text:
    if metric.smallest is None:
        return words.gettext("Dashed line: no change.")
    if metric.guard:
        return words.gettext("Dashed line: no change. Hollow diamond: the largest harm that is allowed.")
    return words.gettext("Dashed line: no change. Hollow diamond: the smallest change that would matter.")


def _estimate(words: Words, metric: MetricResult, name: str, interval: Interval) -> Estimate:
    good = -1.0 if metric.lower_is_better != metric.guard else 1.0
    return Estimate(
        name,
        interval.value or 0.0,
        interval.low if interval.low is not None else 0.0,
        interval.high if interval.high is not None else 0.0,
        reference=None if metric.smallest is None else good * metric.smallest,
        told=f"{name}: {plain_interval(words, metric.kind, interval)}",
    )


def _drawn(words: Words, metric: MetricResult, data: Sequence[Estimate]) -> Markup:
    return intervals(
        data,
        label="; ".join(each.told for each in data),
        x_title=change_title(words, metric.name, metric.kind),
        x_format=change_axis(words, metric.kind),
        mark=0.0,
    )


def _path(words: Words, metric: MetricResult, each: Comparison) -> Chart:
    """What was known when: the interval that holds at every look."""
    starts = [_microseconds(point.at) for point in each.path]
    periods = [
        Period(
            start,
            start + DAY_US,
            point.effect,
            point.low,
            point.high,
            told=f"{day(words, start)}: {change_text(words, metric.kind, point.effect)}",
        )
        for start, point in zip(starts, each.path, strict=True)
    ]
    label = words.gettext(
        "Change of %(metric)s in %(treatment)s as units came in, from %(first)s to %(last)s."
    ) % {
        "metric": metric.name,
        "treatment": each.treatment,
        "first": day(words, starts[0]),
        "last": day(words, starts[-1]),
    }
    picture = time_line(
        periods,
        label=label,
        x_title=words.gettext("day"),
        y_title=change_title(words, metric.name, metric.kind),
        x_format=lambda value: day(words, value),
        y_format=change_axis(words, metric.kind),
        mark=0.0,
    )
    title = words.gettext("%(metric)s: %(treatment)s as units came in") % {
        "metric": metric.name,
        "treatment": each.treatment,
    }
    note = words.gettext("The band holds at every look: whoever stops as soon as it leaves 0 is not fooled.")
    return Chart(title, picture, note)


def _segments(words: Words, metric: MetricResult, each: Comparison) -> Chart:
    data = [
        _estimate(words, metric, f"{one.column}: {one.value}", one.effect)
        for one in each.segments[:SEGMENTS_SHOWN]
    ]
    title = words.gettext("%(metric)s: %(treatment)s by segment") % {
        "metric": metric.name,
        "treatment": each.treatment,
    }
    note = words.gettext(
        "All segments of a metric share alpha (Holm): a segment that differs alone may be chance."
    )
    return Chart(title, _drawn(words, metric, data), note)
