"""One design: units, days, and what they find."""

from __future__ import annotations

from fullcycle.core.evidence.abtest import DesignFacts, MetricPlan
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Facts,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.lines import Banded, banded_line
from fullcycle.people.report.pages.abtest_parts.numbers import (
    change_axis,
    change_text,
    change_title,
    signed_percent,
    value_text,
)
from fullcycle.people.report.pages.abtest_parts.results import CORRECTIONS
from fullcycle.people.report.pages.common import cell, whole
from fullcycle.people.report.terms import term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


TRAFFIC = {
    "said": _("as stated"),
    "log": _("as in the prediction log"),
    "history": _("as in the table of history"),
}


def design_section(words: Words, facts: DesignFacts, anchor: str) -> Section:
    """The plan with what it finds."""
    blocks: list[Block] = [
        Paragraphs([*([words.data(facts.claim)] if facts.claim else ()), _summary(words, facts)]),
        Facts(_about(words, facts)),
        _table(words, facts),
        Charts(
            [chart for plan in facts.metrics for chart in (_power(words, plan, facts), _found(words, plan))]
        ),
    ]
    return Section(anchor, words.gettext("Design %(name)s") % {"name": facts.name}, blocks)


def _summary(words: Words, facts: DesignFacts) -> Text:
    units = words.count("%(n)s unit of all variants", "%(n)s units of all variants", facts.units)
    if facts.days is None:
        return words.say("The test needs %(units)s.", units=units)
    days = words.count("%(n)s day", "%(n)s days", facts.days)
    return words.say("The test needs %(units)s: %(days)s.", units=units, days=days)


def _about(words: Words, facts: DesignFacts) -> list[tuple[Text, Text]]:
    shares = ", ".join(f"{name} {words.percent(share)}" for name, share in facts.shares.items())
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Planned shares"), words.data(shares)),
        (words.gettext("Chance to find what matters"), words.percent(facts.power, 0)),
        (words.gettext("Chance of a false difference"), _alpha(words, facts)),
        (words.gettext("Looks"), _looks(words, facts)),
    ]
    if facts.per_day is not None:
        source = term(words, TRAFFIC, facts.per_day_from)
        pairs.append(
            (
                words.gettext("Units a day"),
                words.say("%(units)s, %(source)s", units=words.whole(facts.per_day), source=source),
            )
        )
    if facts.history is not None:
        pairs.append((words.gettext("History"), words.code(facts.history)))
    if facts.fixed is not None and facts.hash is not None:
        pairs.append((words.gettext("Design fixed"), words.moment(facts.fixed)))
        pairs.append((words.gettext("Hash"), words.code(facts.hash[:12])))
    return pairs


def _alpha(words: Words, facts: DesignFacts) -> Text:
    if facts.comparisons < 2:
        return words.percent(facts.alpha, 2)
    return words.count(
        "%(alpha)s for %(n)s comparison together, by %(correction)s",
        "%(alpha)s for %(n)s comparisons together, by %(correction)s",
        facts.comparisons,
        alpha=words.percent(facts.alpha, 2),
        correction=term(words, CORRECTIONS, facts.correction),
    )


def _looks(words: Words, facts: DesignFacts) -> Text:
    if facts.peeking:
        return words.gettext("as often as one likes: intervals that hold at every look decide")
    return words.gettext("one, when all units are there")


def _table(words: Words, facts: DesignFacts) -> Table:
    plans = (*facts.metrics, *facts.guards)
    cuped = any(plan.kept_by_cuped is not None for plan in plans)
    strata = any(plan.kept_by_strata is not None for plan in plans)
    columns = [
        Column(words.gettext("metric")),
        Column(words.gettext("role")),
        Column(words.gettext("value now"), numeric=True),
        Column(words.gettext("what matters"), numeric=True),
        Column(words.gettext("units needed"), numeric=True),
        Column(words.gettext("planned units find"), numeric=True),
        Column(words.gettext("power"), numeric=True),
        *([Column(words.gettext("variance left by CUPED"), numeric=True)] if cuped else []),
        *([Column(words.gettext("variance left by strata"), numeric=True)] if strata else []),
    ]
    roles = [(plan, words.gettext("metric")) for plan in facts.metrics]
    roles += [(plan, words.gettext("guard")) for plan in facts.guards]
    rows = [
        [
            cell(words.data(plan.name)),
            cell(role),
            cell(value_text(words, plan.kind, plan.base), plan.base),
            cell(_matters(words, plan), plan.effect),
            whole(words, plan.units),
            cell(change_text(words, plan.kind, plan.found), plan.found),
            cell(words.percent(plan.power), plan.power),
            *([cell(words.percent(plan.kept_by_cuped, 0), plan.kept_by_cuped)] if cuped else []),
            *([cell(words.percent(plan.kept_by_strata, 0), plan.kept_by_strata)] if strata else []),
        ]
        for plan, role in roles
    ]
    return Table(words.gettext("What each metric needs"), columns, rows)


def _matters(words: Words, plan: MetricPlan) -> str:
    """`+1 pp (+10%)`."""
    change = change_text(words, plan.kind, plan.effect)
    if plan.relative_effect is None:
        return change
    return f"{change} ({signed_percent(words, plan.relative_effect)})"


def _power(words: Words, plan: MetricPlan, facts: DesignFacts) -> Chart:
    """The chance that a true change is found."""
    data = [Banded(point.effect, point.power, point.power, point.power) for point in plan.curve]
    picture = banded_line(
        data,
        label=words.gettext("Chance that a change of %(metric)s is found, by its size.")
        % {"metric": plan.name},
        x_title=change_title(words, plan.name, plan.kind),
        y_title=words.gettext("chance that it is found"),
        x_format=change_axis(words, plan.kind),
        y_format=lambda share: words.percent(share, 0),
    )
    title = words.gettext("%(metric)s: power by size of the change") % {"metric": plan.name}
    note = words.count("With %(n)s planned unit.", "With %(n)s planned units.", facts.units)
    return Chart(title, picture, note)


def _found(words: Words, plan: MetricPlan) -> Chart:
    """What so many units find."""
    data = [Banded(point.units, point.effect, point.effect, point.effect) for point in plan.durations]
    picture = banded_line(
        data,
        label=words.gettext("Smallest change of %(metric)s that is found, by units.") % {"metric": plan.name},
        x_title=words.gettext("units of all variants"),
        y_title=change_title(words, plan.name, plan.kind),
        x_format=words.whole,
        y_format=change_axis(words, plan.kind),
    )
    title = words.gettext("%(metric)s: smallest change found, by units") % {"metric": plan.name}
    return Chart(title, picture)
