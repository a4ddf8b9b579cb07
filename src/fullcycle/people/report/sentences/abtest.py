"""FC9: A/B tests whose draw is broken, that changed, or that are read too early."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.abtest import ROUTES_TEST
from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import plain
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


OUR_NAMES = {
    ROUTES_TEST: _("champion and challenger"),
    "champion": _("champion"),
    "challenger": _("challenger"),
    "loss": _("loss"),
}


def _named(words: Words, told: Told, key: str) -> Markup:
    """A name out of a person's design, or ours where the routes are the test."""
    name = str(told.fact(key))
    if told.is_("test", ROUTES_TEST):
        return Markup("<b>{}</b>").format(plain(words, OUR_NAMES, name))
    return words.name(name)


@sentence(Code.sample_ratio_mismatch, _("Variants did not get their planned shares"))
def sample_ratio_mismatch(words: Words, told: Told) -> Markup:
    return words.count(
        "In the test %(test)s, %(variant)s got %(n)s unit, %(share)s instead of %(planned)s: what draws the"
        " units is broken, and so is every comparison. Mend it before anything is decided.",
        "In the test %(test)s, %(variant)s got %(n)s units, %(share)s instead of %(planned)s: what draws the"
        " units is broken, and so is every comparison. Mend it before anything is decided.",
        told.number("units"),
        test=_named(words, told, "test"),
        variant=_named(words, told, "variant"),
        share=words.percent(told.number("share"), 2),
        planned=words.percent(told.number("planned"), 2),
    )


@sentence(Code.units_cross_variants, _("Units that met several variants"))
def units_cross_variants(words: Words, told: Told) -> Markup:
    return words.count(
        "In the test %(test)s, %(n)s unit (%(share)s) met more than one variant and counts nowhere.",
        "In the test %(test)s, %(n)s units (%(share)s) met more than one variant and count nowhere.",
        told.number("units"),
        test=_named(words, told, "test"),
        share=words.percent(told.number("share"), 2),
    )


@sentence(Code.abtest_changed, _("A design that changed after a result"))
def abtest_changed(words: Words, told: Told) -> Markup:
    return words.say(
        "The design of the test %(test)s was changed after a result was known: what is shown is no longer"
        " what was planned.",
        test=_named(words, told, "test"),
    )


@sentence(Code.abtest_early, _("A test that is read early"))
def abtest_early(words: Words, told: Told) -> Markup:
    return words.count(
        "The test %(test)s has %(n)s of %(planned)s planned units: its intervals of one look may not be acted"
        " on yet, those that hold at every look may.",
        "The test %(test)s has %(n)s of %(planned)s planned units: its intervals of one look may not be acted"
        " on yet, those that hold at every look may.",
        told.number("units"),
        test=_named(words, told, "test"),
        planned=words.whole(told.number("planned")),
    )


@sentence(Code.missing_unequally, _("Values missing unequally"))
def missing_unequally(words: Words, told: Told) -> Markup:
    return words.say(
        "In the test %(test)s, %(metric)s is missing for %(lowest)s of the units in one variant and for"
        " %(highest)s in another: the comparison may be one of who was measured.",
        test=_named(words, told, "test"),
        metric=_named(words, told, "metric"),
        lowest=words.percent(told.number("lowest")),
        highest=words.percent(told.number("highest")),
    )
