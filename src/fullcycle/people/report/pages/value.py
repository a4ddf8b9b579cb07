"""What answers are worth: the first thing that a product analyst looks for, on three pages alike."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from fullcycle.core.evidence.value import PolicyValue, ValueFacts
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Conclusion,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
)
from fullcycle.people.report.charts.money import share_curve
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, interval_text
from fullcycle.people.report.terms import model_text
from fullcycle.people.report.words import NO_BREAK, Words


def _(message: str) -> str:
    return message


POLICIES = {
    "model": _("the model"),
    "all": _("every row"),
    "none": _("no row"),
    "random": _("by lot"),
    "perfect": _("all answers right"),
}


def money(words: Words, amount: float | None, unit: str = "") -> str:
    """An amount with its unit: whole from a hundred on."""
    if amount is None:
        return "–"
    shown = words.whole(amount) if abs(amount) >= 100 or amount == 0 else words.fixed(amount, 2)
    return f"{shown}{NO_BREAK}{unit}" if unit else shown


def value_tiles(words: Words, facts: ValueFacts) -> list[Tile]:
    """What the model earns, and how much that is beyond the best trivial way to act."""
    model = _of(facts, "model")
    better = facts.advantage.low is not None and facts.advantage.low > 0
    shown = words.say("%(amount)s a row", amount=money(words, model.per_row, facts.unit))
    beyond = words.say(
        "%(low)s to %(high)s",
        low=money(words, facts.advantage.low, facts.unit),
        high=money(words, facts.advantage.high, facts.unit),
    )
    return [
        Tile(words.gettext("The model earns"), money(words, model.total.value, facts.unit), shown),
        Tile(
            words.gettext("More than without it"),
            money(words, facts.advantage.value, facts.unit),
            beyond,
            "good" if better else "warning",
        ),
    ]


def value_sentence(words: Words, facts: ValueFacts, *, test: bool) -> Conclusion:
    """The value in one sentence, with what the trivial ways to act earn."""
    model, rival = _of(facts, "model"), _of(facts, facts.rival)
    shown = {
        "value": interval_text(words, model.total, lambda amount: money(words, amount, facts.unit)),
        "n": words.whole(facts.rows),
        "rival": _name(words, rival),
        "other": money(words, rival.total.value, facts.unit),
        "more": interval_text(words, facts.advantage, lambda amount: money(words, amount, facts.unit)),
    }
    if test:
        text = words.say(
            "On the %(n)s test rows the model earns %(value)s. The best way to act without it (%(rival)s)"
            " earns %(other)s; the difference is %(more)s.",
            **shown,
        )
    else:
        text = words.say(
            "On %(n)s out-of-fold predictions the champion earns %(value)s. The best way to act without it"
            " (%(rival)s) earns %(other)s; the difference is %(more)s.",
            **shown,
        )
    better = facts.advantage.low is not None and facts.advantage.low > 0
    return Conclusion(text, "info" if better else "warning", link="#value")


def value_section(words: Words, facts: ValueFacts, *, test: bool) -> Section:
    """Profit curve, ways to act, and for two classes gain and lift."""
    blocks: list[Block] = [Paragraphs(_explained(words, facts, test=test))]
    charts = [_profit(words, facts)] if facts.curve else []
    charts.append(_policies(words, facts))
    blocks.append(Charts(charts))
    if facts.curve:
        blocks.append(Charts([_gain(words, facts), _lift(words, facts)]))
    blocks.append(_table(words, facts))
    return Section("value", words.gettext("What it is worth"), blocks)


def candidate_values(words: Words, values: Mapping[str, float], unit: str) -> Table:
    """What each candidate earns at its own best threshold."""
    columns = [Column(words.gettext("model")), Column(words.gettext("earns"), numeric=True)]
    ordered = sorted(values.items(), key=lambda item: -item[1])
    rows = [
        [cell(model_text(words, model)), cell(money(words, value, unit), value)] for model, value in ordered
    ]
    return Table(words.gettext("Candidates, each at its own best threshold"), columns, rows, compact=True)


def _of(facts: ValueFacts, policy: str) -> PolicyValue:
    return next(each for each in facts.policies if each.policy == policy)


def _name(words: Words, policy: PolicyValue) -> Markup:
    if policy.answer:
        return words.say("always %(answer)s", answer=words.value(policy.answer))
    return Markup("{}").format(words.gettext(POLICIES[policy.policy]))


def _explained(words: Words, facts: ValueFacts, *, test: bool) -> list[Text]:
    texts: list[Text] = []
    if facts.threshold is not None and facts.chosen is not None:
        texts.append(
            words.say(
                "Rows from a probability of %(threshold)s on are acted on: %(share)s of them, which hold"
                " %(captured)s of all positive cases. This threshold earned most on out-of-fold predictions;"
                " the test set had no part in choosing it.",
                threshold=words.fixed(facts.threshold, 3),
                share=words.percent(facts.chosen.share),
                captured=words.percent(facts.chosen.captured),
            )
        )
    if not test:
        texts.append(
            words.gettext(
                "The threshold was chosen on these very predictions, so the figures are a little too kind;"
                " the verification has those of the test set."
            )
        )
    return texts


def _profit(words: Words, facts: ValueFacts) -> Chart:
    chosen = facts.chosen
    title = words.gettext("Profit curve")
    best = max(facts.curve, key=lambda point: point.value)
    label = f"{title}: " + words.gettext("most at %(share)s of the rows, %(value)s") % {
        "share": words.percent(best.share, 0),
        "value": money(words, best.value, facts.unit),
    }
    picture = share_curve(
        [(point.share, point.value) for point in facts.curve],
        label=label,
        x_title=words.gettext("share of rows acted on, the most probable first"),
        y_title=_axis(words, facts),
        x_format=lambda share: words.percent(share, 0),
        y_format=words.numbers(),
        chosen=None if chosen is None else (chosen.share, chosen.value),
        told="" if chosen is None else money(words, chosen.value, facts.unit),
        reference=((0.0, facts.curve[0].value), (1.0, facts.curve[-1].value)),
    )
    note = words.gettext("Dot: where the threshold stands. Dashed line: as many rows by lot.")
    return Chart(title, picture, note)


def _axis(words: Words, facts: ValueFacts) -> str:
    named = words.gettext("value of all rows")
    return f"{named}, {facts.unit}" if facts.unit else named


def _policies(words: Words, facts: ValueFacts) -> Chart:
    title = words.gettext("The model and other ways to act")
    estimates = [
        Estimate(
            _name(words, each).striptags(),
            each.total.value or 0.0,
            each.total.low if each.total.low is not None else each.total.value or 0.0,
            each.total.high if each.total.high is not None else each.total.value or 0.0,
        )
        for each in facts.policies
    ]
    label = f"{title}: " + "; ".join(f"{e.label} {words.number(e.value, 3)}" for e in estimates)
    picture = intervals(
        estimates, label=label, x_title=_axis(words, facts), x_format=lambda v: _short(words, v), mark=0.0
    )
    return Chart(title, picture, words.gettext("Whiskers: bootstrap intervals. Dashed line: nothing earned."))


def _short(words: Words, amount: float) -> str:
    """Narrow enough for the margin of a picture."""
    for size, name in ((1e6, _("%(n)s M")), (1e3, _("%(n)s k"))):
        if abs(amount) >= size * 10:
            return words.gettext(name) % {"n": words.number(amount / size, 3)}
    return words.number(amount, 3)


def _gain(words: Words, facts: ValueFacts) -> Chart:
    chosen = facts.chosen
    title = words.gettext("Gain chart")
    picture = share_curve(
        [(point.share, point.captured) for point in facts.curve],
        label=title
        + (f": {words.percent(chosen.share)} → {words.percent(chosen.captured)}" if chosen else ""),
        x_title=words.gettext("share of rows acted on, the most probable first"),
        y_title=words.gettext("share of positive cases found"),
        x_format=lambda share: words.percent(share, 0),
        y_format=lambda share: words.percent(share, 0),
        chosen=None if chosen is None else (chosen.share, chosen.captured),
        told="" if chosen is None else words.percent(chosen.captured),
        reference=((0.0, 0.0), (1.0, 1.0)),
    )
    return Chart(title, picture, words.gettext("Dashed line: as many rows by lot."))


def _lift(words: Words, facts: ValueFacts) -> Chart:
    chosen = facts.chosen
    title = words.gettext("Lift chart")
    picture = share_curve(
        [(point.share, point.lift) for point in facts.curve if point.share > 0],
        label=title + (f": {words.number(chosen.lift, 3)}" if chosen else ""),
        x_title=words.gettext("share of rows acted on, the most probable first"),
        y_title=words.gettext("positive cases, times as frequent as on average"),
        x_format=lambda share: words.percent(share, 0),
        y_format=words.numbers(),
        chosen=None if chosen is None else (chosen.share, chosen.lift),
        told="" if chosen is None else words.number(chosen.lift, 3),
        reference=((0.0, 1.0), (1.0, 1.0)),
    )
    return Chart(title, picture, words.gettext("Dashed line: as many rows by lot."))


def _table(words: Words, facts: ValueFacts) -> Table:
    columns = [
        Column(words.gettext("acted on")),
        Column(words.gettext("earns"), numeric=True),
        Column(words.gettext("interval"), numeric=True),
        Column(words.gettext("a row"), numeric=True),
    ]
    rows = [
        [
            cell(_name(words, each)),
            cell(money(words, each.total.value, facts.unit), each.total.value),
            cell(
                words.say(
                    "%(low)s to %(high)s",
                    low=money(words, each.total.low),
                    high=money(words, each.total.high),
                )
            ),
            cell(money(words, each.per_row, facts.unit), each.per_row),
        ]
        for each in facts.policies
    ]
    return Table(words.gettext("What each way to act earns"), columns, rows)
