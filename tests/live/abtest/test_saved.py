"""A design is fixed before results, in the file and on record; a change after a result stays visible."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.live.abtest.conftest import drawn
from tests.released import project_in

from fullcycle.cli.main import main
from fullcycle.core.evidence.abtest import AbtestEvidence
from fullcycle.core.evidence.store import read_evidence
from fullcycle.core.hypotheses.ledger import ABTESTS, read_ledger
from fullcycle.core.project.project import Project

OPTIONS = "--conversion converted --base 0.2 --effect 0.05 --shares A=0.5,B=0.5 --per-day 400"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = project_in(tmp_path, "# a remark that stays\nseed: 3\n")
    pq.write_table(pa.table(drawn()), tmp_path / "orders.parquet")
    monkeypatch.chdir(tmp_path)
    return project


def events(project: Project) -> list[tuple[str, str]]:
    return [(event.event, event.id) for event in read_ledger(project.paths.evidence, ABTESTS)]


def test_a_design_is_written_hashed_analysed_and_its_change_is_told(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["abtest", "design", "checkout", *OPTIONS.split(), "--save"]) == 0
    assert "fixed" in capsys.readouterr().out
    text = shop.paths.settings.read_text()
    assert "# a remark that stays" in text
    saved = Project(shop.root).settings.abtests["checkout"]
    assert saved.units is not None
    assert events(shop) == [("fixed", "checkout")]

    assert main(["abtest", "design", "checkout", "--save"]) == 0  # says the same: nothing new
    assert events(shop) == [("fixed", "checkout")]

    shop.paths.settings.write_text(text.replace("shares:", "variant: group\n    shares:"))
    assert main(["abtest", "analyse", "checkout", "--data", "orders.parquet"]) == 0
    found = read_evidence(shop.paths.evidence, AbtestEvidence)
    assert [facts.changed for facts in found.analyses] == ["before_result"]
    assert events(shop) == [("fixed", "checkout"), ("decided", "checkout")]

    shop.paths.settings.write_text(text.replace("shares:", "variant: group\n    alpha: 0.2\n    shares:"))
    assert main(["abtest", "analyse", "checkout", "--data", "orders.parquet"]) == 0
    found = read_evidence(shop.paths.evidence, AbtestEvidence)
    assert found.analyses[0].changed == "after_result"
    assert "FC903" in {finding.code for finding in found.findings}
    assert "CHANGED after a result" in capsys.readouterr().out


def test_a_table_outside_of_a_project_is_analysed_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(pa.table(drawn(shares=(0.4, 0.3, 0.3))), tmp_path / "orders.parquet")
    monkeypatch.chdir(tmp_path)
    words = "--data orders.parquet --variant group --conversion converted --mean revenue --covariate before"
    assert (
        main(["abtest", "analyse", *words.split(), "--shares", "A=0.4,B=0.3,C=0.3", "--segment", "country"])
        == 0
    )
    out = capsys.readouterr().out
    assert "C: take it. converted changes by" in out
    assert "country = de" in out
    assert [path.name for path in tmp_path.iterdir()] == ["orders.parquet"]


def test_a_broken_draw_exits_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table(drawn(20_000, shares=(0.45, 0.55))), tmp_path / "orders.parquet")
    monkeypatch.chdir(tmp_path)
    words = "--data orders.parquet --variant group --mean revenue --json"
    assert main(["abtest", "analyse", *words.split()]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("analyse --data orders.parquet --variant group", "no metric"),
        ("analyse --data orders.parquet --mean revenue", "--variant"),
        ("analyse --data orders.parquet --variant group --mean revenue --control X", "no row of the control"),
        (
            "analyse --data orders.parquet --variant visits --mean revenue --effect x",
            "a percentage such as 5%",
        ),
        ("analyse --data orders.parquet --variant group --ratio revenue", "two columns"),
        ("analyse --data orders.parquet --variant group --mean revenue --guard fast", "KIND:COLUMN:LIMIT"),
        ("analyse --data orders.parquet --variant group --mean revenue --alpha 2", "alpha"),
        ("analyse nothing", "no table"),
        ("analyse nothing --data orders.parquet", "no test 'nothing'"),
        ("analyse", "nothing released"),
        ("design --conversion x --base 0.2 --effect 0.1 --save", "a name to save it under"),
        ("design --conversion x --base 0.2 --effect 0.1 --shares A=0.5,B=x", "NAME=SHARE"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(
    shop: Project, words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["abtest", *words.split()]) == 2
    assert said in capsys.readouterr().err
