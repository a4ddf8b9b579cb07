"""Entries below a top-level key of a YAML file, put in and taken out; every other line stays as it is.

Texts only: whoever calls reads the result back, and writes it if it says what it should.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

Entries = Mapping[str, Sequence[str]]  # the lines of each entry, without the indent of the section

INDENT = "  "


def with_entries(text: str, key: str, entries: Entries, *, note: str = "") -> str:
    """The text with entries below those of `key`; the key is made at the end where it isn't there.

    A section in braces is written out, a line for each entry; `note` stands beside a new key.
    """
    if not entries:
        return text
    lines, place = _without_last_break(text), _section(text, key)
    if place is None:
        head = f"{key}:{f'  # {note}' if note else ''}"
        return "\n".join([*lines, *([""] if lines else []), head, *_indented(entries, INDENT)]) + "\n"
    start, end, node = place
    if node.id == "scalar" and not node.value:  # nothing but remarks, which stay
        lines[end:end] = _indented(entries, INDENT)
    elif _in_braces(node):
        head = f"{key}:{_comment_of(lines[end - 1], node)}"
        here = {name: [f"{name}: {value}"] for name, value in _flow_entries(text, node)}
        lines[start:end] = [head, *_indented({**here, **entries}, INDENT)]
    else:
        lines[end:end] = _indented(entries, " " * node.start_mark.column)
    return "\n".join(lines) + "\n"


def without_entry(text: str, key: str, name: str) -> str:
    """The text without one entry of `key`, and without the key where it was the last."""
    place = _section(text, key)
    if place is None:
        return text
    start, end, node = place
    names = [each.value for each, _ in node.value]
    if name not in names:
        return text
    if len(names) == 1:
        return without_section(text, key)
    lines, at = _without_last_break(text), names.index(name)
    if _in_braces(node):
        rest = {other: [f"{other}: {value}"] for other, value in _flow_entries(text, node) if other != name}
        lines[start:end] = [f"{key}:{_comment_of(lines[end - 1], node)}", *_indented(rest, INDENT)]
    else:
        first = node.value[at][0].start_mark.line
        last = node.value[at + 1][0].start_mark.line if at + 1 < len(names) else end
        # A remark above the next entry belongs to that one.
        while last > first + 1 and lines[last - 1].lstrip().startswith("#"):
            last -= 1
        del lines[first:last]
    return "\n".join(lines) + "\n"


def without_section(text: str, key: str) -> str:
    """The text without a top-level key, what stands below it, and the empty line above it."""
    place = _section(text, key)
    if place is None:
        return text
    start, end, _ = place
    lines = _without_last_break(text)
    if start and not lines[start - 1].strip() and (end >= len(lines) or not lines[end].strip()):
        start -= 1
    return "\n".join([*lines[:start], *lines[end:]]) + "\n"


def _section(text: str, key: str) -> tuple[int, int, Any] | None:
    """First line, line after the last one, and the value of a top-level key."""
    root: Any = YAML().compose(StringIO(text))
    pairs = root.value if root is not None else []
    for at, (name, node) in enumerate(pairs):
        if name.value == key:
            lines = _without_last_break(text)
            end = pairs[at + 1][0].start_mark.line if at + 1 < len(pairs) else len(lines)
            return name.start_mark.line, _own_end(lines, name.start_mark.line, end), node
    return None


def _own_end(lines: Sequence[str], start: int, end: int) -> int:
    """Without the empty lines and the remarks before the next key: they are that one's."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _in_braces(node: Any) -> bool:
    """`{...}` on one line, or a word for nothing."""
    return node.id != "mapping" or bool(node.flow_style)


def _flow_entries(text: str, node: Any) -> list[tuple[str, str]]:
    """Entries of a section in braces, each value as it is written there."""
    if node.id != "mapping":
        return []
    return [
        (name.value, text[value.start_mark.index : value.end_mark.index].strip())
        for name, value in node.value
    ]


def _comment_of(line: str, node: Any) -> str:
    after = line[node.end_mark.column :] if node.end_mark.line == node.start_mark.line else ""
    at = after.find("#")
    return f"  {after[at:]}" if at >= 0 else ""


def _indented(entries: Entries, indent: str) -> list[str]:
    return [f"{indent}{line}" for lines in entries.values() for line in lines]


def _without_last_break(text: str) -> list[str]:
    return text.rstrip("\n").split("\n") if text.strip() else []
