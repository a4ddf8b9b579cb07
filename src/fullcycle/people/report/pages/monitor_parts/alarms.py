"""What rings: since when, for how many windows, and who knows of it."""

from __future__ import annotations

from fullcycle.core.evidence.monitor import AlarmFacts, MonitorEvidence
from fullcycle.people.report.blocks import Cell, Column, Section, Table, Text
from fullcycle.people.report.pages.common import cell
from fullcycle.people.report.sentences import title_of
from fullcycle.people.report.sentences.monitoring import CHARTED
from fullcycle.people.report.terms import ALARM_STATES, SEVERITIES, metric_text, term
from fullcycle.people.report.words import Words


def alarms_section(words: Words, evidence: MonitorEvidence) -> list[Section]:
    """All alarms that are not over, the gravest first."""
    if not evidence.alarms:
        return []
    columns = [
        Column(words.gettext("alarm")),
        Column(words.gettext("what"), wide=True),
        Column(words.gettext("about")),
        Column(words.pgettext("alarm", "severity")),
        Column(words.gettext("first window")),
        Column(words.gettext("windows"), numeric=True),
        Column(words.gettext("state"), wide=True),
    ]
    rows = [_row(words, alarm) for alarm in evidence.alarms]
    table = Table(words.gettext("Alarms that are not over"), columns, rows)
    return [Section("alarms", words.gettext("Alarms"), [table])]


def _row(words: Words, alarm: AlarmFacts) -> list[Cell]:
    found = alarm.finding
    return [
        cell(words.code(alarm.id), alarm.id),
        cell(words.say("%(title)s (%(code)s)", title=title_of(words, found.code), code=found.code)),
        cell(about(words, alarm)),
        cell(words.gettext(SEVERITIES[found.severity]), found.severity),
        cell(moment(words, alarm.first_window), alarm.first_window),
        cell(words.whole(alarm.windows), alarm.windows),
        cell(_state(words, alarm)),
    ]


def about(words: Words, alarm: AlarmFacts) -> Text:
    """The columns, the score, or the metric."""
    score, metric = (alarm.finding.facts.get(name) for name in ("score", "metric"))
    if score:
        return words.value(score)
    if metric:
        charted = str(metric) in CHARTED
        return words.say(CHARTED[str(metric)]) if charted else metric_text(words, str(metric))
    return words.names(alarm.finding.columns) if alarm.finding.columns else "–"


def _state(words: Words, alarm: AlarmFacts) -> Text:
    state = term(words, ALARM_STATES, alarm.state)
    if not alarm.acknowledged_by:
        return state
    who = words.say("%(state)s by %(who)s", state=state, who=words.data(alarm.acknowledged_by))
    return words.say("%(who)s: %(note)s", who=who, note=words.data(alarm.note)) if alarm.note else who


def moment(words: Words, key: str) -> Text:
    """A window by when it began, or by its first row."""
    if key.startswith("row "):
        return words.say("row %(number)s", number=words.whole(int(key.removeprefix("row "))))
    return words.moment(key)
