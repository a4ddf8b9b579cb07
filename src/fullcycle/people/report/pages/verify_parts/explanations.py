"""What the answers go by: importance on test rows, and partial dependence of the first few columns."""

from __future__ import annotations

from fullcycle.core.contract.model import ColumnType
from fullcycle.core.evidence.verify import PartialDependence, VerifyEvidence
from fullcycle.people.report.blocks import Chart, Charts, Paragraphs, Section
from fullcycle.people.report.charts.distributions import bars
from fullcycle.people.report.charts.lines import Banded, banded_line
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import number_format
from fullcycle.people.report.terms import METRICS, plain
from fullcycle.people.report.words import Words

BARS = 12


def explanations_section(words: Words, evidence: VerifyEvidence) -> list[Section]:
    """Pictures side by side: importance first."""
    if not evidence.importance:
        return []
    text = words.say(
        "Asked of the graph on test rows. Importance is how much worse the metric is when a column is"
        " shuffled. A line shows the mean answer if the column had that value in every row, and the band"
        " where 8 of 10 rows lie. It tells what the model does, not what would happen if one changed the"
        " column. For one row: %(command)s.",
        command=words.code("fullcycle predict --explain"),
    )
    pictures = [_importance(words, evidence), *(_partial(words, each) for each in evidence.partial)]
    return [
        Section(
            "explanations", words.gettext("What the answers go by"), [Paragraphs([text]), Charts(pictures)]
        )
    ]


def _importance(words: Words, evidence: VerifyEvidence) -> Chart:
    data = [(each.column, each.fall) for each in evidence.importance[:BARS]]
    metric = plain(words, METRICS, evidence.headline)
    x_title = words.gettext("worsening of %(metric)s when shuffled") % {"metric": metric}
    picture = bars(
        data,
        label=f"{x_title}: " + "; ".join(f"{name}: {words.number(fall, 2)}" for name, fall in data),
        x_title=x_title,
        value_format=lambda value: words.number(value, 2),
        x_format=words.numbers(2),
    )
    return Chart(words.gettext("Importance on test rows"), picture)


def _partial(words: Words, found: PartialDependence) -> Chart:
    answer = words.gettext("mean answer")
    if found.of is not None:
        answer = words.gettext("mean probability of “%(label)s”") % {"label": found.of}
    show = words.number if found.of is None else lambda value: words.percent(value, 0)
    told = "; ".join(
        f"{_value(words, found, point.label, point.value)}: {show(point.answer)}" for point in found.points
    )
    label = f"{answer}, {found.column}: {told}"
    title = words.say("The answer by %(column)s", column=words.name(found.column))
    if found.kind == "category":
        rows = [Estimate(p.label, p.answer, p.low, p.high) for p in found.points]
        return Chart(title, intervals(rows, label=label, x_title=answer, x_format=show))
    type_ = ColumnType.datetime if found.kind == "moment" else ColumnType.numeric
    picture = banded_line(
        [Banded(p.value or 0.0, p.answer, p.low, p.high) for p in found.points],
        label=label,
        x_title=found.column,
        y_title=answer,
        x_format=number_format(words, type_),
        y_format=show,
    )
    return Chart(title, picture)


def _value(words: Words, found: PartialDependence, label: str, value: float | None) -> str:
    if value is None:
        return label
    return number_format(words, ColumnType.datetime if found.kind == "moment" else None)(value)
