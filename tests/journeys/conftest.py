"""A small project on real data, made once for all workers of pytest-xdist."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.conftest import Once
from tests.journeys.commands import fullcycle
from tests.journeys.declared import (
    CLAIM,
    POLICIES,
    SUCCESS,
    VALUE,
    declare,
    with_gaps_and_visits,
)

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
def fresh_project(small_table: Path, once: Once) -> Path:
    """What `init` leaves, with a search of four trials."""

    def fill(folder: Path) -> None:
        shutil.copy(small_table, folder / "customers.csv")
        fullcycle("init", folder / "churn", "--data", folder / "customers.csv", "--target", "churn")
        make_small(folder / "churn")

    return once("fresh", fill) / "churn"


@pytest.fixture(scope="session")
def finished_project(fresh_project: Path, once: Once) -> Path:
    """The same after one whole run, with the seconds it took beside it."""

    def fill(folder: Path) -> None:
        project = copy_of(fresh_project, folder)
        started = time.perf_counter()
        fullcycle("-C", project, "run")
        (folder / SECONDS).write_text(str(time.perf_counter() - started), encoding="utf-8")

    return once("finished", fill) / "churn"


@pytest.fixture(scope="session")
def declared_project(small_table: Path, once: Once) -> Path:
    """A finished project with policies, gains, criteria and a claim (`declared.py`)."""

    def fill(folder: Path) -> None:
        project, table = folder / "churn", folder / "customers.csv"
        with_gaps_and_visits(small_table, table)
        fullcycle("init", project, "--data", table, "--target", "churn")
        make_small(project)
        declare(
            project,
            clean={"columns": POLICIES},
            value=VALUE,
            success=SUCCESS,
            hypotheses={"tenure": CLAIM},
        )
        fullcycle("-C", project, "run")

    return once("declared", fill) / "churn"


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
