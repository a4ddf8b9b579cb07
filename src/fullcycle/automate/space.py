"""What a project's caches, old bundles and runs take, and freeing what nothing needs any more.

Kept are: what the folder or any commit names in DVC's cache (so every past bundle can come back), what routes
name or go back to, what evidence names, the runs of the last searches, and those that the registry names.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fullcycle.automate.repository import open_dvc
from fullcycle.core.project.lock import ASIDE, remove_leftovers, run_lock
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.core.tracking import RELATIVE_SQLITE

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

Kind = Literal["cache", "bundles", "runs", "leftovers"]
SEARCHES_KEPT = 10  # the last runs of `experiment`, with their trials
PARENT = "mlflow.parentRunId"


@dataclass(frozen=True)
class Space:
    """One kind of thing: how much is there, and what of it nothing needs. Sizes in bytes."""

    kind: Kind
    bytes: int
    count: int
    free_bytes: int
    free: tuple[str, ...]
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def survey(project: Project, in_use: Sequence[str] = ()) -> list[Space]:
    """Look and free nothing. `in_use` are versions that running servers name."""
    return [_cache(project), _bundles(project, in_use), _runs(project), _leftovers(project)]


def free(project: Project, in_use: Sequence[str] = ()) -> list[Space]:
    """Free what `survey` finds, while no run is under way; gives back what it found."""
    with run_lock(project.paths):
        found = survey(project, in_use)
        for each in found:
            if each.free:
                FREEING[each.kind](project, each.free)
    return found


# DVC's cache


def _cache(project: Project) -> Space:
    with open_dvc(project) as repo:
        folder = Path(repo.cache.local.path)
        if not folder.resolve().is_relative_to(project.root.resolve()):
            return Space("cache", _size(folder), 0, 0, (), note=f"shared: {folder} is left to `dvc gc`")
        used = _used(repo)
    there = {f"{path.parent.name}{path.name}": path for path in folder.glob("??/*") if path.is_file()}
    unused = {name: path for name, path in there.items() if name not in used}
    return Space(
        "cache",
        sum(path.stat().st_size for path in there.values()),
        len(there),
        sum(path.stat().st_size for path in unused.values()),
        tuple(str(path.relative_to(project.root)) for path in unused.values()),
    )


def _used(repo: Any) -> set[str]:
    """Names of contents that the folder or a commit of any branch, tag or experiment refers to."""
    named = repo.used_objs(all_commits=True, all_experiments=True)  # and of the folder
    return {each.value for some in named.values() for each in some}


def _free_files(project: Project, names: Sequence[str]) -> None:
    for name in names:
        (project.root / name).unlink(missing_ok=True)


# bundles in deploy/


def _bundles(project: Project, in_use: Sequence[str]) -> Space:
    deploy = Deploy(project.paths.deploy)
    sizes = {version: _size(deploy.bundle(version)) for version in deploy.versions()}
    needed = {*in_use, *_routed(deploy)}
    named = _named_by_evidence(project)
    old = [version for version in sizes if version not in needed and version not in named]
    freed = sum(sizes[version] for version in old)
    return Space("bundles", sum(sizes.values()), len(sizes), freed, tuple(old))


def _routed(deploy: Deploy) -> set[str]:
    """What answers, and what `rollback` goes to."""
    routes = read_routes(deploy)
    return set() if routes is None else {*routes.bundles.values(), *routes.previous}


def _named_by_evidence(project: Project) -> str:
    """All evidence and the settings as one text, in which versions are looked for: they are hashes."""
    files = [project.paths.settings, *sorted(project.paths.evidence.glob("*.json*"))]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files if path.exists())


def _free_bundles(project: Project, versions: Sequence[str]) -> None:
    for version in versions:
        shutil.rmtree(Deploy(project.paths.deploy).bundle(version))


# runs in a store of the project's own


def _runs(project: Project) -> Space:
    path = _store(project)
    if path is None or not path.resolve().is_relative_to(project.root.resolve()):
        return Space("runs", 0, 0, 0, (), note=f"at {project.settings.tracking.uri}: left to its keeper")
    size = (path.stat().st_size if path.exists() else 0) + _size(project.root / "mlruns")
    if not path.exists():
        return Space("runs", size, 0, 0, ())
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            runs, old = _old_runs(connection)
    except sqlite3.Error as error:
        return Space("runs", size, 0, 0, (), note=f"{path.name} can't be read ({error})")
    # Rows of a database have no size of their own: its even share stands for that of a run.
    share = size * len(old) // max(len(runs), 1)
    return Space("runs", size, len(runs), share, tuple(old))


def _store(project: Project) -> Path | None:
    uri = project.settings.tracking.uri
    return project.root / uri.removeprefix(RELATIVE_SQLITE) if uri.startswith(RELATIVE_SQLITE) else None


def _old_runs(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    rows = connection.execute(
        "SELECT runs.run_uuid, lifecycle_stage, tags.value FROM runs "
        "LEFT JOIN tags ON tags.run_uuid = runs.run_uuid AND tags.key = ? ORDER BY start_time DESC",
        (PARENT,),
    ).fetchall()
    released = {name for (name,) in connection.execute("SELECT run_id FROM model_versions")}
    with_trials = {parent for _, _, parent in rows if parent}
    searches = [name for name, stage, _ in rows if name in with_trials and stage == "active"]
    old = set(searches[SEARCHES_KEPT:])
    going = [
        name
        for name, stage, parent in rows
        if name not in released and (stage == "deleted" or name in old or parent in old)
    ]
    return [name for name, _, _ in rows], going


def _free_runs(project: Project, runs: Sequence[str]) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    path = _store(project)
    if path is None:
        return
    kind: Any = SqlAlchemyStore  # without types in MLflow
    store = kind(f"{RELATIVE_SQLITE}{path}", (project.root / "mlruns").as_uri())
    for run in runs:
        store._hard_delete_run(run)  # what `mlflow gc` calls
        shutil.rmtree(project.root / "mlruns" / run, ignore_errors=True)
    store._dispose_engine()
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM")


# what killed processes left


def _leftovers(project: Project) -> Space:
    import psutil

    paths = project.paths
    folders = (paths.root, paths.data, paths.evidence, paths.reports, paths.model)
    entries = [entry for folder in folders if folder.is_dir() for entry in folder.iterdir()]
    left = [
        entry
        for entry in entries
        if (match := ASIDE.match(entry.name)) and not psutil.pid_exists(int(match["pid"]))
    ]
    size = sum(_size(entry) for entry in left)
    return Space(
        "leftovers", size, len(left), size, tuple(str(each.relative_to(paths.root)) for each in left)
    )


def _free_leftovers(project: Project, _: Sequence[str]) -> None:
    remove_leftovers(project.paths)


FREEING: dict[Kind, Callable[[Project, Sequence[str]], None]] = {
    "cache": _free_files,
    "bundles": _free_bundles,
    "runs": _free_runs,
    "leftovers": _free_leftovers,
}


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in _files(path))


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
