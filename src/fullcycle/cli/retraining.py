"""Retraining when monitoring finds it due: rows from source, log and feedback, the cycle, the newest rows,
and a challenger or a proposal."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fullcycle.cli.common import say
from fullcycle.core.evidence.base import Finding, Severity
from fullcycle.core.evidence.findings import Code, finding
from fullcycle.core.evidence.retrain import Ended, Retrained, RetrainFacts, RetrainReason
from fullcycle.core.project.monitor_settings import RetrainSettings
from fullcycle.core.routes.store import Deploy, answering, read_routes

if TYPE_CHECKING:
    from fullcycle.core.bundle.bundle import Bundle
    from fullcycle.core.evidence.monitor import MonitorEvidence
    from fullcycle.core.project.project import Project

BY_PERSON = RetrainSettings(on=["labels"])  # where nothing is declared and a person asks


@dataclass(frozen=True)
class Wanted:
    """`by_person` retrains whatever the conditions say; `target` is where the model answers, by name; of a
    `drill` neither registry nor sinks hear."""

    by_person: bool = False
    target: str | None = None
    drill: bool = False


def follow_up(project: Project, evidence: MonitorEvidence, wanted: Wanted, now: datetime) -> MonitorEvidence:
    """The evidence with what became of retraining, written down again; trains if that is due."""
    from fullcycle.core.evidence.store import write_evidence
    from fullcycle.live.monitor.retrain.remembered import latest

    settings = project.settings.monitor.retrain or BY_PERSON
    facts = _decided(project, settings, evidence, wanted, now)
    begun = wanted.by_person or (facts.reasons and facts.waits is None)
    if begun:
        say(f"retraining: {', '.join(each.on for each in facts.reasons)}")
        facts = facts.model_copy(update={"now": True, "latest": retrain(project, facts.reasons, wanted, now)})
    else:
        facts = facts.model_copy(update={"latest": _standing(project, latest(project.paths.monitoring))})
    told = evidence.model_copy(update={"retrain": facts, "findings": (*evidence.findings, *_findings(facts))})
    write_evidence(project.paths.evidence, told)
    return told


def _standing(project: Project, before: Retrained | None) -> Retrained | None:
    """The one before; a proposal that somebody accepted is a challenger."""
    routes = read_routes(Deploy(project.paths.deploy))
    if before is None or before.ended != "proposed" or routes is None:
        return before
    accepted = before.bundle in (*routes.bundles.values(), *routes.previous)
    return before.model_copy(update={"ended": "challenger"}) if accepted else before


def _decided(
    project: Project, settings: RetrainSettings, evidence: MonitorEvidence, wanted: Wanted, now: datetime
) -> RetrainFacts:
    from fullcycle.live.monitor.retrain.assemble import count_new
    from fullcycle.live.monitor.retrain.due import Standing, reasons, waits
    from fullcycle.live.monitor.retrain.remembered import latest, moment_of

    before = latest(project.paths.monitoring)
    routes = read_routes(Deploy(project.paths.deploy))
    at = Standing(
        now=now,
        last=None if before is None else moment_of(before),
        trained=_made(project),
        new_labels=count_new(project),
        cron=project.settings.use.retrain,
        has_challenger=routes is not None and routes.challenger is not None,
    )
    found = reasons(settings, evidence, at)
    if wanted.by_person:
        found = (RetrainReason(on="person"), *found)
    return RetrainFacts(
        on=tuple(settings.on),
        then=settings.then,
        new_labels=at.new_labels,
        reasons=found,
        waits=waits(settings, found, at) if found and not wanted.by_person else None,
    )


def _made(project: Project) -> datetime | None:
    """When the champion was made."""
    manifest = _champion(project).manifest
    return None if manifest is None else datetime.fromisoformat(manifest.created)


def _champion(project: Project) -> Bundle:
    from fullcycle.core.bundle.read import read_bundle

    return read_bundle(answering(Deploy(project.paths.deploy), project.paths.bundle), prove=False)


def retrain(project: Project, reasons: tuple[RetrainReason, ...], wanted: Wanted, now: datetime) -> Retrained:
    """Assemble, run, compare, release or propose; on record however it ends.

    Raises what assembling and running raise; the attempt is on record then, too, so that the next look does
    not begin the same again at once.
    """
    from fullcycle.live.monitor.retrain.remembered import remember

    settings = project.settings.monitor.retrain or BY_PERSON
    began = time.monotonic()
    routes = read_routes(Deploy(project.paths.deploy))
    done = Retrained(
        at=now.isoformat(timespec="seconds"),
        ended="failed",
        seconds=0.0,
        target=wanted.target,
        released=routes is not None,
    )
    try:
        done = _retrained(project, settings, wanted, done)
    finally:
        done = done.model_copy(update={"seconds": time.monotonic() - began})
        remember(project.paths.monitoring, done, reasons)
        if not wanted.drill:
            _tell(project, done)
    return done


def _tell(project: Project, done: Retrained) -> None:
    """Whoever hears of alarms hears how it ended; what doesn't get through is on record all the same."""
    from fullcycle.cli.monitor_lines import retrained_lines
    from fullcycle.live.monitor.sinks.message import Told
    from fullcycle.live.monitor.sinks.send import send

    name = project.settings.name
    text = "\n".join([f"{name}: trained anew", *retrained_lines(done)])
    facts = {"time": done.at, "project": name, **done.model_dump(mode="json", exclude={"at"})}
    told = Told("fullcycle_retraining", "retrainings", text, [facts])
    for error in send(told, project.settings.monitor.sinks, project.root):
        say(f"how it ended did not get through: {error}")


def _retrained(project: Project, settings: RetrainSettings, wanted: Wanted, done: Retrained) -> Retrained:
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.live.monitor.retrain.compare import beside, compare

    before = _champion(project)
    # What answers is compared as it is now: the run replaces `bundle/`, which may be what answers.
    opened, rows = read_bundle(before.folder), _assembled(project, before, settings)
    done = done.model_copy(update={"champion": before.version, **rows})
    passed = _run(project)
    ours = read_bundle(project.paths.bundle)
    done = done.model_copy(update={"bundle": ours.version, "headline": ours.tests.headline})
    if ours.version == before.version:
        return done.model_copy(update={"ended": "unchanged"})
    metrics = compare(project.paths.newest, ours, opened) if project.paths.newest.is_file() else ()
    verdict = beside(metrics, ours.tests.headline)
    done = done.model_copy(update={"metrics": metrics, "beside": verdict})
    ended = (
        "gates"
        if not passed
        else "worse"
        if verdict == "worse"
        else _released(project, settings, wanted, done)
    )
    return done.model_copy(update={"ended": ended})


def _assembled(project: Project, champion: Bundle, settings: RetrainSettings) -> dict[str, int]:
    """Rows of the log, where it has any to learn from, under DVC as a version of their own."""
    from fullcycle.automate.tracked import track
    from fullcycle.live.monitor.retrain.assemble import assemble, withheld

    personal = withheld(project.contract)
    if personal:
        say(f"the log has no values of {', '.join(personal)}: rows come from the source alone")
        return {}
    found = assemble(project, champion.contract, settings.newest)
    if project.paths.served.is_file():
        track(project, project.paths.served)
    return {"served_rows": found.rows, "new_rows": found.new, "newest_rows": found.newest}


def _run(project: Project) -> bool:
    """The source is read anew, then everything that follows from it; whether every gate is open."""
    from fullcycle.cli.running import run_cycle, run_one

    run_one(project, "collect")
    return bool(run_cycle(project, warm=True).passed)


def _released(project: Project, settings: RetrainSettings, wanted: Wanted, done: Retrained) -> Ended:
    """A challenger where that was declared, there is a champion, and the newest rows don't speak against it;
    else a copy in deploy/, for whoever decides."""
    from fullcycle.core.bundle.read import read_bundle
    from fullcycle.cycle.release.place import place
    from fullcycle.cycle.release.stage import Wish, release

    deploy, folder = Deploy(project.paths.deploy), project.paths.bundle
    shown = done.beside in ("better", "equal")
    if settings.then == "ask" or not shown or not done.released:
        place(read_bundle(folder), deploy)
        return "proposed"
    release(project, folder, Wish("challenger", None, "retrained by monitoring", not wanted.drill), deploy)
    return "challenger"


def _findings(facts: RetrainFacts) -> list[Finding]:
    """What a person should know: how one ended just now, or a proposal that nobody has answered yet."""
    done = facts.latest
    if done is None or not (facts.now or done.ended == "proposed"):
        return []
    found, calm = done.of_headline, done.ended in ("challenger", "unchanged")
    return [
        finding(
            Code.retrained,
            Severity.info if calm else Severity.warning,
            ended=done.ended,
            bundle=done.bundle,
            champion=done.champion,
            metric=done.headline,
            beside=done.beside,
            ours=None if found is None else found.ours,
            theirs=None if found is None else found.champion,
            rows=done.newest_rows,
            accept=done.accept,
        )
    ]
