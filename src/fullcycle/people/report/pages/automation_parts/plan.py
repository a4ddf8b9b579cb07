"""Which jobs and resources follow from how the model is used, on which measurements and assumptions."""

from __future__ import annotations

from markupsafe import Markup

from fullcycle.core.evidence.automation import Assumption, PlanFacts, PlannedJob
from fullcycle.people.report.blocks import Cell, Column, Facts, Paragraphs, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.terms import term
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue."""
    return message


KINDS = {"train": _("training"), "answer": _("answers by request"), "score": _("scoring of a table")}


def plan_section(words: Words, plan: PlanFacts) -> Section:
    """Jobs, then what was measured, then what was taken for granted."""
    columns = [
        Column(words.gettext("job")),
        Column(words.gettext("schedule")),
        Column(words.gettext("rows of a run"), numeric=True),
        Column(words.gettext("time"), numeric=True),
        Column(words.gettext("replicas"), numeric=True),
        Column("CPU", numeric=True),
        Column(words.gettext("memory"), numeric=True),
        Column(words.gettext("disk for the log"), numeric=True),
    ]
    table = Table(words.gettext("Jobs and resources"), columns, [_row(words, job) for job in plan.jobs])
    return Section(
        "plan",
        words.gettext("The plan"),
        [
            Paragraphs(_load(words, plan)),
            table,
            Facts(_measured(words, plan)),
            Paragraphs([_granted(words, plan)]),
        ],
    )


def _load(words: Words, plan: PlanFacts) -> list[Text]:
    lines: list[Text] = []
    if plan.requests_per_s is not None:
        lines.append(
            words.say(
                "Online: requests a second at the busiest time: %(requests)s, rows in each: %(rows)s; answers"
                " are kept for %(days)s days.",
                requests=words.amount(plan.requests_per_s),
                rows=words.amount(plan.rows_per_request),
                days=words.amount(plan.log_days),
            )
        )
    if plan.rows_per_day is not None:
        lines.append(
            words.say("In batches: %(rows)s rows come in a day.", rows=words.whole(plan.rows_per_day))
        )
    return lines


def _row(words: Words, job: PlannedJob) -> list[Cell]:
    replicas: Text = "–"
    if job.replicas is not None:
        replicas = words.say("%(low)s to %(high)s", low=job.replicas, high=job.replicas_at_most)
    rows = job.rows if job.kind != "answer" else None
    return [
        cell(term(words, KINDS, job.kind)),
        cell("–" if job.schedule is None else words.schedule(job.schedule)),
        cell(words.whole(rows)),
        cell(_unit(words, job.seconds, words.pgettext("unit", "s"))),
        cell(replicas),
        cell(words.amount(job.cpu)),
        cell(_unit(words, job.memory_mb, words.pgettext("unit", "MB"))),
        cell(_unit(words, job.disk_gb, words.pgettext("unit", "GB"))),
    ]


def _unit(words: Words, number: float | None, unit: str) -> str:
    return "–" if number is None else words.unit(words.amount(number), unit)


def _measured(words: Words, plan: PlanFacts) -> list[tuple[Text, Text]]:
    seconds, milliseconds = words.pgettext("unit", "s"), words.pgettext("unit", "ms")
    megabytes, found = words.pgettext("unit", "MB"), plan.measured
    pairs = (
        (words.gettext("measured of bundle"), words.code(found.bundle[:8])),
        (words.gettext("CPU of a request of one row"), _unit(words, found.request_cpu_ms, milliseconds)),
        (words.gettext("CPU of each further row"), _unit(words, found.row_cpu_ms, milliseconds)),
        (words.gettext("a client waits, in the median"), _unit(words, found.request_p50_ms, milliseconds)),
        (words.gettext("a server starts within"), _unit(words, found.start_s, seconds)),
        (words.gettext("memory of a server"), _unit(words, found.server_memory_mb, megabytes)),
        (words.gettext("a scoring starts within"), _unit(words, found.score_start_s, seconds)),
        (words.gettext("each row of a scoring takes"), _unit(words, found.score_row_ms, milliseconds)),
    )
    return [pair for pair in pairs if pair[1] != "–"]


def _granted(words: Words, plan: PlanFacts) -> Text:
    """One sentence: what would make the plan another one."""
    said = Markup("; ").join(_assumed(words, each) for each in plan.assumptions)
    return words.say("Taken for granted: %(what)s.", what=said)


def _assumed(words: Words, each: Assumption) -> Text:
    value = each.value or 0.0
    told = {
        "this_machine": lambda: words.count(
            "the machines are as fast as the one of %(n)s core that this was measured on",
            "the machines are as fast as the one of %(n)s cores that this was measured on",
            value,
        ),
        "headroom": lambda: words.say(
            "memory is the measured peak times %(value)s", value=words.amount(value)
        ),
        "requests_like_golden_rows": lambda: words.say("requests cost what golden rows cost"),
        "one_core_per_replica": lambda: words.say(
            "a replica uses %(share)s of a core, and the rest is for peaks", share=words.percent(value, 0)
        ),
        "busy_share": lambda: words.say(
            "over a day, the load is %(share)s of that of the busiest time", share=words.percent(value, 0)
        ),
        "log_row_guessed": lambda: words.say(
            "a logged row takes %(bytes)s bytes, for nothing is logged yet", bytes=words.whole(value)
        ),
        "training_linear": lambda: words.count(
            "training takes time, and memory above that of libraries, in proportion to its rows, from the"
            " %(n)s that was measured",
            "training takes time, and memory above that of libraries, in proportion to its rows, from the"
            " %(n)s that were measured",
            value,
        ),
        "search_as_long": lambda: words.say(
            "time ends the search again, after %(seconds)s s", seconds=words.amount(value)
        ),
        "linear_in_rows": lambda: words.say("scoring takes a start, and the same time for each row"),
    }
    return told[each.code]()
