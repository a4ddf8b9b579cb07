"""`fullcycle.yaml` edited by a command, in its text: a person's comments and layout stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import scratch_folder, write_text_atomically
from fullcycle.core.project.settings import Settings
from fullcycle.core.project.settings_file import read_settings

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project


def rewrite_settings(project: Project, edit: Callable[[str], str], **wanted: object) -> None:
    """The file as edited, if it reads as before but for `wanted`; else a UserError, and nothing changed."""
    path = project.paths.settings
    before = read_settings(path)  # as the file is now: the project read it when it was opened
    text = edit(path.read_text(encoding="utf-8-sig"))
    with scratch_folder(project.root / ".fullcycle") as scratch:
        aside = scratch / path.name
        aside.write_text(text, encoding="utf-8")
        if not _reads_as(aside, before.model_copy(update=wanted)):
            raise UserError(
                where=f"fullcycle.yaml, keys {', '.join(wanted)}",
                found="a layout that can't be edited here",
                expected="each key on a line of its own",
                hint="write the keys out in lines, then run the same command again",
            )
    write_text_atomically(path, text)


def _reads_as(path: Path, wanted: Settings) -> bool:
    try:
        return read_settings(path) == wanted
    except UserError:
        return False
