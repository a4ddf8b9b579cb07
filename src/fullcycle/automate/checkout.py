"""Bringing back a past bundle: the commit that recorded it, its data and model from DVC's cache or remote.

No work is lost on the way: what no commit or cache holds stops it before anything has moved, everything that
will be needed is fetched first, and whatever fails later puts back the commit and the files that were there.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.automate.history import Past, one_bundle
from fullcycle.automate.repository import open_dvc
from fullcycle.core.bundle.read import read_bundle
from fullcycle.core.errors import CheckFailed, UserError
from fullcycle.core.project.dvc_lock import outputs_of
from fullcycle.core.project.git import blobs, git
from fullcycle.core.project.lock import run_lock

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

BACK = "-"
NAMED = 5  # files that an error names
REFUSED = re.compile(r"\b(401|403)\b|Forbidden|AccessDenied|ExpiredToken|InvalidAccessKey|Unauthorized")


@dataclass(frozen=True)
class Target:
    """What git is asked for: `name` (a branch, else a commit), and the bundle that must be there."""

    name: str
    commit: str
    bundle: Past | None


@dataclass(frozen=True)
class CheckedOut:
    """What lies there now. `back` is what `fullcycle checkout` takes to go back to where one was."""

    commit: str
    bundle: Past | None
    golden_rows: int
    back: str


def checkout(project: Project, wanted: str) -> CheckedOut:
    """Let the project be as it was when it made a bundle, or go back (`-`, or the name of a branch).

    Raises UserError with nothing changed where work would be lost, or where the bundle's files are gone.
    """
    with run_lock(project.paths):
        target = _target(project, wanted)
        _refuse_changes(project.root)
        back = _here(project.root)
        with open_dvc(project) as repo:
            _keep(repo, project.root)
            _fetch(repo, project.root, target)
        with _or_back(project, back):
            _switch(project.root, target.name)
            with open_dvc(project) as repo:
                _place(repo)
            rows = _proven(project.paths.bundle, target.bundle)
    return CheckedOut(target.commit, target.bundle, rows, back)


def _target(project: Project, wanted: str) -> Target:
    """A branch or `-` by its name, else a bundle by the beginning of its version, else what git calls so."""
    root = project.root
    if wanted == BACK:
        before = git(root, "rev-parse", "--abbrev-ref", "@{-1}", check=False)
        name = before if _is_branch(root, before) else git(root, "rev-parse", "@{-1}")
        return Target(name, _commit(root, name), None)
    if _is_branch(root, wanted):
        return Target(wanted, _commit(root, wanted), None)
    try:
        past = one_bundle(project, wanted)
    except UserError:
        if not git(root, "rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}", check=False):
            raise
        return Target(_commit(root, wanted), _commit(root, wanted), None)
    if past.recorded is None:
        raise _not_recorded(past)
    return Target(past.recorded, past.recorded, past)


def _not_recorded(past: Past) -> UserError:
    lies = ", ".join(place for place in past.places if place != "git")
    files = f"; its files lie in {lies}" if lies else ""
    state = " with changes that were not committed" if past.dirty else ""
    made = f"made at {past.commit[:12]}{state}" if past.commit else "made outside git"
    return UserError(
        where=f"version {past.version}",
        found=f"a bundle whose evidence and dvc.lock no commit holds ({made}){files}",
        expected="a commit after the run that made it",
        hint="if it is the last run's: `git add -A && git commit -m 'Run'`, then the same command; "
        "`fullcycle rollback VERSION` lets a bundle in deploy/ answer",
    )


def _is_branch(root: Path, name: str) -> bool:
    return bool(git(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}", check=False))


def _commit(root: Path, name: str) -> str:
    return git(root, "rev-parse", "--verify", f"{name}^{{commit}}")


def _here(root: Path) -> str:
    """The branch, or the commit where there is none."""
    return git(root, "symbolic-ref", "--quiet", "--short", "HEAD", check=False) or git(
        root, "rev-parse", "--short=12", "HEAD"
    )


def _switch(root: Path, name: str) -> None:
    git(root, "checkout", "--quiet", *([] if _is_branch(root, name) else ["--detach"]), name)


def _refuse_changes(root: Path) -> None:
    """What git would lose or mix: changes of tracked files, whoever made them."""
    told = git(root, "status", "--porcelain", "--untracked-files=no").splitlines()
    if not told:
        return
    names = ", ".join(line.strip().split(" ", 1)[1].strip() for line in told[:NAMED])
    more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    raise UserError(
        where=str(root),
        found=f"changes that are not committed ({names}{more})",
        expected="a tree whose every change is in a commit, so that nothing can be lost",
        hint="`git add -A && git commit -m 'Work'` keeps them, `git stash` sets them aside; "
        "then the same command",
    )


def _keep(repo: Any, root: Path) -> None:
    """Put what lies here back into a cache that lost it; what is not as `dvc.lock` says is left to DVC."""
    from dvc.exceptions import DvcException

    if _lacking(repo, root, "HEAD"):
        with suppress(DvcException):
            repo.commit()


def _fetch(repo: Any, root: Path, target: Target) -> None:
    """Have every file of the commit in the cache, from the remote if there is one, before anything moves."""
    if not (lacking := _lacking(repo, root, target.commit)):
        return
    failure = _fetched(repo, target.commit)
    if not (lacking := _lacking(repo, root, target.commit)):
        return
    shown, refused = ", ".join(lacking[:NAMED]), REFUSED.search(failure)
    raise UserError(
        where=f"DVC's cache, for commit {target.commit[:12]}",
        found=f"no content for {shown}" + (f" ({failure})" if failure else ""),
        expected="every table and model of that run, in the cache or in a remote",
        hint="renew the credentials of the remote (they may have expired), then the same command"
        if refused
        else "`dvc push --all-commits` where they were made, then the same command; "
        f"or make them again: `git checkout {target.commit[:12]} && fullcycle run`",
    )


def _fetched(repo: Any, commit: str) -> str:
    """Ask the remote; what it said where it failed."""
    from dvc.exceptions import DvcException

    name = repo.config["core"].get("remote")
    if not name:
        return "no remote is set up"
    # An older commit may know of no remote, or of one that has moved since: today's is asked.
    today = {"core": {"remote": name}, "remote": {name: dict(repo.config["remote"][name])}}
    with _overheard() as said:
        try:
            repo.fetch(revs=[commit], workspace=False, config=today)
        except DvcException as error:
            said.append(str(error) or type(error).__name__)
        except Exception as error:  # a store's own errors, of many libraries  # noqa: BLE001
            said.append((str(error).splitlines() or [type(error).__name__])[0])
    return "; ".join(dict.fromkeys(said))


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What DVC logs of a remote that it can't use: its exception only counts the files that failed."""
    from dvc.logger import set_loggers_level

    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            reason = f" - {record.exc_info[1]}" if record.exc_info and record.exc_info[1] else ""
            said.append(record.getMessage() + reason)

    logger, listening = logging.getLogger("dvc_data"), Listening(logging.ERROR)
    before = logger.propagate
    logger.addHandler(listening)
    logger.propagate = False
    try:
        with set_loggers_level(logging.ERROR):
            yield said
    finally:
        logger.removeHandler(listening)
        logger.propagate = before


def _lacking(repo: Any, root: Path, commit: str) -> list[str]:
    """Cached outputs of a commit of which some content is not in the cache."""
    lock, graph = (
        content or b"" for content in blobs(root, [f"{commit}:./dvc.lock", f"{commit}:./dvc.yaml"])
    )
    kept = _kept_in_git(graph)
    return [
        out["path"]
        for out in outputs_of(lock)
        if out["path"] not in kept and not _cached(repo.cache.local, out.get("md5", ""))
    ]


def _kept_in_git(graph: bytes) -> set[str]:
    from ruamel.yaml import YAML

    plain = YAML(typ="safe").load(graph) or {}
    stages = plain.get("stages", {}).values()
    outs = [out for stage in stages for kind in ("outs", "metrics", "plots") for out in stage.get(kind, ())]
    return {
        path
        for out in outs
        if isinstance(out, dict)
        for path, how in out.items()
        if how.get("cache") is False
    }


def _cached(cache: Any, name: str) -> bool:
    path = Path(cache.oid_to_path(name))
    if not path.exists():
        return False
    if not name.endswith(".dir"):
        return True
    return all(Path(cache.oid_to_path(each["md5"])).exists() for each in json.loads(path.read_bytes()))


def _place(repo: Any) -> None:
    """The commit's tables and model into the folder; DVC refuses to remove what its cache does not hold."""
    from dvc.exceptions import DvcException

    try:
        repo.checkout()
    except DvcException as error:
        raise UserError(
            where="dvc checkout",
            found=str(error),
            expected="only files that DVC's cache holds too",
            hint="`dvc commit` keeps them, or move them away; then the same command",
        ) from error


def _proven(folder: Path, past: Past | None) -> int:
    """The bundle that was asked for, whole, with its golden answers; returns how many there are."""
    if past is None:
        return len(read_bundle(folder).golden.rows) if folder.exists() else 0
    bundle = read_bundle(folder)
    if bundle.version != past.version:
        raise CheckFailed(
            where=str(folder),
            found=f"bundle {bundle.version} in the commit that recorded {past.version}",
            expected=past.version,
            hint="`fullcycle versions --json` shows what each commit recorded",
        )
    return len(bundle.golden.rows)


@contextmanager
def _or_back(project: Project, back: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(UserError):
            _switch(project.root, back)
            with open_dvc(project) as repo:
                _place(repo)
        raise
