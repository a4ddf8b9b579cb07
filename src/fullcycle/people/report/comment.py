"""A change told to those who review it: Markdown with metrics beside the branch it is for, and charts as PNG.

For places that show Markdown and images and run no script: a comment under a pull request, a build's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any

from markupsafe import Markup

from fullcycle.core.evidence.automation import ComparedMetric, Comparison
from fullcycle.core.evidence.verify import GateResult, VerifyEvidence
from fullcycle.people.report.blocks import Text
from fullcycle.people.report.final.markdown import CODE, TAG
from fullcycle.people.report.pages.common import told
from fullcycle.people.report.pages.verify import verdict
from fullcycle.people.report.pages.verify_parts.tests import bound_text, found_text, tested_text
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import METRICS, MODELS, plain
from fullcycle.people.report.words import Words

MARK = "<!-- fullcycle: {name} -->"  # by which an earlier comment is found again
SCALE = 2  # pixels of a chart for each of its units: sharp on screens of today
FINDINGS_SHOWN = 8
WIDTH = 560
NUMBERS: dict[str, Any] = {
    "ru": {"decimal": ",", "thousands": "\N{NO-BREAK SPACE}", "grouping": [3], "currency": ["", " ₽"]}
}
OURS, THEIRS = "#1d4ed8", "#9ca3af"
METRICS_CHART, IMPORTANCE_CHART = "metrics.png", "importance.png"


def comment(
    words: Words, name: str, records: Records, comparison: Comparison, images: Mapping[str, str]
) -> str:
    """The Markdown. `images` are addresses by name of the chart; a chart without one is left out."""
    evidence = records.verify
    assert evidence is not None
    parts = [
        MARK.format(name=name),
        *_verdict(words, name, evidence),
        *_metrics(words, comparison),
        *_images(words, images),
        *_gates(words, evidence.gates),
        *_findings(words, records),
        *_beside(words, comparison),
    ]
    return "\n".join(parts) + "\n"


def not_judged(words: Words, name: str, stages: Sequence[str]) -> str:
    """The Markdown of a change whose training did not come to its end."""
    told = words.gettext("not judged: %(stages)s did not finish for this change, see the log of the job.")
    said = told % {"stages": ", ".join(f"`{stage}`" for stage in stages)}
    return f"{MARK.format(name=name)}\n## ❌ {_text(name)}: {said}\n"


def charts(words: Words, comparison: Comparison) -> dict[str, bytes]:
    """PNG by name."""
    from vl_convert import vegalite_to_png

    drawn = {METRICS_CHART: _metrics_chart(words, comparison)}
    if comparison.importance:
        drawn[IMPORTANCE_CHART] = _importance_chart(words, comparison)
    numbers = NUMBERS.get(words.language)
    return {name: vegalite_to_png(spec, scale=SCALE, format_locale=numbers) for name, spec in drawn.items()}


def _verdict(words: Words, name: str, evidence: VerifyEvidence) -> Iterator[str]:
    said = verdict(words, evidence)
    sign = "✅" if evidence.passed else "❌"
    yield f"## {sign} {_text(name)}: {_text(said.text)}"
    if said.detail:
        yield f"\n{_text(said.detail)}"


def _metrics(words: Words, comparison: Comparison) -> Iterator[str]:
    branch = _branch(comparison)
    if comparison.their_rows is None:
        yield "\n" + words.gettext("%(branch)s has no evidence yet: there is nothing to compare with.") % {
            "branch": f"`{branch}`"
        }
    else:
        yield "\n" + _sameness(words, comparison)
    heads = [
        words.gettext("metric"),
        words.gettext("this change"),
        f"`{branch}`",
        words.gettext("difference"),
    ]
    yield "\n" + _table(heads, [_metric_row(words, metric, comparison) for metric in comparison.metrics])


def _sameness(words: Words, comparison: Comparison) -> str:
    if comparison.same_test_rows:
        told = words.gettext("Both were judged on the same %(rows)s sealed test rows.")
        return told % {"rows": words.whole(comparison.rows)}
    told = words.gettext(
        "Judged on different test rows (%(ours)s and %(theirs)s): a part of the difference is theirs."
    )
    return told % {"ours": words.whole(comparison.rows), "theirs": words.whole(comparison.their_rows)}


def _metric_row(words: Words, metric: ComparedMetric, comparison: Comparison) -> list[str]:
    name = plain(words, METRICS, metric.metric)
    if metric.metric == comparison.headline:
        name = f"**{name}**"
    theirs = "–" if metric.theirs is None else _estimate(words, metric.theirs.model_dump())
    return [name, _estimate(words, metric.ours.model_dump()), theirs, _difference(words, metric)]


def _estimate(words: Words, interval: Mapping[str, Any]) -> str:
    shown = words.score(interval["value"])
    if interval["low"] is None or interval["high"] is None:
        return shown
    return f"{shown} ({words.score(interval['low'])} – {words.score(interval['high'])})"


def _difference(words: Words, metric: ComparedMetric) -> str:
    difference = metric.difference
    if difference is None:
        return "–"
    if metric.better is None:
        return words.gettext("none")
    sign = "+" if difference > 0 else ""
    word = words.gettext("better") if metric.better else words.gettext("worse")
    mark = "🟢" if metric.better else "🟠"
    if metric.by_chance:
        mark, word = "⚪", words.gettext("may be chance")
    return f"{mark} {sign}{words.number(difference, 2)}, {word}"


def _images(words: Words, images: Mapping[str, str]) -> Iterator[str]:
    titles = {
        METRICS_CHART: words.gettext("Metrics of this change and of the branch, with intervals"),
        IMPORTANCE_CHART: words.gettext("What the model rests on"),
    }
    for name, title in titles.items():
        if name in images:
            yield f"\n![{title}]({images[name]})"


def _gates(words: Words, gates: Sequence[GateResult]) -> Iterator[str]:
    failed = [gate for gate in gates if not gate.passed]
    if not failed:
        return
    yield "\n### " + words.gettext("Closed gates")
    heads = [words.gettext("test"), words.gettext("found"), words.gettext("required")]
    rows = [
        [_text(tested_text(words, gate)), _text(found_text(words, gate)), _text(bound_text(words, gate))]
        for gate in failed
    ]
    yield "\n" + _table(heads, rows)


def _findings(words: Words, records: Records) -> Iterator[str]:
    serious = [each for each in told(words, records.in_order) if each.severity != "info"]
    if not serious:
        return
    yield (
        "\n<details><summary>"
        + str(words.count("%(n)s finding to look at", "%(n)s findings to look at", len(serious)))
        + "</summary>\n"
    )
    for each in serious[:FINDINGS_SHOWN]:
        yield f"- {each.code}: {_text(each.text)}" if each.code else f"- {_text(each.text)}"
    if len(serious) > FINDINGS_SHOWN:
        rest = words.count(
            "and %(n)s more, in the report", "and %(n)s more, in the report", len(serious) - FINDINGS_SHOWN
        )
        yield f"- {_text(rest)}"
    yield "\n</details>"


def _beside(words: Words, comparison: Comparison) -> Iterator[str]:
    """Costs: what is not judged and still matters to who merges."""
    both = comparison
    rows = [
        (
            words.gettext("model"),
            plain(words, MODELS, both.model),
            both.their_model and plain(words, MODELS, both.their_model),
        ),
        (words.gettext("training"), _seconds(words, both.training_s), _seconds(words, both.their_training_s)),
        (
            words.gettext("99 of 100 single rows within"),
            _latency(words, both.single_row_p99_us),
            _latency(words, both.their_single_row_p99_us),
        ),
        (
            words.gettext("size of the graph"),
            _size(words, both.graph_bytes),
            _size(words, both.their_graph_bytes),
        ),
    ]
    heads = ["", words.gettext("this change"), f"`{_branch(both)}`"]
    yield "\n" + _table(heads, [[name, ours or "–", theirs or "–"] for name, ours, theirs in rows])
    if both.within_budget:
        yield "\n" + words.gettext(
            "The search was smaller than that of the branch, as the budget of a pull request asks: the full"
            " one follows after the merge."
        )


def _seconds(words: Words, seconds: float | None) -> str | None:
    return None if seconds is None else words.unit(words.amount(seconds), words.pgettext("unit", "s"))


def _latency(words: Words, microseconds: float | None) -> str | None:
    return (
        None if microseconds is None else words.unit(words.amount(microseconds), words.pgettext("unit", "µs"))
    )


def _size(words: Words, size: int | None) -> str | None:
    return None if size is None else words.size(size)


def _branch(comparison: Comparison) -> str:
    return comparison.against.removeprefix("origin/")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(text: Text) -> str:
    """Without markup, and harmless in Markdown: names of columns are a person's own. Code stays code.

    >>> _text(Markup('<b class="name">a|b*</b> &lt;img&gt; <code>a_b</code>'))
    'a\\\\|b\\\\* &lt;img&gt; `a_b`'
    """
    if not isinstance(text, Markup):
        return _harmless(text)
    parts = [unescape(TAG.sub("", part)) for part in CODE.split(str(text))]  # odd ones are code
    return "".join(_code(part) if place % 2 else _harmless(part) for place, part in enumerate(parts))


def _code(text: str) -> str:
    return _harmless(text) if set(text) & set("`\n") else f"`{text}`".replace("|", "\\|")


def _harmless(text: str) -> str:
    escaped = "".join(f"\\{each}" if each in "\\`*_[]|#" else each for each in text)
    return escaped.replace("<", "&lt;").replace(">", "&gt;")


def _metrics_chart(words: Words, comparison: Comparison) -> dict[str, Any]:
    """Each metric on a scale of its own: ours above theirs, points with intervals."""
    ours, theirs = words.gettext("this change"), _branch(comparison)
    panels = [
        _panel(words, metric, ours, theirs) for metric in comparison.metrics if metric.ours.value is not None
    ]
    return {
        "background": "white",
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"labelFontSize": 12, "titleFontSize": 12},
        },
        "vconcat": panels,
        "spacing": 14,
    }


def _panel(words: Words, metric: ComparedMetric, ours: str, theirs: str) -> dict[str, Any]:
    there = [(ours, metric.ours), (theirs, metric.theirs)]
    values = [
        {"of": of, "value": one.value, "low": _or(one.low, one.value), "high": _or(one.high, one.value)}
        for of, one in there
        if one is not None and one.value is not None
    ]
    colour = {"field": "of", "scale": {"domain": [ours, theirs], "range": [OURS, THEIRS]}, "legend": None}
    scale = {"zero": False, "nice": True}
    y = {"field": "of", "title": None, "sort": [ours, theirs]}
    return {
        "width": WIDTH - 130,
        "height": 22 * len(values),
        "title": {"text": plain(words, METRICS, metric.metric), "anchor": "start", "fontSize": 13},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "scale": scale,
                        "title": None,
                        "axis": {"tickCount": 5},
                    },
                    "x2": {"field": "high"},
                    "y": y,
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {"x": {"field": "value", "type": "quantitative"}, "y": y, "color": colour},
            },
        ],
    }


def _importance_chart(words: Words, comparison: Comparison) -> dict[str, Any]:
    metric = plain(words, METRICS, comparison.headline)
    values = [{"column": column, "fall": fall} for column, fall in comparison.importance]
    title = words.gettext("how much %(metric)s falls when the column is shuffled") % {"metric": metric}
    return {
        "background": "white",
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"labelFontSize": 12, "titleFontSize": 12},
        },
        "width": WIDTH - 160,
        "height": 20 * len(values),
        "data": {"values": values},
        "mark": {"type": "bar", "color": OURS},
        "encoding": {
            "x": {"field": "fall", "type": "quantitative", "title": title, "axis": {"tickCount": 5}},
            "y": {"field": "column", "sort": "-x", "title": None, "axis": {"labelLimit": 150}},
        },
    }


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
