"""The page of evidence, from the models that write and read it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import fullcycle.core.evidence as package
from fullcycle.core.evidence.base import EVIDENCE_VERSION, Evidence

HEAD = f"""# Evidence

Fields of every file in `evidence/`, version {EVIDENCE_VERSION}. A file of a newer version is refused by
name; fields that an older file lacks have their defaults. Numbers that are not finite are `null`. `findings`
are [codes](findings.md) with columns and numbers. Only `run` and fields called `speed` may differ between two
runs of the same commit, data and seed. Written by `make reference` from the code.
"""
PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything"}
STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")  # the others follow by name


def evidence_page() -> str:
    """Each file with its fields, then each part that is met in one, once."""
    files = sorted(_kinds(), key=lambda kind: (kind.stage not in STAGES, _place(kind.stage), kind.stage))
    parts: dict[str, type[BaseModel]] = {}
    for kind in files:
        _gather(kind, parts)
    lines = [HEAD, "| file | what it holds |", "| --- | --- |"]
    lines += [f"| [`evidence/{kind.stage}.json`](#{kind.stage}-json) | {_first(kind)} |" for kind in files]
    lines.append("")
    for kind in files:
        lines += _section(f"{kind.stage}.json", kind, skipped=frozenset(Evidence.model_fields))
    lines += ["## In every file\n", *_fields(Evidence, frozenset()), "", "## Parts\n"]
    for name in sorted(parts):
        lines += _section(name, parts[name], level="###")
    return "\n".join(lines)


def _place(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else len(STAGES)


def _kinds() -> list[type[Evidence]]:
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return Evidence.__subclasses__()


def _gather(kind: type[BaseModel], parts: dict[str, type[BaseModel]]) -> None:
    for field in kind.model_fields.values():
        for inner in _models_in(field.annotation):
            if inner.__name__ not in parts:
                parts[inner.__name__] = inner
                _gather(inner, parts)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _section(
    title: str, kind: type[BaseModel], *, skipped: frozenset[str] = frozenset(), level: str = "##"
) -> Iterator[str]:
    yield f"{level} {title}\n"
    yield f"{_whole(kind)}\n"
    yield from _fields(kind, skipped)
    yield ""


def _fields(kind: type[BaseModel], skipped: frozenset[str]) -> Iterator[str]:
    shown = {name: field for name, field in kind.model_fields.items() if name not in skipped}
    if not shown:
        return
    yield "| field | what it is | default |\n| --- | --- | --- |"
    for name, field in shown.items():
        meaning = f"; {field.description}" if field.description else ""
        yield f"| `{name}` | {_told(field.annotation)}{meaning} | {_default(field)} |"


def _whole(kind: type[BaseModel]) -> str:
    paragraphs = (kind.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


def _first(kind: type[BaseModel]) -> str:
    return _whole(kind).split("\n\n")[0]


def _told(annotation: Any) -> str:
    """A type in words; parts are links."""
    if annotation is type(None):
        return "none"
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _one_of(member.value for member in annotation)
    return _composed(get_origin(annotation), get_args(annotation), annotation)


def _composed(origin: Any, inner: tuple[Any, ...], annotation: Any) -> str:
    if origin is Literal:
        return _one_of(inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_told(each) for each in inner)
    if origin is dict:
        return f"map of {_told(inner[0])} to {_told(inner[1])}"
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"({', '.join(_told(each) for each in inner)})"
    if origin is not None:
        return f"list of {_told(inner[0])}"
    return f"`{annotation.__name__}`"


def _one_of(values: Any) -> str:
    return "one of " + ", ".join(f"`{value}`" if value != "" else "empty" for value in values)


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "none"
    if isinstance(value, tuple | list | dict | str) and not value:
        return "empty"
    if isinstance(value, BaseModel):
        return "its own"
    return f"`{value.value if isinstance(value, Enum) else value}`"
