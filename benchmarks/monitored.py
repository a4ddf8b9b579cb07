"""Models to watch: flights of some months, and telco, by one LightGBM of the project's own cycle."""

from __future__ import annotations

import re
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

DATA = Path(__file__).parents[1] / "tests" / "data"
AFTERWARDS = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
WHEN = (
    "year",
    "month",
    "day",
    "time_hour",
)  # no feature: every later row lies outside of what was trained on
QUICKLY = {
    "models": "[lightgbm]",
    "folds": "2",
    "trials": "1",
    "learning_curve": "false",
    "variants": "false",
}


def flights(*months: int) -> pa.Table:
    """Flights that arrived, with what was known before departure, in order of time."""
    table = pq.read_table(DATA / "nyc_flights.parquet").drop_columns(AFTERWARDS)
    chosen = pc.and_(pc.is_in(table["month"], pa.array(months)), pc.is_valid(table["late"]))
    return table.filter(chosen).sort_by("time_hour")


def flights_project(folder: Path, months: tuple[int, ...], source: pa.Table | None = None) -> Project:
    """A project through verify on these months."""
    folder.mkdir(parents=True, exist_ok=True)
    table = flights(*months) if source is None else source
    pq.write_table(table, folder / "flights.parquet")
    return verified(folder, folder / "flights.parquet", "late")


def telco_project(folder: Path) -> Project:
    """The same for the shipped table."""
    with as_file(files("fullcycle.data") / "telco_churn.csv") as telco:
        return verified(folder, telco, "churn")


def verified(folder: Path, source: Path, target: str) -> Project:
    """Every stage from collect to verify, with the smallest search there is."""
    from fullcycle.automate.init import NewProject, init_project
    from fullcycle.core.contract.model import Role
    from fullcycle.core.contract.yaml_file import write_contract
    from fullcycle.core.project.project import Project
    from fullcycle.cycle.clean import stage as clean
    from fullcycle.cycle.collect import stage as collect
    from fullcycle.cycle.experiment import stage as experiment
    from fullcycle.cycle.explore import stage as explore
    from fullcycle.cycle.prepare import stage as prepare
    from fullcycle.cycle.verify import stage as verify

    made = init_project(NewProject(folder / "project", source, target)).project
    ignored = tuple(
        column.model_copy(update={"role": Role.ignore}) if column.name in WHEN else column
        for column in made.contract.columns
    )
    write_contract(made.paths.contract, made.contract.model_copy(update={"columns": ignored}))
    settings = made.paths.settings.read_text(encoding="utf-8")
    for key, value in QUICKLY.items():
        settings = re.sub(rf"^(\s+{key}:) \S.*?(\s+#.*)?$", rf"\1 {value}", settings, flags=re.MULTILINE)
    made.paths.settings.write_text(settings, encoding="utf-8")
    project = Project(made.root)
    for stage in (collect, clean, explore, experiment, prepare, verify):
        stage.run(project)
    return project
