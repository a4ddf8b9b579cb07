"""Where MLflow's store is, and how patient our own processes are with it. Imports no MLflow."""

from __future__ import annotations

from pathlib import Path

NO_TELEMETRY = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
# MLflow's own default, seven tries with growing pauses, keeps a person waiting for minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
RELATIVE_SQLITE = "sqlite:///"
WANDB = "wandb:"


def absolute_uri(root: Path, uri: str) -> str:
    """A store beside the project, whatever folder a command is typed in.

    >>> absolute_uri(Path("/work/churn"), "sqlite:///mlflow.db")
    'sqlite:////work/churn/mlflow.db'
    """
    if uri.startswith(WANDB):
        return uri
    if uri.startswith(RELATIVE_SQLITE):
        return RELATIVE_SQLITE + str(root / uri.removeprefix(RELATIVE_SQLITE))
    return uri if "://" in uri else (root / uri).as_uri()


def artifacts_of(root: Path, uri: str) -> str:
    """Artifacts of a local store lie in the project; a server ("") has its own place."""
    local = "://" not in uri or uri.startswith(RELATIVE_SQLITE)
    return (root / "mlruns").as_uri() if local else ""
