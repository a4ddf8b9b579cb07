"""The bundle in production beside this one, on the same rows."""

from __future__ import annotations

from fullcycle.core.evidence.verify import ChampionComparison, ChampionMetric, VerifyEvidence
from fullcycle.people.report.blocks import Block, Cell, Column, Paragraphs, Section, Table
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import metric_text
from fullcycle.people.report.words import Words


def champion_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """Nothing where there was no champion, or it could not be compared (a finding says why)."""
    compared = evidence.champion
    if compared is None or not compared.metrics:
        return []
    blocks: list[Block] = [Paragraphs(_texts(words, compared)), _table(words, compared)]
    return [Section("champion", words.gettext("Beside the bundle in production"), blocks)]


def _texts(words: Words, compared: ChampionComparison) -> list[str]:
    texts = [
        words.say(
            "Both bundles answered the same test rows, and the rows were resampled together: an interval that"
            " does not hold zero is a difference. In production: %(bundle)s.",
            bundle=words.code(compared.bundle),
        )
    ]
    if not compared.same_test_rows:
        texts.append(
            words.say(
                "The bundle in production was judged on other test rows, so it may have learned from some of"
                " these: the comparison may flatter it."
            )
        )
    return list(texts)


def _table(words: Words, compared: ChampionComparison) -> Table:
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("this bundle"), numeric=True),
        Column(words.gettext("in production"), numeric=True),
        Column(words.gettext("difference, with interval"), numeric=True),
        Column(words.gettext("verdict")),
    ]
    return Table(
        words.gettext("Metrics of both"), columns, [_row(words, metric) for metric in compared.metrics]
    )


def _row(words: Words, metric: ChampionMetric) -> list[Cell]:
    difference = metric.difference
    return [
        cell(metric_text(words, metric.metric)),
        cell(words.score(metric.ours), metric.ours),
        cell(words.score(metric.champion), metric.champion),
        cell(
            words.say(
                "%(value)s (%(low)s to %(high)s)",
                value=words.score(difference.value),
                low=words.score(difference.low),
                high=words.score(difference.high),
            ),
            difference.value,
        ),
        cell(_verdict(words, metric)),
    ]


def _verdict(words: Words, metric: ChampionMetric) -> str:
    low, high = metric.difference.low, metric.difference.high
    if low is None or high is None or low <= 0 <= high:
        return words.gettext("no clear difference")
    return words.gettext("better") if (low > 0) == metric.higher_is_better else words.gettext("worse")
