"""The jobs as GitHub Actions workflows: a file for each pipeline."""

from __future__ import annotations

from io import StringIO
from typing import Any

from fullcycle.automate.pipelines.jobs import Job, Pipeline, Step
from fullcycle.automate.pipelines.place import HEADER, REQUIREMENTS, Place

CHECKOUT, PYTHON, CACHE = "actions/checkout@v4", "actions/setup-python@v5", "actions/cache@v4"
UPLOAD = "actions/upload-artifact@v4"
# Secrets reach a step as variables of the same name, so the command is the one that a laptop runs.
ALONE = {
    "pull request": {"group": "fullcycle-${{ github.ref }}", "cancel-in-progress": True},
    "training": {"group": "fullcycle-training", "cancel-in-progress": False},
    "scoring": {"group": "fullcycle-scoring", "cancel-in-progress": False},
}


def workflows(pipelines: tuple[Pipeline, ...], place: Place) -> dict[str, str]:
    """Text by path, relative to the repository."""
    return {
        f".github/workflows/{place.slug}-{pipeline.id}.yml": _text(_workflow(pipeline, place))
        for pipeline in pipelines
    }


def _text(workflow: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096  # a command stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    told = StringIO()
    yaml.dump(workflow, told)
    return f"{HEADER.format(provider='github')}{told.getvalue()}"


def _workflow(pipeline: Pipeline, place: Place) -> dict[str, Any]:
    run: dict[str, Any] = {"shell": "bash"}
    if place.folder:
        run["working-directory"] = place.folder
    writes = any(job.writes for job in pipeline.jobs)
    permissions = {"contents": "write" if writes else "read"}
    if "pull_request" in pipeline.triggers:
        permissions["pull-requests"] = "write"
    return {
        "name": f"{place.name}: {pipeline.title.lower()}",
        "on": _triggers(pipeline, place),
        "permissions": permissions,
        "defaults": {"run": run},
        "jobs": {job.id: _job(job, pipeline, place) for job in pipeline.jobs},
    }


def _triggers(pipeline: Pipeline, place: Place) -> dict[str, Any]:
    on: dict[str, Any] = {}
    paths = {"paths": [f"{place.folder}/**"]} if place.folder else {}
    if "pull_request" in pipeline.triggers:
        on["pull_request"] = {"branches": [place.branch], **paths}
    if "push" in pipeline.triggers:
        on["push"] = {"branches": [place.branch], **paths}
    if pipeline.schedule is not None:
        on["schedule"] = [{"cron": pipeline.schedule}]
    if pipeline.by_hand:
        on["workflow_dispatch"] = {"inputs": _asked(pipeline)}
    elif "push" not in pipeline.triggers and "pull_request" not in pipeline.triggers:
        on["workflow_dispatch"] = {}
    if "retraining" in pipeline.triggers:
        on["workflow_dispatch"] = {}
        on["repository_dispatch"] = {"types": [f"{place.slug}-drift"]}
    return on


def _asked(pipeline: Pipeline) -> dict[str, Any]:
    targets = [job.id for job in pipeline.jobs]
    return {
        "target": {"description": "Where", "type": "choice", "options": targets, "required": True},
        "version": {"description": "Bundle; empty: the release before", "type": "string", "default": ""},
    }


def _job(job: Job, pipeline: Pipeline, place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {"name": job.title}
    if pipeline.by_hand:
        told["if"] = f"${{{{ inputs.target == '{job.id}' }}}}"
    if job.after is not None:
        told["needs"] = job.after
    told["runs-on"] = job.runner
    told["timeout-minutes"] = job.minutes
    if job.environment is not None:
        told["environment"] = job.environment
    if job.alone is not None:
        told["concurrency"] = _alone(job.alone, place)
    # What a person typed is a variable, never a part of a command.
    asked = {"VERSION": "${{ inputs.version }}"} if pipeline.by_hand else {}
    if place.secrets or asked:
        told["env"] = {name: f"${{{{ secrets.{name} }}}}" for name in place.secrets} | asked
    told["steps"] = [*_set_up(job, pipeline, place), *map(_step, job.steps), *_keep(job, place)]
    return told


def _alone(name: str, place: Place) -> dict[str, Any]:
    told = ALONE.get(name, {"group": f"fullcycle-{name}", "cancel-in-progress": False})
    return {**told, "group": str(told["group"]).replace("fullcycle", place.slug, 1)}


def _set_up(job: Job, pipeline: Pipeline, place: Place) -> list[dict[str, Any]]:
    """The code, as it is on the branch after the job before pushed to it; Python; what is pinned; caches."""
    requirements, cache = place.path(REQUIREMENTS), place.path(".dvc/cache")
    checkout: dict[str, Any] = {"fetch-depth": 0}
    if "pull_request" not in pipeline.triggers:
        checkout["ref"] = place.branch
    python = {"python-version": place.python, "cache": "pip", "cache-dependency-path": requirements}
    key = f"dvc-{place.slug}-${{{{ hashFiles('{place.path('dvc.lock')}') }}}}"
    return [
        {"uses": CHECKOUT, "with": checkout},
        {"uses": PYTHON, "with": python},
        {"name": "Install", "run": f"python -m pip install -r {REQUIREMENTS}"},
        {"uses": CACHE, "with": {"path": cache, "key": key, "restore-keys": f"dvc-{place.slug}-"}},
    ]


def _step(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"name": step.title}
    if step.when == "told":
        told["if"] = "${{ !cancelled() }}"
    elif step.when == "retraining":
        told["if"] = "${{ github.event_name != 'push' }}"
    told["run"] = step.run
    if step.posts:
        told["env"] = {
            "GITHUB_TOKEN": "${{ secrets.GITHUB_TOKEN }}",
            "PULL_REQUEST": "${{ github.event.number }}",
        }
    return told


def _keep(job: Job, place: Place) -> list[dict[str, Any]]:
    if job.keeps is None:
        return []
    what = {"name": f"{place.slug}-{job.id}", "path": place.path(job.keeps), "if-no-files-found": "ignore"}
    return [{"uses": UPLOAD, "if": "${{ !cancelled() }}", "with": what}]
