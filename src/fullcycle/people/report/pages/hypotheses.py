"""The page about claims: what was said before, what came out, and whether anybody touched it since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from fullcycle.core.evidence.hypotheses import Claim, ClaimResult, EarlierClaim, HypothesesEvidence
from fullcycle.people.report.blocks import (
    Block,
    Chart,
    Charts,
    Column,
    Conclusion,
    Facts,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
    Tone,
)
from fullcycle.people.report.charts.relations import Estimate, intervals
from fullcycle.people.report.pages.common import cell, interval_text, told
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import FOLDS, METRICS, metric_text, plain, term
from fullcycle.people.report.words import Words

HASH_SHOWN = 12
SEVERITY: Mapping[str, Tone] = {"supported": "good", "refuted": "bad", "inconclusive": "warning"}


def _(message: str) -> str:
    return message


VERDICTS = {
    "supported": _("supported"),
    "refuted": _("refuted"),
    "inconclusive": _("inconclusive"),
    "fixed": _("fixed, not decided"),
    "undecided": _("not fixed yet"),
}
TESTS = {
    "corrected_t": _("corrected t of the folds' differences (Nadeau and Bengio 2003)"),
    "paired_bootstrap": _("paired bootstrap of out-of-fold predictions"),
}


def hypotheses_page(words: Words, records: Records) -> Page:
    """The report of every claim."""
    evidence = records.hypotheses
    assert evidence is not None
    return Page(
        stage="hypotheses",
        title=words.gettext("Hypotheses"),
        lede=words.say(
            "What was claimed before, and what came out: each claim is fixed by its hash, then both sides"
            " run on the same folds, then a test decides."
        ),
        tiles=_tiles(words, evidence),
        conclusions=[*told(words, (evidence,)), *_verdicts(words, evidence)],
        sections=[_overview(words, evidence), *_claims(words, evidence)],
        created=max((each.result.decided for each in evidence.claims if each.result), default=""),
    )


def standing(claim: Claim) -> str:
    """The verdict, or how far the claim has come."""
    return claim.result.verdict if claim.result else claim.state


def _tiles(words: Words, evidence: HypothesesEvidence) -> list[Tile]:
    stands = [standing(each) for each in evidence.claims]
    open_ = sum(each.state != "decided" and each.declared for each in evidence.claims)
    changed = sum(each.changed == "after_result" for each in evidence.claims)
    shown = [
        (words.gettext("Supported"), stands.count("supported"), "good" if "supported" in stands else "plain"),
        (words.gettext("Refuted"), stands.count("refuted"), "plain"),
        (words.gettext("Inconclusive"), stands.count("inconclusive"), "plain"),
        (words.gettext("Not decided"), open_, "plain"),
        (words.gettext("Changed after a result"), changed, "warning" if changed else "plain"),
    ]
    return [Tile(label, words.whole(number), tone=tone) for label, number, tone in shown]  # type: ignore[arg-type]


def _verdicts(words: Words, evidence: HypothesesEvidence) -> list[Conclusion]:
    return [
        Conclusion(_sentence(words, each, each.result), link=f"#{_anchor(place)}")
        for place, each in enumerate(evidence.claims)
        if each.result is not None
    ]


def _sentence(words: Words, claim: Claim, result: ClaimResult) -> Markup:
    shown = {
        "name": words.value(claim.id),
        "metric": metric_text(words, claim.metric),
        "gain": interval_text(words, result.gain, lambda gain: words.number(gain, 3)),
        "effect": words.number(claim.minimum_effect),
    }
    if result.verdict == "supported":
        return words.say(
            "%(name)s is supported: the treatment gains %(gain)s in %(metric)s; the whole interval lies"
            " above zero.",
            **shown,
        )
    if result.verdict == "refuted":
        return words.say(
            "%(name)s is refuted: the treatment gains %(gain)s in %(metric)s; the %(effect)s that would"
            " matter lie above the interval.",
            **shown,
        )
    return words.say(
        "%(name)s is inconclusive: the treatment gains %(gain)s in %(metric)s; the interval holds both"
        " nothing and the %(effect)s that would matter.",
        **shown,
    )


def _overview(words: Words, evidence: HypothesesEvidence) -> Section:
    columns = [
        Column(words.gettext("hypothesis")),
        Column(words.gettext("what was claimed before"), wide=True),
        Column(words.gettext("what came out")),
        Column(words.gettext("fixed")),
        Column(words.gettext("changed")),
    ]
    rows = [
        [
            cell(Markup('<a href="#{}">{}</a>').format(_anchor(place), words.data(each.id))),
            cell(words.data(each.claim)),
            cell(term(words, VERDICTS, standing(each))),
            cell(words.moment(each.fixed) if each.fixed else "–"),
            cell(_changed(words, each)),
        ]
        for place, each in enumerate(evidence.claims)
    ]
    table = Table(words.gettext("Every claim of the project"), columns, rows)
    return Section("overview", words.gettext("What was claimed before, what came out"), [table])


def _changed(words: Words, claim: Claim) -> Text:
    if not claim.declared:
        return words.gettext("taken out of the settings")
    if claim.changed == "after_result":
        return Markup('<span class="no">{}</span>').format(words.gettext("after its result"))
    return words.gettext("before any result") if claim.changed == "before_result" else words.gettext("never")


def _claims(words: Words, evidence: HypothesesEvidence) -> list[Section]:
    return [
        Section(_anchor(place), words.data(each.id), _blocks(words, each))
        for place, each in enumerate(evidence.claims)
    ]


def _anchor(place: int) -> str:
    return f"claim-{place + 1}"


def _blocks(words: Words, claim: Claim) -> list[Block]:
    texts: list[Text] = [words.value(claim.claim)]
    result = claim.result
    if result is None:
        texts.append(_what_is_missing(words, claim))
        return [Paragraphs(texts), Facts(_said(words, claim)), *_earlier(words, claim)]
    texts.append(_sentence(words, claim, result))
    facts = Facts([*_said(words, claim), *_measured(words, claim, result)])
    return [Paragraphs(texts), Charts([_chart(words, claim, result)]), facts, *_earlier(words, claim)]


def _what_is_missing(words: Words, claim: Claim) -> Markup:
    command = words.code(f"fullcycle experiment --hypothesis {claim.id}")
    if claim.state == "fixed":
        return words.say("It is fixed, and its run was interrupted: %(command)s decides it.", command=command)
    return words.say("It is not fixed yet: %(command)s fixes and decides it.", command=command)


def _chart(words: Words, claim: Claim, result: ClaimResult) -> Chart:
    gain = result.gain
    value = gain.value or 0.0
    low = value if gain.low is None else gain.low
    high = value if gain.high is None else gain.high
    metric = plain(words, METRICS, claim.metric)
    title = words.gettext("Gain of the treatment, with its interval")
    picture = intervals(
        [Estimate(words.gettext("gain"), value, low, high, claim.minimum_effect)],
        label=f"{title}: {words.number(value, 3)} ({words.number(low, 3)} … {words.number(high, 3)})",
        x_title=words.gettext("%(metric)s, treatment beside control; right is better") % {"metric": metric},
        x_format=words.numbers(2),
        mark=0.0,
    )
    note = words.gettext("Dashed line: no gain. Hollow diamond: the smallest gain that would matter.")
    return Chart(title, picture, note)


def _said(words: Words, claim: Claim) -> list[tuple[Text, Text]]:
    pairs: list[tuple[Text, Text]] = [
        (words.gettext("Control"), _arm(words, claim.control)),
        (words.gettext("Treatment"), _arm(words, claim.treatment)),
        (words.gettext("Metric"), metric_text(words, claim.metric)),
        (words.gettext("Smallest gain that would matter"), words.number(claim.minimum_effect)),
        (words.gettext("Test"), term(words, TESTS, claim.test)),
    ]
    if claim.hash is not None and claim.fixed is not None:
        pairs.append((words.gettext("Fixed"), words.moment(claim.fixed)))
        pairs.append((words.gettext("Hash"), words.code(claim.hash[:HASH_SHOWN])))
    pairs.append((words.gettext("Changed"), _changed(words, claim)))
    return pairs


def _arm(words: Words, arm: Mapping[str, Any]) -> Markup:
    """What the side does otherwise than the project, as it stands in fullcycle.yaml."""
    parts = [
        f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in arm.items()
    ]
    return words.data("; ".join(parts))


def _measured(words: Words, claim: Claim, result: ClaimResult) -> list[tuple[Text, Text]]:
    shares = words.say(
        "%(level)s, the share of one among %(n)s claims in %(alpha)s",
        level=words.percent(result.level, 2),
        n=words.whole(result.among),
        alpha=words.percent(claim.alpha),
    )
    folds = words.count(
        "%(n)s fold, %(kind)s, drawn %(repeats)s times",
        "%(n)s folds, %(kind)s, drawn %(repeats)s times",
        result.folds,
        kind=term(words, FOLDS, result.fold_kind),
        repeats=words.whole(result.repeats),
    )
    needed = "–" if result.rows_needed is None else words.whole(result.rows_needed)
    return [
        (words.gettext("Score of control and treatment"), _scores(words, result)),
        (words.gettext("Folds"), folds),
        (words.gettext("Chance of a false claim"), shares),
        (words.gettext("p-value"), words.number(result.p_value, 2)),
        (words.gettext("Power at the smallest gain that would matter"), words.percent(result.power, 0)),
        (words.gettext("Training rows"), words.whole(result.rows)),
        (words.say("Training rows for a power of %(power)s", power=words.percent(0.8, 0)), needed),
        (words.gettext("Decided"), words.moment(result.decided)),
    ]


def _scores(words: Words, result: ClaimResult) -> Text:
    return words.say(
        "%(control)s and %(treatment)s",
        control=words.score(result.control),
        treatment=words.score(result.treatment),
    )


def _earlier(words: Words, claim: Claim) -> list[Block]:
    """What stood under this name before, or was decided on other data."""
    if not claim.earlier:
        return []
    columns = [
        Column(words.gettext("what was claimed before"), wide=True),
        Column(words.gettext("fixed")),
        Column(words.gettext("what came out")),
        Column(words.gettext("gain"), numeric=True),
        Column(words.gettext("what is different now")),
    ]
    return [Table(words.gettext("Earlier"), columns, [_earlier_row(words, each) for each in claim.earlier])]


def _earlier_row(words: Words, earlier: EarlierClaim) -> list[Any]:
    differs = words.gettext("the text") if earlier.other == "text" else words.gettext("data or settings")
    return [
        cell(words.data(earlier.claim)),
        cell(words.moment(earlier.fixed)),
        cell(term(words, VERDICTS, earlier.verdict) if earlier.verdict else "–"),
        cell("–" if earlier.gain is None else words.number(earlier.gain.value, 3)),
        cell(differs),
    ]
