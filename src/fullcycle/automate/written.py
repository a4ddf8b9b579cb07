"""Files that fullcycle writes and a person may have, too: ours say so in their first line."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Text = str
OURS = "# Written by `fullcycle ci "


def as_yaml(command: str, *documents: Any) -> Text:
    """YAML under a line that says who wrote it, and by which command."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096  # a command stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    told = StringIO()
    for number, document in enumerate(documents):
        told.write("---\n" if number else "")
        yaml.dump(document, told)
    first = f"{OURS}{command}` from fullcycle.yaml and its plan; change those, and write it again."
    return f"{first}\n{told.getvalue()}"


def write_files(root: Path, files: Mapping[str, Text], *, force: bool) -> list[Path]:
    """Write them below `root`. Raises UserError, before the first, where a person's own stands in the way."""
    for name in files:
        path = root / name
        if not force and path.exists() and not path.read_text(encoding="utf-8").startswith(OURS):
            raise UserError(
                where=str(path),
                found="a file that fullcycle did not write",
                expected="none, or one of `fullcycle ci`",
                hint="keep it under another name, or `--force`",
            )
    for name, text in files.items():
        write_text_atomically(root / name, text)
    return [root / name for name in files]
