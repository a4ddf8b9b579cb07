"""What a machine of CI brings and leaves: commits by git, tables and models by DVC."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.automate.repository import open_dvc
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

GIT_TIMEOUT_S = 300
RESULTS = (  # what a run leaves for git
    *("dvc.yaml", "dvc.lock", "experiment.lock.json", "evidence"),
    *("data/served.parquet.dvc", "data/.gitignore"),
)
# What was measured of services differs each time: alone it is no result, and a commit of it would start the
# next build of a provider that builds every push, for ever.
OF_THE_MOMENT = {"evidence/automation.json", "evidence/monitor.json"}
STAND_IN = ("-c", "user.name=fullcycle", "-c", "user.email=fullcycle@localhost")
REMOTES = (
    "mend what it names; `dvc remote list` shows remotes, ci.secrets of fullcycle.yaml name the secrets that"
    " CI hands to them"
)
TRIES = 3  # to push, where others push too


@dataclass(frozen=True)
class Restored:
    """`commit` is where the working copy stands; `fetched` counts outputs that DVC brought; `missing` ones
    are recorded and on no remote."""

    commit: str
    remote: str | None
    fetched: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """`commit` is None where git had nothing new; `pushed` counts files of DVC."""

    commit: str | None
    branch: str
    remote: str | None
    pushed: int


def restore(project: Project, branch: str | None) -> Restored:
    """Go on to the newest commit of `branch`, if given, and bring what DVC's remote has of it.

    What the remote lacks is made by the next run; without a remote, everything is.
    """
    root = project.root
    if branch is not None:
        git(root, "fetch", "--quiet", "origin", branch)
        git(root, "merge", "--quiet", "--ff-only", "FETCH_HEAD")
    with _remote(project) as repo:
        remote = repo.config["core"].get("remote")
        brought = repo.pull(allow_missing=True) if remote else {}
        fetched = sum(len(brought.get(how, ())) for how in ("added", "modified"))
        missing = tuple(sorted(_missing(repo))) if remote else ()
    return Restored(git(root, "rev-parse", "HEAD"), remote, fetched, missing)


def save(project: Project, branch: str, message: str) -> Saved:
    """Push tables and models to DVC's remote, then commit and push what the run left for git.

    In this order: a commit that names what no remote has would break every later clone.
    """
    root = project.root
    with _remote(project) as repo:
        remote = repo.config["core"].get("remote")
        pushed = int(repo.push()) if remote else 0
    present = [name for name in RESULTS if (root / name).exists()]
    git(root, "add", "--", *present)
    changed = git(root, "diff", "--cached", "--name-only", "--relative", "--", *present).splitlines()
    if set(changed) <= OF_THE_MOMENT:
        git(root, "reset", "--quiet", "--", *present)
        return Saved(None, branch, remote, pushed)
    git(root, *_identity(root), "commit", "--quiet", "--no-verify", "-m", message, "--", *present)
    _push(root, branch)
    return Saved(git(root, "rev-parse", "HEAD"), branch, remote, pushed)


def git(root: Path, *arguments: str) -> str:
    """What git answered, or a UserError with what it said."""
    done = try_git(root, *arguments)
    if done.returncode:
        command = next((each for each in arguments if not each.startswith("-") and "=" not in each), "")
        raise UserError(
            where=f"git {command} in {root}",
            found=(done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1],
            hint="mend what git says, then run the same command again",
        )
    return done.stdout.strip()


def try_git(root: Path, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Git with its exit code; `given` is its standard input."""
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, input=given, check=False, timeout=GIT_TIMEOUT_S
    )
    told = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *told)


def _push(root: Path, branch: str) -> None:
    """Onto the branch as it is now; where others pushed meanwhile, our results go on top of theirs."""
    for _ in range(TRIES):
        done = try_git(root, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        if done.returncode == 0:
            return
        git(root, "fetch", "--quiet", "origin", branch)
        if try_git(root, *_identity(root), "rebase", "--quiet", "FETCH_HEAD").returncode:
            try_git(root, "rebase", "--abort")
            break
    raise UserError(
        where=f"git push to {branch}",
        found=(done.stderr.strip() or "a branch that moved on").splitlines()[-1],
        expected="a branch that this machine may push to, without results of another run",
        hint=f"let CI push to {branch}; if another run was first, its results stand: run the job again",
    )


def _identity(root: Path) -> Sequence[str]:
    return () if try_git(root, "config", "user.email").stdout.strip() else STAND_IN


@contextmanager
def _remote(project: Project) -> Iterator[Any]:
    """The project's DVC repository, without words of its own: what a remote lacks is told by us."""
    import logging
    from contextlib import redirect_stdout
    from io import StringIO

    from dvc.logger import set_loggers_level

    with (
        open_dvc(project, REMOTES) as repo,
        set_loggers_level(logging.CRITICAL),
        redirect_stdout(StringIO()),
    ):
        yield repo


def _missing(repo: Any) -> Iterator[str]:
    """Outputs that are recorded and lie nowhere here."""
    for out in repo.index.outs:
        if out.hash_info and out.use_cache and not out.exists:
            yield str(out)
