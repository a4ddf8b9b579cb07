"""`data.labels` in fullcycle.yaml: set by the first import, taken out when the last one is undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.settings import Settings
from fullcycle.core.project.settings_file import read_settings

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

OURS = re.compile(r"^(?P<indent>[ ]+)(?:#[ ]*)?labels:[^#\n]*(?P<comment>#.*)?$")


def set_labels(project: Project, file: str | None) -> bool:
    """Write the setting, leaving every other character of the file as it is; True if it changed.

    UserError where the file is written in a way that this can't edit.
    """
    if project.settings.data.labels == file:
        return False
    path = project.paths.settings
    before = path.read_text(encoding="utf-8")
    wanted = project.settings.model_copy(
        update={"data": project.settings.data.model_copy(update={"labels": file})}
    )
    write_text_atomically(path, with_labels(before, file))
    if not _reads_as(project, wanted):
        write_text_atomically(path, before)
        raise UserError(
            where="fullcycle.yaml, key data.labels",
            found="a `data:` section that can't be edited here",
            hint=f"write `labels: {file}` below `data:` yourself" if file else "take `labels` out yourself",
        )
    return True


def with_labels(text: str, file: str | None) -> str:
    """The file's text with the setting, in the line that `init` left for it, or a new one below `data:`."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if re.match(r"data:\s*(#.*)?$", line)), None)
    if start is None:
        return text
    end = next((at for at in range(start + 1, len(lines)) if re.match(r"[^\s#]", lines[at])), len(lines))
    for at in range(start + 1, end):
        match = OURS.match(lines[at])
        if match:
            lines[at] = _line(file, match["indent"], match["comment"])
            return "\n".join(lines)
    first = next((line for line in lines[start + 1 : end] if line.strip() and line.lstrip()[0] != "#"), "  ")
    indent = first[: len(first) - len(first.lstrip())]
    lines.insert(start + 1, _line(file, indent, None))
    return "\n".join(lines)


def _line(file: str | None, indent: str, comment: str | None) -> str:
    key = f"{indent}labels: {file}" if file else f"{indent}# labels:"
    return f"{key:<34}  {comment}" if comment else key


def _reads_as(project: Project, wanted: Settings) -> bool:
    try:
        return read_settings(project.paths.settings) == wanted
    except UserError:
        return False
