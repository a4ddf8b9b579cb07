"""A project that has every practice which evidence can prove: as records, and as a folder."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from fullcycle.core.bundle.model import MANIFEST, TESTS, Manifest, Tests
from fullcycle.core.evidence.monitor import MonitorEvidence
from fullcycle.core.evidence.skew import SkewFacts
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.hypotheses.ledger import Event, record
from fullcycle.core.hypotheses.standing import fixed_hash
from fullcycle.core.hypotheses.text import said, text_hash
from fullcycle.core.project.claims import Hypothesis
from fullcycle.core.project.dvc_lock import md5_of, md5_of_folder
from fullcycle.core.project.scaffold import README
from fullcycle.people.assess.repository import Repository
from fullcycle.people.report.records import Records
from tests.people import evidence_factory as factory
from tests.people.abtest_factory import analysis
from tests.people.automation_factory import smoke
from tests.people.claims_factory import claim, result
from tests.people.monitor_factory import performance

BUNDLE = "3f9a1c0d2b7e"
DAY = "2026-11-23T19:40:00+00:00"
SEAL = "ab" * 32
PROSE = (
    "Customers who came last winter leave most often, above all those with fibre and a contract by the month;"
    " support that nobody bought shows the same picture. Prices matter less than we thought before."
)
WORKFLOW = """\
on: {push: {branches: [main]}, schedule: [{cron: 0 3 * * 1}]}
jobs:
  train:
    runs-on: ubuntu-24.04
    steps:
      - run: fullcycle run
      - run: fullcycle ci smoke
      - run: fullcycle ci comment --against origin/main
      - run: fullcycle ci deploy production --canary
      - run: fullcycle monitor && fullcycle abtest analyse
"""
READY = Repository(
    commits=5,
    contract_changed=True,
    committed=frozenset({"contract.yaml", "dvc.lock", "README.md"}),
    lock_committed=True,
    readme_words=40,
    notes={"explore": 30},
    ci=tuple(
        tuple(f"fullcycle {name}".split())
        for name in ("run", "monitor", "ci smoke", "ci comment", "ci deploy", "abtest analyse")
    ),
    answering=BUNDLE,
    tracked_runs=16,
)
TABLES = ("raw", "train", "test")
READS = {
    "collect": ("telco.csv", "contract.yaml"),
    "clean": ("data/raw.parquet", "contract.yaml"),
    "explore": ("data/train.parquet", "contract.yaml"),
    "experiment": ("data/train.parquet", "contract.yaml", "evidence/clean.json"),
    "prepare": ("data/train.parquet", "contract.yaml", "evidence/experiment.json"),
    "verify": ("data/test.parquet", "build", "evidence/clean.json", "evidence/prepare.json"),
}
WRITES = {
    "collect": ("data/raw.parquet",),
    "clean": ("data/train.parquet", "data/test.parquet"),
    "prepare": ("build",),
    "verify": ("bundle",),
}


def with_stage(records: Records, stage: str, **changes: Any) -> Records:
    return replace(records, **{stage: getattr(records, stage).model_copy(update=changes)})


def every(items: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return tuple(item.model_copy(update=changes) for item in items)


@cache
def ready() -> Records:
    """Evidence of every practice."""
    records = factory.churn()
    assert records.clean
    assert records.automation
    assert records.automation.comparison
    assert records.verify
    assert records.verify.slices
    assert records.experiment
    split = records.clean.split.model_copy(update={"test_sha256": SEAL})
    records = with_stage(records, "clean", split=split)
    records = with_stage(records, "explore", suspects=())
    comparison = records.automation.comparison.model_copy(
        update={"single_row_p99_us": 40.0, "graph_bytes": 12_000}
    )
    records = with_stage(records, "automation", smoke=(smoke(""),), comparison=comparison)
    records = with_stage(records, "abtest", analyses=(analysis("better", versions={"A": BUNDLE, "B": "c"}),))
    declared = records.verify.slices.model_copy(update={"declared": records.verify.slices.declared[:1]})
    behaviour = tuple(each for each in records.verify.behaviour if each.passed)
    records = with_stage(records, "verify", slices=declared, behaviour=behaviour)
    return replace(records, monitor=monitor(), hypotheses=hypotheses())


def monitor() -> MonitorEvidence:
    """Calm windows, no skew, and answers as right as they were."""
    calm = factory.monitored(ringing=False)
    skew = SkewFacts(rows=500, different=0, largest=0.4)
    told = {"bundle": BUNDLE, "skew": skew, "performance": performance("data")}
    return calm.model_copy(update=told)


def hypotheses() -> Any:
    """One that was fixed, then decided."""
    text = text_hash("trees", TREES)
    own = {"text": text, "hash": fixed_hash(text, CONTEXT, "data"), "fixed": DAY}
    claims = (claim("trees", result=result("supported", 0.011, 0.004), **own),)
    return factory.claimed().model_copy(update={"claims": claims, "findings": ()})


CONTEXT = {"folds": 5, "shares": [0.2, 0.8]}
TREES = Hypothesis.model_validate(
    {
        "claim": "trees matter",
        "metric": "roc_auc",
        "treatment": {"model": "lightgbm"},
        "minimum_effect": 0.005,
        "alpha": 0.01,
    }
)


def write(root: Path, records: Records) -> None:
    """The folder of a project with this evidence, as its stages recorded it, committed twice."""
    root.mkdir(parents=True)
    put(root, "README.md", README.format(name="churn", target="Churn", task="binary", source="telco.csv"))
    put(root, "contract.yaml", "version: 1\ntask: binary\ncolumns: {tenure: {type: numeric}}\n")
    put(root, "fullcycle.yaml", "version: 1\nname: churn\nseed: 0\ndata: {source: telco.csv}\n")
    put(root, ".gitignore", "/data\n/build\n/bundle\n/deploy\n/mlflow.db\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root, "Start")
    put(root, "contract.yaml", "version: 1\ntask: binary\ncolumns: {tenure: {type: numeric, strict: true}}\n")
    put(root, "README.md", f"{(root / 'README.md').read_text()}\n{PROSE}\n")
    put(root, "notes/explore.md", f"# What we saw\n\n{PROSE}\n")
    put(root, ".github/workflows/train.yml", WORKFLOW)
    run(root, records)
    commit(root, "Run the cycle")


def run(root: Path, records: Records) -> None:
    """What stages leave: data, evidence, bundle, and the record of them all."""
    for name in ("telco.csv", "build/model.onnx", *(f"data/{each}.parquet" for each in TABLES)):
        put(root, name, name)
    for evidence in records.everything:
        write_evidence(root / "evidence", evidence)
    put(root, "evidence/openings.jsonl", json.dumps({"test": SEAL, "build": "b"}) + "\n")
    put_ledger(root)
    put_bundle(root / "bundle", records)
    put_bundle(root / "deploy" / BUNDLE, records)
    routes = {"version": 1, "number": 1, "changed": DAY, "salt": "s", "champion": BUNDLE}
    put(root, "deploy/routes.json", json.dumps(routes))
    put_runs(root / "mlflow.db", 16)
    write_lock(root)


def put_ledger(root: Path) -> None:
    """A claim that was fixed, then decided."""
    text = text_hash("trees", TREES)
    told = {"id": "trees", "text": text, "hash": fixed_hash(text, CONTEXT, "data"), "at": DAY}
    record(root / "evidence", Event("fixed", said=said("trees", TREES), context=CONTEXT, data="data", **told))
    record(root / "evidence", Event("decided", result={"verdict": "supported"}, **told))


def put_bundle(folder: Path, records: Records) -> None:
    """The two files of a bundle that say what it is and how it was judged."""
    verify = records.verify
    if verify is None:
        return
    tests = Tests(
        passed=verify.passed,
        rows=verify.rows,
        headline=verify.headline,
        metrics=verify.metrics,
        gates=verify.gates,
        parity=(verify.parity,),
    )
    put(folder, TESTS, tests.model_dump_json())
    put(folder, MANIFEST, Manifest(bundle=verify.bundle, created=DAY, files={}).model_dump_json())


def put_runs(path: Path, number: int) -> None:
    """A tracking store with so many finished runs."""
    with closing(sqlite3.connect(path)) as store:
        store.execute("CREATE TABLE IF NOT EXISTS experiments (experiment_id, name)")
        store.execute("CREATE TABLE IF NOT EXISTS runs (experiment_id, status, lifecycle_stage)")
        store.execute("DELETE FROM runs")
        store.execute("INSERT INTO experiments VALUES (1, 'churn')")
        store.executemany("INSERT INTO runs VALUES (1, 'FINISHED', 'active')", [()] * number)
        store.commit()


def write_lock(root: Path) -> None:
    """`dvc.lock` of what lies here now, as a run would record it."""
    stages = {
        stage: {
            "cmd": f"fullcycle {stage}",
            "deps": [hashed(root, name) for name in READS[stage]],
            "params": {"fullcycle.yaml": {"seed": 0}},
            "outs": [hashed(root, name) for name in (*WRITES.get(stage, ()), f"evidence/{stage}.json")],
        }
        for stage in READS
        if (root / "evidence" / f"{stage}.json").exists()
    }
    put(root, "dvc.lock", json.dumps({"schema": "2.0", "stages": stages}))


def hashed(root: Path, name: str) -> dict[str, str]:
    path = root / name
    return {"path": name, "md5": md5_of_folder(path) if path.is_dir() else md5_of(path)}


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commit(root: Path, message: str) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)
