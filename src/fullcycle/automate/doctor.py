"""What is installed, reachable, stale or missing, and the command that mends each.

A check only looks and mends nothing; what it can't reach (a server that is down) is a finding, not an error.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.automate.check import Check, State, wrong
from fullcycle.automate.machine import git, libgomp, libraries, python, run_git
from fullcycle.automate.reach import browser, extras, needed_extras, programs, remotes, source
from fullcycle.automate.stale import contract, environment, forms, hooks, image, pipelines
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

DISK_LITTLE, DISK_NONE = 2_000_000_000, 200_000_000  # bytes: a demo needs about 100 MB, mostly DVC's cache
TRACKING_TIMEOUT_S = 3


def checks(project: Project | None) -> list[Check]:
    """Look at the installation and, if there is one, at the project; in the order in which to mend.

    A check that itself fails is reported as wrong, so one broken part never hides the others.
    """
    found = [check for look in INSTALLATION for check in _looked(look.__name__, look)]
    if project is not None:
        looks = PROJECT if _readable(project) else WITHOUT_SETTINGS
        found += [check for look in looks for check in _looked(look.__name__, partial(look, project))]
    return found


def _readable(project: Project) -> bool:
    """Where settings or contract can't be read, that is told once, and not by every check that needs them."""
    try:
        _ = project.settings, project.contract
    except UserError:
        return False
    return True


def _looked(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    try:
        return list(look())
    except Exception as error:  # a doctor reports what it meets, whatever it is  # noqa: BLE001
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
        return [Check(name, "wrong", f"a check that failed ({detail})", "report it as a bug of fullcycle")]


# the installation


# the project


def settings(project: Project) -> Iterator[Check]:
    """fullcycle.yaml and contract.yaml can be read."""
    for name, read in (
        ("fullcycle.yaml", lambda: project.settings),
        ("contract.yaml", lambda: project.contract),
    ):
        try:
            read()
        except UserError as error:
            yield wrong(name, error)
        else:
            yield Check(name, "ok", "readable")


def repository(project: Project) -> Iterator[Check]:
    """git and DVC know the project."""
    root = project.root
    if run_git("rev-parse", "--show-toplevel", at=root) is None:
        yield Check("repository", "missing", f"{root} is in no git repository", f"git -C {root} init")
    elif run_git("rev-parse", "HEAD", at=root) is None:
        cure = f"git -C {root} add . && git -C {root} commit -m 'Begin'"
        yield Check("repository", "warning", "no commit yet, so no result can name one", cure)
    else:
        yield Check("repository", "ok", f"commit {run_git('rev-parse', '--short', 'HEAD', at=root)}")
    if not any((folder / ".dvc").is_dir() for folder in (root, *root.parents)):
        yield Check(
            "dvc",
            "missing",
            "no .dvc folder",
            f"cd {root} && dvc init (with --subdir below another git project)",
        )


def folders(project: Project) -> Iterator[Check]:
    """Everything that a run writes into can be written, and the disk has room."""
    paths = project.paths
    written = (paths.root, paths.data, paths.evidence, paths.reports, paths.model, paths.build, paths.bundle)
    closed = [folder for folder in written if folder.is_dir() and not _writable(folder)]
    if closed:
        names = " ".join(str(folder) for folder in closed)
        yield Check(
            "folders", "wrong", f"can't be written: {names}", f"chmod u+rwx {names}, or free some space"
        )
    else:
        yield Check("folders", "ok", "all can be written")
    free = shutil.disk_usage(paths.root).free
    state: State = "ok" if free >= DISK_LITTLE else "warning" if free >= DISK_NONE else "wrong"
    cure = "" if state == "ok" else "fullcycle gc --yes frees what no commit, route or evidence needs"
    yield Check("disk", state, f"{free / 1e9:.1f} GB free", cure)


def _writable(folder: Path) -> bool:
    """By writing: permissions don't know of a full disk or of a read-only file system."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"0" * 4096)
    except OSError:
        return False
    return True


def leftovers(project: Project) -> Iterator[Check]:
    """Half-written files of killed runs, and whether somebody works here now."""
    from fullcycle.core.project.lock import ASIDE

    paths = project.paths
    looked = (paths.root, paths.data, paths.evidence, paths.reports, paths.model)
    left = [
        entry.relative_to(paths.root)
        for folder in looked
        if folder.is_dir()
        for entry in folder.iterdir()
        if (match := ASIDE.match(entry.name)) and not _alive(int(match["pid"]))
    ]
    if left:
        names = ", ".join(map(str, sorted(left)[:3])) + (", …" if len(left) > 3 else "")
        yield Check(
            "leftovers", "warning", f"left by a killed run: {names}", "fullcycle run (it removes them)"
        )
    for name, path in (("run", paths.lock.with_name("run.lock")), ("stage", paths.lock)):
        if _held(path):
            yield Check("lock", "warning", f"another {name} is at work in this project", "wait for it to end")


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid))


def _held(path: Path) -> bool:
    """Whether another process has the lock; a file that merely lies there is none."""
    from filelock import FileLock, Timeout

    if not path.exists() or not os.access(path, os.W_OK):
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def bundle(project: Project) -> Iterator[Check]:
    """The bundle is whole, and the installed runtime gives its golden answers."""
    from fullcycle.core.bundle.read import read_bundle

    folder = project.paths.bundle
    if not folder.exists():
        yield Check("bundle", "warning", "none yet", "fullcycle run")
        return
    try:
        opened = read_bundle(folder)
    except UserError as error:
        yield wrong("bundle", error)
        return
    version = metadata.version("onnxruntime")
    proven = f"{len(opened.golden.rows)} golden rows proven on onnxruntime {version}"
    yield Check("bundle", "ok", f"version {opened.version}, {proven}")
    yield from _other_versions(dict(opened.golden.made_with))


def _other_versions(made_with: dict[str, str]) -> Iterator[Check]:
    others = {}
    for name, version in made_with.items():
        try:
            installed = platform.python_version() if name == "python" else metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "not installed"
        if installed != version:
            others[name] = (version, installed)
    if not others:
        return
    found = ", ".join(f"{name} {made} (installed: {installed})" for name, (made, installed) in others.items())
    same = " ".join(f"'{name}=={made}'" for name, (made, _) in others.items() if name != "python")
    cure = "nothing, while its golden rows are proven" + (
        f"; for the very same: pip install {same}" if same else ""
    )
    yield Check("bundle versions", "warning", f"made with {found}", cure)


def tracking(project: Project) -> Iterator[Check]:
    """The store of runs answers."""
    uri = project.settings.tracking.uri
    if uri.startswith("sqlite:///"):
        yield _sqlite(project.root / uri.removeprefix("sqlite:///"))
    elif uri.startswith(("http://", "https://")):
        yield _server(uri)
    else:
        yield Check("tracking", "ok", f"{uri} (not looked into)")


def _sqlite(path: Path) -> Check:
    if not path.exists():
        return Check("tracking", "ok", f"{path.name} will be made by the first run")
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)
        try:
            connection.execute("select count(*) from sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        cure = f"mv {path} {path}.broken (runs so far stay in evidence/), then fullcycle run"
        return Check("tracking", "wrong", f"{path.name} is no database that opens ({error})", cure)
    return Check("tracking", "ok", path.name)


def _server(uri: str) -> Check:
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(f"{uri.rstrip('/')}/health", timeout=TRACKING_TIMEOUT_S):
            return Check("tracking", "ok", uri)
    except (URLError, OSError, ValueError) as error:
        cure = "start it (`mlflow server`), or set tracking.uri in fullcycle.yaml"
        return Check("tracking", "wrong", f"{uri} does not answer ({error})", cure)


def stages(project: Project) -> Iterator[Check]:
    """What is stale."""
    from fullcycle.automate.running import graph_status

    try:
        states = graph_status(project)
    except UserError as error:
        yield wrong("stages", error)
        return
    late = [f"{one.stage} {one.state}" for one in states if one.state != "fresh"]
    if late:
        yield Check("stages", "warning", ", ".join(late), "fullcycle run")
    else:
        yield Check("stages", "ok", "nothing is stale")


INSTALLATION: tuple[Callable[[], Iterator[Check]], ...] = (
    python, libgomp, libraries, git, programs, extras, browser,
)  # fmt: skip
PROJECT: tuple[Callable[[Project], Iterator[Check]], ...] = (
    settings, repository, folders, leftovers, needed_extras, source, tracking, remotes,
    forms, contract, bundle, environment, stages, image, pipelines, hooks,
)  # fmt: skip
WITHOUT_SETTINGS = (settings, repository, folders, leftovers, remotes, bundle, hooks)
