"""Reads the code blocks of a Markdown page: `bash`, `python` and, where Node is, `javascript` are run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)#\s]+)?(?P<anchor>#[^)\s]+)?\)")
RUN = ("bash", "python", "javascript")


@dataclass(frozen=True)
class Block:
    """One fenced block and the line it starts on."""

    language: str
    code: str
    line: int


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match["language"], match["code"], text.count("\n", 0, match.start()) + 1)
        for match in FENCE.finditer(text)
    ]


def as_script(page: Path) -> str:
    """The runnable blocks of a page as one bash script; blocks of other languages become here-documents.

    Each block announces its line on stderr first, so that a failure names the place in the page.
    """
    parts = ["set -euo pipefail", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"]
    for block in blocks(page):
        if block.language not in RUN:
            continue
        parts.append(f'echo "{page.name}:{block.line}" >&2')
        if block.language == "bash":
            parts.append(block.code)
        elif block.language == "javascript":
            node = f"node --input-type=module - <<'END-OF-BLOCK'\n{block.code}END-OF-BLOCK"
            otherwise = "echo 'no node: JavaScript is not run' >&2"
            parts.append(f"if command -v node > /dev/null; then\n{node}\nelse {otherwise}; fi")
        else:
            parts.append(f"python - <<'END-OF-BLOCK'\n{block.code}END-OF-BLOCK")
    return "\n".join(parts) + "\n"


def broken_links(page: Path, root: Path) -> list[str]:
    """Links of a page to files of the checkout that are not there."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for match in LINK.finditer(text):
        target = match["target"]
        if target is None or "://" in target:
            continue
        if not (page.parent / target).resolve().is_relative_to(root) or not (page.parent / target).exists():
            broken.append(target)
    return broken
