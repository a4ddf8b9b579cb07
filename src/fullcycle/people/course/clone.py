"""A learner's repository as files, fetched so that nothing in it starts a program.

Hooks come from templates and settings, filters (LFS too) and the file watcher from settings: no person's
settings are read, and a clone's are ours. Links are written as plain files. Submodules stay out. Only the
protocols that the course allows may be spoken, by redirects too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fullcycle.people.course.course_file import CloneRules, protocol_of
from fullcycle.people.course.seen import Problem, Refused

MEGABYTE = 10**6
# As settings of the command, which win over every file.
SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.attributesFile": "/dev/null",
    "core.pager": "cat",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "safe.directory": "*",  # nothing of a folder is obeyed, so its owner doesn't matter
}
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    # A repository may say that some of its objects are elsewhere, and which program brings them.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oPermitLocalCommand=no -oClearAllForwardings=yes",
}
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "no_proxy")
FOR_SSH = ("HOME", "SSH_AUTH_SOCK")


def git_environment(folder: Path, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What git may know while it reads learners' folders: no settings but ours, no protocol, and no
    repository that holds the course itself (`folder`)."""
    settings = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, pair in enumerate(SETTINGS.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    kept = {name: base[name] for name in KEPT if name in base}
    ceiling = {"GIT_CEILING_DIRECTORIES": str(folder)}
    return {**kept, **QUIET, **settings, "GIT_CONFIG_COUNT": str(len(SETTINGS)), **ceiling}


def clone(address: str, target: Path, rules: CloneRules, base: Mapping[str, str] = os.environ) -> Path:
    """Fetch the default branch whole; the folder of the project within. Raises Refused."""
    url, _, inside = address.partition("#")
    if protocol_of(url) not in rules.protocols:
        raise Refused(Problem(code="protocol_refused", about=url))
    environment = git_environment(target.parent, base)
    environment |= {name: base[name] for name in FOR_SSH if name in base}
    environment["GIT_ALLOW_PROTOCOL"] = ":".join(rules.protocols)
    options = ["--quiet", "--no-checkout", "--no-recurse-submodules", "--single-branch", "--no-tags"]
    # `--template=` leaves out hooks that a system's template may hold; --no-local: nothing is hard-linked.
    _git(["clone", *options, "--template=", "--no-local", "--", url, str(target)], environment, rules)
    environment["GIT_ALLOW_PROTOCOL"] = "none"
    _check_size(target, environment, rules)
    _git(["-C", str(target), "checkout", "--quiet", "--force", "HEAD"], environment, rules)
    return _within(target, inside)


def _within(target: Path, inside: str) -> Path:
    folder = (target / inside).resolve()
    if not folder.is_relative_to(target.resolve()) or not folder.is_dir():
        raise Refused(Problem(code="no_project", about=inside))
    return folder


def _check_size(target: Path, environment: Mapping[str, str], rules: CloneRules) -> None:
    """Before anything is unpacked: a small pack may hold files without end."""
    listed = _git(["-C", str(target), "ls-tree", "-r", "-l", "HEAD"], environment, rules)
    sizes = [line.split(None, 4)[3] for line in listed.splitlines()]
    if sum(int(size) for size in sizes if size.isdigit()) > rules.size_mb * MEGABYTE:
        raise Refused(Problem(code="too_large", about=f"> {rules.size_mb:g} MB"))


def _git(arguments: Sequence[str], environment: Mapping[str, str], rules: CloneRules) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            env=dict(environment),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=rules.time_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(Problem(code="clone_slow", about=f"{rules.time_s:g} s")) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Refused(Problem(code="clone_failed", said=lines[-1][:200]))
    return done.stdout.decode(errors="replace")
