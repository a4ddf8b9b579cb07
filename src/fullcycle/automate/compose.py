"""`fullcycle ci compose`: the API, MLflow and Prometheus on one machine, by docker compose."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fullcycle.automate.written import Text, as_yaml

if TYPE_CHECKING:
    from fullcycle.core.evidence.automation import PlanFacts
    from fullcycle.core.project.project import Project

PROMETHEUS = "prom/prometheus:v3.5.0"
SCRAPE_EVERY = "15s"
COMPOSE, SCRAPE = "compose.yaml", "compose/prometheus.yml"


def compose_files(project: Project, plan: PlanFacts) -> dict[str, Text]:
    """Text by path below the project. Ports are open on this machine alone, so nobody is asked for a key."""
    return {
        COMPOSE: as_yaml("compose", _compose(project, plan)),
        SCRAPE: as_yaml("compose", _scrape(project)),
    }


def _compose(project: Project, plan: PlanFacts) -> dict[str, Any]:
    return {
        "services": {
            "api": _api(project, plan),
            "mlflow": {
                "image": f"ghcr.io/mlflow/mlflow:v{version('mlflow')}",
                "command": [
                    *("mlflow", "server", "--host", "0.0.0.0", "--port", "5000"),
                    *(
                        "--backend-store-uri",
                        "sqlite:////mlflow/mlflow.db",
                        "--artifacts-destination",
                        "/mlflow/artifacts",
                    ),
                ],
                "ports": ["127.0.0.1:5000:5000"],
                "volumes": ["mlflow:/mlflow"],
                "restart": "unless-stopped",
            },
            "prometheus": {
                "image": PROMETHEUS,
                "ports": ["127.0.0.1:9090:9090"],
                "volumes": [f"./{SCRAPE}:/etc/prometheus/prometheus.yml:ro", "prometheus:/prometheus"],
                "depends_on": ["api"],
                "restart": "unless-stopped",
            },
        },
        "volumes": {"predictions": {}, "mlflow": {}, "prometheus": {}},
    }


def _api(project: Project, plan: PlanFacts) -> dict[str, Any]:
    port = project.settings.serve.port
    answer = next((job for job in plan.jobs if job.kind == "answer"), None)
    workers = 1 if answer is None or answer.replicas is None else answer.replicas
    told: dict[str, Any] = {
        "build": ".",
        "command": [
            *("fullcycle", "serve", "--host", "0.0.0.0", "--port", str(port)),
            *("--workers", str(workers), "--without-key"),
        ],
        "ports": [f"127.0.0.1:{port}:{port}"],
        # What is released here answers there, without building anew.
        "volumes": ["./deploy:/project/deploy", "predictions:/project/predictions"],
        "read_only": True,
        "tmpfs": ["/tmp"],
        "restart": "unless-stopped",
    }
    if answer is not None and answer.cpu is not None and answer.memory_mb is not None:
        # Memory is bounded, processors are not: starting takes more of them than answering.
        resources = {"limits": {"memory": f"{answer.memory_mb * workers}M"}}
        told["deploy"] = {"resources": {**resources, "reservations": {"cpus": f"{answer.cpu * workers:g}"}}}
    return told


def _scrape(project: Project) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": SCRAPE_EVERY},
        "scrape_configs": [
            {
                "job_name": "api",
                "metrics_path": "/metrics",
                "static_configs": [{"targets": [f"api:{project.settings.serve.port}"]}],
            }
        ],
    }
