"""`fullcycle.yaml` as `init` writes it: every key with its value and what it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fullcycle.core.project.claims import Gate
from fullcycle.core.project.settings import Settings
from fullcycle.core.project.settings_file import SCHEMA_FILE

COMMENT_COLUMN = 34
LINE_AT_MOST = 110
BY_COMMAND = ("suggested_features", "rejected_features")  # a command writes them where there is something
SHOWN_CHOICES = 5  # a longer list is what the schema completes
PLAIN = re.compile(r"[A-Za-zА-Яа-яЁё_./][\w./ -]*(?<! )")  # texts that YAML reads back as the same text
NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}


def settings_to_yaml(settings: Settings) -> str:
    """A commented file that `read_settings` reads back as the same settings."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        "# The one file of this project that you edit by hand, beside contract.yaml.",
        "# Every key stands here with its value; what you delete falls back to the default.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if name in BY_COMMAND and not value:
            continue
        if isinstance(value, BaseModel):
            lines += ["", f"# {_first_sentence(type(value))}", f"{name}:", *_section(value)]
        elif name in ("gates", "success"):
            lines += _gates(name, value)
        else:
            lines.append(_line(name, value, field, indent=""))
            if isinstance(value, dict):
                lines += [f"  {scalar(key)}: {scalar(own)}" for key, own in value.items()]
    return "\n".join(lines) + "\n"


def _section(section: BaseModel, indent: str = "  ") -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield f"{indent}{name}:"
            yield from _section(value, indent + "  ")
            continue
        yield _line(name, value, field, indent)
        if isinstance(value, dict):
            yield from (f"{indent}  {scalar(key)}: {scalar(own)}" for key, own in value.items())


def _line(name: str, value: Any, field: FieldInfo, indent: str) -> str:
    """A key with its value and what it is for: beside it, or above it where that is too long."""
    if value is None:
        key = f"{indent}# {name}:"
    elif isinstance(value, dict) and value:
        key = f"{indent}{name}:"  # what it holds follows, a line for each
    else:
        key = f"{indent}{name}: {scalar(value)}"
    comment = "; ".join(filter(None, (field.description, _choices(field))))
    beside = f"{key:<{COMMENT_COLUMN}}  # {comment}" if comment else key
    if len(beside) <= LINE_AT_MOST:
        return beside
    above = wrap(comment, LINE_AT_MOST, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
    return "\n".join([*above, key])


def scalar(value: Any) -> str:
    """A value as YAML: plain text where YAML reads it back as text, quoted otherwise."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True, by_alias=True)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(key)}: {scalar(own)}' for key, own in value.items())}}}"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in NOT_TEXT:
        return value
    # JSON's strings are YAML's double-quoted ones.
    return json.dumps(value, ensure_ascii=False)


def _choices(field: FieldInfo) -> str:
    texts = list(_literals(field.annotation))
    return f"one of {', '.join(map(scalar, texts))}" if 0 < len(texts) <= SHOWN_CHOICES else ""


def _literals(annotation: Any) -> Iterator[str]:
    for argument in get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _literals(argument)


def _gates(name: str, gates: Sequence[Gate]) -> Iterator[str]:
    """`success`, and `gates` where an older file has some."""
    if name == "success":
        yield ""
        yield "# Checks on the test set that a bundle must pass, beside those that always hold. For example:"
        yield "#   - {metric: roc_auc, at_least: 0.8}"
    if not gates:
        if name == "success":
            yield "success: []"
        return
    yield f"{name}:"
    for gate in gates:
        pairs = gate.model_dump(exclude_none=True).items()
        yield f"  - {{{', '.join(f'{key}: {scalar(value)}' for key, value in pairs)}}}"


def _first_sentence(section: type[BaseModel]) -> str:
    return (section.__doc__ or "").split("\n")[0]
