"""Retraining exercised in a drill: a copy of the project, days in which the world turned, all of the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fullcycle.cli.retraining import Wanted, retrain
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.retrain import RetrainReason
from fullcycle.live.monitor.drill.responses import Response
from fullcycle.live.monitor.drill.run import write_turned_days

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

LEFT_BEHIND = {
    "": {".git", ".venv", ".fullcycle", "predictions", "monitoring", "mlruns", "reports"},
    ".dvc": {"cache", "tmp"},
    "deploy": {".live", ".lock"},
}
OWN_STORE = "sqlite:///mlflow.db"


def exercise_retraining(project: Project) -> Response:
    """From the first row that is assembled until a challenger or a proposal is there; None where nothing is
    declared. Nothing of the project is touched: rows, routes and runs are those of a copy."""
    if project.settings.monitor.retrain is None:
        return Response("retraining", None)
    now = datetime.now(UTC)
    with _copy(project) as copy:
        write_turned_days(project, copy.paths.predictions, now)
        try:
            done = retrain(copy, (RetrainReason(on="person"),), Wanted(by_person=True, drill=True), now)
        except UserError:
            return Response("retraining", False)
    works = done.ended in ("challenger", "proposed")
    return Response("retraining", works, f"{done.ended} {done.bundle or ''}".strip(), done.seconds * 1000)


@contextmanager
def _copy(project: Project) -> Iterator[Project]:
    from fullcycle.core.project.project import Project as Copy
    from fullcycle.core.project.scaffold import ensure_git

    with TemporaryDirectory(prefix="fullcycle-drill-") as folder:
        place = Path(folder) / project.root.name
        shutil.copytree(project.root, place, ignore=_left_behind(project.root), symlinks=True)
        ensure_git(place, own=True)
        _own_store(place)
        yield Copy(place)


def _left_behind(root: Path) -> Callable[[str, list[str]], set[str]]:
    def ignore(folder: str, names: list[str]) -> set[str]:
        inside = Path(folder).relative_to(root).as_posix()
        told = LEFT_BEHIND.get("" if inside == "." else inside, set())
        return {name for name in names if name in told or name.startswith("mlflow.db")}

    return ignore


def _own_store(place: Path) -> None:
    """A drill leaves no run on a tracking server."""
    from ruamel.yaml import YAML

    yaml, path = YAML(), place / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings["tracking"] = {"uri": OWN_STORE}
    yaml.dump(settings, path)
