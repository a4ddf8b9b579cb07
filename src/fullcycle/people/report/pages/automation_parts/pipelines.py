"""What runs when: a table of steps for each job of a pipeline."""

from __future__ import annotations

from fullcycle.core.evidence.automation import AutomationEvidence, JobFacts, PipelineFacts
from fullcycle.people.report.blocks import Block, Column, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import plain, term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


PROVIDERS = {"github": "GitHub Actions", "jenkins": "Jenkins"}
PIPELINES = {
    "pull-request": _("Pull request"),
    "train": _("Training and deployment"),
    "score": _("Scoring of a table"),
    "monitor": _("Monitoring and retraining"),
    "rollback": _("Going back"),
}
TRIGGERS = {
    "pull_request": _("a pull request"),
    "push": _("a push to the branch that is deployed"),
    "retraining": _("a schedule, or drift"),
    "schedule": _("a schedule"),
    "by_hand": _("a person"),
}
JOBS = {
    "check": _("Check"),
    "train": _("Training"),
    "staging": _("Deployment to staging"),
    "production": _("Deployment to production"),
    "score": _("Scoring"),
    "monitor": _("Monitoring"),
}
STEPS = {
    "settings": _("settings and contract are checked"),
    "files": _("these files follow from the settings"),
    "restore": _("commit, data and models are brought"),
    "contract": _("new data is held against the contract"),
    "tests": _("tests of the project's own"),
    "budget": _("training within a budget, and gates"),
    "collect": _("the source is read anew"),
    "train": _("full training, and gates"),
    "smoke": _("the bundle answers behind a server"),
    "comment": _("metrics are told beside those of the branch"),
    "save": _("data, models and evidence are kept"),
    "image": _("an image that answers is made"),
    "deploy": _("released, tested, or taken back"),
    "canary": _("part of the traffic first, then promoted or sent back"),
    "score": _("every row of a table is answered"),
    "rollback": _("the release before answers again, and is tested"),
    "monitor": _("what was answered is looked at; trained anew if that is due"),
}


def pipelines_section(words: Words, evidence: AutomationEvidence) -> Section:
    """Every step with its command; each runs on a laptop as well."""
    providers = words.joined([words.data(PROVIDERS[each]) for each in evidence.providers])
    blocks: list[Block] = [
        Paragraphs(
            [
                words.say(
                    "The files of %(providers)s are made of these commands, and each runs on a laptop as"
                    " it does there.",
                    providers=providers,
                )
            ]
        )
    ]
    for pipeline in evidence.pipelines:
        blocks += [_table(words, pipeline, job) for job in pipeline.jobs]
    return Section("pipelines", words.gettext("What runs when"), blocks)


def _table(words: Words, pipeline: PipelineFacts, job: JobFacts) -> Table:
    columns = [Column(words.gettext("step"), wide=True), Column(words.gettext("command"))]
    rows = [[cell(term(words, STEPS, step.kind)), cell(words.code(step.command))] for step in job.steps]
    return Table(_caption(words, pipeline, job), columns, rows)


def _caption(words: Words, pipeline: PipelineFacts, job: JobFacts) -> Text:
    title = plain(words, PIPELINES, pipeline.id)
    name = plain(words, JOBS, job.id)
    if job.after is not None:
        return words.say(
            "%(pipeline)s. %(job)s, after: %(after)s",
            pipeline=title,
            job=name,
            after=plain(words, JOBS, job.after),
        )
    started = words.joined([term(words, TRIGGERS, each) for each in pipeline.triggers])
    if pipeline.schedule is None:
        return words.say("%(pipeline)s. %(job)s, started by %(what)s", pipeline=title, job=name, what=started)
    return words.say(
        "%(pipeline)s. %(job)s, started by %(what)s (%(schedule)s, UTC)",
        pipeline=title,
        job=name,
        what=started,
        schedule=words.schedule(pipeline.schedule),
    )
