"""FC1 and FC2: the data as it came, and its cleaning."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.findings import Code
from fullcycle.people.report.sentences.registry import Told, sentence
from fullcycle.people.report.terms import TYPES, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


@sentence(Code.encoding_guessed, _("Encoding guessed"))
def encoding_guessed(words: Words, told: Told) -> Markup:
    encoding = words.code(str(told.fact("encoding")))
    if told.has("others") and told.texts("others"):
        others = words.joined([words.code(name) for name in told.texts("others")])
        return words.say(
            "The file does not say its encoding; it was read as %(encoding)s, and %(others)s would fit as"
            " well. If letters look wrong, name the encoding in %(file)s.",
            encoding=encoding,
            others=others,
            file=words.code("fullcycle.yaml"),
        )
    return words.say(
        "The file does not say its encoding; it was read as %(encoding)s. If letters look wrong, name the"
        " encoding in %(file)s.",
        encoding=encoding,
        file=words.code("fullcycle.yaml"),
    )


@sentence(Code.values_out_of_type, _("Values of another type"))
def values_out_of_type(words: Words, told: Told) -> Markup:
    examples = told.texts("examples") if told.has("examples") else []
    expected = (
        term(words, TYPES, str(told.fact("expected", "type"))) if told.has("expected", "type") else None
    )
    if examples and expected:
        return words.count(
            "In %(column)s %(n)s value is not of type “%(expected)s” and is treated as missing, for example"
            " %(examples)s.",
            "In %(column)s %(n)s values are not of type “%(expected)s” and are treated as missing, for"
            " example %(examples)s.",
            told.number("rows"),
            column=words.name(told.column),
            expected=expected,
            examples=words.values(examples, 3),
        )
    return words.count(
        "In %(column)s %(n)s value does not fit the column's type and is treated as missing.",
        "In %(column)s %(n)s values do not fit the column's type and are treated as missing.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.sentinel_suspect, _("Suspected code for missing"))
def sentinel_suspect(words: Words, told: Told) -> Markup:
    return words.count(
        "The value %(value)s in %(column)s, found in %(n)s row, looks like a code for “missing”. Nothing"
        " was changed: if it is one, add it to %(key)s of the column in %(file)s.",
        "The value %(value)s in %(column)s, found in %(n)s rows, looks like a code for “missing”. Nothing"
        " was changed: if it is one, add it to %(key)s of the column in %(file)s.",
        told.number("rows"),
        value=words.value(told.fact("value")) if told.has("value") else "…",
        column=words.name(told.column),
        key=words.code("missing"),
        file=words.code("contract.yaml"),
    )


@sentence(Code.text_dropped, _("Free text left out"))
def text_dropped(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s holds free text and is left out of the model.",
        "%(columns)s hold free text and are left out of the model.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.all_missing, _("Empty column"))
def all_missing(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s is empty in every row and is left out of the model.",
        "%(columns)s are empty in every row and are left out of the model.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.constant_column, _("Constant column"))
def constant_column(words: Words, told: Told) -> Markup:
    if told.has("value") and len(told.columns) == 1:
        return words.say(
            "%(column)s has the same value everywhere, %(value)s: it cannot tell rows apart and is left out"
            " of the model.",
            column=words.name(told.column),
            value=words.value(told.fact("value")),
        )
    return words.count(
        "%(columns)s has the same value everywhere: it cannot tell rows apart and is left out of the model.",
        "%(columns)s have the same value everywhere: they cannot tell rows apart and are left out of the"
        " model.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.identifier_column, _("Identifier"))
def identifier_column(words: Words, told: Told) -> Markup:
    return words.count(
        "%(columns)s names rows instead of describing them, so it is an identifier and not a feature.",
        "%(columns)s name rows instead of describing them, so they are identifiers and not features.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.unnamed_column, _("Column without a name"))
def unnamed_column(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s column came without a name and is called %(columns)s here.",
        "%(n)s columns came without a name and are called %(columns)s here.",
        len(told.columns),
        columns=words.names(told.columns),
    )


@sentence(Code.duplicate_rows, _("Duplicate rows"))
def duplicate_rows(words: Words, told: Told) -> Markup:
    if told.is_("action", "keep", "report"):
        return words.count(
            "%(n)s row repeats an earlier one exactly; it was kept, as the settings say.",
            "%(n)s rows repeat earlier ones exactly; they were kept, as the settings say.",
            told.number("rows"),
        )
    if told.has("without"):
        return words.count(
            "%(n)s row repeats an earlier one in everything but %(columns)s and was dropped before the"
            " split, so that no copy of a training row is in the test set.",
            "%(n)s rows repeat earlier ones in everything but %(columns)s and were dropped before the"
            " split, so that no copy of a training row is in the test set.",
            told.number("rows"),
            columns=words.names(told.texts("without")),
        )
    return words.count(
        "%(n)s row repeats an earlier one exactly and was dropped before the split, so that no copy of a"
        " training row is in the test set.",
        "%(n)s rows repeat earlier ones exactly and were dropped before the split, so that no copy of a"
        " training row is in the test set.",
        told.number("rows"),
    )


@sentence(Code.duplicate_keys, _("Duplicate keys"))
def duplicate_keys(words: Words, told: Told) -> Markup:
    if told.is_("action", "keep_first"):
        return words.count(
            "%(n)s row had the key (%(columns)s) of an earlier row and was dropped: the first row of each"
            " key stays.",
            "%(n)s rows had the key (%(columns)s) of an earlier row and were dropped: the first row of each"
            " key stays.",
            told.number("rows"),
            columns=words.names(told.columns),
        )
    return words.count(
        "%(n)s row shares its key (%(columns)s) with another row whose other values differ.",
        "%(n)s rows share their key (%(columns)s) with other rows whose other values differ.",
        told.number("rows"),
        columns=words.names(told.columns),
    )


@sentence(Code.target_missing, _("Rows without a target"))
def target_missing(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s row has no target and was dropped: nothing can be learned from it or judged by it.",
        "%(n)s rows have no target and were dropped: nothing can be learned from them or judged by them.",
        told.number("rows"),
    )


@sentence(Code.contradicting_labels, _("Contradicting labels"))
def contradicting_labels(words: Words, told: Told) -> Markup:
    if told.is_("action", "drop"):
        return words.count(
            "%(n)s row had the same features as another one but a different target, and was dropped.",
            "%(n)s rows had the same features as other ones but different targets, and were dropped.",
            told.number("rows"),
        )
    return words.count(
        "%(n)s row has the same features as another one but a different target: no model can answer both"
        " rightly.",
        "%(n)s rows have the same features as other ones but different targets: no model can answer all of"
        " them rightly.",
        told.number("rows"),
    )


@sentence(Code.outliers, _("Outliers"))
def outliers(words: Words, told: Told) -> Markup:
    if told.has("lower", "upper") and told.has("lower") and told.has("upper"):
        return words.count(
            "In %(column)s %(n)s value lies far outside the usual range of %(lower)s to %(upper)s.",
            "In %(column)s %(n)s values lie far outside the usual range of %(lower)s to %(upper)s.",
            told.number("rows"),
            column=words.name(told.column),
            lower=words.number(told.number("lower")),
            upper=words.number(told.number("upper")),
        )
    return words.count(
        "In %(column)s %(n)s value lies far outside the usual range.",
        "In %(column)s %(n)s values lie far outside the usual range.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.missing_values, _("Missing values"))
def missing_values(words: Words, told: Told) -> Markup:
    if told.has("share"):
        return words.count(
            "In %(column)s %(n)s value is missing, %(share)s of the rows.",
            "In %(column)s %(n)s values are missing, %(share)s of the rows.",
            told.number("rows"),
            column=words.name(told.column),
            share=words.percent(told.number("share")),
        )
    return words.count(
        "In %(column)s %(n)s value is missing.",
        "In %(column)s %(n)s values are missing.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.unexpected_values, _("Unexpected values"))
def unexpected_values(words: Words, told: Told) -> Markup:
    if told.has("examples") and told.texts("examples"):
        return words.count(
            "In %(column)s %(n)s row has a value that the contract does not expect, for example"
            " %(examples)s.",
            "In %(column)s %(n)s rows have a value that the contract does not expect, for example"
            " %(examples)s.",
            told.number("rows"),
            column=words.name(told.column),
            examples=words.values(told.texts("examples"), 3),
        )
    return words.count(
        "In %(column)s %(n)s row has a value that the contract does not expect.",
        "In %(column)s %(n)s rows have a value that the contract does not expect.",
        told.number("rows"),
        column=words.name(told.column),
    )


@sentence(Code.class_too_small, _("Class too small"))
def class_too_small(words: Words, told: Told) -> Markup:
    return words.count(
        "The class %(label)s has only %(n)s row, too few to learn from and to judge by.",
        "The class %(label)s has only %(n)s rows, too few to learn from and to judge by.",
        told.number("rows"),
        label=words.value(told.fact("class", "label", "value", "class_", "name")),
    )


@sentence(Code.train_test_overlap, _("Overlap of training and test rows"))
def train_test_overlap(words: Words, told: Told) -> Markup:
    if told.is_("action", "drop"):
        return words.count(
            "%(n)s training row was in the test set too and was dropped from training, so that the test"
            " stays honest.",
            "%(n)s training rows were in the test set too and were dropped from training, so that the test"
            " stays honest.",
            told.number("rows"),
        )
    return words.count(
        "%(n)s training row is in the test set too: the test is that much easier than real life.",
        "%(n)s training rows are in the test set too: the test is that much easier than real life.",
        told.number("rows"),
    )


@sentence(Code.groups_across_split, _("Groups on both sides of the split"))
def groups_across_split(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s group of %(columns)s is both in the training rows and in the test rows, which makes the test"
        " too kind.",
        "%(n)s groups of %(columns)s are both in the training rows and in the test rows, which makes the"
        " test too kind.",
        told.number("groups", "rows"),
        columns=words.names(told.columns),
    )


@sentence(Code.time_missing, _("Rows without a time"))
def time_missing(words: Words, told: Told) -> Markup:
    return words.count(
        "%(n)s row has no time in %(columns)s and was dropped: it has no place in a split by time.",
        "%(n)s rows have no time in %(columns)s and were dropped: they have no place in a split by time.",
        told.number("rows"),
        columns=words.names(told.columns),
    )
