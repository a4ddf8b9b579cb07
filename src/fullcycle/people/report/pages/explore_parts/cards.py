"""Every column by itself: statistics, distribution, relation to the target, time line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from markupsafe import Markup

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.base import Histogram
from fullcycle.core.evidence.explore import (
    Box,
    ColumnProfile,
    Condition,
    ExploreEvidence,
    Relation,
    TargetBin,
    TimeBin,
)
from fullcycle.people.report.blocks import Card, Cards, Chart, Section, Text
from fullcycle.people.report.charts.distributions import bars, boxes
from fullcycle.people.report.charts.lines import Period, time_line
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import day, histogram_chart, number_format, with_share
from fullcycle.people.report.pages.explore_parts.anchors import Anchors
from fullcycle.people.report.terms import MEASURES, ROLES, TYPES, plain, term
from fullcycle.people.report.words import Words

BINS_SHOWN = 14
BARS_SHOWN = 12


def columns_section(
    words: Words, explore: ExploreEvidence, anchors: Anchors, remarks: Mapping[str, Markup]
) -> Section:
    """A card for each column, in the order of what they say about the target."""
    codes: dict[str, list[str]] = {}
    for finding in explore.findings:
        for column in finding.columns:
            codes.setdefault(column, []).append(finding.code)
    of = next((p.relation.of for p in explore.columns if p.relation is not None), None)
    cards = [
        _card(
            words, p, of, anchor=anchors[p.name], codes=codes.get(p.name, ()), remarks=remarks.get(p.name, "")
        )
        for p in explore.columns
    ]
    orders = [
        words.gettext("relation to target"),
        words.gettext("name"),
        words.gettext("type"),
        words.gettext("missing values"),
    ]
    blocks = [Cards(cards, search=words.gettext("Find a column"), orders=orders)]
    return Section("columns", words.gettext("Every column"), blocks)


def _card(
    words: Words, profile: ColumnProfile, of: str | None, *, anchor: str, codes: Sequence[str], remarks: Text
) -> Card:
    badges: list[Text] = [term(words, TYPES, profile.type.value), term(words, ROLES, profile.role.value)]
    badges += [words.data(code) for code in dict.fromkeys(codes)]
    texts = [] if profile.relation is None else [relation_sentence(words, profile, profile.relation)]
    strength = -1.0 if profile.relation is None else profile.relation.strength
    return Card(
        anchor=anchor,
        name=profile.name,
        badges=badges,
        texts=texts,
        statistics=_statistics(words, profile),
        charts=_charts(words, profile, of),
        remarks=remarks,
        orders=(-strength, profile.name, plain(words, TYPES, profile.type.value), -profile.missing),
    )


def _statistics(words: Words, p: ColumnProfile) -> list[tuple[Text, Text]]:
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("missing"), with_share(words, p.missing, p.rows)),
        (words.gettext("distinct values"), words.whole(p.distinct)),
    ]
    numbers = (
        (words.gettext("mean"), p.mean),
        (words.gettext("median"), p.median),
        (words.gettext("standard deviation"), p.std),
        (words.gettext("skewness"), p.skew),
        (words.gettext("excess kurtosis"), p.kurtosis),
        (words.gettext("smallest"), p.min),
        *((_quantile(words, share), value) for share, value in p.quantiles.items()),
        (words.gettext("largest"), p.max),
    )
    pairs += [(name, words.number(value)) for name, value in numbers if value is not None]
    counts = ((words.gettext("zeros"), p.zeros), (words.gettext("negative values"), p.negative))
    pairs += [(name, with_share(words, value, p.rows)) for name, value in counts if value]
    moments = ((words.gettext("first"), p.first), (words.gettext("last"), p.last))
    pairs += [(name, words.data(_moment(words, value))) for name, value in moments if value is not None]
    if p.box is not None and p.box.outliers:
        pairs.append((words.gettext("beyond the whiskers"), with_share(words, p.box.outliers, p.rows)))
    if p.relation is not None:
        measure = plain(words, MEASURES, p.relation.measure)
        name = Markup('<abbr title="{}">{}</abbr>').format(measure, words.gettext("strength"))
        pairs.append((name, words.fixed(p.relation.strength, 3)))
    if p.mutual_information is not None:
        meaning = words.gettext("what the column says about the target, in nats; 0 is nothing")
        name = Markup('<abbr title="{}">{}</abbr>').format(meaning, words.gettext("mutual information"))
        pairs.append((name, words.fixed(p.mutual_information, 3)))
    return pairs


def _moment(words: Words, value: str) -> str:
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return value
    return words.moment(value)


def _quantile(words: Words, share: str) -> Text:
    try:
        return words.say("%(share)s quantile", share=words.percent(float(share.removeprefix("q")), 1))
    except ValueError:
        return words.data(share)


def _charts(words: Words, profile: ColumnProfile, of: str | None) -> list[Chart]:
    charts = []
    if profile.histogram is not None and len(profile.histogram.edges) > 1 and not profile.timeline:
        charts.append(histogram_chart(words, profile.name, profile.histogram, type_=profile.type))
    elif profile.top and not profile.timeline:
        charts.append(_top(words, profile))
    if profile.relation is not None and profile.relation.bins:
        charts.append(_relation_chart(words, profile, profile.relation))
    if profile.box is not None:
        charts.append(_box_chart(words, profile, profile.box))
    if len(profile.timeline) > 1:
        charts += _over_time(words, profile, of)
    return charts


def _over_time(words: Words, profile: ColumnProfile, of: str | None) -> list[Chart]:
    """Rows by period, and the target in them."""
    line = profile.timeline
    edges = (line[0].start, *(period.end for period in line))
    rows = Histogram(edges=edges, counts=tuple(period.rows for period in line))
    title = words.gettext("Rows over time")
    charts = [histogram_chart(words, profile.name, rows, title=title, type_=ColumnType.datetime)]
    if sum(period.target is not None for period in line) < 2:
        return charts
    chart_title: Text = words.gettext("Mean of the target over time")
    if of is not None:
        chart_title = words.say("Share of %(label)s over time", label=words.value(of))
    return [*charts, over_time(words, line, chart_title, share=of is not None, x_title=profile.name)]


def over_time(
    words: Words, line: Sequence[TimeBin], title: Text, *, share: bool, x_title: str, anchor: str = ""
) -> Chart:
    """An estimate by period, as shares or as numbers."""
    show = words.percent if share else partial(words.number, digits=3)
    data = [
        Period(p.start, p.end, p.target, p.low, p.high, f"{day(words, p.start)}: {show(p.target)}")
        for p in line
        if p.target is not None
    ]
    plain_title = Markup(title).striptags()
    label = words.gettext("%(title)s: %(first)s in the first of %(n)s periods, %(last)s in the last.") % {
        "title": plain_title,
        "first": show(data[0].value),
        "last": show(data[-1].value),
        "n": words.whole(len(data)),
    }
    picture = time_line(
        data,
        label=label,
        x_title=x_title,
        y_title=words.gettext("share of rows") if share else words.gettext("mean"),
        x_format=lambda value: day(words, value),
        y_format=show,
    )
    return Chart(title, picture, anchor=anchor)


def _top(words: Words, profile: ColumnProfile) -> Chart:
    data = list(profile.top.items())[:BARS_SHOWN]
    label = words.gettext("The most frequent values of %(column)s") % {"column": profile.name}
    label += ": " + "; ".join(f"{name}: {words.whole(count)}" for name, count in data)
    picture = bars(
        data, label=label, x_title=words.gettext("rows"), value_format=words.whole, x_format=words.tally
    )
    return Chart(words.gettext("The most frequent values"), picture)


def _box_chart(words: Words, profile: ColumnProfile, box: Box) -> Chart:
    data = {words.gettext("all rows"): box, **profile.box_by_class}
    shown = number_format(words, profile.type)
    label = words.gettext("Box plots of %(column)s") % {"column": profile.name}
    label += ": " + "; ".join(
        words.gettext("%(name)s, median %(median)s") % {"name": name, "median": shown(box.median)}
        for name, box in data.items()
    )
    picture = boxes(
        data,
        label=label,
        x_title=profile.name,
        x_format=shown,
    )
    title = words.gettext("Box plot by class") if profile.box_by_class else words.gettext("Box plot")
    return Chart(title, picture)


def _relation_chart(words: Words, profile: ColumnProfile, relation: Relation) -> Chart:
    show = words.percent if relation.of is not None else partial(words.number, digits=3)
    estimates = [
        Estimate(
            bin_label(words, profile.type, b),
            b.target,
            b.low,
            b.high,
            told=words.count("%(n)s row", "%(n)s rows", b.rows).striptags(),
        )
        for b in relation.bins[:BINS_SHOWN]
    ]
    if relation.of is not None:
        x_title = words.gettext("share of “%(label)s”, with 95%% interval") % {"label": relation.of}
        title = words.say("Share of %(label)s by value", label=words.value(relation.of))
    else:
        x_title = words.gettext("mean of the target, with 95%% interval") % {}
        title = words.say("Mean of the target by value")
    label = f"{x_title}: " + "; ".join(f"{e.label}: {show(e.value)}" for e in estimates)
    picture = intervals(estimates, label=label, x_title=x_title, x_format=show)
    return Chart(title, picture)


def bin_label(words: Words, type_: ColumnType | None, target_bin: TargetBin | Condition) -> str:
    """A bin, category or condition as a person reads it."""
    if target_bin.kind == "missing":
        return words.gettext("missing")
    if target_bin.kind == "rest":
        return words.gettext("all others")
    if target_bin.start is None or target_bin.end is None:
        return target_bin.label
    if type_ is ColumnType.datetime:
        start, end = day(words, target_bin.start), day(words, target_bin.end)
    else:
        start, end = _told_apart(words, target_bin.start, target_bin.end)
    return start if start == end else f"{start} – {end}"


def _told_apart(words: Words, start: float, end: float) -> tuple[str, str]:
    """Both ends with as many digits as it takes to see that they differ."""
    for digits in range(4, 10):
        shown = words.number(start, digits), words.number(end, digits)
        if shown[0] != shown[1] or start == end:
            break
    return shown


def relation_sentence(words: Words, profile: ColumnProfile, relation: Relation) -> Markup:
    """The ends of the relation: where the target is lowest and where highest."""
    name = words.name(profile.name)
    if len(relation.bins) < 2:
        return words.say(
            "%(column)s on its own tells the target with a strength of %(strength)s of 1.",
            column=name,
            strength=words.fixed(relation.strength, 2),
        )
    lowest = min(relation.bins, key=lambda b: b.target)
    highest = max(relation.bins, key=lambda b: b.target)
    parameters = {
        "column": name,
        "strength": words.fixed(relation.strength, 2),
        "at_low": words.value(bin_label(words, profile.type, lowest)),
        "at_high": words.value(bin_label(words, profile.type, highest)),
    }
    if relation.of is not None:
        return words.say(
            "%(column)s tells the target with a strength of %(strength)s of 1: the share of %(label)s is"
            " lowest at %(at_low)s, %(low)s, and highest at %(at_high)s, %(high)s.",
            label=words.value(relation.of),
            low=words.percent(lowest.target),
            high=words.percent(highest.target),
            **parameters,
        )
    return words.say(
        "%(column)s tells the target with a strength of %(strength)s of 1: the mean target is lowest at"
        " %(at_low)s, %(low)s, and highest at %(at_high)s, %(high)s.",
        low=words.number(lowest.target, 3),
        high=words.number(highest.target, 3),
        **parameters,
    )
