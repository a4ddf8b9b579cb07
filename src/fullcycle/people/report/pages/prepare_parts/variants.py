"""The variants that prepare measured: what each costs and loses, and why one of them is deployed."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.prepare import Budget, PrepareEvidence, VariantChoice, VariantFacts
from fullcycle.people.report.blocks import Block, Cell, Chart, Charts, Column, Paragraphs, Section, Table
from fullcycle.people.report.charts.relations import Numbered, numbered
from fullcycle.people.report.pages.common import cell, whole
from fullcycle.people.report.terms import VARIANTS, metric_text, model_text, term
from fullcycle.people.report.words import Words

MICROSECONDS = 1000  # of a millisecond


def variants_section(words: Words, evidence: PrepareEvidence, choice: VariantChoice) -> Section:
    """A chart and a table of all variants under the sentence that says which was taken."""
    blocks: list[Block] = [
        Paragraphs([choice_text(words, evidence, choice), _how(words)]),
        Charts([_chart(words, evidence, choice)]),
        _table(words, evidence, choice),
    ]
    return Section("variants", words.gettext("Forms of the model, and the choice"), blocks)


def choice_text(words: Words, evidence: PrepareEvidence, choice: VariantChoice) -> Markup:
    """Which variant is deployed, and why, in a sentence."""
    taken = evidence.variants[choice.place]
    name = variant_text(words, taken)
    budget = _budget_text(words, evidence.budget)
    match choice.reason:
        case "no_budget":
            return words.say(
                "Deployed is the %(variant)s: no budget asks for a smaller or faster one (%(setting)s).",
                variant=name,
                setting=words.code("prepare.quality_loss_at_most"),
            )
        case "champion_in_budget":
            return words.say(
                "Deployed is the %(variant)s: it keeps the budget (%(budget)s).", variant=name, budget=budget
            )
        case "best_in_budget":
            return words.say(
                "Deployed is the %(variant)s: of what keeps the budget (%(budget)s), it is the best out of"
                " fold.",
                variant=name,
                budget=budget,
            )
        case "smallest_within_loss":
            return words.say(
                "Deployed is the %(variant)s: the smallest graph that keeps the budget (%(budget)s). It loses"
                " %(loss)s of %(metric)s against the champion.",
                variant=name,
                budget=budget,
                loss=words.number(taken.loss.value, 2),
                metric=metric_text(words, str(evidence.metric)),
            )
    return words.say(
        "No variant keeps the budget (%(budget)s). Deployed is the smallest graph, the %(variant)s.",
        variant=name,
        budget=budget,
    )


def variant_text(words: Words, variant: VariantFacts) -> Markup:
    """`LightGBM, on fewer columns`."""
    if variant.kind == "candidate":
        return model_text(words, variant.model)
    return words.say(
        "%(model)s, %(form)s",
        model=model_text(words, variant.model),
        form=term(words, VARIANTS, variant.kind),
    )


def _how(words: Words) -> str:
    return words.gettext(
        "Each is scored out of fold on the rows and folds of the search, then fitted on these rows, put into"
        " a graph and timed in ONNX Runtime on one thread. Losses are against the search's champion on the"
        " same rows, with a 95% bootstrap interval."
    )


def _beaten(words: Words) -> str:
    return words.gettext(
        "Beaten: another is at least as good in quality, latency and size, and better in one."
    )


def _budget_text(words: Words, budget: Budget) -> Markup:
    parts = []
    if budget.latency_p99_ms is not None:
        limit = words.unit(words.number(budget.latency_p99_ms, 3), words.pgettext("unit", "ms"))
        parts.append(words.say("99 of 100 rows within %(limit)s", limit=limit))
    if budget.size_mb is not None:
        parts.append(words.say("at most %(size)s", size=words.size(budget.size_mb * 1_000_000)))
    if budget.quality_loss_at_most is not None:
        loss = words.number(budget.quality_loss_at_most, 3)
        parts.append(words.say("a loss of at most %(loss)s", loss=loss))
    return words.joined(parts)


def _chart(words: Words, evidence: PrepareEvidence, choice: VariantChoice) -> Chart:
    points = [
        Numbered(
            x=each.speed.single_row_p50_us,
            y=each.score.value or 0.0,
            name=str(place + 1),
            told=f"{variant_text(words, each).striptags()}: {words.score(each.score.value)}",
            front=each.speed.on_front,
            chosen=place == choice.place,
        )
        for place, each in enumerate(evidence.variants)
    ]
    picture = numbered(
        points,
        label="; ".join(f"{point.name}: {point.told}" for point in points),
        x_title=words.gettext("one row, median, µs"),
        y_title=metric_text(words, str(evidence.metric)).striptags(),
        x_format=words.amounts(),
        y_format=words.scores(),
        names=(
            words.gettext("deployed"),
            words.gettext("not beaten"),
            words.gettext("beaten"),
        ),
    )
    return Chart(words.gettext("Quality against speed"), picture, _beaten(words))


def _table(words: Words, evidence: PrepareEvidence, choice: VariantChoice) -> Table:
    columns = [
        Column(words.pgettext("place in a list", "#"), numeric=True),
        Column(words.gettext("form"), wide=True),
        Column(words.gettext("columns"), numeric=True),
        Column(metric_text(words, str(evidence.metric)), numeric=True),
        Column(words.gettext("loss"), numeric=True),
        Column(words.gettext("one row, median, µs"), numeric=True),
        Column(words.gettext("99 of 100 within, µs"), numeric=True),
        Column(words.gettext("rows per second"), numeric=True),
        Column(words.gettext("size"), numeric=True),
        Column(words.gettext("start, ms"), numeric=True),
    ]
    rows = [_row(words, place, each, choice) for place, each in enumerate(evidence.variants)]
    return Table(words.gettext("What each form gives and costs"), columns, rows)


def _row(words: Words, place: int, each: VariantFacts, choice: VariantChoice) -> list[Cell]:
    name = variant_text(words, each)
    if place == choice.place:
        name = Markup("<strong>{}</strong>").format(name)
    speed = each.speed
    return [
        whole(words, place + 1),
        cell(name),
        whole(words, each.columns),
        cell(words.score(each.score.value), each.score.value),
        cell(_loss_text(words, each), each.loss.value),
        cell(words.amount(speed.single_row_p50_us), speed.single_row_p50_us),
        cell(words.amount(speed.single_row_p99_us), speed.single_row_p99_us),
        cell(words.amount(speed.batch_rows_per_s), speed.batch_rows_per_s),
        cell(words.size(each.bytes), each.bytes),
        cell(words.amount(speed.start_ms), speed.start_ms),
    ]


def _loss_text(words: Words, each: VariantFacts) -> str | Markup:
    loss = each.loss
    if loss.value == 0 or loss.low is None or loss.high is None:
        return words.number(loss.value, 2)
    return words.say(
        "%(value)s (%(low)s to %(high)s)",
        value=words.number(loss.value, 2),
        low=words.number(loss.low, 2),
        high=words.number(loss.high, 2),
    )
