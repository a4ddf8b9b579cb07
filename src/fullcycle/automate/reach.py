"""What a project reaches out for: optional libraries, its source, the remotes of its data."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.automate.check import Check, wrong
from fullcycle.core.errors import UserError

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

REMOTE_TIMEOUT_S = 10
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EXTRA = re.compile(r"""\bextra\s*==\s*['"](?P<name>[^'"]+)['"]""")
DVC_EXTRAS = {"s3": "s3"}  # kinds of remotes that an extra of ours brings
STORES = {"ssh": "dvc-ssh", "gs": "dvc-gs", "azure": "dvc-azure", "s3": "dvc-s3"}


def extras() -> Iterator[Check]:
    """Which optional parts are installed; none is necessary by itself."""
    there = sorted(name for name, needs in _extras().items() if all(map(_installed, needs)))
    rest = sorted(set(_extras()) - set(there))
    lacking = f"; not installed: {', '.join(rest)}" if rest else ""
    yield Check("extras", "ok", (", ".join(there) or "none") + lacking)


def browser() -> Iterator[Check]:
    """A browser is nobody's condition: reports are pages, and charts become pictures without one."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    yield Check("chromium", "ok", found or "none (optional: only tests of pages start one)")


def programs() -> Iterator[Check]:
    """DVC's own command, beside this Python or on the path."""
    import sys

    beside = Path(sys.executable).with_name("dvc")
    if beside.exists() or shutil.which("dvc"):
        yield Check("dvc command", "ok", f"dvc {metadata.version('dvc')}")
    else:
        yield Check(
            "dvc command", "missing", "no dvc beside this Python", "pip install --force-reinstall dvc"
        )


def needed_extras(project: Project) -> Iterator[Check]:
    """Optional parts that the settings ask for."""
    from fullcycle.automate.pipelines.files import extras_of

    known = _extras()
    for name in extras_of(project.settings):
        if not all(map(_installed, known.get(name, ()))):
            cure = f"pip install 'fullcycle[{name}]'"
            yield Check(f"extra {name}", "missing", "fullcycle.yaml asks for it", cure)


def source(project: Project) -> Iterator[Check]:
    """Local files that tables come from; what lies elsewhere is asked by `fullcycle collect` alone."""
    from fullcycle.core.sources.kinds import check_source

    for name in _sources(project):
        try:
            check_source(project.settings.data.model_copy(update={"source": name}), project.root)
        except UserError as error:
            yield wrong("source", error)
        else:
            yield Check("source", "ok", name)


def _sources(project: Project) -> list[str]:
    data = project.settings.data
    lookups = [each.source for each in project.settings.lookups.values()]
    return list(dict.fromkeys([data.source, *(join.source for join in data.joins), *lookups]))


def remotes(project: Project) -> Iterator[Check]:
    """Whether DVC's remotes answer; a project without one keeps its data on this machine alone."""
    from fullcycle.automate.repository import open_dvc

    if not (project.root / ".dvc").is_dir():
        return
    with open_dvc(project) as repo:
        names, default = list(repo.config["remote"]), repo.config["core"].get("remote")
        if not names:
            cure = "dvc remote add --default NAME URL (a disk, s3://, ssh://), then dvc push"
            yield Check("remote", "warning", "none: past data and models lie on this machine alone", cure)
        for name in names:
            yield _remote(repo, name, repo.config["remote"][name]["url"])
        if names and default is None:
            yield Check("remote", "warning", "no remote is the default", f"dvc remote default {names[0]}")


def _remote(repo: Any, name: str, url: str) -> Check:
    package = STORES.get(url.partition("://")[0]) if "://" in url else None
    if package and not _installed(package):
        extra = DVC_EXTRAS.get(url.partition("://")[0])
        cure = f"pip install 'fullcycle[{extra}]'" if extra else f"pip install {package}"
        return Check(f"remote {name}", "missing", f"{url} needs {package}", cure)
    pool = ThreadPoolExecutor(1)
    try:
        pool.submit(_ask, repo, name).result(timeout=REMOTE_TIMEOUT_S)
    except Exception as error:  # a store's own errors, of many libraries  # noqa: BLE001
        told = (str(error).splitlines() or [""])[0] or type(error).__name__
        cure = f"look at its address and credentials: dvc remote list, dvc remote modify {name} url URL"
        return Check(f"remote {name}", "wrong", f"{url} does not answer ({told})", cure)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Check(f"remote {name}", "ok", url)


def _ask(repo: Any, name: str) -> None:
    """A look into the folder: an empty or absent one is fine, for the first push makes it."""
    store = repo.cloud.get_remote_odb(name)
    if store.fs.protocol == "local":
        above = next(each for each in (Path(store.path), *Path(store.path).parents) if each.exists())
        if not above.is_dir():
            raise NotADirectoryError(str(above))
        return
    try:
        store.fs.ls(store.fs.path.parent(store.path) if hasattr(store.fs, "path") else store.path)
    except FileNotFoundError:
        return


def _extras() -> dict[str, list[str]]:
    """What each extra of fullcycle needs, by its name."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires("fullcycle") or ():
        if match := EXTRA.search(line):
            needed = re.match(r"[A-Za-z0-9._-]+", line)
            if needed and not _for_another_platform(line):
                found.setdefault(match["name"], []).append(needed[0])
    return found


def _for_another_platform(line: str) -> bool:
    from packaging.requirements import Requirement

    requirement, match = Requirement(line), EXTRA.search(line)
    return not (
        requirement.marker is None or match is None or requirement.marker.evaluate({"extra": match["name"]})
    )


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
