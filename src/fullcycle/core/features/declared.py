"""The features of a project: expressions of `fullcycle.yaml`, parsed against its contract.

A feature may use the columns and the features above it. It is known by its text ever after: parsing the text
again, with the kinds of the columns that it names, gives the equal tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from fullcycle.core.contract.model import Column, ColumnType, Contract, Derived, Role
from fullcycle.core.errors import UserError
from fullcycle.core.features.errors import ExpressionError
from fullcycle.core.features.lookups import Lookup
from fullcycle.core.features.parse import Vocabulary, parse
from fullcycle.core.features.tree import KIND_OF, TYPE_OF, Found, Node, columns_of, parts

Where = Callable[[str], str]  # from a feature's name to file and line
ANSWERS = ("label", "probabilities", "prediction", "prediction_low", "prediction_high")


def parse_features(
    texts: Mapping[str, str], contract: Contract, lookups: Mapping[str, Lookup], where: Where
) -> dict[str, Node]:
    """Trees by name, in the order of the file. UserError names file, line and character."""
    known: dict[str, Node] = {}
    for name, text in texts.items():
        _check_name(name, contract, where)
        try:
            known[name] = parse(text, vocabulary_of(contract, lookups, known))
        except ExpressionError as error:
            later = [each for each in texts if each not in known]
            raise _with_order(error, later).at(where(name)) from error
    _check_lookup_keys(known, contract, where)
    return known


def vocabulary_of(
    contract: Contract, lookups: Mapping[str, Lookup], features: Mapping[str, Node] | None = None
) -> Vocabulary:
    """What an expression over this contract may name."""
    hidden = {column.name: why for column in contract.columns if (why := _hidden(column))}
    return Vocabulary(
        columns={c.name: KIND_OF[c.type] for c in contract.columns if c.name not in hidden},
        keys={
            c.name: KIND_OF[c.type]
            for c in contract.columns
            if c.role is Role.identifier and c.type in KIND_OF and c.leak != "drop"
        },
        hidden=hidden,
        lookups={name: lookup.kinds() for name, lookup in lookups.items()},
        features=features or {},
    )


def derived(trees: Mapping[str, Node], texts: Mapping[str, str]) -> tuple[Derived, ...]:
    """Features as the contract keeps them."""
    return tuple(
        Derived(name=name, type=TYPE_OF[tree.kind], expression=texts[name].strip(), columns=columns_of(tree))
        for name, tree in trees.items()
    )


def _hidden(column: Column) -> str | None:
    """Why no expression may use a column."""
    if column.role is Role.target:
        return "the target"
    if column.leak == "drop":
        return "a leak that contract.yaml drops"
    if column.role is Role.identifier:
        return "an identifier: a model would learn rows by heart"
    if column.type is ColumnType.text:
        return "free text"
    return None


def _check_name(name: str, contract: Contract, where: Where) -> None:
    taken = {column.name for column in contract.columns}
    if name in taken or name in ANSWERS:
        raise UserError(
            where=where(name),
            found=f"{name!r}, the name of {'a column' if name in taken else 'an answer of the graph'}",
            expected="a name of its own",
            hint=f"such as `{name}_feature`",
        )


def _with_order(error: ExpressionError, later: list[str]) -> ExpressionError:
    """A feature may use those above it: one below is named as such."""
    word = error.text[error.start : error.end]
    if word not in later and not get_close_matches(word, later, n=1, cutoff=0.9):
        return error
    return ExpressionError(
        error.text,
        error.start,
        error.end,
        found=error.told,
        expected=error.expected,
        hint=f"put it above, as a feature uses only those above it: {word}",
    )


def _check_lookup_keys(trees: Mapping[str, Node], contract: Contract, where: Where) -> None:
    """DECISIONS 25: what is personal is no key, as the table of keys travels in the graph."""
    for name, tree in trees.items():
        for part in parts(tree):
            personal = [
                column
                for column in (columns_of(part.key) if isinstance(part, Found) else ())
                if contract.column(column).personal
            ]
            if personal:
                raise UserError(
                    where=where(name),
                    found=f"column {personal[0]}, marked personal, as the key of a lookup",
                    expected="a key that names no person: the keys travel in the graph",
                )
