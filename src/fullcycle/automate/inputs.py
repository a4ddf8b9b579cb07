"""Which local files a source stands for: what DVC watches. A server or a web address is none."""

from __future__ import annotations

import re
from glob import has_magic
from pathlib import Path

SCHEME = re.compile(r"(?P<kind>[a-z][a-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
FILE_DATABASES = ("duckdb", "sqlite")  # duckdb:FILE, duckdb:///FILE


def local_files(source: str, root: Path) -> tuple[str, ...]:
    """Paths as DVC writes them: relative to `root` where the source is; of a glob, what it matches today."""
    named = SCHEME.fullmatch(source)
    if named is None:
        return _matching(source, root)
    if named["kind"] in FILE_DATABASES:
        return (_without_authority(named["rest"]),)
    if named["kind"] == "file":
        return _matching(_without_authority(named["rest"]), root)
    return ()


def _without_authority(rest: str) -> str:
    """`///data/x.db` and `data/x.db` without the slashes that only a URI needs, and without its options."""
    path = rest.partition("?")[0]
    return path[2:] if path.startswith("//") else path


def _matching(pattern: str, root: Path) -> tuple[str, ...]:
    if not has_magic(pattern) or (root / pattern).exists():
        return (pattern,)
    anchor = Path(pattern).anchor
    base = Path(anchor) if anchor else root
    found = (path for path in base.glob(pattern.removeprefix(anchor)) if path.is_file())
    return tuple(sorted(str(path) if anchor else path.relative_to(root).as_posix() for path in found))
