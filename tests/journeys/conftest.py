"""A small project on real data, made once for each worker."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.journeys.commands import fullcycle

TELCO = Path(__file__).parents[2] / "src/fullcycle/data/telco_churn.csv"
ROWS = 1500
SECONDS = "seconds"


@pytest.fixture(scope="session")
def small_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of telco."""
    path = tmp_path_factory.mktemp("table") / "customers.csv"
    lines = TELCO.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: ROWS + 1]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def fresh_project(small_table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `init` leaves, with a search of four trials; copy it before you change anything."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(small_table, folder / "customers.csv")
    project = folder / "churn"
    fullcycle("init", project, "--data", folder / "customers.csv", "--target", "churn")
    make_small(project)
    return project


@pytest.fixture(scope="session")
def finished_project(fresh_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after one whole run, with the seconds it took beside it; copy it before changing it."""
    project = copy_of(fresh_project, tmp_path_factory.mktemp("finished"))
    started = time.perf_counter()
    fullcycle("-C", project, "run")
    (project.parent / SECONDS).write_text(str(time.perf_counter() - started), encoding="utf-8")
    return project


def copy_of(project: Path, folder: Path) -> Path:
    """A copy that lies beside its own copy of the source."""
    shutil.copytree(project.parent, folder, dirs_exist_ok=True, symlinks=True)
    return folder / project.name


def make_small(project: Path) -> None:
    """Four trials that nothing but their number can end."""
    from ruamel.yaml import YAML

    yaml = YAML()
    path = project / "fullcycle.yaml"
    settings = yaml.load(path.read_text(encoding="utf-8"))
    settings.setdefault("experiment", {}).update(trials=4, folds=3, time_budget_s=600)
    settings.setdefault("prepare", {}).update(variants=False)
    settings.setdefault("verify", {}).update(bootstrap=200)
    yaml.dump(settings, path)
