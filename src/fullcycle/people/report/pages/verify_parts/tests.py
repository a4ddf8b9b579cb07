"""Every test in one table: gates, warnings and information, those that failed first."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from fullcycle.core.evidence.verify import GateResult, VerifyEvidence
from fullcycle.people.report.blocks import Block, Cell, Column, Paragraphs, Section, Table, Text, Tile
from fullcycle.people.report.pages.common import cell, yes_no
from fullcycle.people.report.sentences.modelling import gate_number, gate_text
from fullcycle.people.report.terms import CHECK_SEVERITIES, GATE_SIGNS, LOWER_IS_BETTER, term
from fullcycle.people.report.words import Words

ORDER = {"gate": 0, "warning": 1, "info": 2}


def all_tests(evidence: VerifyEvidence) -> tuple[GateResult, ...]:
    """Gates, then the rest of the suite."""
    return (*evidence.gates, *evidence.checks)


def tests_tile(words: Words, evidence: VerifyEvidence) -> Tile:
    """How many warn, beside how many tests there are that are no gates."""
    failed = sum(not check.passed for check in evidence.checks)
    note = words.say("of %(n)s tests beside the gates", n=words.whole(len(evidence.checks)))
    tone = "warning" if any(not c.passed and c.severity == "warning" for c in evidence.checks) else "plain"
    return Tile(words.gettext("Asking for a look"), words.whole(failed), note, tone)  # type: ignore[arg-type]


def tests_section(words: Words, evidence: VerifyEvidence) -> Section:
    """What failed, then what passed; the weightier first."""
    ordered = sorted(all_tests(evidence), key=lambda test: (test.passed, ORDER[test.severity]))
    shown = [test for test in ordered if not test.passed or test.severity == "gate"]
    rest = [test for test in ordered if test not in shown]
    text = words.say(
        "A test that must pass is a gate: closed, it keeps the bundle from release. A warning asks for a"
        " look, and what is for information only tells. %(setting)s in %(file)s says which is which.",
        setting=words.code("verify.severity"),
        file=words.code("fullcycle.yaml"),
    )
    blocks: list[Block] = [Paragraphs([text]), _table(words, words.gettext("The failed ones first"), shown)]
    if rest:
        title = words.count("%(n)s more test passed", "%(n)s more tests passed", len(rest))
        blocks.append(_table(words, title, rest, folded=True))
    return Section("gates", words.gettext("Tests"), blocks)


def _table(words: Words, title: Text, tests: Sequence[GateResult], *, folded: bool = False) -> Table:
    columns = [
        Column(words.gettext("test"), wide=True),
        Column(words.gettext("result")),
        Column(words.gettext("found")),
        Column(words.gettext("required")),
        Column(words.gettext("weight")),
    ]
    return Table(title, columns, [_row(words, test) for test in tests], folded=folded)


def _row(words: Words, test: GateResult) -> list[Cell]:
    return [
        cell(tested_text(words, test)),
        cell(_result(words, test)),
        cell(found_text(words, test)),
        cell(bound_text(words, test)),
        cell(term(words, CHECK_SEVERITIES, test.severity), ORDER[test.severity]),
    ]


def tested_text(words: Words, test: GateResult) -> Text:
    """What was tested, with the columns it is about."""
    name = gate_text(words, test.id, test.metric, test.about)
    if test.columns:
        return words.say("%(test)s: %(columns)s", test=name, columns=words.names(test.columns))
    return name


def found_text(words: Words, test: GateResult) -> Text:
    """What was found."""
    return gate_number(words, test.found)


def bound_text(words: Words, test: GateResult) -> Text:
    """What it is held against, with the sign between them."""
    return f"{_sign(test)} {gate_number(words, test.bound)}"


def _result(words: Words, test: GateResult) -> Markup:
    """A failed warning is no failed check: the sign and the word are others."""
    if test.passed or test.severity == "gate":
        return yes_no(words, test.passed)
    return Markup('<span class="look">! {}</span>').format(words.gettext("look"))


def _sign(test: GateResult) -> str:
    """How what was found must stand to its bound."""
    if test.id == "better_than_baseline":
        return "<" if test.metric in LOWER_IS_BETTER else ">"
    if test.id == "not_worse_than_champion":
        return "≲" if test.metric in LOWER_IS_BETTER else "≳"  # but for chance
    return GATE_SIGNS.get(test.id, "")
