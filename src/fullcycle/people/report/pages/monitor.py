"""The page about monitoring: what rings, how windows went, each column beside the reference, the method."""

from __future__ import annotations

import math
import shlex

from markupsafe import Markup

from fullcycle.core.evidence.monitor import JointFacts, MonitorEvidence, WindowFacts
from fullcycle.people.report.blocks import (
    Commands,
    Conclusion,
    Page,
    Paragraphs,
    Section,
    Text,
    Tile,
    Tone,
    Verdict,
)
from fullcycle.people.report.pages.common import told
from fullcycle.people.report.pages.monitor_parts.alarms import alarms_section
from fullcycle.people.report.pages.monitor_parts.causes import causes_section
from fullcycle.people.report.pages.monitor_parts.columns import columns_section, pictures_section
from fullcycle.people.report.pages.monitor_parts.control import control_section
from fullcycle.people.report.pages.monitor_parts.performance import performance_section
from fullcycle.people.report.pages.monitor_parts.retrain import retrain_section
from fullcycle.people.report.pages.monitor_parts.risks import risks_section
from fullcycle.people.report.pages.monitor_parts.windows import windows_section
from fullcycle.people.report.records import Records
from fullcycle.people.report.terms import PERIODS, VARIATIONS, term
from fullcycle.people.report.words import Words

ANCHORS = {
    "FC808": "#windows",
    "FC809": "#method",
    "FC814": "#control",
    "FC818": "#retraining",
    **dict.fromkeys(("FC811", "FC812", "FC813", "FC815", "FC816", "FC817"), "#performance"),
}


def monitor_page(words: Words, records: Records) -> Page:
    """The report of monitor."""
    evidence = records.monitor
    assert evidence is not None
    newest = newest_of(evidence)
    found = told(words, (evidence,), lambda finding: ANCHORS.get(finding.code, "#columns"))
    return Page(
        stage="monitor",
        title=words.gettext("Monitoring"),
        lede=words.say(
            "What the model is asked now, beside the %(rows)s rows it was trained on.",
            rows=words.whole(evidence.reference_rows),
        ),
        verdict=_verdict(words, evidence),
        tiles=_tiles(words, evidence, newest),
        conclusions=found or _calm(words, newest),
        sections=_sections(words, records, newest),
        created=evidence.run.created if evidence.run else "",
    )


def newest_of(evidence: MonitorEvidence) -> WindowFacts | None:
    """The last window that was judged."""
    judged = [window for window in evidence.windows if window.judged]
    return judged[-1] if judged else None


def _verdict(words: Words, evidence: MonitorEvidence) -> Verdict:
    ringing = len(evidence.ringing)
    if not any(window.judged for window in evidence.windows):
        return Verdict(words.say("No window had enough rows to be judged."), "plain")
    if not ringing:
        return Verdict(words.say("No alarm rings that nobody knows of."), "good")
    text = words.count("%(n)s alarm rings.", "%(n)s alarms ring.", ringing)
    grave = any(alarm.finding.severity == "error" for alarm in evidence.ringing)
    return Verdict(text, "bad" if grave else "warning")


def _tiles(words: Words, evidence: MonitorEvidence, newest: WindowFacts | None) -> list[Tile]:
    known = len(evidence.alarms) - len(evidence.ringing)
    note: Text = words.count("%(n)s acknowledged", "%(n)s acknowledged", known) if known else ""
    ringing = len(evidence.ringing)
    tiles = [Tile(words.gettext("Alarms"), words.whole(ringing), note, "warning" if ringing else "good")]
    judged = sum(window.judged for window in evidence.windows)
    tiles.append(
        Tile(words.gettext("Windows judged"), words.whole(judged), window_text(words, evidence.window))
    )
    if newest is not None:
        drifted = sum(column.drifted for column in newest.columns)
        of = words.say("of %(all)s in the newest window", all=words.whole(len(newest.columns)))
        tone: Tone = "warning" if drifted else "good"
        tiles.append(Tile(words.gettext("Columns and scores that moved"), words.whole(drifted), of, tone))
        tiles.append(Tile(words.gettext("Rows in the newest window"), words.whole(newest.rows)))
    budget = evidence.budget
    allowed = words.say("a %(period)s, at most", period=term(words, PERIODS, budget.per))
    tiles.append(Tile(words.gettext("False alarms promised"), words.number(budget.count), allowed))
    return tiles


def window_text(words: Words, window: str) -> Text:
    """`1 day` or `5000 rows`, as the settings say it, in words of the language."""
    count, _, unit = window.partition(" ")
    if not count.isdigit():
        return words.gettext("all rows as one")
    number = int(count)
    match unit.removesuffix("s"):
        case "row":
            return words.count("of %(n)s row", "of %(n)s rows", number)
        case "hour":
            return words.count("of %(n)s hour", "of %(n)s hours", number)
        case "day":
            return words.count("of %(n)s day", "of %(n)s days", number)
        case "week":
            return words.count("of %(n)s week", "of %(n)s weeks", number)
        case _:
            return words.count("of %(n)s month", "of %(n)s months", number)


def _calm(words: Words, newest: WindowFacts | None) -> list[Conclusion]:
    if newest is None:
        return []
    return [Conclusion(words.say("Nothing moved by more than matters, chance and natural variation aside."))]


def _sections(words: Words, records: Records, newest: WindowFacts | None) -> list[Section]:
    evidence = records.monitor
    assert evidence is not None
    types = {column.name: column.type for column in records.explore.columns} if records.explore else {}
    sections = [
        *alarms_section(words, evidence),
        *causes_section(words, evidence.causes),
        *performance_section(words, evidence, types),
        *retrain_section(words, evidence.retrain),
        *control_section(words, evidence.control),
        *windows_section(words, evidence),
    ]
    if newest is not None:
        sections += [columns_section(words, newest), *pictures_section(words, newest)]
    return [
        *sections,
        *risks_section(words, evidence.risks),
        _method(words, evidence),
        Section("next", words.gettext("What to type next"), [Commands(_commands(words, evidence))]),
    ]


def _method(words: Words, evidence: MonitorEvidence) -> Section:
    budget = evidence.budget
    texts = [
        words.count(
            "Promised: no more than %(count)s false alarm a %(period)s on average, over all columns and"
            " looks. A look may then ring falsely with a chance of %(alpha)s; half of it is for columns and"
            " scores. Over columns the false discovery rate is controlled (Benjamini and Hochberg 1995).",
            "Promised: no more than %(count)s false alarms a %(period)s on average, over all columns and"
            " looks. A look may then ring falsely with a chance of %(alpha)s; half of it is for columns and"
            " scores. Over columns the false discovery rate is controlled (Benjamini and Hochberg 1995).",
            math.ceil(budget.count),  # 0.5 and 1 are told alike
            count=words.number(budget.count),
            period=term(words, PERIODS, budget.per),
            alpha=words.percent(budget.alpha_per_look, 2),
        ),
        words.say(
            "A column rings where its difference is too large for chance and natural variation, and large"
            " enough to matter. Natural variation: %(variation)s.",
            variation=term(words, VARIATIONS, evidence.variation),
        ),
    ]
    if evidence.together is not None:
        texts.append(_together(words, evidence.together))
    return Section("method", words.gettext("How it was judged"), [Paragraphs(texts)])


def _together(words: Words, joint: JointFacts) -> Markup:
    if joint.why_not == "no_reference_rows":
        return words.say(
            "All columns together were not looked at: that needs training rows, and those of this bundle are"
            " not here."
        )
    if not joint.ran:
        return words.say("All columns together were not looked at: too few rows.")
    return words.say(
        "All columns together: a classifier tells rows of the newest window from training rows with an AUC of"
        " %(auc)s (0.5 is a guess); with labels dealt out anew so much has a chance of %(p)s.",
        auc=words.fixed(joint.auc, 2),
        p=words.number(joint.p, 2),
    )


def _commands(words: Words, evidence: MonitorEvidence) -> list[tuple[Text, str]]:
    source = "" if evidence.kind == "log" else f" --current {shlex.quote(evidence.source)}"
    again = f"fullcycle monitor{source}"
    lines: list[tuple[Text, str]] = [(words.gettext("Look again"), again)]
    if evidence.ringing:
        known = f"fullcycle monitor ack {evidence.ringing[0].id}"
        lines.append((words.gettext("Say that an alarm is known"), known))
    if evidence.kind == "log":
        lines.append((words.gettext("Have rows labelled that were answered"), "fullcycle label next --log"))
    return lines
