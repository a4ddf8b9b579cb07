"""Which jobs follow from the settings: pipelines of jobs of steps, each one command that a laptop runs too.

Data only. What a provider adds (checkout, environment, caches, permissions) is its renderer's.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fullcycle.core.evidence.automation import JobFacts, PipelineFacts, StepFacts, StepKind, Trigger

if TYPE_CHECKING:
    from fullcycle.core.project.automation_settings import TargetSettings
    from fullcycle.core.project.project import Project
    from fullcycle.core.project.settings import Settings

Provider = Literal["github", "jenkins"]
When = Literal["always", "told", "retraining"]
COMMENT_FOLDER = "reports/comment"


@dataclass(frozen=True)
class Step:
    """One command. `told` steps run after a failure too, `retraining` ones not for a mere push."""

    kind: StepKind
    title: str
    run: str
    when: When = "always"
    posts: bool = False  # needs the token that may write a comment


@dataclass(frozen=True)
class Job:
    """Steps on one machine, in order; it begins when `after` has ended well.

    Of jobs with the same `alone` one runs at a time, and the others wait.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    runner: str
    minutes: int
    after: str | None = None
    alone: str | None = None
    environment: str | None = None
    writes: bool = False  # pushes commits
    keeps: str | None = None  # a folder that people may download


@dataclass(frozen=True)
class Pipeline:
    """Jobs with what starts them. Started by hand, it asks for TARGET, the one job that runs, and VERSION."""

    id: str
    title: str
    triggers: tuple[Trigger, ...]
    jobs: tuple[Job, ...]
    schedule: str | None = None

    @property
    def by_hand(self) -> bool:
        """Whether a person starts it and says what."""
        return "by_hand" in self.triggers


def pipelines(project: Project, provider: Provider) -> tuple[Pipeline, ...]:
    """What CI does for this project, in the order in which a change meets it."""
    settings = project.settings
    found = [_pull_request(settings, provider), _train(settings, provider)]
    if settings.monitor.retrain is not None:
        found.append(_monitor(settings, settings.monitor.retrain.look))
    if settings.use.answers != "online" and settings.use.batch.source is not None:
        found.append(_score(settings))
    if _targets(settings):
        found.append(_rollback(settings))
    return tuple(found)


def _pull_request(settings: Settings, provider: Provider) -> Pipeline:
    ci = settings.ci
    post = " --post" if provider == "github" else ""
    steps = (
        *_checks(settings, provider),
        *(Step("tests", f"Tests: {command}", command) for command in ci.tests),
        Step("budget", "Training within the budget, and gates", "fullcycle run --budget"),
        Step("smoke", "Smoke and contract test of the bundle", "fullcycle ci smoke"),
        Step(
            "comment",
            f"Comment with metrics against {ci.branch}",
            f"fullcycle ci comment --against origin/{ci.branch}{post}",
            when="told",
            posts=True,
        ),
    )
    job = Job(
        "check",
        "Check",
        steps,
        ci.runner,
        ci.minutes,
        alone="pull request",
        writes=True,
        keeps=COMMENT_FOLDER,
    )
    return Pipeline("pull-request", "Pull request", ("pull_request",), (job,))


def _checks(settings: Settings, provider: Provider) -> Iterator[Step]:
    yield Step("files", "CI files follow from the settings", f"fullcycle ci --provider {provider} --check")
    yield Step("restore", "Bring data and models", "fullcycle ci restore")
    yield Step("settings", "Lint of settings and contract", "fullcycle settings check")
    data = settings.ci.new_data or (None if settings.data.joins else settings.data.source)
    if data is not None:
        yield Step("contract", "Contract check on new data", f"fullcycle contract check {shlex.quote(data)}")


def _train(settings: Settings, provider: Provider) -> Pipeline:
    jobs = [_training(settings)]
    for name, target in _targets(settings):
        canary = name == "production"
        jobs.append(_deployment(settings, name, target, canary=canary, after=jobs[-1].id))
    triggers: tuple[Trigger, ...] = ("push", "retraining")
    # Where monitoring decides what is due, it knows the schedule, too: one mechanism, not two.
    schedule = settings.use.retrain if settings.monitor.retrain is None else None
    return Pipeline("train", "Train and deploy", triggers, tuple(jobs), schedule)


def _monitor(settings: Settings, schedule: str) -> Pipeline:
    """A look at what was answered, where the log lies; training, comparison and challenger where that is due.

    An alarm fails the step: what was made is kept all the same.
    """
    ci, targets = settings.ci, _targets(settings)
    at, runner = (f" --at {targets[-1][0]}", targets[-1][1].runner) if targets else ("", ci.runner)
    steps = (
        _restore(settings),
        Step("monitor", "Look, and train anew if that is due", f"fullcycle monitor{at}"),
        Step(
            "save", "Keep data, models and evidence", f"fullcycle ci save --branch {ci.branch}", when="told"
        ),
    )
    job = Job("monitor", "Monitor", steps, runner, ci.minutes, alone="training", writes=True, keeps="reports")
    return Pipeline("monitor", "Monitor and retrain", ("schedule",), (job,), schedule)


def _targets(settings: Settings) -> list[tuple[str, TargetSettings]]:
    """In the order in which a bundle reaches them."""
    there = (("staging", settings.targets.staging), ("production", settings.targets.production))
    return [(name, target) for name, target in there if target is not None]


def _training(settings: Settings) -> Job:
    ci = settings.ci
    image = f"fullcycle ci image --push {shlex.quote(ci.image)}" if ci.image else "fullcycle ci image"
    steps = (
        _restore(settings),
        Step("settings", "Lint of settings and contract", "fullcycle settings check"),
        Step("collect", "Read the source anew", "fullcycle collect", when="retraining"),
        Step("train", "Full training, and gates", "fullcycle run"),
        Step("smoke", "Smoke and contract test of the bundle", "fullcycle ci smoke"),
        Step("save", "Keep data, models and evidence", f"fullcycle ci save --branch {ci.branch}"),
        Step("image", "Image", image),
    )
    return Job("train", "Train", steps, ci.runner, ci.minutes, alone="training", writes=True, keeps="reports")


def _restore(settings: Settings) -> Step:
    """The branch as the job before left it: it may run on another machine, and it has pushed."""
    return Step(
        "restore",
        "Bring the newest commit, data and models",
        f"fullcycle ci restore --branch {settings.ci.branch}",
    )


def _deployment(settings: Settings, name: str, target: TargetSettings, *, canary: bool, after: str) -> Job:
    ci = settings.ci
    how = f" --canary --minutes {ci.canary_minutes}" if canary else ""
    title = (
        "Canary in production, promote or go back"
        if canary
        else "Deploy, smoke and contract test, or go back"
    )
    steps = (
        _restore(settings),
        Step("canary" if canary else "deploy", title, f"fullcycle ci deploy {name}{how}"),
    )
    minutes = ci.canary_minutes + 30 if canary else ci.minutes
    return Job(
        name, name.capitalize(), steps, target.runner, minutes, after=after, alone=name, environment=name
    )


def _score(settings: Settings) -> Pipeline:
    batch = settings.use.batch
    command = f"fullcycle score {shlex.quote(str(batch.source))} --out {shlex.quote(batch.output)}"
    steps = (
        _restore(settings),
        Step(
            "contract",
            "Contract check on new data",
            f"fullcycle contract check {shlex.quote(str(batch.source))}",
        ),
        Step("score", "Score the table", command),
    )
    folder = batch.output.rpartition("/")[0] or batch.output
    job = Job("score", "Score", steps, settings.ci.runner, settings.ci.minutes, alone="scoring", keeps=folder)
    return Pipeline("score", "Score a table", ("schedule",), (job,), batch.schedule)


def _rollback(settings: Settings) -> Pipeline:
    """A job for each target. It waits for no deployment there, for a bad one may be under way, and needs
    neither data nor models: a remote that is lost doesn't stop it."""
    jobs = tuple(
        Job(
            name,
            f"Back in {name}",
            (
                Step(
                    "rollback",
                    "Go back, smoke and contract test",
                    f'fullcycle ci rollback {name} --to "$VERSION"',
                ),
            ),
            target.runner,
            settings.ci.minutes,
            alone=f"rollback-{name}",
            environment=name,
        )
        for name, target in _targets(settings)
    )
    return Pipeline("rollback", "Go back", ("by_hand",), jobs)


def as_facts(found: tuple[Pipeline, ...]) -> tuple[PipelineFacts, ...]:
    """The same for evidence, whose words are made when it is told."""
    return tuple(
        PipelineFacts(
            id=pipeline.id,
            triggers=pipeline.triggers,
            schedule=pipeline.schedule,
            jobs=tuple(
                JobFacts(
                    id=job.id,
                    runner=job.runner,
                    minutes=job.minutes,
                    after=job.after,
                    steps=tuple(StepFacts(kind=step.kind, command=step.run) for step in job.steps),
                )
                for job in pipeline.jobs
            ),
        )
        for pipeline in found
    )
