"""FC212 to FC219: what cleaning found within columns and between nearly equal rows."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import SCALING_REASONS, SCALINGS, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.near_duplicates, _("Near duplicates"))
def near_duplicates(words: Words, told: Told) -> Markup:
    differ = words.names(told.texts("columns_differ")) if told.has("columns_differ") else Markup("")
    if told.is_("action", "drop"):
        found = words.count(
            "%(n)s row was dropped because it nearly repeats another one.",
            "%(n)s rows were dropped because they nearly repeat other ones.",
            told.number("rows"),
        )
    else:
        found = words.count(
            "%(n)s row nearly repeats another one; nothing was changed.",
            "%(n)s rows nearly repeat other ones; nothing was changed.",
            told.number("rows"),
        )
    parts = [found]
    if differ:
        parts.append(words.say("They differ in %(columns)s.", columns=differ))
    if told.has("across"):
        parts.append(_torn_apart(words, told.number("across")))
    if told.has("looked_at"):
        share = Markup(words.percent(told.number("looked_at")))
        parts.append(words.say("The table is long: %(share)s of it was looked at.", share=share))
    return Markup(" ").join(part for part in parts if part)


def _torn_apart(words: Words, pairs: float) -> Markup:
    if not pairs:
        return Markup("")
    return words.count(
        "%(n)s pair has one row in training and one in the test set, which flatters the verdict.",
        "%(n)s pairs have one row in training and one in the test set, which flatters the verdict.",
        pairs,
    )


@sentence(Code.copied_column, _("Copied column"))
def copied_column(words: Words, told: Told) -> Markup:
    shown = {"column": words.name(told.column), "original": words.names(told.columns[1:2])}
    dropped = told.is_("action", "left_out")
    if told.is_("kind", "one_to_one"):
        if dropped:
            return words.say(
                "%(column)s says the same as %(original)s in other words, value for value, and is left out"
                " of the model.",
                **shown,
            )
        return words.say(
            "%(column)s says the same as %(original)s in other words, value for value; nothing was changed.",
            **shown,
        )
    if dropped:
        return words.say("%(column)s equals %(original)s in every row and is left out of the model.", **shown)
    return words.say("%(column)s equals %(original)s in every row; nothing was changed.", **shown)


@sentence(Code.rare_categories, _("Rare categories"))
def rare_categories(words: Words, told: Told) -> Markup:
    shown = {"column": words.name(told.column), "rows": words.whole(told.number("rows"))}
    shown["share"] = Markup(words.percent(told.number("share")))
    if told.is_("action", "report", "keep"):
        return words.count(
            "%(n)s category of %(column)s is rare: it has %(rows)s rows, %(share)s of all.",
            "%(n)s categories of %(column)s are rare: together they have %(rows)s rows, %(share)s of all.",
            told.number("categories"),
            **shown,
        )
    return words.count(
        "%(n)s category of %(column)s is rare (%(rows)s rows, %(share)s of all) and is treated as “other” in"
        " the model.",
        "%(n)s categories of %(column)s are rare (%(rows)s rows, %(share)s of all) and are one category in"
        " the model.",
        told.number("categories"),
        **shown,
    )


@sentence(Code.spelling_variants, _("Variants of spelling"))
def spelling_variants(words: Words, told: Told) -> Markup:
    shown = {
        "column": words.name(told.column),
        "rows": words.whole(told.number("rows")),
        "examples": merges(words, told.texts("examples")) if told.has("examples") else Markup("–"),
    }
    if told.is_("action", "merged"):
        return words.count(
            "%(n)s spelling in %(column)s (rows: %(rows)s) was merged with the one that it means:"
            " %(examples)s.",
            "%(n)s spellings in %(column)s (rows: %(rows)s) were merged with the ones that they mean:"
            " %(examples)s.",
            told.number("variants"),
            **shown,
        )
    return words.count(
        "%(n)s spelling in %(column)s (rows: %(rows)s) may mean another value: %(examples)s. Nothing was"
        " changed: if it is so, write it down in %(file)s.",
        "%(n)s spellings in %(column)s (rows: %(rows)s) may mean other values: %(examples)s. Nothing was"
        " changed: if it is so, write it down in %(file)s.",
        told.number("variants"),
        file=words.code("contract.yaml"),
        **shown,
    )


def merges(words: Words, examples: list[str], at_most: int = 3) -> Markup:
    """`“Ny” → “NY”` for each `Ny -> NY`."""
    shown = []
    for example in examples[:at_most]:
        variant, arrow, meaning = example.rpartition(" -> ")
        told = (
            (words.value(variant), Markup(" → "), words.value(meaning)) if arrow else (words.value(example),)
        )
        shown.append(Markup("").join(told))
    return Markup(", ").join(shown)


@sentence(Code.missing_tokens, _("Words for “missing”"))
def missing_tokens(words: Words, told: Told) -> Markup:
    return words.count(
        "In %(column)s %(n)s row says %(tokens)s, which means “missing” here.",
        "In %(column)s %(n)s rows say %(tokens)s, which means “missing” here.",
        told.number("rows"),
        column=words.name(told.column),
        tokens=words.values(told.texts("tokens")),
    )


@sentence(Code.trimmed_texts, _("White space around values"))
def trimmed_texts(words: Words, told: Told) -> Markup:
    return words.count(
        "In %(column)s white space around the value was removed in %(n)s row.",
        "In %(column)s white space around the value was removed in %(n)s rows.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.read_from_text, _("Numbers and dates read from texts"))
def read_from_text(words: Words, told: Told) -> Markup:
    return words.count(
        "In %(column)s %(n)s text was read as the number or the date that it means.",
        "In %(column)s %(n)s texts were read as the numbers or the dates that they mean.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.missing_depends, _("Gaps that are not by chance"))
def missing_depends(words: Words, told: Told) -> Markup:
    shown = {"column": words.name(told.column), "share": words.percent(told.number("share"))}
    if told.is_("kind", "depends_on_target"):
        return words.count(
            "%(n)s gap in %(column)s (%(share)s of rows) is not there by chance: it goes with the target"
            " (strength %(strength)s of 1).",
            "The %(n)s gaps in %(column)s (%(share)s of rows) are not there by chance: they go with the"
            " target (strength %(strength)s of 1).",
            told.number("rows"),
            strength=words.fixed(told.number("target_strength"), 2),
            **shown,
        )
    return words.count(
        "%(n)s gap in %(column)s (%(share)s of rows) is not there by chance: %(related)s tells where it is"
        " (strength %(strength)s of 1).",
        "The %(n)s gaps in %(column)s (%(share)s of rows) are not there by chance: %(related)s tells where"
        " they are (strength %(strength)s of 1).",
        told.number("rows"),
        related=words.name(str(told.fact("related"))),
        strength=words.fixed(told.number("related_strength"), 2),
        **shown,
    )


@sentence(Code.scaled, _("Scaling"))
def scaled(words: Words, told: Told) -> Markup:
    return words.say(
        "%(column)s is scaled inside the linear models: %(scaling)s, because %(reason)s.",
        column=words.name(told.column),
        scaling=term(words, SCALINGS, str(told.fact("scaling"))),
        reason=term(words, SCALING_REASONS, str(told.fact("reason"))),
    )
