"""Features of real tables: declared once, trained, exported, served; a request brings raw columns alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest

import fullcycle as fc
from tests.conftest import Once
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import copy_of, make_small
from tests.journeys.declared import declare
from tests.journeys.test_serve import serving
from tests.journeys.warm import FULLCYCLE

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data"
pytestmark = pytest.mark.nightly  # by day the guide walks this way: make docs
TELCO = {
    "monthly_mean": "total_charges / max(tenure, 1)",
    "price_change": "monthly_charges - monthly_mean",
    "new": "tenure < 6",
    "plan": "contract + '/' + internet_service",
    "log_total": "log1p(total_charges)",
    "level": "bucket(monthly_charges, 20, 40, 60, 80, 100)",
    "gap": "is_missing(total_charges) or tenure == 0",
}
AMES = {
    "area": "Gr_Liv_Area + Total_Bsmt_SF",
    "age": "Year_Sold - Year_Built",
    "since_work": "max(Year_Sold - Year_Remod_Add, 0)",
    "baths": "Full_Bath + 0.5 * Half_Bath",
    "per_room": "Gr_Liv_Area / TotRms_AbvGrd",
    "log_lot": "log1p(Lot_Area)",
    "season": "Mo_Sold // 3 % 4",
    "place": "MS_Zoning + '/' + Bldg_Type",
}
FLIGHTS = {
    "departs": "sched_dep_time // 100 + sched_dep_time % 100 / 60",
    "arrives": "sched_arr_time // 100 + sched_arr_time % 100 / 60",
    "planned_hours": "(arrives - departs) % 24",
    "speed": "distance / max(planned_hours, 0.5)",
    "weekday": "weekday(time_hour)",
    "weekend": "weekday >= 5",
    "route": "origin + dest",
    "seats": "lookup(planes, tailnum).seats",
    "plane_age": "year(time_hour) - lookup(planes, tailnum).year",
}


@pytest.fixture(scope="module")
def churn(fresh_project: Path, once: Once) -> Path:
    """A small telco with features, after one whole run."""

    def fill(folder: Path) -> None:
        project = copy_of(fresh_project, folder)
        declare(project, features=TELCO)
        fullcycle("-C", project, "run")

    return once("features", fill) / "churn"


def test_a_model_with_features_is_proven_and_answers_raw_rows(churn: Path) -> None:
    bundle = fc.load_bundle(churn / "bundle")
    names = {given.name for given in bundle.inputs}
    assert not names & set(TELCO)
    assert_proven_on_every_row(churn)
    raw = pd.read_csv(churn.parent / "customers.csv").head(50)
    answers = bundle.predict(raw)
    assert len(answers) == 50
    shares = answers.filter(like="probability_")
    assert shares.shape[1] == 2
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0, abs=1e-6)


def test_a_fitted_pipeline_derives_features_from_contract_columns(churn: Path) -> None:
    import pickle

    from fullcycle.core.models.frame import read_frame
    from fullcycle.core.project.project import Project

    contract = Project(churn).contract
    frame, *_ = read_frame(churn / "data/train.parquet", contract)
    pipeline = pickle.loads((churn / "model/pipeline.pkl").read_bytes())
    bare = frame.drop(columns=list(TELCO))
    assert list(pipeline.predict(bare)) == list(pipeline.predict(frame))


def test_a_feature_is_laid_open_with_both_forms_and_equal_values(churn: Path) -> None:
    found = json.loads(fullcycle("-C", churn, "features", "explain", "price_change", "--json"))
    assert found["columns"] == ["monthly_charges", "total_charges", "tenure"]
    assert found["table"].startswith("SELECT")
    assert any("Div(" in line for line in found["graph"])
    assert len(found["rows"]) == 10
    for row in found["rows"]:
        assert row["table"] == pytest.approx(row["graph"], abs=1e-9)


def test_a_changed_feature_makes_the_model_stale_and_nothing_of_the_source(
    churn: Path, tmp_path: Path
) -> None:
    shutil.copytree(churn.parent, tmp_path / "copy", symlinks=True)
    project = tmp_path / "copy" / churn.name
    declare(project, features={**TELCO, "level": "bucket(monthly_charges, 30, 60)"})
    stale = json.loads(fullcycle("-C", project, "status", "--json"))
    states = {each["stage"]: each["state"] for each in stale["stages"]}
    assert states["collect"] == "fresh"
    assert states["experiment"] == "stale"


def test_a_wrong_feature_is_an_error_that_points_at_line_and_character(churn: Path, tmp_path: Path) -> None:
    shutil.copytree(churn.parent, tmp_path / "copy", symlinks=True)
    project = tmp_path / "copy" / churn.name
    declare(project, features={"ratio": "total_charges / tenur"})
    command = [FULLCYCLE, "-C", str(project), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "key features.ratio" in done.stderr
    assert "  total_charges / tenur\n                  ^^^^^" in done.stderr
    assert "did you mean `tenure`?" in done.stderr


def served_answer(project: Path) -> dict[str, object]:
    """What the API says of an example row of raw columns, which the bundle itself must say too."""
    row = json.loads(fullcycle("-C", project, "predict", "--example"))
    with serving(project / "bundle") as server:
        answer: dict[str, object] = httpx.post(f"{server.url}/predict", json=row).json()
    [told] = json.loads(fullcycle("-C", project, "predict", "--json-row", json.dumps(row), "--json"))
    assert answer["prediction"] == told["prediction"]
    return answer


@pytest.mark.nightly
def test_ames_with_features_is_proven_on_every_row(tmp_path: Path) -> None:
    project = tmp_path / "ames"
    fullcycle("init", project, "--data", DATA / "ames_housing.csv.gz", "--target", "Sale_Price")
    make_small(project)
    declare(project, features=AMES)
    fullcycle("-C", project, "run")
    assert len(fc.load_bundle(project / "bundle").contract.derived) == len(AMES)
    assert isinstance(served_answer(project)["prediction"], float)
    assert_proven_on_every_row(project)


@pytest.mark.nightly
def test_flights_with_features_and_a_lookup_are_proven_on_every_row(tmp_path: Path) -> None:
    from benchmarks.commands import LEAKS, decide_leaks

    project, flights = tmp_path / "flights", DATA / "nyc_flights.parquet"
    fullcycle("init", project, "--data", flights, "--target", "late", "--time", "time_hour")
    make_small(project)
    decide_leaks(project / "contract.yaml", LEAKS)
    planes = {"source": str(DATA / "nyc_planes.parquet"), "key": "tailnum", "columns": ["seats", "year"]}
    declare(project, features=FLIGHTS, lookups={"planes": planes})
    fullcycle("-C", project, "run")
    bundle = fc.load_bundle(project / "bundle")
    assert [each.name for each in bundle.contract.derived] == list(FLIGHTS)
    assert served_answer(project)["prediction"] in (bundle.classes or ())
    assert_proven_on_every_row(project)


def assert_proven_on_every_row(project: Path) -> None:
    """Graph and pipeline agree on each row of the training and of the test table."""
    proofs = {proof["rows_of"]: proof for stage in ("prepare", "verify") for proof in parity(project, stage)}
    for part in ("train", "test"):
        rows = pq.read_metadata(project / f"data/{part}.parquet").num_rows
        assert (proofs[part]["rows"], proofs[part]["passed"]) == (rows, True)


def parity(project: Path, stage: str) -> list[dict[str, Any]]:
    """The proofs of a stage: several of prepare, one of verify."""
    found = json.loads((project / f"evidence/{stage}.json").read_text(encoding="utf-8"))["parity"]
    return found if isinstance(found, list) else [found]
