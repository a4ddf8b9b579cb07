"""The page about A/B tests: what follows, what was drawn, every effect, and the designs."""

from __future__ import annotations

import shlex

from fullcycle.core.evidence.abtest import AbtestEvidence, AnalysisFacts
from fullcycle.people.report.blocks import Commands, Conclusion, Page, Section, Text, Tile, Verdict
from fullcycle.people.report.pages.abtest_parts.decided import TONES, conclusions, sentence
from fullcycle.people.report.pages.abtest_parts.designs import design_section
from fullcycle.people.report.pages.abtest_parts.numbers import change_text
from fullcycle.people.report.pages.abtest_parts.results import analysis_section
from fullcycle.people.report.pages.abtest_parts.routes import in_words
from fullcycle.people.report.pages.common import told
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words


def abtest_page(words: Words, records: Records) -> Page:
    """The report of all tests, the last analysed above all."""
    assert records.abtest is not None
    analyses = tuple(in_words(words, facts) for facts in records.abtest.analyses)
    evidence = records.abtest.model_copy(update={"analyses": analyses})
    last = evidence.analyses[-1] if evidence.analyses else None
    return Page(
        stage="abtest",
        title=words.gettext("A/B tests"),
        lede=words.say(
            "What was planned before results, whether the draw was as planned, how large each effect is and"
            " how sure that is, and what follows."
        ),
        verdict=_verdict(words, last) if last else None,
        tiles=_tiles(words, last) if last else (),
        conclusions=[*told(words, (evidence,)), *_others(words, evidence)],
        sections=_sections(words, evidence),
        created=evidence.run.created if evidence.run else "",
    )


def _verdict(words: Words, facts: AnalysisFacts) -> Verdict:
    first, *others = facts.decisions
    more = [sentence(words, facts, each) for each in others]
    detail = words.joined(more) if more else ""
    return Verdict(sentence(words, facts, first), TONES[first.verdict], detail)


def _tiles(words: Words, facts: AnalysisFacts) -> list[Tile]:
    tiles = [Tile(words.gettext("Units"), words.whole(facts.units), words.data(facts.name))]
    drawn = words.gettext("broken") if facts.mismatch.found else words.gettext("as planned")
    tiles.append(Tile(words.gettext("The draw"), drawn, tone="bad" if facts.mismatch.found else "good"))
    for metric in facts.metrics[:2]:
        for each in metric.comparisons[:2]:
            value = change_text(words, metric.kind, each.effect.value)
            note = words.say(
                "%(low)s to %(high)s, one look",
                low=change_text(words, metric.kind, each.effect.low),
                high=change_text(words, metric.kind, each.effect.high),
            )
            label = words.say("%(metric)s in %(treatment)s", metric=metric.name, treatment=each.treatment)
            tiles.append(Tile(label, value, note))
    return tiles


def _others(words: Words, evidence: AbtestEvidence) -> list[Conclusion]:
    """Decisions of every test; the last one's stands above too."""
    return [
        line
        for place, facts in enumerate(evidence.analyses)
        for line in conclusions(words, facts, f"#{_anchor('test', place)}")
    ]


def _anchor(kind: str, place: int) -> str:
    return f"{kind}-{place + 1}"


def _sections(words: Words, evidence: AbtestEvidence) -> list[Section]:
    analyses = [
        analysis_section(words, facts, _anchor("test", place))
        for place, facts in enumerate(evidence.analyses)
    ]
    designs = [
        design_section(words, facts, _anchor("design", place)) for place, facts in enumerate(evidence.designs)
    ]
    title = words.gettext("What to type next")
    return [*reversed(analyses), *designs, Section("next", title, [Commands(_commands(words, evidence))])]


def _commands(words: Words, evidence: AbtestEvidence) -> list[tuple[Text, str]]:
    lines: list[tuple[Text, str]] = [
        (
            words.gettext("Analyse a planned test"),
            f"fullcycle abtest analyse {shlex.quote(facts.name)} --data FILE",
        )
        for facts in evidence.designs
        if all(each.name != facts.name for each in evidence.analyses)
    ]
    lines.append((words.gettext("Compare the challenger with the champion"), "fullcycle abtest analyse"))
    lines.append((words.gettext("Plan another test"), "fullcycle abtest design --help"))
    return lines
