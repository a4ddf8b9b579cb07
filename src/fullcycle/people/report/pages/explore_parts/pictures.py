"""Scatter plots of pairs of columns, from a stated sample."""

from __future__ import annotations

from collections import Counter

from fullcycle.core.evidence.explore import ExploreEvidence, Scatter
from fullcycle.people.report.blocks import Chart, Charts, Paragraphs, Section
from fullcycle.people.report.charts.relations import Series, scatter
from fullcycle.people.report.pages.common import number_format
from fullcycle.people.report.words import Words

SCATTERS_SHOWN = 12
GROUPS_SHOWN = 4


def scatters_section(words: Words, explore: ExploreEvidence) -> list[Section]:
    """How pairs of numbers lie together, by class."""
    if not explore.scatters:
        return []
    charts = []
    for data in explore.scatters[:SCATTERS_SHOWN]:
        series = _groups(words, data)
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


def _groups(words: Words, data: Scatter) -> list[Series]:
    """Points by class; of many classes the largest have marks of their own."""
    if not data.group:
        return [Series("", data.points)]
    largest = [name for name, _ in Counter(data.group).most_common(GROUPS_SHOWN)]
    others = words.gettext("all others")
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in sorted(largest)}
    for point, group in zip(data.points, data.group, strict=True):
        points.setdefault(group if group in largest else others, []).append(point)
    return [Series(name, found) for name, found in points.items()]
