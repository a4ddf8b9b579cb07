"""The plan follows from load and measured costs, and the files of both targets from the plan."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML
from tests.released import bundle_in, project_in

from fullcycle.automate.compose import COMPOSE, compose_files
from fullcycle.automate.image import write_image
from fullcycle.automate.installed import REQUIREMENT
from fullcycle.automate.kubernetes import kubernetes_files
from fullcycle.automate.measure import measure
from fullcycle.automate.plan import plan_of, runs_per_day
from fullcycle.automate.written import write_files
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.automation import Measured, PlanFacts, PlannedJob
from fullcycle.core.evidence.clean import CleanEvidence, SplitFacts, TargetFacts
from fullcycle.core.evidence.store import write_evidence
from fullcycle.core.project.project import Project
from fullcycle.core.project.settings import Settings

MEASURED = Measured(
    bundle="abc",
    cores=4,
    training_s=90.0,
    training_rows=5_000,
    training_memory_mb=400.0,
    start_s=2.0,
    server_memory_mb=120.0,
    request_cpu_ms=1.0,
    request_p50_ms=1.4,
    row_cpu_ms=0.05,
    score_start_s=3.0,
    score_row_ms=0.02,
    score_memory_mb=300.0,
    log_row_bytes=500.0,
)
VERSIONS = ("1.29", "1.31", "1.33")  # of Kubernetes


def settings(**use: Any) -> Settings:
    return Settings.model_validate({"name": "churn", "data": {"source": "a.csv"}, "use": use})


def job(plan: PlanFacts, kind: str) -> PlannedJob:
    [found] = [each for each in plan.jobs if each.kind == kind]
    return found


def online(**load: Any) -> PlannedJob:
    return job(plan_of(settings(online=load), MEASURED), "answer")


def test_a_small_load_needs_the_fewest_replicas() -> None:
    assert online(requests_per_s=1).replicas == 2
    assert online(requests_per_s=1, replicas_at_least=5).replicas == 5


def test_replicas_grow_with_requests_rows_and_what_is_to_spare() -> None:
    # 2,000 requests of 1 ms, twice to spare, are four cores, of which a replica may use 0.7.
    assert online(requests_per_s=2_000, spare=2).replicas == 6
    assert online(requests_per_s=2_000, spare=4).replicas == 12
    # 20 more rows of 0.05 ms double what a request costs.
    assert online(requests_per_s=2_000, spare=2, rows_per_request=21).replicas == 12


def test_the_log_takes_what_its_rows_take_for_the_days_that_they_are_kept() -> None:
    planned = job(plan_of(settings(keep_log_days=30, online={"requests_per_s": 30}), MEASURED), "answer")
    assert planned.disk_gb == pytest.approx(30 / 3 * 86_400 * 30 * 500 / 1e9, abs=0.01)


def test_a_scoring_takes_its_start_and_the_same_for_each_row_of_its_schedule() -> None:
    batch = {"source": "b.parquet", "rows_per_day": 1_000_000, "schedule": "0 */12 * * *"}
    planned = job(plan_of(settings(answers="batch", batch=batch), MEASURED), "score")
    assert planned.rows == 500_000
    assert planned.seconds == pytest.approx(3 + 500_000 * 0.02 / 1000)
    assert [each.kind for each in plan_of(settings(answers="batch", batch=batch), MEASURED).jobs] == [
        "train",
        "score",
    ]


def test_training_grows_with_its_rows_but_for_a_search_that_time_ends() -> None:
    now = job(plan_of(settings(), MEASURED), "train")
    assert (now.rows, now.seconds, now.memory_mb) == (5_000, 90.0, 640)
    plan = plan_of(settings(training_rows=20_000), MEASURED)
    assert (job(plan, "train").seconds, job(plan, "train").memory_mb) == (360.0, 2432)
    timed = plan_of(settings(training_rows=20_000), MEASURED.model_copy(update={"search_s": 50.0}))
    assert job(timed, "train").seconds == 50 + 40 * 4
    above = plan_of(settings(training_rows=20_000), MEASURED.model_copy(update={"libraries_mb": 250.0}))
    assert job(above, "train").memory_mb == 1_280, "250 MB of libraries and 4 times 150 MB, times 1.5"
    assert {"training_linear", "search_as_long"} <= {each.code for each in timed.assumptions}
    assert not {"training_linear", "search_as_long"} & {
        e.code for e in plan_of(settings(), MEASURED).assumptions
    }


def test_a_model_that_is_never_trained_anew_has_no_such_job() -> None:
    assert [each.kind for each in plan_of(settings(retrain=None), MEASURED).jobs] == ["answer"]


@pytest.mark.parametrize(
    ("cron", "often"),
    [
        ("* * * * *", 1440),
        ("0 3 * * *", 1),
        ("0 3 * * 7", 0.142),
        ("0 3 1 * *", 12 / 366),
        ("0 0 1 * 1", 62 / 366),
    ],
)
def test_schedules_are_counted_as_cron_has_them(cron: str, often: float) -> None:
    assert runs_per_day(cron) == pytest.approx(often, abs=1e-3)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = project_in(tmp_path / "people", "ci: {image: registry.example.org/people}\n")
    bundle_in(project.root)
    return project


def test_compose_is_valid_and_sized_as_planned(project: Project) -> None:
    plan = plan_of(settings(online={"requests_per_s": 2_000}), MEASURED)
    [path, _] = write_files(project.root, compose_files(project, plan), force=False)
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    api = YAML(typ="safe").load(path)["services"]["api"]
    answer = job(plan, "answer")
    assert answer.memory_mb is not None
    assert api["command"][api["command"].index("--workers") + 1] == str(answer.replicas)
    assert api["deploy"]["resources"]["limits"]["memory"] == f"{answer.memory_mb * 6}M"
    ports = [port for each in YAML(typ="safe").load(path)["services"].values() for port in each["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports), "nobody else may ask without a key"


def test_what_prometheus_scrapes_is_the_port_that_the_api_answers_at(project: Project) -> None:
    files = compose_files(project, plan_of(settings(), MEASURED))
    scrape = YAML(typ="safe").load(files["compose/prometheus.yml"])
    [target] = scrape["scrape_configs"][0]["static_configs"][0]["targets"]
    assert target == f"api:{project.settings.serve.port}"
    assert COMPOSE in files


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_every_document(project: Project, version: str) -> None:
    for document in documents(project):
        kubernetes_validate.validate(document, version, strict=True)


def documents(project: Project) -> list[dict[str, Any]]:
    plan = plan_of(settings(online={"requests_per_s": 2_000}), MEASURED)
    [text] = kubernetes_files(project, plan, "people", "registry.example.org/people:abc").values()
    return [*YAML(typ="safe").load_all(text)]


def test_the_cluster_gets_replicas_probes_and_bounds_as_planned(project: Project) -> None:
    by_kind = {each["kind"]: each for each in documents(project)}
    assert set(by_kind) == {
        "PersistentVolumeClaim", "Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler",
    }  # fmt: skip
    spec, scale = by_kind["Deployment"]["spec"], by_kind["HorizontalPodAutoscaler"]["spec"]
    assert spec["replicas"] == scale["minReplicas"] == 6
    assert scale["maxReplicas"] == 18
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    [container] = spec["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert spec["template"]["metadata"]["labels"].items() >= spec["selector"]["matchLabels"].items()
    assert container["ports"][0]["containerPort"] == project.settings.serve.port


def test_the_cluster_runs_the_image_as_its_dockerfile_makes_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REQUIREMENT, "fullcycle==9.9")
    write_image(project)
    dockerfile = (project.root / "Dockerfile").read_text(encoding="utf-8")
    pod = documents(project)[1]["spec"]["template"]["spec"]
    assert f"USER {pod['securityContext']['runAsUser']}" in dockerfile
    mounts = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    assert "VOLUME /project/predictions" in dockerfile
    assert "/project/predictions" in mounts


def test_a_persons_own_compose_file_stays(project: Project) -> None:
    (project.root / COMPOSE).write_text("services: {}\n", encoding="utf-8")
    files = compose_files(project, plan_of(settings(), MEASURED))
    with pytest.raises(UserError, match="--force"):
        write_files(project.root, files, force=False)
    assert (project.root / COMPOSE).read_text(encoding="utf-8") == "services: {}\n"


def test_costs_are_measured_on_a_server_that_answers(project: Project) -> None:
    clean = CleanEvidence(
        rows_in=10,
        rows_out=9,
        decisions=(),
        policies=(),
        split=SplitFacts(kind="random", train_rows=7, test_rows=2, seed=0),
        target=TargetFacts(column="left"),
    )
    write_evidence(project.paths.evidence, clean)
    found = measure(project)
    assert found.training_rows == 9
    assert found.server_memory_mb > 20
    assert found.request_cpu_ms > 0
    assert found.request_p50_ms > 0
    assert found.score_start_s is None, "nothing was collected that could be scored"
