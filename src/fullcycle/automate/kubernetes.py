"""`fullcycle ci kubernetes`: what a cluster needs to answer with the image, sized as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fullcycle.automate.written import Text, as_yaml

if TYPE_CHECKING:
    from fullcycle.core.evidence.automation import PlanFacts, PlannedJob
    from fullcycle.core.project.project import Project

FILE = "kubernetes/{name}.yaml"
USER = 10001  # of the image
CPU_TARGET = 70  # per cent of what a pod asked for, at which another one starts
LOG_LEAST_GI = 1
ENDS_WITHIN_S = 30  # requests under way at SIGTERM are answered for ten


def kubernetes_files(project: Project, plan: PlanFacts, name: str, image: str) -> dict[str, Text]:
    """One file, in the order in which it is applied."""
    answer = next(job for job in plan.jobs if job.kind == "answer")
    port = project.settings.serve.port
    documents = [
        _volume(name, answer),
        _deployment(name, image, port, answer),
        _service(name),
        _budget(name),
        _autoscaler(name, answer),
    ]
    return {FILE.format(name=name): as_yaml("kubernetes", *documents)}


def _named(kind: str, api: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "fullcycle"}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


def _selector(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name}


def _volume(name: str, answer: PlannedJob) -> dict[str, Any]:
    """The prediction log of all pods: each writes files of its own name."""
    size = max(LOG_LEAST_GI, round((answer.disk_gb or 0.0) * 1.2 + 0.5))
    return _named(
        "PersistentVolumeClaim",
        "v1",
        f"{name}-predictions",
        {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": f"{size}Gi"}}},
    )


def _deployment(name: str, image: str, port: int, answer: PlannedJob) -> dict[str, Any]:
    metadata = {
        "labels": _selector(name),
        "annotations": {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(port),
            "prometheus.io/path": "/metrics",
        },
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": ENDS_WITHIN_S,
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": _selector(name)},
            }
        ],
        "containers": [_container(name, image, port, answer)],
        "volumes": [
            {"name": "predictions", "persistentVolumeClaim": {"claimName": f"{name}-predictions"}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
    return _named(
        "Deployment",
        "apps/v1",
        name,
        {
            "replicas": answer.replicas,
            "selector": {"matchLabels": _selector(name)},
            # A pod goes when the next one answers: none is missing while a version follows another.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {"metadata": metadata, "spec": pod},
        },
    )


def _container(name: str, image: str, port: int, answer: PlannedJob) -> dict[str, Any]:
    memory = f"{answer.memory_mb}Mi"
    return {
        "name": "api",
        "image": image,
        "ports": [{"name": "http", "containerPort": port}],
        "env": [
            {
                "name": "FULLCYCLE_KEYS",
                "valueFrom": {"secretKeyRef": {"name": f"{name}-keys", "key": "FULLCYCLE_KEYS"}},
            }
        ],
        "resources": {"requests": {"cpu": f"{answer.cpu}", "memory": memory}, "limits": {"memory": memory}},
        "startupProbe": _probe("/health/ready", period=2, failures=30),
        "readinessProbe": _probe("/health/ready", period=5, failures=2),
        "livenessProbe": _probe("/health/live", period=10, failures=3),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "predictions", "mountPath": "/project/predictions"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "timeoutSeconds": 2,
        "failureThreshold": failures,
    }


def _service(name: str) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return _named("Service", "v1", name, {"selector": _selector(name), "ports": ports})


def _budget(name: str) -> dict[str, Any]:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": _selector(name)}}
    return _named("PodDisruptionBudget", "policy/v1", name, spec)


def _autoscaler(name: str, answer: PlannedJob) -> dict[str, Any]:
    cpu = {"type": "Utilization", "averageUtilization": CPU_TARGET}
    return _named(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        name,
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": answer.replicas,
            "maxReplicas": answer.replicas_at_most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": cpu}}],
        },
    )
