"""The final report as Markdown: the same chapters, without pictures, for wikis and for reading diffs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape

from fullcycle.people.report.blocks import (
    Block,
    Charts,
    Comparison,
    Conclusion,
    Confusion,
    Facts,
    Page,
    Paragraphs,
    Table,
    Text,
)
from fullcycle.people.report.final.chapters import Chapter
from fullcycle.people.report.words import Words

TAG, CODE = re.compile(r"<[^>]+>"), re.compile(r"</?code[^>]*>")
MEANS_SOMETHING = re.compile(r"([\\*_\[\]|<>])")
SIGNS = {"info": "", "warning": "⚠ ", "error": "✕ "}


def markdown(words: Words, name: str, chapters: Sequence[Chapter], notes: Mapping[str, str]) -> str:
    """The whole document. `notes` are Markdown already, by chapter."""
    parts = [f"# {plain(name)}"]
    for chapter in chapters:
        parts += [f"## {text_of(chapter.title)}", *_page(words, chapter.page)]
        if notes.get(chapter.note, "").strip():
            parts += [f"### {words.gettext('Remarks of the people in charge')}", notes[chapter.note].strip()]
        for section in chapter.page.sections:
            parts.append(f"### {text_of(section.title)}")
            parts += [told for block in section.blocks for told in _block(words, block)]
    return "\n\n".join(part for part in parts if part) + "\n"


def page_as_markdown(words: Words, page: Page) -> str:
    """One page alone."""
    parts = [f"# {text_of(page.title)}", *_page(words, page)]
    for section in page.sections:
        parts.append(f"## {text_of(section.title)}")
        parts += [told for block in section.blocks for told in _block(words, block)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _page(words: Words, page: Page) -> Iterator[str]:
    yield text_of(page.lede)
    if page.verdict:
        yield f"**{text_of(page.verdict.text)}** {text_of(page.verdict.detail)}".strip()
    if page.tiles:
        yield _table(
            [words.gettext("figure"), words.gettext("value"), ""],
            [[text_of(tile.label), f"**{text_of(tile.value)}**", text_of(tile.note)] for tile in page.tiles],
        )
    yield _list(_concluded(each) for each in page.conclusions)


def _concluded(conclusion: Conclusion) -> str:
    code = f" ({conclusion.code})" if conclusion.code else ""
    return f"{SIGNS[conclusion.severity]}{text_of(conclusion.text)}{code}"


def _block(words: Words, block: Block) -> Iterator[str]:
    match block:
        case Paragraphs():
            yield from map(text_of, block.texts)
        case Table():
            heads = [text_of(column.title) for column in block.columns]
            yield f"*{text_of(block.caption)}*"
            yield _table(heads, [[text_of(cell.text) for cell in row] for row in block.rows])
        case Facts():
            yield _list(f"{text_of(name)}: {text_of(value)}" for name, value in block.pairs)
        case Charts():
            told = words.gettext("chart in the HTML report: %(title)s")
            yield _list(told % {"title": text_of(chart.title)} for chart in block.charts)
        case Comparison():
            yield f"**{text_of(block.title)}** {text_of(block.text)}"
            heads = ["", words.gettext("before"), words.gettext("after")]
            yield _table(heads, [[text_of(text) for text in row] for row in block.rows])
        case Confusion():
            heads = [text_of(block.actual), *(plain(name) for name in block.classes)]
            cells = [[f"{count} ({share})" for count, share, _ in row] for row in block.counts]
            yield f"*{text_of(block.title)}*"
            yield _table(heads, [[plain(name), *row] for name, row in zip(block.classes, cells, strict=True)])
        case _:
            return


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split("\n")) for cell in line) + " |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def text_of(text: Text) -> str:
    """A text of a page; code stays code, and what Markdown would take for a sign is escaped.

    >>> from markupsafe import Markup
    >>> text_of(Markup("<code>a_b</code> is &lt; <b>c_d</b>"))
    '`a_b` is \\\\< c\\\\_d'
    """
    if not hasattr(text, "__html__"):
        return plain(str(text))
    # Odd parts stand between <code> and </code>.
    parts = [unescape(TAG.sub("", part)) for part in CODE.split(str(text))]
    return "".join(f"`{part}`" if place % 2 else plain(part) for place, part in enumerate(parts))


def plain(text: str) -> str:
    """Text in which nothing means anything to Markdown."""
    return MEANS_SOMETHING.sub(r"\\\1", text)
