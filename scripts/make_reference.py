"""Write the reference pages that follow from the code: `make reference`.

Settings and operations are made here; commands, evidence and the HTTP API in files of their own beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from fullcycle.core.features.operations import EXAMPLE_ROW, TABLE, Operation
from fullcycle.core.features.tree import Kind
from fullcycle.core.project.claims import Gate, Hypothesis, ValueSettings, Window
from fullcycle.core.project.settings import Settings
from fullcycle.people.course.course_file import Course, Learner
from scripts.reference_api import api_page
from scripts.reference_commands import commands_page
from scripts.reference_evidence import evidence_page

REFERENCE = Path(__file__).parents[1] / "docs/reference"
OPERATIONS_HEAD = """# Operations of features

What an expression below `features:` in `fullcycle.yaml` may use, beside columns, earlier features,
numbers, texts in quotes, `True`, `False`, `moment("2024-01-31")`, `col("a name with spaces")` and
`lookup(table, key).column`. A missing argument makes the result missing, where nothing else is said; so does
a result that is not finite. Written by `make reference` from the table that both compilers are made from.
Examples are of this row:
"""
KINDS = {
    Kind.number: "number",
    Kind.boolean: "boolean",
    Kind.text: "category",
    Kind.time: "moment",
    Kind.duration: "duration",
}
HEAD = """# Settings

Every key of `fullcycle.yaml`. A key that is left out has its default. Written by `make reference`.
"""

COURSE_HEAD = """# The course file

Every key of `course.yaml`, which [`fullcycle assess course`](../guide/course.md) reads.
Written by `make reference`.
"""


def course_page() -> str:
    """The keys of a course, of each part of it, and of a learner."""
    tables = [*_table("The file itself", Course), *_sections(Course), *_table("Each of `learners`", Learner)]
    return "\n".join([COURSE_HEAD, *tables])


def settings_page() -> str:
    """The whole page."""
    tables = [*_table("The file itself", Settings), *_sections(Settings)]
    tables += [*_table("Each of `success` and `gates`", Gate)]
    tables += [*_with_inner("value", ValueSettings), *_with_inner("hypotheses.NAME", Hypothesis)]
    tables += [*_table("`window` of an arm", Window)]
    return "\n".join([HEAD, *tables])


def _sections(of: type[BaseModel]) -> Iterator[str]:
    for name, field in of.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _with_inner(name, kind)


def _with_inner(name: str, section: type[BaseModel]) -> Iterator[str]:
    yield from _table(f"`{name}`", section)
    for key, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _with_inner(f"{name}.{key}", kind)


def _table(title: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{(model.__doc__ or '').strip()}\n"
    yield "| key | default | meaning |\n| --- | --- | --- |"
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            continue
        allowed = _allowed(model.model_json_schema()["properties"][name])
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | {_default(field)} | {meaning}{'; ' if meaning and allowed else ''}{allowed} |"
    yield ""


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "none"
    return f"`{value}`".replace("'", '"')


def _allowed(schema: dict[str, Any]) -> str:
    values = schema.get("enum") or schema.get("items", {}).get("enum")
    return "one of " + ", ".join(f"`{value}`" for value in values) if values else ""


def operations_page() -> str:
    """The table of operations; entries that differ in kinds alone share a line."""
    row = ", ".join(
        f"`{name}` = {'missing' if value is None else value!r}" for name, value in EXAMPLE_ROW.items()
    )
    lines = [f"{OPERATIONS_HEAD}{row}.\n", "| written | takes | gives | what it is | example |"]
    lines.append("| --- | --- | --- | --- | --- |")
    shared: dict[tuple[str, str], list[Operation]] = {}
    for each in TABLE:
        shared.setdefault((each.written, each.told), []).append(each)
    return "\n".join([*lines, *(_operation(group) for group in shared.values()), ""])


def _operation(group: list[Operation]) -> str:
    first = group[0]
    takes = " or ".join(dict.fromkeys(KINDS[each.takes[-1]] for each in group))
    gives = " or ".join(dict.fromkeys(KINDS[each.gives] for each in group))
    text, value = first.example
    answer = "missing" if value is None else f"`{value!r}`"
    return f"| `{first.written}` | {takes} | {gives} | {first.told} | `{text}` is {answer} |"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "operations.md": operations_page,
    "course.md": course_page,
    "commands.md": commands_page,
    "evidence.md": evidence_page,
    "api.md": api_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
