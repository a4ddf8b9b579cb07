"""The page about automation: what runs when, what a change did, how services answer, what was deployed."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.automation import AutomationEvidence, DeploymentFacts, SmokeFacts, SmokeProblem
from fullcycle.people.report.blocks import (
    Column,
    Commands,
    Conclusion,
    Page,
    Paragraphs,
    Section,
    Table,
    Text,
    Tile,
    Tone,
)
from fullcycle.people.report.pages.automation_parts.change import change_section
from fullcycle.people.report.pages.automation_parts.pipelines import pipelines_section
from fullcycle.people.report.pages.automation_parts.plan import plan_section
from fullcycle.people.report.pages.common import cell, yes_no
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import plain, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


TARGETS = {"staging": _("staging"), "production": _("production")}
ENDED = {
    "released": _("answers now"),
    "unchanged": _("answered already"),
    "promoted": _("promoted by its canary"),
    "challenger": _("its canary ended well, and it stays challenger"),
    "back_smoke": _("answered wrongly and went back"),
    "back_canary": _("sent back by its canary"),
    "back_time": _("no verdict in time, taken off"),
    "back_by_hand": _("a person went back to it"),
    "wrong": _("answers wrongly, with nothing before it to go back to"),
}
PROBLEMS = {
    "not_ready": _("not ready"),
    "other_version": _("another bundle answers"),
    "golden": _("a golden row is answered otherwise"),
    "accepted": _("a row that breaks the contract is answered"),
    "rejected_otherwise": _("a row that breaks the contract is refused without its column"),
}
SIGNALS = {
    "errors": _("failed answers"),
    "latency": _("slow answers"),
    "odd": _("odd answers"),
    "distribution": _("another distribution of answers"),
    "quality": _("worse answers where the outcome is known"),
}


def automation_page(words: Words, records: Records) -> Page:
    """The report of what runs by itself."""
    evidence = records.automation
    assert evidence is not None
    return Page(
        stage="automation",
        title=words.gettext("Automation"),
        lede=words.say(
            "What happens from a commit to a model that answers: which jobs run when, what a change did to"
            " the metrics, how services were tested, what was deployed, and what it takes."
        ),
        tiles=_tiles(words, evidence),
        conclusions=_conclusions(words, evidence),
        sections=_sections(words, evidence),
    )


def _tiles(words: Words, evidence: AutomationEvidence) -> list[Tile]:
    tiles = []
    jobs = [job for pipeline in evidence.pipelines for job in pipeline.jobs]
    if jobs:
        note = words.count("in %(n)s pipeline", "in %(n)s pipelines", len(evidence.pipelines))
        tiles.append(Tile(words.gettext("Jobs"), words.whole(len(jobs)), note))
    if evidence.smoke:
        passed = sum(each.passed for each in evidence.smoke)
        shown = words.say("%(passed)s of %(all)s", passed=passed, all=len(evidence.smoke))
        tone: Tone = "good" if passed == len(evidence.smoke) else "bad"
        tiles.append(Tile(words.gettext("Services that answer rightly"), shown, "", tone))
    for target in TARGETS:
        latest = _latest(evidence, target)
        if latest is not None:
            title = words.say("In %(target)s", target=plain(words, TARGETS, target))
            tiles.append(
                Tile(
                    title,
                    words.code((latest.answering or "–")[:8]),
                    words.moment(latest.at),
                    "good" if latest.passed else "warning",
                )
            )
    return tiles


def _latest(evidence: AutomationEvidence, target: str) -> DeploymentFacts | None:
    return next((each for each in reversed(evidence.deployments) if each.target == target), None)


def _conclusions(words: Words, evidence: AutomationEvidence) -> list[Conclusion]:
    """What a person should look at first."""
    lines = []
    for target in TARGETS:
        latest = _latest(evidence, target)
        if latest is None:
            continue
        text = words.say(
            "In %(target)s, bundle %(bundle)s: %(ended)s.",
            target=plain(words, TARGETS, target),
            bundle=words.code(latest.bundle[:8]),
            ended=plain(words, ENDED, latest.ended),
        )
        lines.append(Conclusion(text, "info" if latest.passed else "warning", link="#deployments"))
    for each in evidence.smoke:
        if not each.passed:
            target = plain(words, TARGETS, each.target)
            text = (
                words.say("The service in %(target)s does not answer as its bundle must.", target=target)
                if each.target
                else words.say("A server of the bundle does not answer as it must.")
            )
            lines.append(Conclusion(text, "error", link="#services"))
    return lines


def _sections(words: Words, evidence: AutomationEvidence) -> list[Section]:
    sections = []
    if evidence.comparison is not None:
        sections.append(change_section(words, evidence.comparison))
    if evidence.deployments:
        sections.append(_deployments(words, evidence.deployments))
    if evidence.smoke:
        sections.append(_services(words, evidence.smoke))
    if evidence.plan is not None:
        sections.append(plan_section(words, evidence.plan))
    if evidence.pipelines:
        sections.append(pipelines_section(words, evidence))
    return [*sections, _next(words, evidence)]


def _deployments(words: Words, found: tuple[DeploymentFacts, ...]) -> Section:
    columns = [
        Column(words.gettext("when")),
        Column(words.gettext("where")),
        Column(words.gettext("bundle")),
        Column(words.gettext("before it")),
        Column(words.gettext("how it ended"), wide=True),
    ]
    rows = [
        [
            cell(words.moment(each.at), each.at),
            cell(term(words, TARGETS, each.target)),
            cell(words.code(each.bundle[:8])),
            cell("–" if each.before is None else words.code(each.before[:8])),
            cell(_ended(words, each)),
        ]
        for each in reversed(found)
    ]
    return Section(
        "deployments",
        words.gettext("Deployments"),
        [Table(words.gettext("Deployments from here, the latest first"), columns, rows)],
    )


def _ended(words: Words, each: DeploymentFacts) -> Text:
    ended = term(words, ENDED, each.ended)
    if not each.why:
        return ended
    why = words.joined([term(words, SIGNALS, signal) for signal in each.why])
    return words.say("%(ended)s: %(why)s", ended=ended, why=why)


def _services(words: Words, found: tuple[SmokeFacts, ...]) -> Section:
    columns = [
        Column(words.gettext("service")),
        Column(words.gettext("bundle")),
        Column(words.gettext("result")),
        Column(words.gettext("golden rows"), numeric=True),
        Column(words.gettext("broken rows"), numeric=True),
        Column(words.gettext("99 of 100 within"), numeric=True),
        Column(words.gettext("what was wrong"), wide=True),
    ]
    rows = [
        [
            cell(_service(words, each)),
            cell(words.code(each.bundle[:8])),
            cell(yes_no(words, each.passed)),
            cell(words.whole(each.golden_rows), each.golden_rows),
            cell(words.whole(each.broken_rows), each.broken_rows),
            cell(_within(words, each)),
            cell(_wrong(words, each)),
        ]
        for each in found
    ]
    note = words.gettext(
        "Each service was asked every golden row of its bundle over HTTP, and sent rows without a column or"
        " with a text for a number, which it must refuse by the column's name."
    )
    table = Table(words.gettext("The latest test of each service"), columns, rows)
    return Section("services", words.gettext("Running services"), [Paragraphs([note]), table])


def _service(words: Words, each: SmokeFacts) -> Text:
    if not each.target:
        return words.gettext("a server of the test itself")
    return term(words, TARGETS, each.target)


def _within(words: Words, each: SmokeFacts) -> Text:
    if "p99_ms" not in each.speed:
        return "–"
    return words.unit(words.amount(each.speed["p99_ms"]), words.pgettext("unit", "ms"))


def _wrong(words: Words, each: SmokeFacts) -> Text:
    return words.joined([_problem(words, problem) for problem in each.problems]) if each.problems else "–"


def _problem(words: Words, problem: SmokeProblem) -> Markup:
    kind = term(words, PROBLEMS, problem.kind)
    if not problem.about:
        return kind
    return words.say("%(kind)s (%(about)s)", kind=kind, about=words.data(problem.about))


def _next(words: Words, evidence: AutomationEvidence) -> Section:
    lines: list[tuple[Text, str]] = []
    if not evidence.pipelines:
        lines.append((words.gettext("Write the files of a CI provider"), "fullcycle ci --provider github"))
    if evidence.plan is None:
        lines.append((words.gettext("Plan jobs and resources"), "fullcycle plan"))
    lines.append((words.gettext("Test a server of the bundle"), "fullcycle ci smoke"))
    lines.append((words.gettext("Tell what a change does to the metrics"), "fullcycle ci comment"))
    return Section("next", words.gettext("What to type next"), [Commands(lines)])
