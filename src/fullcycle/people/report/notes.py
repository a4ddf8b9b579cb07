"""A person's own remarks: `notes/STAGE.md`, or `notes/STAGE.LANGUAGE.md` where one language has its own.

They are read, never written. HTML in them stays text, pictures are not loaded, and links keep only harmless
schemes. A part whose heading is the name of a column is shown with that column.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from markdown_it.token import Token

NOTHING = Markup("")
TOP_HEADING = 3  # the page has h1, its sections have h2


@dataclass(frozen=True)
class Remarks:
    """What a person wrote: in general, and on single columns."""

    general: Markup = NOTHING
    by_column: Mapping[str, Markup] = field(default_factory=dict)


def read_notes(folder: Path, stages: Collection[str]) -> dict[str, str]:
    """Markdown by `STAGE` and `STAGE.LANGUAGE`; UserError for a file that is no UTF-8 text."""
    if not folder.is_dir():
        return {}
    found = {path.stem: path for path in sorted(folder.glob("*.md")) if path.stem.split(".")[0] in stages}
    return {name: _text(path) for name, path in found.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            where=f"notes/{path.name}", found="bytes that are no UTF-8 text", hint="save the file as UTF-8"
        ) from error


def remarks(notes: Mapping[str, str], stage: str, language: str, columns: Collection[str] = ()) -> Remarks:
    """The remarks on a stage in a language, which may be the same for all languages."""
    text = notes.get(f"{stage}.{language}", notes.get(stage, ""))
    if not text.strip():
        return Remarks()
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    general, by_column = _parted(markdown.parse(text), set(columns))

    def html(tokens: Sequence[Token], top: int) -> Markup:
        _lower_headings(tokens, top)
        return Markup(markdown.renderer.render(tokens, markdown.options, {}))

    of_columns = {column: html(tokens, TOP_HEADING + 1) for column, tokens in by_column.items()}
    return Remarks(html(general, TOP_HEADING), of_columns)


def _parted(tokens: Sequence[Token], columns: Collection[str]) -> tuple[list[Token], dict[str, list[Token]]]:
    """Tokens of no column, and those under the heading of one, up to the next heading as high."""
    general: list[Token] = []
    by_column: dict[str, list[Token]] = {}
    into, level, skip = general, 0, 0
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            title, height = tokens[index + 1].content.strip().strip("`"), int(token.tag[1])
            if title in columns:
                into, level, skip = by_column.setdefault(title, []), height, 3
            elif into is not general and height <= level:
                into = general
        if skip:
            skip -= 1
        else:
            into.append(token)
    return general, by_column


def _lower_headings(tokens: Sequence[Token], top: int) -> None:
    """The highest heading of a remark becomes `top`, one below the heading of the place it is shown in."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + top)}"
