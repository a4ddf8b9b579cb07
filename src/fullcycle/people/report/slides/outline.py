"""What a presentation tells, in the order of the course's defence: goals, data, analysis, hypotheses and
results, preparation, demonstration, conclusions.

What a page says already (tiles, conclusions, tables) is taken from the page: one wording for one fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from fullcycle.people.report.blocks import Page, Text
from fullcycle.people.report.build import PAGES
from fullcycle.people.report.records import Records
from fullcycle.people.report.slides.charts import (
    distribution_chart,
    models_chart,
    relation_chart,
    stages_chart,
    strength_chart,
)
from fullcycle.people.report.slides.deck import Deck, Listing, Shown, Slide
from fullcycle.people.report.slides.remarks import remark_slides
from fullcycle.people.report.slides.told import (
    POINT_CHARACTERS,
    facts_of,
    plain,
    points_of,
    shortened,
    table_of,
)
from fullcycle.people.report.terms import METRIC_MEANINGS, metric_text
from fullcycle.people.report.words import Words

CLASSES = 4


@dataclass(frozen=True)
class Told:
    """What there is to tell in one language, and the pages that tell it."""

    name: str
    words: Words
    records: Records
    shown: Shown | None
    pages: Mapping[str, Page]


def deck_of(name: str, records: Records, language: str, shown: Shown | None = None) -> Deck:
    """The presentation of a project in one language; what has no evidence yet has no slide."""
    words = Words(language)
    there = {stage: make(words, records) for stage, (_, make, is_there) in PAGES.items() if is_there(records)}
    told = Told(name, words, records, shown, there)
    slides = [
        slide
        for part, made in PARTS.items()
        for slide in (*made(told), *remark_slides(words, records.notes, part))
    ]
    return Deck(name, language, slides)


# --- the parts


def _goals(told: Told) -> Iterable[Slide]:
    words, index = told.words, told.pages["index"]
    made = words.moment(index.created) if index.created else ""
    yield Slide(
        told.name,
        subtitle=index.lede,
        points=[made] if made else (),
        notes=[
            index.lede,
            words.gettext("Introduce yourself, and say in one sentence why the question matters."),
        ],
    )
    verify = told.records.verify
    clean = told.records.clean
    if clean is None:
        return
    points: list[Text] = [
        words.say("What is predicted: %(target)s, one answer for each row.", target=clean.target.column)
    ]
    if clean.target.classes:
        rows = sum(clean.target.classes.values())
        commonest = sorted(clean.target.classes.items(), key=lambda each: -each[1])[:CLASSES]
        shares = [_share_of(words, name, count / rows) for name, count in commonest]
        points.append(words.joined(shares))
    metric = verify.headline if verify else told.records.experiment.metric if told.records.experiment else ""
    if metric:
        meaning = words.gettext(METRIC_MEANINGS.get(metric, ""))
        points.append(
            words.say(
                "What decides: %(metric)s – %(meaning)s.",
                metric=plain(metric_text(words, metric)),
                meaning=meaning,
            )
        )
    if verify:
        points.append(
            words.count(
                "Before release, %(n)s gate has to open on rows that nothing has learned from.",
                "Before release, %(n)s gates have to open on rows that nothing has learned from.",
                len(verify.gates),
            )
        )
    yield Slide(words.gettext("Goals"), points=points, notes=points)


def _share_of(words: Words, name: str, share: float) -> Markup:
    return words.say("%(name)s in %(share)s of the rows", name=words.value(name), share=words.percent(share))


def _data(told: Told) -> Iterable[Slide]:
    words, page = told.words, told.pages.get("clean")
    if page is None:
        return
    yield Slide(
        words.gettext("Where the data came from"),
        tiles=page.tiles,
        table=facts_of(page, "source", [words.gettext("property"), words.gettext("value")], rows=7),
        notes=[page.lede],
    )
    yield Slide(
        words.gettext("What was found and cleaned"),
        points=points_of(page, 1),
        table=table_of(page, "decisions", (0, 1, 2, 4, 5), (0.22, 0.17, 0.09, 0.2, 0.32), rows=7),
        notes=points_of(page, 6),
        minutes=1.0,
    )
    policies = table_of(page, "policies", (0, 1, 4, 7), (0.2, 0.25, 0.2, 0.35), rows=8)
    if policies:
        yield Slide(
            words.gettext("How each column is treated"),
            points=[
                words.gettext(
                    "Learned on training rows alone, and carried out inside the graph that answers."
                )
            ],
            table=policies,
            notes=[words.gettext("What is learned from data never sees the sealed test rows.")],
        )


def _analysis(told: Told) -> Iterable[Slide]:
    words, page, explore = told.words, told.pages.get("explore"), told.records.explore
    if page is None or explore is None:
        return
    yield Slide(
        words.gettext("What tells the target"),
        tiles=page.tiles,
        chart=strength_chart(words, explore),
        notes=[page.lede, *points_of(page, 3)],
    )
    relation = relation_chart(words, explore)
    if relation:
        yield Slide(
            words.gettext("The most telling column"),
            points=points_of(page, 3),
            chart=relation,
            notes=points_of(page, 5),
        )
    yield Slide(
        words.gettext("Basic statistics"),
        table=table_of(page, "overview", (0, 3, 4, 5, 6, 7), (0.3, 0.13, 0.13, 0.15, 0.14, 0.15), rows=9),
        notes=[words.gettext("The table names the most telling columns first.")],
    )
    spread = distribution_chart(words, explore)
    if spread:
        yield Slide(
            words.gettext("How values are spread"),
            points=[shortened(text, POINT_CHARACTERS) for text in points_of(page, 8)[3:7]],
            chart=spread,
            notes=points_of(page, 8),
        )


def _experiments(told: Told) -> Iterable[Slide]:
    words, page, evidence = told.words, told.pages.get("experiment"), told.records.experiment
    hypotheses = told.pages.get("hypotheses")
    title = words.gettext("Hypotheses and what came out")
    if hypotheses:
        yield Slide(
            title,
            points=points_of(hypotheses, 3),
            table=table_of(hypotheses, "overview", (0, 1, 2), (0.2, 0.55, 0.25), rows=5),
            notes=[hypotheses.lede, *points_of(hypotheses, 6)],
            minutes=1.0,
        )
    elif page is not None:
        yield Slide(
            title,
            points=[
                words.gettext("No hypothesis was declared: nothing was claimed before the runs."),
                words.gettext(
                    "A claim stands under `hypotheses:` in fullcycle.yaml, and is fixed before its result."
                ),
            ],
        )
    if page is None or evidence is None:
        return
    yield Slide(
        words.gettext("Results of the experiments"),
        points=points_of(page, 3),
        chart=models_chart(words, evidence),
        notes=[page.lede, *points_of(page, 5)],
        minutes=1.0,
    )


def _preparation(told: Told) -> Iterable[Slide]:
    words, page, verify = told.words, told.pages.get("prepare"), told.pages.get("verify")
    if page:
        yield Slide(
            words.gettext("Prepared for production"),
            tiles=page.tiles,
            points=points_of(page, 4),
            notes=[page.lede, *points_of(page, 6)],
            minutes=1.0,
        )
        forms = table_of(page, "variants", (1, 2, 3, 4, 5, 8), (0.33, 0.1, 0.1, 0.23, 0.12, 0.12), rows=7)
        if forms:
            yield Slide(
                words.gettext("Forms of the model, and the choice"),
                table=forms,
                notes=[words.gettext("Each form was measured as it would be deployed, in ONNX Runtime.")],
            )
    if verify:
        yield Slide(
            words.gettext("Proven on sealed rows"),
            tiles=verify.tiles,
            table=table_of(verify, "metrics", (0, 1, 2, 3), (0.34, 0.2, 0.26, 0.2), rows=6),
            notes=[verify.lede, *points_of(verify, 5)],
            minutes=1.0,
        )
        yield Slide(
            words.gettext("What was tested before release"),
            points=[verify.verdict.text, verify.verdict.detail] if verify.verdict else (),
            table=table_of(verify, "gates", (0, 1, 2, 3), (0.5, 0.16, 0.17, 0.17), rows=8),
            notes=points_of(verify, 6),
        )


def _demonstration(told: Told) -> Iterable[Slide]:
    words, page = told.words, told.pages.get("automation")
    if told.shown:
        yield Slide(
            words.gettext("Demonstration: the API"),
            listings=[
                Listing(words.gettext("asked: POST /predict"), told.shown.request),
                Listing(words.gettext("answered"), told.shown.answer),
            ],
            notes=[
                words.say("Show it live: %(command)s, then send the same row.", command="fullcycle serve"),
                words.gettext("The row is a golden one: made up, and proven wherever the bundle starts."),
            ],
            minutes=2.0,
        )
    chart = stages_chart(words, told.records)
    if chart:
        yield Slide(
            words.gettext("Demonstration: the pipeline"),
            points=[
                words.gettext("One command repeats what changed, and nothing else: fullcycle run"),
                words.gettext(
                    "Data, models and metrics have versions in DVC and git: dvc push, fullcycle versions"
                ),
                words.gettext(
                    "The same commit, data and seed give the same bundle again: fullcycle checkout"
                ),
            ],
            chart=chart,
            notes=[words.gettext("Show it live: change a setting, and run again.")],
            minutes=1.0,
        )
    if page:
        yield Slide(
            words.gettext("Automation"),
            tiles=page.tiles,
            points=points_of(page, 3),
            table=table_of(page, "pipelines", (0, 1), (0.45, 0.55), rows=6),
            notes=[page.lede, *points_of(page, 5)],
        )
    watched = told.pages.get("monitor")
    if watched:
        yield Slide(
            words.gettext("Monitoring"),
            tiles=watched.tiles,
            points=points_of(watched),
            notes=[watched.lede, *points_of(watched, 6)],
        )
    tests = told.pages.get("abtest")
    if tests:
        yield Slide(
            words.gettext("A/B tests"), tiles=tests.tiles, points=points_of(tests, 3), notes=[tests.lede]
        )


def _conclusions(told: Told) -> Iterable[Slide]:
    words, index = told.words, told.pages["index"]
    verdict = index.verdict
    points: list[Text] = [verdict.text, *([verdict.detail] if verdict.detail else [])] if verdict else []
    yield Slide(
        words.gettext("Conclusions"),
        tiles=index.tiles,
        points=[*points, *points_of(index, 3)],
        notes=[*points, *points_of(index, 8), words.gettext("Thank you. Questions?")],
        minutes=1.0,
    )


PARTS: dict[str, Callable[[Told], Iterable[Slide]]] = {
    "goals": _goals,
    "clean": _data,
    "explore": _analysis,
    "experiment": _experiments,
    "prepare": _preparation,
    "demonstration": _demonstration,
    "conclusions": _conclusions,
}
