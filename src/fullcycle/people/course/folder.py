"""Whether a learner's folder may be read: no way out of it, nothing that hangs, nothing that is huge.

A link could show a neighbour's evidence, a pipe would never end, and a `.git` that leads elsewhere would lend
another's history. Looked at before anything is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from fullcycle.people.course.seen import Problem, Refused

NOT_READ = {".venv", "venv", ".dvc", "node_modules", "__pycache__", "mlruns"}  # large, and none of it is read
ENTRIES_AT_MOST = 100_000
READ_AT_MOST = 64 * 10**6  # bytes of a file that is read; evidence of a wide table is a tenth
READ_IN = ("evidence", "notes", ".github")
SETTINGS = "fullcycle.yaml"
DEPTH = 2  # folders between a repository's top and its project


def check_folder(root: Path) -> None:
    """Raises Refused for a link out of the folder, a pipe or device, a file that is too large to read."""
    check_git(root)
    for number, entry in enumerate(_entries(root, root)):
        if number >= ENTRIES_AT_MOST:
            raise Refused(Problem(code="too_many_files", about=str(ENTRIES_AT_MOST)))
        about = str(Path(entry.path).relative_to(root))
        kind = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(kind) and not _stays_inside(root, Path(entry.path)):
            raise Refused(Problem(code="link_outside", about=about))
        if not (stat.S_ISLNK(kind) or stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise Refused(Problem(code="special_file", about=about))
        is_read = Path(about).parts[0] in READ_IN
        if is_read and entry.stat(follow_symlinks=False).st_size > READ_AT_MOST:
            raise Refused(Problem(code="too_large", about=about))


def check_git(root: Path) -> None:
    """`.git` is a folder of its own: not a link, not a file that names another folder, not a borrower."""
    own = root / ".git"
    if own.is_symlink() or own.is_file() or (own / "commondir").exists():
        raise Refused(Problem(code="git_elsewhere", about=".git"))
    for inside in ("HEAD", "config", "objects", "refs", "packed-refs", "index"):
        if (own / inside).is_symlink():
            raise Refused(Problem(code="git_elsewhere", about=f".git/{inside}"))


def _stays_inside(root: Path, link: Path) -> bool:
    try:
        return link.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links
        return False


def _entries(root: Path, folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name in NOT_READ or entry.name == ".git":
            continue
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(root, Path(entry.path))


def find_project(root: Path) -> Path | None:
    """The folder with the settings: this one, or the only one below; None where there is none.

    Raises Refused where there are several.
    """
    if (root / SETTINGS).is_file():
        return root
    below = sorted(
        path.parent
        for depth in range(1, DEPTH + 1)
        for path in root.glob("/".join(["*"] * depth + [SETTINGS]))
        if not NOT_READ.intersection(path.parts)
    )
    if len(below) > 1:
        about = ", ".join(str(path.relative_to(root)) for path in below)
        raise Refused(Problem(code="several_projects", about=about))
    return below[0] if below else None


def has_content(folder: Path) -> bool:
    """Whether anything was handed in: an empty folder, or one with nothing but `.git`, is none."""
    return folder.is_dir() and any(entry.name != ".git" for entry in folder.iterdir())
