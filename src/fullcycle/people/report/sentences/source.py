"""FC109 to FC116: what differs from the snapshot before, how joins went, what may be read in two ways."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import TYPES, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.source_changed, _("The source has changed"))
def source_changed(words: Words, told: Told) -> Markup:
    before, after = told.number("rows_before"), told.number("rows_after")
    shown = {"before": words.whole(before), "after": words.whole(after)}
    if after > before:
        return words.count(
            "The source has %(n)s row more than in the snapshot before: %(after)s instead of %(before)s.",
            "The source has %(n)s rows more than in the snapshot before: %(after)s instead of %(before)s.",
            after - before,
            **shown,
        )
    if after < before:
        return words.count(
            "The source has %(n)s row fewer than in the snapshot before: %(after)s instead of %(before)s.",
            "The source has %(n)s rows fewer than in the snapshot before: %(after)s instead of %(before)s.",
            before - after,
            **shown,
        )
    return words.count(
        "The source has changed since the snapshot before, but still has %(n)s row.",
        "The source has changed since the snapshot before, but still has %(n)s rows.",
        after,
    )


@sentence(Code.column_added, _("New column"))
def column_added(words: Words, told: Told) -> Markup:
    return words.count(
        "The contract does not know %(columns)s, so the model does not see it; %(command)s adds it.",
        "The contract does not know %(columns)s, so the model does not see them; %(command)s adds them.",
        len(told.columns),
        columns=words.names(told.columns),
        command=words.code("fullcycle contract learn"),
    )


@sentence(Code.column_gone, _("Column gone"))
def column_gone(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s was in the snapshot before and is gone from the source.",
        "%(columns)s were in the snapshot before and are gone from the source.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.distribution_changed, _("Distribution changed"))
def distribution_changed(words: Words, told: Told) -> Markup:
    parts = [
        words.say(
            "%(column)s is distributed otherwise than in the snapshot before (PSI %(psi)s).",
            column=words.name(told.column),
            psi=words.fixed(told.number("psi"), 2),
        )
    ]
    if told.has("new_values"):
        parts.append(_new_values(words, told.texts("new_values")))
    if told.has("missing_before", "missing_after"):
        before, after = told.number("missing_before"), told.number("missing_after")
        if before != after:
            parts.append(
                words.say(
                    "Missing: %(before)s before, %(after)s now.",
                    before=words.percent(before),
                    after=words.percent(after),
                )
            )
    return Markup(" ").join(parts)


def _new_values(words: Words, values: list[str]) -> Markup:
    return words.count(
        "%(n)s new value: %(values)s.",
        "%(n)s new values: %(values)s.",
        len(values),
        values=words.values(values),
    )


@sentence(Code.join_unmatched, _("Rows without a match"))
def join_unmatched(words: Words, told: Told) -> Markup:
    shown = {
        "source": words.code(str(told.fact("source"))),
        "share": words.percent(told.number("share")),
        "columns": words.names(told.columns),
    }
    if told.has("examples"):
        return words.count(
            "%(n)s row (%(share)s) has no match in %(source)s by %(columns)s, for example %(examples)s:"
            " what comes from there is missing in it.",
            "%(n)s rows (%(share)s) have no match in %(source)s by %(columns)s, for example %(examples)s:"
            " what comes from there is missing in them.",
            told.number("rows"),
            examples=words.values(told.texts("examples"), 3),
            **shown,
        )
    return words.count(
        "%(n)s row (%(share)s) has no match in %(source)s by %(columns)s: what comes from there is missing"
        " in it.",
        "%(n)s rows (%(share)s) have no match in %(source)s by %(columns)s: what comes from there is missing"
        " in them.",
        told.number("rows"),
        **shown,
    )


@sentence(Code.ambiguous_format, _("Readable in two ways"))
def ambiguous_format(words: Words, told: Told) -> Markup:
    return words.count(
        "The %(n)s value of %(column)s can be read in two ways: it was read as %(read_as)s, but may be"
        " %(other)s. If that is right, say so in %(file)s.",
        "All %(n)s values of %(column)s can be read in two ways: they were read as %(read_as)s, but may be"
        " %(other)s. If that is right, say so in %(file)s.",
        told.number("rows"),
        column=words.name(told.column),
        read_as=words.code(str(told.fact("read_as"))),
        other=words.code(str(told.fact("other"))),
        file=words.code("contract.yaml"),
    )


@sentence(Code.mixed_types, _("Numbers or dates among words"))
def mixed_types(words: Words, told: Told) -> Markup:
    return words.count(
        "Most values of %(column)s are of type “%(type)s”, but %(n)s is not, for example %(examples)s, so the"
        " column is read as categories. If such a text means “missing”, add it to %(key)s in %(file)s.",
        "Most values of %(column)s are of type “%(type)s”, but %(n)s are not, for example %(examples)s, so"
        " the column is read as categories. If such texts mean “missing”, add them to %(key)s in %(file)s.",
        told.number("rows"),
        column=words.name(told.column),
        type=term(words, TYPES, str(told.fact("type"))),
        examples=words.values(told.texts("examples"), 3),
        key=words.code("missing"),
        file=words.code("contract.yaml"),
    )


EPOCH_UNITS = {
    "epoch_s": _("seconds since 1970"),
    "epoch_ms": _("milliseconds since 1970"),
    "epoch_us": _("microseconds since 1970"),
    "epoch_ns": _("nanoseconds since 1970"),
}


@sentence(Code.epoch_suspect, _("Numbers that may be moments"))
def epoch_suspect(words: Words, told: Told) -> Markup:
    form = str(told.fact("form"))
    shown = {
        "column": words.name(told.column),
        "unit": words.gettext(EPOCH_UNITS[form]),
        "form": words.code(form),
        "file": words.code("contract.yaml"),
        "type": words.code("type: datetime"),
        "formats": words.code(f"formats: [{form}]"),
    }
    if told.has("first", "last"):
        shown |= {"first": words.code(str(told.fact("first"))), "last": words.code(str(told.fact("last")))}
    if told.is_("action", "read"):
        return words.count(
            "The %(n)s number of %(column)s is read as %(unit)s (%(form)s), from %(first)s to %(last)s UTC,"
            " as you call this column the time.",
            "The %(n)s numbers of %(column)s are read as %(unit)s (%(form)s), from %(first)s to %(last)s UTC,"
            " as you call this column the time.",
            told.number("rows"),
            **shown,
        )
    if not told.has("first", "last"):
        return words.count(
            "The %(n)s number of %(column)s may be %(unit)s. Nothing was changed: if it is, set %(type)s and"
            " %(formats)s of the column in %(file)s.",
            "The %(n)s numbers of %(column)s may be %(unit)s. Nothing was changed: if they are, set %(type)s"
            " and %(formats)s of the column in %(file)s.",
            told.number("rows"),
            **shown,
        )
    return words.count(
        "The %(n)s number of %(column)s may be %(unit)s, from %(first)s to %(last)s UTC. Nothing was"
        " changed: if it is, set %(type)s and %(formats)s of the column in %(file)s.",
        "The %(n)s numbers of %(column)s may be %(unit)s, from %(first)s to %(last)s UTC. Nothing was"
        " changed: if they are, set %(type)s and %(formats)s of the column in %(file)s.",
        told.number("rows"),
        **shown,
    )
