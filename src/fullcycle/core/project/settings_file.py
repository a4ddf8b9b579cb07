"""Reading `fullcycle.yaml`, with errors that name the line and the key, and its JSON Schema for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import Settings

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

SCHEMA_FILE = ".fullcycle/fullcycle.schema.json"
HINT = "mend it, then run the same command again; `fullcycle schema` prints every key"


def read_settings(path: Path) -> Settings:
    """The settings, or a UserError that names file, line, key, what was found and what was expected."""
    from fullcycle.core.project.yaml_document import read_document
    from fullcycle.core.project.yaml_errors import validated

    if not path.exists():
        raise UserError(
            where=str(path),
            found="no such file",
            expected="the settings of a project",
            hint="`fullcycle init DIR --data FILE --target COLUMN` makes a project",
        )
    document = read_document(path, hint=HINT)
    return validated(document, Settings, hint=HINT, data=_with_null_as_text(document.data))


def line_of(project: Project, key: tuple[str | int, ...]) -> str:
    """File, line and key of a setting, for an error about what it refers to."""
    from fullcycle.core.project.yaml_document import read_document

    return read_document(project.paths.settings, hint=HINT).where(key)


def _with_null_as_text(data: Any) -> Any:
    """`outliers: null` names the action "null": YAML reads nothing there, which would be lost in silence."""
    clean = data.get("clean") if isinstance(data, dict) else None
    if not isinstance(clean, dict):
        return data
    clean = _named(clean)
    if isinstance(clean.get("columns"), dict):
        clean["columns"] = {name: _named(own) for name, own in clean["columns"].items()}
    return {**data, "clean": clean}


def _named(section: Any) -> Any:
    if not isinstance(section, dict) or "outliers" not in section:
        return dict(section) if isinstance(section, dict) else section
    return {**section, "outliers": "null" if section["outliers"] is None else section["outliers"]}


def settings_schema() -> str:
    """JSON Schema of `fullcycle.yaml`, for editors that complete and check YAML."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
        "title": "fullcycle.yaml",
    }
    return json.dumps(schema, indent=2) + "\n"
