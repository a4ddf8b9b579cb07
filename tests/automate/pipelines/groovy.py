"""A declarative Jenkinsfile as blocks and lines: a strict reader of the plain subset that is generated.

No linter of Groovy comes without Java or a network; this one refuses every line that is neither a block, its
end, nor a call with literal arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

STRING = r"'(?:[^'\\]|\\.)*'"
OPENS = re.compile(rf"(?P<name>[a-zA-Z]+)(?:\((?P<argument>{STRING})\))? \{{$")
ONE_LINE = re.compile(r"(?P<name>agent|anyOf|expression) \{ .+ \}$")
AGENT = re.compile(r"agent (none|any)$")
CALL = re.compile(rf"(?P<name>[a-zA-Z]+)(?: {STRING}|\([^(){{}}]*\)| [a-z]+: .+| true)?$")
CRON = re.compile(rf"cron\(env\.BRANCH_NAME == {STRING} \? {STRING} : ''\)$")
VARIABLE = re.compile(rf'[A-Z_]+ = (?:credentials\({STRING}\)|"[^"]*")$')
SHELL = re.compile(rf"sh (?P<run>{STRING})$")


@dataclass
class Block:
    """`name('argument') { ... }`."""

    name: str
    argument: str = ""
    children: list[Block] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        """Names of what stands directly in it."""
        return {child.name for child in self.children} | {line.split()[0] for line in self.lines}

    def blocks(self, name: str) -> list[Block]:
        """Direct blocks of that name."""
        return [child for child in self.children if child.name == name]

    def all(self, name: str) -> Iterator[Block]:
        """Blocks of that name at any depth below."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def shell(self) -> Iterator[str]:
        """The commands of `sh` at any depth."""
        for line in self.lines:
            if found := SHELL.match(line):
                yield unquoted(found["run"])
        for child in self.children:
            yield from child.shell()


def structure(text: str) -> list[Block]:
    """The blocks at the top; AssertionError for a line that is no part of the subset."""
    top = Block("")
    open_blocks = [top]
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("//"):
            continue
        assert line == "    " * (len(open_blocks) - 1 - (bare == "}")) + bare, (
            f"line {number} is not indented: {line}"
        )
        if found := OPENS.match(bare):
            block = Block(found["name"], unquoted(found["argument"] or "''"))
            open_blocks[-1].children.append(block)
            open_blocks.append(block)
        elif bare == "}":
            assert len(open_blocks) > 1, f"line {number} closes nothing"
            open_blocks.pop()
        else:
            known = (ONE_LINE, AGENT, SHELL, CRON, VARIABLE, CALL)
            assert any(each.match(bare) for each in known), f"line {number} is not plain: {line}"
            open_blocks[-1].lines.append(bare)
    assert len(open_blocks) == 1, f"{open_blocks[-1].name} is never closed"
    return top.children


def unquoted(text: str) -> str:
    """A single-quoted string of Groovy as its value."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])
