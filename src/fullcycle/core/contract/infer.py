"""A contract learned from a table: types, roles, missing tokens, what was seen. People review it afterwards.

Everything is learned from all rows (DECISIONS 14), and the contract accepts its own table. What
was decided against single values (a word among numbers) is a finding, never silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis

from fullcycle.core.contract.copies import Copy, find_copies
from fullcycle.core.contract.epochs import NEVER, Epoch, epoch_of
from fullcycle.core.contract.far_moments import far_moments
from fullcycle.core.contract.grammar import FALSE_WORDS, TRUE_WORDS, fold
from fullcycle.core.contract.model import Column, ColumnType, Contract, Role, Task
from fullcycle.core.contract.odd_words import EXAMPLES, are_few, odd_words, slips_of, tokens_of
from fullcycle.core.contract.sentinels import sentinels_of, suspects
from fullcycle.core.contract.spelling import Spelling, spelling_of
from fullcycle.core.contract.styles import Decimal, Style
from fullcycle.core.contract.survey import (
    LISTED_AT_MOST,
    NEARLY_UNIQUE,
    ColumnSurvey,
    list_unread,
    survey,
)
from fullcycle.core.contract.target import learn_target, missing_among_words
from fullcycle.core.contract.vocabulary import KEY_WORDS, TRUTH_PAIRS, words_of
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding

ALLOWED_AT_MOST = 200  # categories that are written down as expected
ALLOWED_CHARACTERS = 200  # of the longest of them
TEXT_CHARACTERS = 50  # on average, in prose
TEXT_WORDS = 3.0  # spaces on average, in prose that hardly repeats
# What pandas calls an index without a name: to_parquet the first, read_csv of what to_csv wrote the second.
ROW_NUMBER = re.compile(r"__index_level_\d+__|Unnamed: 0(\.\d+)*")
KEY_ROWS = 20  # fewer rows without two equal values prove nothing
ALL_NEGATIVE = {"brackets": "(12)", "trailing": "12-"}  # a column of nothing else may mean something else
SWAPPED = {"dmy": "mdy", "mdy": "dmy", "dmy2": "mdy2", "mdy2": "dmy2"}


@dataclass(frozen=True)
class Inference:
    """A learned contract and what a person should know of how it was learned.

    `fractional` names the columns of numbers of which some have a fraction: they measure, and order nothing.
    """

    contract: Contract
    findings: tuple[Finding, ...]
    fractional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Learned:
    """One column and its findings."""

    column: Column
    findings: tuple[Finding, ...] = ()


def infer_contract(
    table: ibis.Table,
    target: str,
    *,
    decimal: Decimal = ".",
    task: Task | None = None,
    time: str | None = None,
) -> Inference:
    """The contract of a table whose column `target` is to be predicted.

    `decimal` is the decimal mark of the file; a column that reads better with the other one gets that. A
    column that a person calls the `time` is no key and no constant, whatever its values say. Raises UserError
    for a table without rows, a target that is absent, empty or constant, or unfit for the `task`.
    """
    surveyed = survey(table, decimal)
    wanted = _target_of(surveyed, target)
    learned = [
        _learn_time(table, column) if column.name == time and column.present else _learn(table, column)
        for column in surveyed
        if column is not wanted
    ]
    numeric = _learn_numbers(wanted)
    as_number = numeric.column if numeric is not None else None
    answer = learn_target(table, wanted, as_number, task)
    by_name = {part.column.name: part for part in learned}
    told = numeric.findings if numeric and as_number else ()
    by_name[target] = Learned(answer.column, (*told, *_target_findings(answer.column, wanted)))
    parts = [by_name[column.name] for column in surveyed]
    contract = Contract(
        task=answer.task, classes=answer.classes, columns=tuple(part.column for part in parts)
    )
    copies = find_copies(table, contract, surveyed)
    findings = [found for part in parts for found in part.findings]
    return Inference(
        _without_copies(contract, copies),
        (*findings, *map(_copy_finding, copies)),
        frozenset(column.name for column in surveyed if column.numbers > column.whole),
    )


def _without_copies(contract: Contract, copies: Sequence[Copy]) -> Contract:
    """What equals another column in every row is left out; what only stands one to one is for a person."""
    originals = {copy.column: copy.original for copy in copies if copy.kind == "equal"}
    columns = tuple(
        c.model_copy(update={"role": Role.ignore, "copy_of": originals[c.name], "required": False})
        if c.name in originals
        else c
        for c in contract.columns
    )
    return contract.model_copy(update={"columns": columns})


def _copy_finding(copy: Copy) -> Finding:
    return finding(
        Code.copied_column,
        Severity.info,
        copy.column,
        copy.original,
        kind=copy.kind,
        action="left_out" if copy.kind == "equal" else "report",
    )


def _target_findings(column: Column, surveyed: ColumnSurvey) -> tuple[Finding, ...]:
    spelling = Spelling(column.spelling, column.proposed_spelling)
    return spelling_findings(column.name, spelling, surveyed.values or {})


def _target_of(surveyed: Iterable[ColumnSurvey], target: str) -> ColumnSurvey:
    columns = {column.name: column for column in surveyed}
    if target not in columns:
        names = ", ".join(list(columns)[:12]) + (" ..." if len(columns) > 12 else "")
        raise UserError(where="the target", found=f"no column {target!r}", expected=f"one of {names}")
    if columns[target].rows == 0:
        raise UserError(
            where="the table",
            found="a header and no rows",
            expected="rows to learn from",
            hint="check the file, then run the same command again",
        )
    return columns[target]


def _learn(table: ibis.Table, column: ColumnSurvey) -> Learned:
    """Type, tokens and role of a column that isn't the target."""
    if column.present == 0 and not column.infinite and column.physical != "other":
        return _empty(column)
    learned = _with_role(_typed(table, column), column)
    if learned.column.role is not Role.feature:
        return learned
    if learned.column.type is ColumnType.categorical:
        return Learned(learned.column, (*learned.findings, *_mixed_types(table, column)))
    if learned.column.type is ColumnType.numeric and (epoch := epoch_of(column)) is not None:
        asked = learned.column.model_copy(update={"proposed_formats": (epoch.form,)})
        return Learned(asked, (*learned.findings, _epoch_finding(column.name, epoch, "proposed")))
    return learned


def _learn_time(table: ibis.Table, column: ColumnSurvey) -> Learned:
    """The column that a person calls the time: numbers that may be moments are."""
    learned = _typed(table, column)
    epoch = epoch_of(column, is_time=True)
    if learned.column.type is not ColumnType.numeric or epoch is None:
        return learned
    missing = (*learned.column.missing, *(f"{number}" for number in NEVER if epoch.never))
    moments = Column(name=column.name, type=ColumnType.datetime, formats=(epoch.form,), missing=missing)
    return Learned(moments, (_epoch_finding(column.name, epoch, "read"),))


def _epoch_finding(name: str, epoch: Epoch, action: str) -> Finding:
    severity = Severity.warning if action == "proposed" else Severity.info
    return finding(Code.epoch_suspect, severity, name, **epoch._asdict(), action=action)


def _typed(table: ibis.Table, column: ColumnSurvey) -> Learned:
    name = column.name
    match column.physical:
        case "boolean":
            return Learned(Column(name=name, type=ColumnType.boolean))
        case "date" | "timestamp":
            return _with_far_moments(table, Column(name=name, type=ColumnType.datetime))
        case "other" if not column.present:  # lists, structs, bytes
            return Learned(Column(name=name, type=ColumnType.text, role=Role.ignore, required=False))
    return (
        _learn_moments(table, column)
        or _learn_numbers(column)
        or _learn_truth(column)
        or _learn_words(column)
    )


# --- numbers


def _learn_numbers(column: ColumnSurvey) -> Learned | None:
    """A column of numbers, with the words among them as missing tokens; None where it is something else."""
    if not column.numbers and not column.infinite:
        return None
    if column.leading_zeros:
        return None  # "007" is a code
    odd = odd_words(column, column.numbers)
    if odd is None:
        return None
    tokens, findings = tokens_of(column, odd, ColumnType.numeric)
    sentinels = sentinels_of(column)
    learned = Column(
        name=column.name,
        type=ColumnType.numeric,
        **_style_of(column)._asdict(),
        missing=tokens,
        range=None if column.low is None or column.high is None else (column.low, column.high),
        proposed_missing=sentinels,
    )
    return Learned(learned, (*findings, *suspects(column.name, sentinels), *_number_doubts(column)))


def _style_of(column: ColumnSurvey) -> Style:
    """How the column writes numbers; whole and typed ones have no part in the file's decimal comma."""
    style = column.style
    written = column.is_text and (column.commas or style != Style(style.decimal))
    return style if written else Style()


def _number_doubts(column: ColumnSurvey) -> list[Finding]:
    """What may mean another number: thousands or a fraction, signs that all have, a dash."""
    style, doubts = column.style, []
    if column.ambiguous is not None:
        mark = style.thousands
        doubts.append((f"1{mark}234 is 1234", f"1{mark}234 is 1.234"))
    for name, example in ALL_NEGATIVE.items():
        if name in style.negative and getattr(column, name) == column.number_like:
            doubts.append((f"{example} is -12", f"{example} is 12"))
    if "brackets" in style.negative and not style.zero and "-" in (column.odd or {}):
        doubts.append(("- is missing", "- is 0"))
    return [_ambiguous(column, *doubt) for doubt in doubts]


def _ambiguous(column: ColumnSurvey, read_as: str, other: str) -> Finding:
    return finding(
        Code.ambiguous_format,
        Severity.warning,
        column.name,
        rows=column.present,
        read_as=read_as,
        other=other,
    )


# --- moments


def _learn_moments(table: ibis.Table, column: ColumnSurvey) -> Learned | None:
    """A column of dates in one or two forms; None where it is something else."""
    if not column.forms:
        return None
    if (
        not column.date_like and not column.named_dates
    ):  # whole numbers that all are dates without separators, such as 20130131
        all_dates = column.forms.get(("ymd",), 0) == column.present
        if not all_dates:
            return None
        return Learned(Column(name=column.name, type=ColumnType.datetime, formats=("ymd",)))
    dotted = column.dotted * 2 > column.present  # nobody puts dots behind a month
    forms = _best_forms(column.forms, "," if dotted else column.style.decimal)
    odd = {} if column.forms[forms] == column.present else list_unread(table, column, forms)
    if not are_few(odd, column.present):
        return None
    tokens, findings = tokens_of(column, odd, ColumnType.datetime)
    learned = Column(name=column.name, type=ColumnType.datetime, formats=forms, missing=tokens)
    return _with_far_moments(table, learned, (*findings, *_date_doubts(column, forms, dotted=dotted)))


def _with_far_moments(table: ibis.Table, column: Column, findings: tuple[Finding, ...] = ()) -> Learned:
    """The column of dates, and those among them that may mean "no end" or "unknown"."""
    far = far_moments(table, column)
    return Learned(
        column.model_copy(update={"proposed_missing": far}), (*findings, *suspects(column.name, far))
    )


def _date_doubts(column: ColumnSurvey, forms: tuple[str, ...], *, dotted: bool) -> list[Finding]:
    """Days and months that may be each other in every row."""
    swapped = tuple(SWAPPED.get(form, form) for form in forms)
    if dotted or swapped == forms or column.forms.get(swapped) != column.forms[forms]:
        return []
    return [_ambiguous(column, " ".join(forms), " ".join(swapped))]


def _best_forms(counts: Mapping[tuple[str, ...], int], decimal: Decimal) -> tuple[str, ...]:
    """The forms that read most; of equals the fewest, and month before day only with a decimal point."""
    second = {"dmy", "dmy2"} if decimal == "." else {"mdy", "mdy2"}

    def rank(forms: tuple[str, ...]) -> tuple[int, int, bool]:
        return (-counts[forms], len(forms), bool(second & set(forms)))

    return min(counts, key=rank)


# --- truth and words


def _learn_truth(column: ColumnSurvey) -> Learned | None:
    tokens = missing_among_words(column.values)
    words = frozenset(fold(value) for value in column.values or () if value not in tokens)
    if words not in TRUTH_PAIRS and not _is_truth(words):
        return None
    return Learned(Column(name=column.name, type=ColumnType.boolean, missing=tokens))


def _is_truth(words: frozenset[str]) -> bool:
    """Yes and no in several spellings, of which one pair is whole words."""
    known = words <= {*TRUE_WORDS, *FALSE_WORDS}
    return known and any(pair <= words for pair in TRUTH_PAIRS if all(len(word) > 1 for word in pair))


def _learn_words(column: ColumnSurvey) -> Learned:
    if _is_prose(column):
        return Learned(Column(name=column.name, type=ColumnType.text, required=False))
    learned = Column(name=column.name, type=ColumnType.categorical)
    listed = column.values is not None and len(column.values) <= ALLOWED_AT_MOST
    if column.values is None or not listed or column.longest > ALLOWED_CHARACTERS:
        return Learned(learned)
    tokens = missing_among_words(column.values)
    values = {value: rows for value, rows in column.values.items() if value not in tokens}
    spelling = spelling_of(values)
    meant = spelling.meaning(values)
    allowed = tuple(sorted(meant, key=lambda value: (-meant[value], value)))
    learned = learned.model_copy(
        update={
            "missing": tokens,
            "spelling": spelling.merged,
            "proposed_spelling": spelling.proposed,
            "allowed": allowed,
        }
    )
    return Learned(learned, spelling_findings(column.name, spelling, values))


def spelling_findings(name: str, spelling: Spelling, values: Mapping[str, int]) -> tuple[Finding, ...]:
    """What was merged, and what may be a slip."""
    return tuple(
        finding(
            Code.spelling_variants,
            Severity.info,
            name,
            variants=len(variants),
            rows=sum(values[variant] for variant in variants),
            examples=[f"{variant} -> {variants[variant]}" for variant in _most(variants, values)],
            action=action,
        )
        for action, variants in (("merged", spelling.merged), ("proposed", spelling.proposed))
        if variants
    )


def _most(variants: Iterable[str], values: Mapping[str, int]) -> list[str]:
    return sorted(variants, key=lambda variant: (-values[variant], variant))[:EXAMPLES]


def _mixed_types(table: ibis.Table, column: ColumnSurvey) -> list[Finding]:
    """Numbers or dates with too many words among them: read as categories, and told."""
    if not column.is_text or column.leading_zeros:
        return []
    forms = max(column.forms, key=lambda forms: column.forms[forms], default=())
    kind, odd = ColumnType.numeric, column.odd if column.numbers * 2 >= column.present else None
    if column.forms.get(forms, 0) * 2 >= column.present:
        kind, odd = ColumnType.datetime, list_unread(table, column, forms)
    words = slips_of(odd or {})
    if not words:
        return []
    rows, examples = sum(words.values()), _most(words, words)
    told = finding(
        Code.mixed_types, Severity.warning, column.name, rows=rows, type=kind.value, examples=[*examples]
    )
    return [told]


def _is_prose(column: ColumnSurvey) -> bool:
    long = column.characters > TEXT_CHARACTERS * column.present
    wordy = column.words > TEXT_WORDS * column.present
    return column.distinct > LISTED_AT_MOST // 10 and (long or wordy) and column.distinct * 2 > column.present


# --- roles


def _empty(column: ColumnSurvey) -> Learned:
    kind = ColumnType.categorical if column.is_text else ColumnType.numeric
    if column.physical in ("boolean", "date", "timestamp"):
        kind = ColumnType.boolean if column.physical == "boolean" else ColumnType.datetime
    learned = Column(name=column.name, type=kind, role=Role.constant, required=False)
    return Learned(learned, (finding(Code.all_missing, Severity.info, column.name),))


def _with_role(learned: Learned, column: ColumnSurvey) -> Learned:
    """What the values say of a column's role; a person may say otherwise."""
    kind = learned.column.type
    if kind is ColumnType.text:
        told = finding(Code.text_dropped, Severity.info, column.name)
        return Learned(learned.column, (*learned.findings, told))
    if column.distinct == 1 and column.present == column.rows:
        return _as_constant(learned, column)
    if _is_key(column, kind):
        key = Column(name=column.name, type=ColumnType.categorical, role=Role.identifier, required=False)
        return Learned(key, (finding(Code.identifier_column, Severity.info, column.name),))
    return learned


def _as_constant(learned: Learned, column: ColumnSurvey) -> Learned:
    only = next(iter(column.values)) if column.values else None
    value = only if only is not None else f"{column.low:g}" if column.low is not None else None
    facts = {} if value is None else {"value": value}
    told = finding(Code.constant_column, Severity.info, column.name, **facts)
    constant = learned.column.model_copy(update={"role": Role.constant, "required": False})
    return Learned(constant, (*learned.findings, told))


def _is_key(column: ColumnSurvey, kind: ColumnType) -> bool:
    """Nearly every row has a value of its own: texts of one word, numbers without a gap, a telling name.

    The row numbers that pandas wrote may have gaps and repeat: rows were filtered or put together since.
    """
    if kind not in (ColumnType.categorical, ColumnType.numeric) or column.numbers > column.whole:
        return False
    numbered = kind is ColumnType.numeric and ROW_NUMBER.fullmatch(column.name)
    named = bool(set(words_of(column.name)) & KEY_WORDS)
    if numbered or (named and column.distinct >= NEARLY_UNIQUE * column.present):
        return True
    if column.rows < KEY_ROWS or column.distinct < 0.99 * column.present:
        return False
    if kind is ColumnType.categorical:
        return column.words < column.present
    if column.low is None or column.high is None:
        return False
    return column.distinct == column.present and column.high - column.low == column.present - 1
