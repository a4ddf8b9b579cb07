"""Several classes and a number go through the whole cycle as two classes do, export and serving included."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx
import pandas as pd
import pytest

import fullcycle as fc
from tests.conftest import Once
from tests.journeys.commands import fullcycle
from tests.journeys.conftest import make_small
from tests.journeys.test_serve import serving

AMES = Path(__file__).parents[1] / "data/ames_housing.csv.gz"
AMES_ROWS = 700
AMES_COLUMNS = (
    *("Sale_Price", "Gr_Liv_Area", "Lot_Area", "Year_Built", "Overall_Qual", "Neighborhood", "Garage_Area"),
    *("Total_Bsmt_SF", "Kitchen_Qual", "House_Style", "Full_Bath"),
)


def wine(folder: Path) -> tuple[Path, str]:
    """178 wines of three cultivars (Forina et al. 1988), as scikit-learn ships them."""
    from sklearn.datasets import load_wine

    loaded = load_wine(as_frame=True)
    table = loaded.data.rename(columns=lambda name: name.replace("/", "_"))
    table["cultivar"] = loaded.target.map({0: "barolo", 1: "grignolino", 2: "barbera"})
    table["bottled"] = table["alcohol"].gt(13).map({True: "early", False: "late"})
    path = folder / "wine.csv"
    table.to_csv(path, index=False)
    return path, "cultivar"


def ames(folder: Path) -> tuple[Path, str]:
    """Some houses of Ames, with a few of their columns."""
    with gzip.open(AMES, "rt", encoding="utf-8") as handle:
        table = pd.read_csv(handle)
    kept = [name for name in AMES_COLUMNS if name in table.columns]
    path = folder / "ames.csv"
    table[kept].sample(AMES_ROWS, random_state=1).to_csv(path, index=False)
    return path, "Sale_Price"


@pytest.fixture(
    scope="module",
    params=[pytest.param(wine, marks=pytest.mark.nightly), ames],
    ids=["several classes", "a number"],
)
def project(request: pytest.FixtureRequest, once: Once) -> Path:
    def fill(folder: Path) -> None:
        table, target = request.param(folder)
        fullcycle("init", folder / "project", "--data", table, "--target", target)
        make_small(folder / "project")
        fullcycle("-C", folder / "project", "run")

    return once(request.param.__name__, fill) / "project"


def evidence(project: Path, stage: str) -> dict:
    return json.loads((project / f"evidence/{stage}.json").read_text(encoding="utf-8"))


def test_the_verdict_has_what_belongs_to_the_task(project: Path) -> None:
    verdict = evidence(project, "verify")
    assert verdict["passed"]
    several = bool(verdict["confusion"])
    assert several == (verdict["residuals"] is None)
    assert (verdict["calibration_summary"] is not None) == several
    assert verdict["slices"]["loss"] == ("brier" if several else "mae")
    assert all((each["flipped"] is not None) == several for each in verdict["disturbances"])
    assert all((each["of"] is not None) == several for each in verdict["partial"])
    assert verdict["partial"]


def test_the_bundle_answers_a_table_and_an_answer_is_explained(project: Path) -> None:
    bundle = fc.load_bundle(project / "bundle")
    row = json.loads(fullcycle("-C", project, "predict", "--example"))
    answers = bundle.predict(pd.DataFrame([row]))
    told = json.loads(
        fullcycle("-C", project, "predict", "--json-row", json.dumps(row), "--explain", "--json")
    )
    [answer] = told
    said = answers["prediction"].iloc[0]
    assert answer["prediction"] == (said if bundle.classes else pytest.approx(said, rel=1e-6))
    explained = answer["explanation"]
    amounts = sum(part["contribution"] for part in explained["contributions"])
    assert explained["baseline"] + amounts == pytest.approx(explained["total"], rel=1e-9, abs=1e-9)
    assert explained["of"] == (answer["prediction"] if bundle.classes else None)


def test_it_is_served(project: Path) -> None:
    row = json.loads(fullcycle("-C", project, "predict", "--example"))
    with serving(project / "bundle") as server:
        answer = httpx.post(f"{server.url}/predict", json=row).json()
    classes = fc.load_bundle(project / "bundle").classes
    if classes is None:
        assert isinstance(answer["prediction"], float)
    else:
        assert answer["prediction"] in classes
        assert sum(answer["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)


def test_every_page_is_there_in_both_languages(project: Path) -> None:
    for language in ("en", "ru"):
        pages = sorted(path.stem for path in (project / "reports" / language).glob("*.html"))
        assert {"index", "clean", "explore", "experiment", "prepare", "verify"} <= set(pages)
