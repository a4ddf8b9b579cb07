"""MLflow's model registry: a version for each released bundle, and the aliases champion, challenger, shadow.

A version is loaded by a loader module (`fullcycle.live.pyfunc`) and never by pickle. The registry tells
others what answers; nothing that answers reads it.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fullcycle.core.bundle.bundle import Bundle
from fullcycle.core.bundle.model import LINEAGE, Lineage
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import UserError
from fullcycle.core.project.project import Project
from fullcycle.core.routes.model import Role, Routes
from fullcycle.core.tracking import NO_TELEMETRY, PATIENCE, WANDB, absolute_uri, artifacts_of

LOADER = "fullcycle.live.pyfunc"
TAG = "fullcycle.bundle"  # a registered version's tag: the bundle that it is
ROLES: tuple[Role, ...] = ("champion", "challenger", "shadow")
UNFIT = re.compile(r"[/:.%\"'\s]+")  # MLflow refuses some in names, and `models:/NAME@ALIAS` others


@dataclass(frozen=True)
class Registered:
    """A version of a registered model."""

    name: str
    version: str


class Registry:
    """The registry of a project's tracking store; opening it imports MLflow, which takes seconds."""

    def __init__(self, project: Project) -> None:
        self.uri = project.settings.tracking.uri
        self.name = registered_name(project)
        os.environ.update({**PATIENCE, **os.environ, **NO_TELEMETRY})
        store = absolute_uri(project.root, self.uri)
        with _told(self.uri):
            import mlflow

            for noisy in ("mlflow", "alembic"):
                logging.getLogger(noisy).setLevel(logging.ERROR)
            mlflow.set_tracking_uri(store)
            mlflow.set_registry_uri(store)
            self._mlflow: Any = mlflow
            self._client: Any = mlflow.MlflowClient(store)
            self._experiment = self._experiment_of(
                project.settings.name, artifacts_of(project.root, self.uri)
            )

    def register(self, bundle: Bundle, folder: Path) -> Registered:
        """The bundle in `folder` as a version; the one that it has already, if it was registered before."""
        with _told(self.uri):
            known = self._versions()
            if bundle.version not in known:
                self._log(bundle, folder)
                known = self._versions()
            return Registered(self.name, known[bundle.version])

    def point(self, routes: Routes) -> dict[str, str]:
        """Let the aliases say what the routes say. Gives the version of each alias; a bundle that was never
        registered has none."""
        with _told(self.uri):
            known = self._versions()
            wanted = {role: known[bundle] for role, bundle in routes.bundles.items() if bundle in known}
            there = dict(self._client.get_registered_model(self.name).aliases) if known else {}
            for role in ROLES:
                if role in wanted and str(there.get(role)) != wanted[role]:
                    self._client.set_registered_model_alias(self.name, role, wanted[role])
                elif role in there and role not in wanted:
                    self._client.delete_registered_model_alias(self.name, role)
            return {str(role): version for role, version in wanted.items()}

    def _versions(self) -> dict[str, str]:
        """The registered version of each bundle, the latest where there are several."""
        found = self._client.search_model_versions(f"name = '{self.name}'")
        ordered = sorted(found, key=lambda each: int(each.version))
        return {each.tags[TAG]: str(each.version) for each in ordered if TAG in each.tags}

    def _log(self, bundle: Bundle, folder: Path) -> None:
        lineage = read_piece(folder, LINEAGE, Lineage)
        with self._mlflow.start_run(
            experiment_id=self._experiment, run_name=f"release {bundle.version}", tags={TAG: bundle.version}
        ):
            self._mlflow.log_params({"model": lineage.model, "commit": lineage.commit, "seed": lineage.seed})
            self._mlflow.log_metrics(
                {
                    metric.metric: metric.model.value
                    for metric in bundle.tests.metrics
                    if metric.model.value is not None
                }
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it asks for example rows: golden rows lie in the bundle
                logged = self._mlflow.pyfunc.log_model(
                    name="bundle",
                    loader_module=LOADER,
                    data_path=str(folder),
                    signature=_signature(bundle),
                    pip_requirements=_requirements(),
                )
        if not self._client.search_registered_models(f"name = '{self.name}'"):
            self._client.create_registered_model(self.name)
        self._client.create_model_version(
            self.name, logged.model_uri, model_id=logged.model_id, tags={TAG: bundle.version}
        )

    def _experiment_of(self, name: str, artifacts: str) -> str:
        known = self._client.get_experiment_by_name(name)
        if known:
            return str(known.experiment_id)
        return str(self._client.create_experiment(name, artifact_location=artifacts or None))


def has_registry(project: Project) -> bool:
    """Weights & Biases takes runs and has no registry of MLflow's."""
    return not project.settings.tracking.uri.startswith(WANDB)


def registered_name(project: Project) -> str:
    """The name in `models:/NAME@champion`: that of the project, without what such a URI can't hold."""
    return project.settings.release.name or UNFIT.sub("-", project.settings.name).strip("-") or "model"


def _signature(bundle: Bundle) -> Any:
    """Columns by name and of any type: what a value may be is the contract's business, as over HTTP."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    anything: Any = AnyType  # without types in MLflow
    columns: list[Any] = [
        ColSpec(anything(), column.name, required=column.required) for column in bundle.contract.features
    ]
    return ModelSignature(inputs=Schema(columns))


def _requirements() -> list[str]:
    from importlib.metadata import version

    return [f"{name}=={version(name)}" for name in ("fullcycle", "onnxruntime", "numpy")]


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """Whatever a store raises, as one UserError that names the setting."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            where="fullcycle.yaml, key tracking.uri",
            found=f"{uri}, whose registry can't be written to ({first})",
            expected="a server that answers, or a SQLite file such as sqlite:///mlflow.db",
            hint="mend it and release again, or `fullcycle release --no-registry`",
        ) from error
