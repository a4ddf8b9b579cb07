"""How many test rows the intervals of a predicted number hold, beside what they claim."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from fullcycle.core.evidence.verify import CoverageOfPart, IntervalCoverage, VerifyEvidence
from fullcycle.people.report.blocks import Block, Chart, Charts, Paragraphs, Section
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.words import Words


def coverage_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """Nothing where the model has no intervals."""
    coverage = evidence.coverage
    if coverage is None:
        return []
    blocks: list[Block] = [Paragraphs([_text(words, coverage)])]
    drawn = list(_estimates(words, coverage))
    if drawn:
        blocks.append(Charts([_chart(words, coverage, drawn)]))
    return [Section("coverage", words.gettext("Intervals of the prediction"), blocks)]


def _text(words: Words, coverage: IntervalCoverage) -> Markup:
    return words.say(
        "The intervals are to hold %(claimed)s of the rows, and they hold %(covered)s of the test rows; a"
        " true claim stays above %(chance)s in 99 of 100 such samples. Half of them are wider than"
        " %(width)s.",
        claimed=words.percent(coverage.claimed),
        covered=words.percent(coverage.covered),
        chance=words.percent(coverage.by_chance),
        width=words.amount(coverage.median_width),
    )


def _estimates(words: Words, coverage: IntervalCoverage) -> Iterator[Estimate]:
    """All rows first; nothing of evidence that was written before there were bounds."""
    if coverage.low is None or coverage.high is None:
        return
    yield Estimate(words.gettext("all test rows"), coverage.covered, coverage.low, coverage.high)
    for part in coverage.parts:
        span = f"{words.amount(part.lowest)} – {words.amount(part.highest)}"
        yield Estimate(span, part.covered, part.low, part.high, told=_told(words, part))


def _told(words: Words, part: CoverageOfPart) -> str:
    rows = words.count("%(n)s row", "%(n)s rows", part.rows).striptags()
    return f"{rows}: {words.percent(part.covered)}"


def _chart(words: Words, coverage: IntervalCoverage, drawn: list[Estimate]) -> Chart:
    title = words.gettext("Rows that the intervals hold, by what was predicted")
    claimed = words.gettext("claimed: %(share)s") % {"share": words.percent(coverage.claimed)}
    label = "; ".join([f"{title}: {claimed}", *(f"{e.label} {words.percent(e.value)}" for e in drawn)])
    picture = intervals(
        drawn,
        label=label,
        x_title=words.gettext("share of rows between the bounds, with interval"),
        x_format=lambda share: words.percent(share, 0),
        mark=coverage.claimed,
    )
    note = words.gettext(
        "The line is what the intervals claim of all rows together; of a part of them nothing is claimed."
    )
    return Chart(title, picture, note)
