"""A YAML file as plain data that remembers the line of every key.

Parsed by ruamel.yaml (YAML 1.2: `No` is text, `yes` is text). Keys are text; a key twice, an alias or a merge
key is an error here, so that what a person reads in the file is what the program sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from fullcycle.core.errors import UserError

Location = tuple[str | int, ...]
STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Document:
    """What a file holds: dicts, lists and scalars, and the line (from 1) of each by its path of keys."""

    path: Path
    data: Any
    lines: Mapping[Location, int]

    def where(self, location: Location) -> str:
        """`contract.yaml, line 12, key columns.plan.allowed`, or the nearest key above that has a line."""
        known = location
        while known and known not in self.lines:
            known = known[:-1]
        return place(self.path, self.lines.get(known), location)


def read_document(
    path: Path, *, hint: str, is_text: Callable[[Location], bool] = lambda _: False
) -> Document:
    """The one document of a file. Scalars at which `is_text` says so stay as written: 007 and null are texts.

    Raises UserError with file, line and key for what isn't YAML or UTF-8, can't be read, or has a key twice.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"))
        reader = _Reader(path, hint, is_text, yaml.constructor)
        data = {} if root is None else reader.read(root, ())
    except OSError as error:
        raise UserError(where=shown(path), found=error.strerror or str(error), hint=hint) from error
    except UnicodeDecodeError as error:
        raise UserError(
            where=shown(path),
            found=f"a byte that is no UTF-8 (at {error.start})",
            expected="UTF-8 text",
            hint=hint,
        ) from error
    except YAMLError as error:
        raise _no_yaml(path, error, hint) from error
    return Document(path, data, reader.lines)


class _Reader:
    """Nodes as plain data, collecting lines on the way."""

    def __init__(self, path: Path, hint: str, is_text: Callable[[Location], bool], constructor: Any) -> None:
        self.path, self.hint, self.is_text, self.constructor = path, hint, is_text, constructor
        self.lines: dict[Location, int] = {}
        self.seen: set[int] = set()

    def read(self, node: Node, location: Location) -> Any:
        self.lines.setdefault(location, node.start_mark.line + 1)
        if id(node) in self.seen:
            found = "an alias (`*name`)"
            raise self.mistake(location, node, found=found, expected="each value written out")
        self.seen.add(id(node))
        if isinstance(node, ScalarNode):
            return self.scalar(node, location)
        if isinstance(node, MappingNode):
            return self.mapping(node, location)
        return [self.read(item, (*location, number)) for number, item in enumerate(node.value)]

    def scalar(self, node: ScalarNode, location: Location) -> Any:
        if self.is_text(location) or node.tag == STRING_TAG:
            return node.value
        return self.constructor.construct_object(node)

    def mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise self.mistake(location, key, found="a key that is no text", expected="`key: value`")
            at = (*location, key.value)
            if key.value in content:
                found = f"the key {key.value!r} a second time (first on line {self.lines[at]})"
                raise self.mistake(at, key, found=found, expected="each key once")
            self.lines[at] = key.start_mark.line + 1
            content[key.value] = self.read(value, at)
        return content

    def mistake(self, location: Location, node: Node, *, found: str, expected: str) -> UserError:
        where = place(self.path, node.start_mark.line + 1, location)
        return UserError(where=where, found=found, expected=expected, hint=self.hint)


def place(path: Path, line: int | None, location: Location) -> str:
    """File, line and key in one phrase."""
    parts = [shown(path)]
    if line is not None:
        parts.append(f"line {line}")
    if location:
        parts.append("key " + dotted(location))
    return ", ".join(parts)


def dotted(location: Location) -> str:
    """`gates[0].metric`; a key that has a dot or a space of its own stands in quotes."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            quoted = part if part.replace("_", "").replace("-", "").isalnum() else repr(part)
            text += f".{quoted}" if text else quoted
    return text


def shown(path: Path) -> str:
    """The path as a person would type it: relative where it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _no_yaml(path: Path, error: YAMLError, hint: str) -> UserError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = error.problem if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
    return UserError(
        where=place(path, mark.line + 1 if mark else None, ()),
        found=f"something that isn't YAML ({problem})",
        expected="YAML: `key: value`, indented with spaces",
        hint=hint,
    )
