"""Write docs/reference/settings.md from the settings themselves: `make reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from fullcycle.core.project.settings import Gate, Settings

PAGE = Path(__file__).parents[1] / "docs/reference/settings.md"
HEAD = """# Settings

Every key of `fullcycle.yaml`. A key that is left out has its default. Written by `make reference`.
"""


def settings_page() -> str:
    """The whole page."""
    tables = [*_table("The file itself", Settings), *_sections(), *_table("Each of `gates`", Gate)]
    return "\n".join([HEAD, *tables])


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _table(f"`{name}`", kind)


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


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")
