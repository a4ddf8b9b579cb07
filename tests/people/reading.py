"""Reads a page as a browser's tree would be read: elements with attributes, and the text a person sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Element:
    """An element, what it holds, and the one it is in."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def all(self, tag: str = "") -> list[Element]:
        """Every element below of that tag, in the order of the page."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if not tag or child.tag == tag else []
                found += child.all(tag)
        return found

    @property
    def text(self) -> str:
        """All text below, spaces joined."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join("".join(parts).split())


class Reader(HTMLParser):
    """Builds the tree, and complains where elements are not nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag != self.at.tag or self.at.parent is None:
            raise AssertionError(f"</{tag}> ends <{self.at.tag}>")
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(html: str) -> Element:
    """The page as a tree."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is never closed"
    return reader.root


def our_words(page: Element) -> str:
    """The text that is ours: without data, commands, style, script, and what is in another language."""
    lang = page.all("html")[0].attributes["lang"]
    parts: list[str] = []

    def gather(element: Element) -> None:
        foreign = element.attributes.get("lang", lang) != lang or element.attributes.get("translate") == "no"
        if element.tag in ("style", "script") or foreign:
            return
        parts.extend(
            element.attributes[name] for name in ("aria-label", "title") if name in element.attributes
        )
        for child in element.children:
            if isinstance(child, Element):
                gather(child)
            else:
                parts.append(child)

    gather(page)
    return " ".join(" ".join(parts).split())
