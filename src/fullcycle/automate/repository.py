"""The project's DVC repository as our processes open it, and its errors as a person reads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.lock import PARENT_VARIABLE

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

OFFLINE = {
    # Promise 9: nothing of a run needs the network; DECISIONS 29: no telemetry from our own processes.
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
}


HINT = "mend what it names; `git checkout` brings back dvc.yaml and dvc.lock"


@contextmanager
def open_dvc(project: Project, hint: str = HINT) -> Iterator[Any]:
    """The project's DVC repository, as stages see it; what it lets out becomes a UserError with this hint."""
    with _environment(project), _told_by_us(hint):
        repo = _open_repo(project.root)
        _link_at_once(repo)
        try:
            yield repo
        finally:
            repo.close()


@contextmanager
def _environment(project: Project) -> Iterator[None]:
    """What a stage's process needs: this installation first on the path, who to end with, no telemetry.

    And the project's folder to work in: DVC names stages by the current folder; from elsewhere each looks
    fresh.
    """
    settings = {
        **OFFLINE,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        PARENT_VARIABLE: str(os.getpid()),
        "SHELL": "/bin/sh",  # a person's own shell may read start-up files that change the environment
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with chdir(project.root):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _told_by_us(hint: str) -> Iterator[None]:
    """What DVC lets out, as an error that a person can read: its own, and those of the databases it keeps."""
    import sqlite3

    from dvc.exceptions import DvcException

    try:
        yield
    except DvcException as error:
        raise UserError(
            where="dvc",
            found=_whole_story(error),
            hint=hint,
        ) from error
    except sqlite3.Error as error:
        raise UserError(
            where="dvc",
            found=f"a database that it keeps beside its cache and can't read or write ({error})",
            expected="room on the disk, and no other hand on it",
            hint="free some space, then run the same command again; `fullcycle doctor` looks at the disk",
        ) from error


def _open_repo(root: Path) -> Any:
    import logging

    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        return Repo(str(root))
    except DvcException as error:
        raise UserError(
            where=str(root),
            found=f"a folder that DVC can't open ({error})",
            hint="`git init && dvc init` makes it one",
        ) from error


def _link_at_once(repo: Any) -> None:
    """Where files can't be cloned, DVC copies each output into its cache and then links it back, unless hard
    links come first among its types: then it links at once. Both end alike."""
    cache = repo.cache.local
    if cache.cache_types[:2] == ["reflink", "hardlink"] and not _clones(Path(repo.tmp_dir)):
        cache.cache_types = ["hardlink", "reflink", *cache.cache_types[2:]]


def _clones(folder: Path) -> bool:
    """Whether a file in this folder can be cloned."""
    from dvc_objects.fs import system

    clone_file: Any = system.reflink  # untyped
    with TemporaryDirectory(dir=folder) as scratch:
        source, clone = Path(scratch) / "source", Path(scratch) / "clone"
        source.write_bytes(b"cloned")
        try:
            clone_file(str(source), str(clone))
        except OSError:
            return False
        return True


def _whole_story(error: BaseException | None) -> str:
    """What each error of a chain adds: the outer one names the file, the inner one the place in it."""
    told: list[str] = []
    while error is not None:
        if str(error) and not any(str(error) in text for text in told):
            told.append(str(error))
        error = error.__cause__ or error.__context__
    return "; ".join(told)
