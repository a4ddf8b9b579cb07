"""The page about the training rows: leak suspects first, then columns by what they say about the target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from markupsafe import Markup

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.base import Finding
from fullcycle.core.evidence.explore import (
    ColumnProfile,
    Correlations,
    ExploreEvidence,
    LeakSuspect,
    Relation,
    TargetBin,
)
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
)
from fullcycle.people.report.charts.distributions import bars, boxes
from fullcycle.people.report.charts.relations import Estimate, Series, correlation_map, intervals, scatter
from fullcycle.people.report.pages.common import (
    cell,
    day,
    histogram_chart,
    number_format,
    real,
    told,
    whole,
    with_share,
)
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import MEASURES, ROLES, TYPES, plain, term
from fullcycle.people.report.words import Words

MAP_AT_MOST = 40
WIDE_FROM = 16  # columns, from where the map needs more than a chart's usual width
PAIRS_SHOWN = 15
BINS_SHOWN = 14
SCATTERS_SHOWN = 12
BARS_SHOWN = 12


def explore_page(words: Words, records: Records) -> Page:
    """The report of explore."""
    explore = records.explore
    assert explore is not None
    anchors = {profile.name: f"column-{index}" for index, profile in enumerate(explore.columns, start=1)}
    sections = [
        *_suspects(words, explore, anchors),
        _overview(words, explore, anchors),
        *_correlations(words, explore.correlations),
        *_scatters(words, explore),
        _columns(words, explore, anchors),
    ]
    return Page(
        stage="explore",
        title=words.gettext("Analysis"),
        lede=words.say(
            "What the training rows say about %(target)s, column by column, the most telling first.",
            target=words.name(explore.target),
        ),
        tiles=_tiles(words, explore),
        conclusions=_conclusions(words, explore, anchors),
        sections=sections,
        created=explore.run.created if explore.run else "",
    )


def _anchor(finding: Finding, anchors: Mapping[str, str]) -> str:
    known = [anchors[column] for column in finding.columns if column in anchors]
    return f"#{known[0]}" if known else ""


def _tiles(words: Words, explore: ExploreEvidence) -> list[Tile]:
    features = [profile for profile in explore.columns if profile.role == "feature"]
    with_missing = [profile for profile in explore.columns if profile.missing]
    tiles = [
        Tile(words.gettext("Training rows"), words.whole(explore.rows)),
        Tile(words.gettext("Features"), words.whole(len(features))),
        Tile(words.gettext("Columns with gaps"), words.whole(len(with_missing))),
    ]
    undecided = [suspect for suspect in explore.suspects if suspect.decision is None]
    tone = "bad" if undecided else "plain"
    note = words.count("%(n)s undecided", "%(n)s undecided", len(undecided)) if explore.suspects else ""
    tiles.append(Tile(words.gettext("Leak suspects"), words.whole(len(explore.suspects)), note, tone))  # type: ignore[arg-type]
    return tiles


def _conclusions(words: Words, explore: ExploreEvidence, anchors: Mapping[str, str]) -> list[Conclusion]:
    """What worries, then what tells most, then the rest."""
    findings = told(words, (explore,), lambda finding: _anchor(finding, anchors))
    serious = [c for c in findings if c.severity != "info"]
    strongest = [c for c in findings if c.severity == "info" and c.code == Code.strongest_columns]
    rest = [c for c in findings if c not in serious and c not in strongest]
    return [*serious, *strongest, *_strongest(words, explore, anchors), *rest]


def _strongest(words: Words, explore: ExploreEvidence, anchors: Mapping[str, str]) -> list[Conclusion]:
    """The three features that say most, suspects aside, each with the ends of its relation."""
    suspects = {suspect.column for suspect in explore.suspects if suspect.decision != "keep"}
    honest = [p for p in explore.columns if p.role == "feature" and p.name not in suspects]
    return [
        Conclusion(_relation_sentence(words, profile, profile.relation), link=f"#{anchors[profile.name]}")
        for profile in [p for p in honest if p.relation is not None][:3]
        if profile.relation is not None
    ]


def _suspects(words: Words, explore: ExploreEvidence, anchors: Mapping[str, str]) -> list[Section]:
    if not explore.suspects:
        return []
    text = words.say(
        "A leak suspect tells the target better than an honest column could. Ask whether its value is known"
        " at the moment of prediction. Until a person has decided in %(file)s, the gate of %(stage)s stays"
        " closed.",
        file=words.code("contract.yaml"),
        stage=words.code("verify"),
    )
    columns = [
        Column(words.gettext("column")),
        Column(words.gettext("what tells")),
        Column(words.gettext("strength"), numeric=True),
        Column(words.gettext("decision")),
        Column(words.gettext("reason"), wide=True),
    ]
    rows = [_suspect(words, suspect, anchors) for suspect in explore.suspects]
    table = Table(words.gettext("Leak suspects"), columns, rows)
    return [Section("suspects", words.gettext("Leak suspects"), [Paragraphs([text]), table])]


def _suspect(words: Words, suspect: LeakSuspect, anchors: Mapping[str, str]) -> list[Cell]:
    kind = words.gettext("its value") if suspect.kind == "value" else words.gettext("whether it is missing")
    decision: Text = (
        words.code(f"leak: {suspect.decision}") if suspect.decision else words.gettext("not decided yet")
    )
    return [
        cell(_linked(suspect.column, anchors), suspect.column),
        cell(kind),
        cell(words.fixed(suspect.strength, 2), suspect.strength, suspect.strength),
        cell(decision),
        cell(words.data(suspect.reason) if suspect.reason else "–"),
    ]


def _linked(column: str, anchors: Mapping[str, str]) -> Markup:
    if column not in anchors:
        return Markup('<span translate="no">{}</span>').format(column)
    return Markup('<a href="#{}" translate="no">{}</a>').format(anchors[column], column)


def _overview(words: Words, explore: ExploreEvidence, anchors: Mapping[str, str]) -> Section:
    rows = [
        [
            cell(_linked(p.name, anchors), p.name),
            cell(term(words, TYPES, p.type.value)),
            _strength(words, p),
            cell(words.percent(p.missing / p.rows if p.rows else None), p.missing),
            whole(words, p.distinct),
            real(words, p.mean),
            real(words, p.median),
            real(words, p.std),
            real(words, p.min),
            real(words, p.max),
        ]
        for p in explore.columns
    ]
    numeric = (
        words.gettext("relation to target"),
        words.gettext("missing"),
        words.gettext("distinct"),
        words.gettext("mean"),
        words.gettext("median"),
        words.gettext("std. deviation"),
        words.gettext("smallest"),
        words.gettext("largest"),
    )
    columns = [Column(words.gettext("column")), Column(words.gettext("type"))]
    columns += [Column(title, numeric=True) for title in numeric]
    table = Table(
        words.gettext("All columns; the relation to the target is from 0 (none) to 1 (it tells all)"),
        columns,
        rows,
        search=words.gettext("Find a column"),
        compact=True,
    )
    return Section("overview", words.gettext("Columns at a glance"), [table])


def _strength(words: Words, profile: ColumnProfile) -> Cell:
    if profile.relation is None:
        return cell("–", "")
    strength = profile.relation.strength
    return cell(words.fixed(strength, 2), strength, min(max(strength, 0.0), 1.0))


def _correlations(words: Words, data: Correlations | None) -> list[Section]:
    if data is None or len(data.columns) < 2:
        return []
    columns = data.columns[:MAP_AT_MOST]
    pairs = _pairs(data)
    label = words.gettext(
        "Map of Pearson's correlations of %(n)s numeric columns; the strongest are in the table."
    ) % {"n": words.whole(len(columns))}
    picture = correlation_map(
        columns,
        data.values,
        label=label,
        value_format=lambda r: words.fixed(r, 2),
    )
    note: Text = words.gettext(
        "A large square is a strong relation; filled: both rise together, hollow: one rises as the other"
        " falls. Point at a square to read its value."
    )
    if len(columns) < len(data.columns):
        shown, of_all = words.whole(len(columns)), words.whole(len(data.columns))
        first = words.say("The first %(shown)s of %(all)s numeric columns.", shown=shown, all=of_all)
        note = f"{first} {note}"
    table = Table(
        words.gettext("The strongest pairs"),
        [
            Column(words.gettext("one column")),
            Column(words.gettext("the other")),
            Column(words.gettext("Pearson's r"), numeric=True),
        ],
        [[cell(words.data(a)), cell(words.data(b)), cell(words.fixed(r, 2), r, abs(r))] for a, b, r in pairs],
        compact=True,
    )
    wide = len(columns) > WIDE_FROM
    chart = Chart(words.gettext("Correlations of numeric columns"), picture, note, wide=wide)
    return [Section("correlations", words.gettext("Correlations"), [Charts([chart]), table])]


def _pairs(data: Correlations) -> list[tuple[str, str, float]]:
    """The strongest pairs of the matrix."""
    pairs = [
        (data.columns[j], data.columns[i], r)
        for i, row in enumerate(data.values)
        for j, r in enumerate(row[:i])
        if r is not None
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))[:PAIRS_SHOWN]


def _scatters(words: Words, explore: ExploreEvidence) -> list[Section]:
    if not explore.scatters:
        return []
    charts = []
    for data in explore.scatters[:SCATTERS_SHOWN]:
        groups = list(dict.fromkeys(data.group))
        series = [
            Series(group, [point for point, of in zip(data.points, data.group, strict=True) if of == group])
            for group in sorted(groups)
        ] or [Series("", data.points)]
        label = words.gettext("Scatter plot of %(y)s against %(x)s, %(n)s points.") % {
            "x": data.x,
            "y": data.y,
            "n": words.whole(len(data.points)),
        }
        shown = number_format(words)
        if data.points:
            picture = scatter(
                series, label=label, x_title=data.x, y_title=data.y, x_format=shown, y_format=shown
            )
            title = words.say("%(y)s against %(x)s", x=words.name(data.x), y=words.name(data.y))
            charts.append(Chart(title, picture))
    points = max(len(data.points) for data in explore.scatters)
    text = words.count(
        "A random sample of at most %(n)s row is drawn.",
        "A random sample of at most %(n)s rows is drawn.",
        points,
    )
    return [Section("scatters", words.gettext("Scatter plots"), [Paragraphs([text]), Charts(charts)])]


def _columns(words: Words, explore: ExploreEvidence, anchors: Mapping[str, str]) -> Section:
    codes: dict[str, list[str]] = {}
    for finding in explore.findings:
        for column in finding.columns:
            codes.setdefault(column, []).append(finding.code)
    cards = [_card(words, p, anchors[p.name], codes.get(p.name, ())) for p in explore.columns]
    blocks: list[Block] = [Cards(cards, search=words.gettext("Find a column"))]
    return Section("columns", words.gettext("Every column"), blocks)


def _card(words: Words, profile: ColumnProfile, anchor: str, codes: list[str] | tuple[str, ...]) -> Card:
    badges: list[Text] = [term(words, TYPES, profile.type.value), term(words, ROLES, profile.role.value)]
    badges += [words.data(code) for code in dict.fromkeys(codes)]
    texts = [] if profile.relation is None else [_relation_sentence(words, profile, profile.relation)]
    return Card(
        anchor=anchor,
        name=profile.name,
        badges=badges,
        texts=texts,
        statistics=_statistics(words, profile),
        charts=_charts(words, profile),
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
        (words.gettext("smallest"), p.min),
        *((_quantile(words, share), value) for share, value in p.quantiles.items()),
        (words.gettext("largest"), p.max),
    )
    pairs += [(name, words.number(value)) for name, value in numbers if value is not None]
    moments = ((words.gettext("first"), p.first), (words.gettext("last"), p.last))
    pairs += [(name, words.data(_moment(words, value))) for name, value in moments if value is not None]
    if p.box is not None and p.box.outliers:
        pairs.append((words.gettext("beyond the whiskers"), with_share(words, p.box.outliers, p.rows)))
    if p.relation is not None:
        measure = plain(words, MEASURES, p.relation.measure)
        name = Markup('<abbr title="{}">{}</abbr>').format(measure, words.gettext("strength"))
        pairs.append((name, words.fixed(p.relation.strength, 3)))
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


def _charts(words: Words, profile: ColumnProfile) -> list[Chart]:
    charts = []
    if profile.histogram is not None and len(profile.histogram.edges) > 1:
        charts.append(histogram_chart(words, profile.name, profile.histogram, type_=profile.type))
    elif profile.top:
        charts.append(_top(words, profile))
    if profile.relation is not None and profile.relation.bins:
        charts.append(_relation_chart(words, profile, profile.relation))
    if profile.box is not None:
        charts.append(_box_chart(words, profile))
    return charts


def _top(words: Words, profile: ColumnProfile) -> Chart:
    data = list(profile.top.items())[:BARS_SHOWN]
    label = words.gettext("The most frequent values of %(column)s") % {"column": profile.name}
    label += ": " + "; ".join(f"{name}: {words.whole(count)}" for name, count in data)
    picture = bars(
        data, label=label, x_title=words.gettext("rows"), value_format=words.whole, x_format=words.tally
    )
    return Chart(words.gettext("The most frequent values"), picture)


def _box_chart(words: Words, profile: ColumnProfile) -> Chart:
    data = {words.gettext("all rows"): profile.box, **profile.box_by_class}
    shown = number_format(words, profile.type)
    label = words.gettext("Box plots of %(column)s") % {"column": profile.name}
    label += ": " + "; ".join(
        words.gettext("%(name)s, median %(median)s") % {"name": name, "median": shown(box.median)}
        for name, box in data.items()
        if box is not None
    )
    picture = boxes(
        {name: box for name, box in data.items() if box is not None},
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
            _bin_label(words, profile, b),
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


def _bin_label(words: Words, profile: ColumnProfile, target_bin: TargetBin) -> str:
    if target_bin.kind == "missing":
        return words.gettext("missing")
    if target_bin.kind == "rest":
        return words.gettext("all others")
    if target_bin.start is None or target_bin.end is None:
        return target_bin.label
    if profile.type is ColumnType.datetime:
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


def _relation_sentence(words: Words, profile: ColumnProfile, relation: Relation) -> Markup:
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
        "at_low": words.value(_bin_label(words, profile, lowest)),
        "at_high": words.value(_bin_label(words, profile, highest)),
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
