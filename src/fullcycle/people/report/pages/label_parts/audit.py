"""Which labels are likely wrong: what models that never saw them say."""

from __future__ import annotations

from fullcycle.core.evidence.label import AuditFacts, ClassNoise, Suspect
from fullcycle.people.report.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Conclusion,
    Paragraphs,
    Section,
    Table,
    Text,
)
from fullcycle.people.report.charts.distributions import bars, histogram
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import model_text
from fullcycle.people.report.words import Words

NOISE_DRAWN = 12


def audit_summary(words: Words, facts: AuditFacts) -> list[Conclusion]:
    """The commonest confusion, or that nothing was found."""
    if not facts.suspect_rows:
        text = words.count(
            "None of the %(n)s training label is suspect.",
            "None of the %(n)s training labels is suspect.",
            facts.rows,
        )
        return [Conclusion(text, link="#audit")]
    if not facts.noise:
        return []
    most = facts.noise[0]
    text = words.count(
        "The commonest doubt: %(n)s row labelled %(given)s looks like %(likely)s%(share)s.",
        "The commonest doubt: %(n)s rows labelled %(given)s look like %(likely)s%(share)s.",
        most.rows,
        given=words.value(most.given),
        likely=words.value(most.likely),
        share=_share(words, most),
    )
    return [Conclusion(text, link="#audit")]


def _share(words: Words, noise: ClassNoise) -> Text:
    if not noise.of:
        return ""
    return words.say(", %(share)s of all that are labelled so", share=words.percent(noise.rows / noise.of))


def audit_section(words: Words, facts: AuditFacts) -> Section:
    """How it was judged, the scores of all rows, the confusions, and the first suspects."""
    blocks: list[Block] = [Paragraphs([_method(words, facts), _care(words)])]
    charts = [*_scores(words, facts), *_noise(words, facts)]
    if charts:
        blocks.append(Charts(charts))
    if facts.suspects:
        blocks.append(_suspects(words, facts))
    return Section("audit", words.gettext("Labels that may be wrong"), blocks)


def _method(words: Words, facts: AuditFacts) -> Text:
    model = model_text(words, facts.champion) if facts.champion else words.gettext("the champion")
    if facts.method == "residuals":
        return words.say(
            "Each number is compared with the answer of a model (%(model)s) that was fitted without its row."
            " The score falls with their distance, in units of the usual distance of rows predicted alike; a"
            " row is suspect beyond 3.5 of them.",
            model=model,
        )
    return words.say(
        "The score is the probability of the given label by a model (%(model)s) that was fitted without the"
        " row. A row is suspect where another class reaches its usual confidence and the given one has a"
        " chance of 0.2 or less (confident learning; Northcutt, Jiang and Chuang 2021).",
        model=model,
    )


def _care(words: Words) -> Text:
    return words.say(
        "A suspect label may be right: where classes overlap, most are. Look from the top, and stop where"
        " they turn out fine. The test set stays sealed: these are training rows."
    )


def _scores(words: Words, facts: AuditFacts) -> list[Chart]:
    if facts.scores is None:
        return []
    picture = histogram(
        facts.scores,
        label=words.gettext("Scores of %(rows)s training rows.") % {"rows": words.whole(facts.rows)},
        x_title=_score_title(words, facts),
        y_title=words.gettext("rows"),
        x_format=words.numbers(),
        y_format=words.tally,
    )
    note = words.say("The more at the left, the less the label fits.")
    return [Chart(words.gettext("How well labels fit"), picture, note)]


def _score_title(words: Words, facts: AuditFacts) -> str:
    if facts.method == "residuals":
        return words.gettext("score: 1 fits, 0 is as far as can be")
    return words.gettext("probability of the given label")


def _noise(words: Words, facts: AuditFacts) -> list[Chart]:
    if not facts.noise:
        return []
    data = [(f"{each.given} → {each.likely}", float(each.rows)) for each in facts.noise[:NOISE_DRAWN]]
    picture = bars(
        data,
        label="; ".join(f"{name}: {words.whole(rows)}" for name, rows in data),
        x_title=words.gettext("suspect rows"),
        value_format=words.whole,
        x_format=words.tally,
    )
    return [Chart(words.gettext("Which labels are taken for which"), picture)]


def _suspects(words: Words, facts: AuditFacts) -> Table:
    keyed = any(each.key is not None for each in facts.suspects)
    told = any(each.given is not None for each in facts.suspects)
    columns = [
        Column(words.gettext("row"), numeric=True),
        *([Column(words.gettext("key"))] if keyed else []),
        *([Column(words.gettext("given")), Column(words.gettext("looks like"))] if told else []),
        Column(words.gettext("score"), numeric=True),
    ]
    rows = [_suspect(words, each, keyed=keyed, told=told) for each in facts.suspects]
    caption = words.say(
        "The most suspect %(shown)s of %(all)s; %(file)s has the rest",
        shown=words.whole(len(rows)),
        all=words.whole(facts.suspect_rows),
        file=words.code(facts.file or "labels/suspects.csv"),
    )
    return Table(caption, columns, rows, search=words.gettext("Find a row"), compact=True)


def _suspect(words: Words, each: Suspect, *, keyed: bool, told: bool) -> list[Cell]:
    return [
        cell(words.data(each.row), each.row),
        *([cell(words.data(each.key or "–"), each.key)] if keyed else []),
        *([cell(words.data(each.given or "–")), cell(words.data(each.suggested or "–"))] if told else []),
        cell(words.number(each.score, 3), each.score),
    ]
