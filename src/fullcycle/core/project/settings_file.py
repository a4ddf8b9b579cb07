"""Reading `fullcycle.yaml`, with errors that name the line and the key, and its JSON Schema for editors."""

from __future__ import annotations

import json
from pathlib import Path

from fullcycle.core.errors import UserError
from fullcycle.core.project.settings import Settings

SCHEMA_FILE = ".fullcycle/fullcycle.schema.json"
HINT = "mend it, then run the same command again; `fullcycle schema` prints every key"


def read_settings(path: Path) -> Settings:
    """The settings, or a UserError that names file, line, key, what was found and what was expected."""
    from fullcycle.core.project.yaml_errors import load_yaml_model

    if not path.exists():
        raise UserError(
            where=str(path),
            found="no such file",
            expected="the settings of a project",
            hint="`fullcycle init DIR --data FILE --target COLUMN` makes a project",
        )
    return load_yaml_model(path, Settings, hint=HINT)


def settings_schema() -> str:
    """JSON Schema of `fullcycle.yaml`, for editors that complete and check YAML."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
        "title": "fullcycle.yaml",
    }
    return json.dumps(schema, indent=2) + "\n"
