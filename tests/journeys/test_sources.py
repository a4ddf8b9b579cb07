"""A project from a database: the password works, and is written down nowhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.journeys.conftest import make_small
from tests.journeys.typed import Typed, typed, typed_here

SHOP = """
CREATE TABLE customers AS
SELECT i AS id, (i * 7919 % 100)::float8 AS spend, (i * 31 % 12) AS months, 'city ' || i % 4 AS city,
  CASE WHEN (i * 7919 % 100) + (i * 104729 % 211) > 155 THEN 'yes' ELSE 'no' END AS churn
FROM generate_series(1, 400) AS i ORDER BY i
"""
FORMS = (servers.PASSWORD, "s3cr%2Ft%20p%40ss%3Aword%2541")


@pytest.fixture(scope="module")
def shop() -> Iterator[servers.Server]:
    with servers.postgres() as server:
        server.run(SHOP)
        yield server


def told(shop: servers.Server, folder: Path, *words: str, password: str = servers.PASSWORD) -> Typed:
    answer = typed(*words, at=folder, environment={"SHOP_PASSWORD": password})
    for text in (answer.stdout, answer.stderr):
        assert "Traceback" not in text
        for form in (*FORMS, password):
            assert form not in text
    return answer


@pytest.mark.parametrize("stage", ["collect", pytest.param("verify", marks=pytest.mark.nightly)])
def test_a_password_appears_in_no_file_no_message_and_no_commit(
    stage: str, shop: servers.Server, tmp_path: Path
) -> None:
    words = ("init", "churn", "--data", shop.uri, "--table", "customers", "--target", "churn", "--id", "id")
    wrong = told(shop, tmp_path, *words, password="not-the-password")
    assert (wrong.exit_code, (tmp_path / "churn").exists()) == (2, False)
    assert "right password" in wrong.stderr
    made = told(shop, tmp_path, *words)
    assert made.exit_code == 0, made.stderr
    project = tmp_path / "churn"
    assert "${SHOP_PASSWORD}" in (project / "fullcycle.yaml").read_text(encoding="utf-8")
    make_small(project)

    ran = told(shop, tmp_path, "-C", "churn", "run", stage)
    assert ran.exit_code in (0, 1), ran.stderr  # a gate may say no to so few rows
    assert (project / f"evidence/{stage}.json").is_file()
    report = told(shop, tmp_path, "-C", "churn", "report")
    assert report.exit_code == 0, report.stderr
    for password in ("another-wrong-one", ""):
        failed = told(shop, tmp_path, "-C", "churn", "collect", password=password or servers.PASSWORD)
        assert failed.exit_code == (2 if password else 0), failed.stderr

    assert holding(tmp_path, *FORMS, "not-the-password", "another-wrong-one") == []
    history = subprocess.run(
        ["git", "log", "-p", "--all"], cwd=project, capture_output=True, text=True, check=True
    ).stdout
    assert "${SHOP_PASSWORD}" in history
    assert not any(form in history for form in FORMS)


def holding(folder: Path, *secrets: str) -> list[str]:
    """Files that hold one of the texts, git's and DVC's and MLflow's own included."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [str(path) for secret in secrets if secret.encode() in content]
    return found


def test_a_literal_password_is_refused_before_anything_is_written(
    shop: servers.Server, tmp_path: Path
) -> None:
    literal = shop.uri.replace("${SHOP_PASSWORD}", "plain-password")
    answer = typed(
        "init", "churn", "--data", literal, "--table", "customers", "--target", "churn", at=tmp_path
    )
    assert answer.exit_code == 2
    assert "plain-password" not in answer.stdout + answer.stderr
    assert "${DB_PASSWORD}" in answer.stderr
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_a_glob_and_a_web_address_start_a_project(small_table: Path, tmp_path: Path) -> None:
    lines = small_table.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "in").mkdir()
    for part, place in enumerate((1, 751)):
        (tmp_path / f"in/{part}.csv").write_text("".join([lines[0], *lines[place : place + 750]]))
    with servers.web(folder=tmp_path / "in") as address:
        for name, source in (("glob", "in/*.csv"), ("web", f"{address}/0.csv")):
            made = typed_here("init", name, "--data", source, "--target", "churn", at=tmp_path)
            assert made.exit_code == 0, made.stderr
            collected = typed_here("-C", name, "collect", at=tmp_path)
            assert collected.exit_code == 0, collected.stderr
