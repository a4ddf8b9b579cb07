"""`contract.yaml`: columns by name, defaults left out, lists on one line, so that a diff of it reads well."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from fullcycle.core.contract.grammar import DATE_FORMS
from fullcycle.core.contract.model import Column, Contract, Task
from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.yaml_document import Document, Location, read_document
from fullcycle.core.project.yaml_errors import validated

HINT = "mend contract.yaml, then run the same command again"
HEADER = """\
# What a row must be: learned from the data by `fullcycle init`, then reviewed by people, like code.
# `allowed` and `range` are what was seen: another value is answered and marked; `strict: true` rejects it.
# `missing` lists texts that mean "no value"; `proposed_missing` are numbers that may mean it too: decide.
# Numbers with `proposed_formats` may be moments: if they are, set `type: datetime` and `formats` to these.
"""
LINE_CHARACTERS = 110
SHORT_MAPPING = 60  # characters: where a longer one is wrapped, a key of two lines can't be read back
KEY_MARKS = frozenset("?:")
EXACT_WHOLE = 2.0**53
TEXT_LISTS = ("missing", "allowed", "formats", "proposed_formats", "negative")


def read_contract(path: Path) -> Contract:
    """The contract, or a UserError that names file, line, key, what was found and what was expected.

    Columns stand below their names, as `write_contract` has them, or in a list with `name:` in each.
    """
    if not path.exists():
        raise UserError(
            where=str(path),
            found="no such file",
            expected="the contract of a project",
            hint="`fullcycle init DIR --data FILE --target COLUMN` learns one from a table",
        )
    document = read_document(path, hint=HINT, is_text=_is_text)
    names = _column_names(document)

    def locate(location: Location) -> Location:
        at = location[1] if len(location) > 1 and location[0] == "columns" else None
        return ("columns", names[at], *location[2:]) if names and isinstance(at, int) else location

    contract = validated(document, Contract, hint=HINT, data=_with_listed_columns(document), locate=locate)
    for location, found, expected in _contradictions(contract):
        raise UserError(where=document.where(location), found=found, expected=expected, hint=HINT)
    return contract


def write_contract(path: Path, contract: Contract) -> None:
    """Replace the file whole."""
    write_text_atomically(path, contract_to_yaml(contract))


def contract_to_yaml(contract: Contract) -> str:
    """The file's text. Reading it gives an equal contract."""
    content = CommentedMap(version=contract.version, task=contract.task.value)
    if contract.classes is not None:
        content["classes"] = _plain(contract.classes)
    content["columns"] = CommentedMap((_text(column.name), _body(column)) for column in contract.columns)
    yaml = YAML()
    yaml.width = LINE_CHARACTERS
    yaml.allow_unicode = True
    text = io.StringIO()
    yaml.dump(content, text)
    lines = text.getvalue().splitlines()
    return HEADER + "".join(f"{line.rstrip()}\n" for line in lines)  # a wrapped list leaves a space behind


def _is_text(location: Location) -> bool:
    """Where 1, No or null are texts, although YAML has other types for them."""
    match location:
        case ("classes", _) | ("columns", _, "leak_reason" | "zero" | "unit"):
            return True
        case ("columns", _, "spelling" | "proposed_spelling", _):
            return True
        case ("columns", _, key, _):
            return key in TEXT_LISTS
        case ("columns", _, "proposed_missing", _, "value"):
            return True
    return False


def _column_names(document: Document) -> list[str]:
    columns = document.data.get("columns") if isinstance(document.data, dict) else None
    return list(columns) if isinstance(columns, dict) else []


def _with_listed_columns(document: Document) -> Any:
    """The file with its columns as the model has them: a list."""
    names = _column_names(document)
    if not names:
        return document.data
    bodies: Mapping[str, Any] = document.data["columns"]
    return {**document.data, "columns": [_named(name, bodies[name]) for name in names]}


def _named(name: str, body: Any) -> Any:
    if body is None:
        return {"name": name}
    return {**body, "name": name} if isinstance(body, dict) else body


def _contradictions(contract: Contract) -> Iterator[tuple[Location, str, str]]:
    """What each key allows and all together don't."""
    classes = len(contract.classes or ())
    if contract.task is Task.binary and classes != 2:
        yield ("classes",), f"{classes} classes", "two classes for task binary, the positive one last"
    if contract.task is Task.multiclass and classes < 2:
        yield ("classes",), f"{classes} classes", "every class for task multiclass"
    if contract.task is Task.regression and classes:
        yield ("classes",), f"{classes} classes", "no classes for task regression"
    for column in contract.columns:
        for key in ("formats", "proposed_formats"):
            for at, form in enumerate(getattr(column, key)):
                if form not in DATE_FORMS:
                    yield ("columns", column.name, key, at), repr(form), "one of " + ", ".join(DATE_FORMS)
        if column.range is not None and not column.range[0] <= column.range[1]:
            yield ("columns", column.name, "range"), str(list(column.range)), "[lowest, highest]"


def _body(column: Column) -> CommentedMap:
    body = CommentedMap()
    for key, value in column.model_dump(mode="json", exclude={"name"}, exclude_defaults=True).items():
        body[key] = _plain(value)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((_text(key), _plain(item)) for key, item in value.items())
        if sum(len(f"{key}: {item}, ") for key, item in value.items()) <= SHORT_MAPPING:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        items = CommentedSeq(_plain(item) for item in value)
        items.fa.set_flow_style()
        return items
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_WHOLE:
        return int(value)
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    """In double quotes where YAML would fold or refuse a character (line ends, tabs, what can't be seen), or
    where it is written plain into a list on one line and read as a key: `?`, `0:`."""
    plain = value.isprintable() and not set(value) & KEY_MARKS
    return value if plain else DoubleQuotedScalarString(value)
