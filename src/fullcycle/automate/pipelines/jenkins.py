"""The jobs as declarative Jenkinsfiles for multibranch pipelines: the same steps as GitHub's workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fullcycle.automate.pipelines.jobs import Job, Pipeline, Step
from fullcycle.automate.pipelines.place import REQUIREMENTS, Place

HEADER = "// Written by `fullcycle ci --provider jenkins` from fullcycle.yaml; change that, write it again.\n"
ENVIRONMENT = (
    ".venv-ci"  # of the agent's workspace, which stays from build to build, with pip's cache and DVC's
)
INDENT = "    "
HOSTED = re.compile(r"(ubuntu|macos|windows)-")
Lines = Iterator[str]


def jenkinsfile(pipelines: tuple[Pipeline, ...], place: Place) -> dict[str, str]:
    """Text by path, relative to the repository. What a clock or a person alone starts is a file, and a job,
    of its own: one Jenkinsfile can't tell which of two schedules started it."""
    ours = [pipeline for pipeline in pipelines if not {"schedule", "by_hand"} & set(pipeline.triggers)]
    files = {"Jenkinsfile": ours} | {
        f"Jenkinsfile.{pipeline.id}": [pipeline] for pipeline in pipelines if pipeline not in ours
    }
    return {
        place.path(name): HEADER + "\n".join(_pipeline(told, place)) + "\n" for name, told in files.items()
    }


def _pipeline(pipelines: Sequence[Pipeline], place: Place) -> Lines:
    longest = sum(job.minutes for pipeline in pipelines for job in pipeline.jobs)
    yield from _block(
        "pipeline",
        [
            "agent none",
            *_block("options", ["disableConcurrentBuilds()", f"timeout(time: {longest}, unit: 'MINUTES')"]),
            *_triggers(pipelines, place),
            *_parameters(pipelines),
            *_block("stages", [line for each in pipelines for line in _pipeline_stages(each, place)]),
        ],
    )


def _triggers(pipelines: Sequence[Pipeline], place: Place) -> Lines:
    times = [pipeline.schedule for pipeline in pipelines if pipeline.schedule is not None]
    if times:
        [spec] = times
        yield from _block(
            "triggers", [f"cron(env.BRANCH_NAME == {_quoted(place.branch)} ? {_quoted(spec)} : '')"]
        )


def _parameters(pipelines: Sequence[Pipeline]) -> Lines:
    if any("retraining" in pipeline.triggers for pipeline in pipelines):
        what = "defaultValue: false, description: 'Read the source anew, then train'"
        yield from _block("parameters", [f"booleanParam(name: 'RETRAIN', {what})"])
    for pipeline in pipelines:
        if pipeline.by_hand:
            targets = ", ".join(_quoted(job.id) for job in pipeline.jobs)
            version = "defaultValue: '', description: 'Bundle; empty: the release before'"
            asked = [
                f"choice(name: 'TARGET', choices: [{targets}], description: 'Where')",
                f"string(name: 'VERSION', {version})",
            ]
            yield from _block("parameters", asked)


def _environment(place: Place) -> Lines:
    yield f'PATH = "${{env.WORKSPACE}}/{place.path(ENVIRONMENT)}/bin:${{env.PATH}}"'
    for name in place.secrets:
        yield f"{name} = credentials({_quoted(name)})"


def _pipeline_stages(pipeline: Pipeline, place: Place) -> Lines:
    for job in pipeline.jobs:
        stages = [*_install(place), *(line for step in job.steps for line in _stage(step, place))]
        yield from _block(
            f"stage({_quoted(job.title)})",
            [
                *_block("when", _when(pipeline, job, place)),
                _agent(job.runner),
                *_block("environment", _environment(place)),
                *_block("stages", stages),
                *_post(job, place),
            ],
        )


def _agent(runner: str) -> str:
    """A label; those of GitHub's own machines mean any agent here."""
    return "agent any" if HOSTED.match(runner) else f"agent {{ label {_quoted(runner)} }}"


def _when(pipeline: Pipeline, job: Job, place: Place) -> Lines:
    yield "beforeAgent true"
    if pipeline.by_hand:
        yield f"expression {{ params.TARGET == {_quoted(job.id)} }}"
    if "pull_request" in pipeline.triggers:
        yield f"changeRequest target: {_quoted(place.branch)}"
    else:
        yield f"branch {_quoted(place.branch)}"


def _install(place: Place) -> Lines:
    python = f"python{place.python}"
    commands = [
        f"{python} -m venv {ENVIRONMENT}",
        f"{ENVIRONMENT}/bin/python -m pip install -r {REQUIREMENTS}",
    ]
    yield from _block("stage('Install')", _block("steps", _shell(commands, place)))


def _stage(step: Step, place: Place) -> Lines:
    if step.when == "told":
        return
    when = ["anyOf { triggeredBy 'TimerTrigger'; expression { params.RETRAIN } }"]
    yield from _block(
        f"stage({_quoted(step.title)})",
        [
            *(_block("when", when) if step.when == "retraining" else ()),
            *_block("steps", _shell([step.run], place)),
        ],
    )


def _post(job: Job, place: Place) -> Lines:
    """What tells of a failure runs here: after it, a stage would be skipped."""
    told = _shell([step.run for step in job.steps if step.when == "told"], place)
    lines = [*told] if any(step.when == "told" for step in job.steps) else []
    if job.keeps:
        kept = _quoted(place.path(job.keeps) + "/**")
        lines.append(f"archiveArtifacts artifacts: {kept}, allowEmptyArchive: true")
    if lines:
        yield from _block("post", _block("always", lines))


def _shell(commands: Sequence[str], place: Place) -> Lines:
    lines = [f"sh {_quoted(command)}" for command in commands]
    yield from _block(f"dir({_quoted(place.folder)})", lines) if place.folder else lines


def _block(head: str, lines: Sequence[str] | Lines) -> Lines:
    yield f"{head} {{"
    yield from (INDENT + line for line in lines)
    yield "}"


def _quoted(text: str) -> str:
    """A Groovy string that nothing is interpolated into.

    >>> print(_quoted("it's"))
    'it\\'s'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
