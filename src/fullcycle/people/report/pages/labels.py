"""The page about labels: how far people agree, what was decided, what to label next, what is likely wrong."""

from __future__ import annotations

from fullcycle.core.evidence.base import Interval
from fullcycle.core.evidence.label import LabelEvidence
from fullcycle.people.report.blocks import Commands, Conclusion, Page, Section, Text, Tile, Tone
from fullcycle.people.report.pages.common import told
from fullcycle.people.report.pages.label_parts.agreement import (
    agreement_section,
    agreement_summary,
    annotators_section,
)
from fullcycle.people.report.pages.label_parts.audit import audit_section, audit_summary
from fullcycle.people.report.pages.label_parts.decided import decided_section, decided_summary
from fullcycle.people.report.pages.label_parts.handed_out import next_section, next_summary
from fullcycle.people.report.records import Records
from fullcycle.people.report.words import Words

ANCHORS = {"FC701": "#audit", "FC702": "#agreement"}
TONES: dict[str | None, Tone] = {
    "reliable": "good",
    "tentative": "warning",
    "unreliable": "bad",
    "chance": "bad",
}


def labels_page(words: Words, records: Records) -> Page:
    """The report of label."""
    evidence = records.label
    assert evidence is not None
    found = told(words, (evidence,), lambda finding: ANCHORS.get(finding.code, ""))
    return Page(
        stage="labels",
        title=words.gettext("Labels"),
        lede=words.say(
            "What people say about %(target)s, how far they agree, which rows to ask them about next, and"
            " which labels are likely wrong.",
            target=_target(words, records),
        ),
        tiles=_tiles(words, evidence),
        conclusions=[*found, *_summary(words, evidence)],
        sections=_sections(words, records, evidence),
        created=evidence.run.created if evidence.run else "",
    )


def _target(words: Words, records: Records) -> Text:
    if records.clean is not None:
        return words.name(records.clean.target.column)
    return words.gettext("the target")


def _tiles(words: Words, evidence: LabelEvidence) -> list[Tile]:
    tiles: list[Tile] = []
    agreement, imported = evidence.agreement, evidence.imported
    if imported is not None and imported.annotations:
        note = words.count("by %(n)s person", "by %(n)s people", len(imported.annotators))
        tiles.append(Tile(words.gettext("Rows labelled"), words.whole(imported.rows), note))
    if agreement is not None and agreement.alpha.value is not None:
        alpha, tone = agreement.alpha, TONES.get(agreement.reading, "plain")
        bounds = _bounds(words, alpha)
        tiles.append(
            Tile(words.pgettext("tile", "Krippendorff's alpha"), words.fixed(alpha.value, 2), bounds, tone),
        )
    if evidence.handed_out is not None:
        facts = evidence.handed_out
        note = words.count("of %(n)s candidate", "of %(n)s candidates", facts.candidates)
        tiles.append(Tile(words.gettext("Handed out last"), words.whole(facts.rows), note))
    if evidence.audit is not None:
        audit = evidence.audit
        share = audit.suspect_rows / audit.rows if audit.rows else 0.0
        note = words.say("%(share)s of the training rows", share=words.percent(share))
        tone = "warning" if audit.suspect_rows else "good"
        tiles.append(Tile(words.gettext("Suspect labels"), words.whole(audit.suspect_rows), note, tone))
    return tiles


def _bounds(words: Words, alpha: Interval) -> Text:
    if alpha.low is None or alpha.high is None:
        return ""
    low, high = words.fixed(alpha.low, 2), words.fixed(alpha.high, 2)
    return words.say("%(low)s to %(high)s at 95%% confidence", low=low, high=high)


def _summary(words: Words, evidence: LabelEvidence) -> list[Conclusion]:
    lines: list[Conclusion] = []
    if evidence.agreement is not None:
        lines += agreement_summary(words, evidence.agreement, evidence.imported)
    if evidence.imported is not None:
        lines += decided_summary(words, evidence.imported)
    if evidence.handed_out is not None:
        lines += next_summary(words, evidence.handed_out)
    if evidence.audit is not None:
        lines += audit_summary(words, evidence.audit)
    return lines


def _sections(words: Words, records: Records, evidence: LabelEvidence) -> list[Section]:
    sections: list[Section] = []
    imported = evidence.imported
    if evidence.agreement is not None:
        sections.append(agreement_section(words, evidence.agreement))
    if imported is not None and imported.annotators:
        sections.append(annotators_section(words, imported))
        sections.append(decided_section(words, imported, records.collect))
    if evidence.handed_out is not None:
        sections.append(next_section(words, evidence.handed_out))
    if evidence.audit is not None:
        sections.append(audit_section(words, evidence.audit))
    return [
        *sections,
        Section("next", words.gettext("What to type next"), [Commands(_commands(words, evidence))]),
    ]


def _commands(words: Words, evidence: LabelEvidence) -> list[tuple[Text, str]]:
    """What follows from what there is."""
    lines: list[tuple[Text, str]] = []
    if evidence.handed_out is not None:
        lines.append(
            (
                words.gettext("Take in the labels of a filled sheet"),
                f"fullcycle label import {evidence.handed_out.file}",
            )
        )
    if evidence.audit is not None and evidence.audit.file:
        lines.append(
            (
                words.gettext("Take in the corrections of suspect labels"),
                f"fullcycle label import {evidence.audit.file}",
            )
        )
    if evidence.imported is not None and evidence.imported.annotations:
        lines += [
            (
                words.gettext("Put the decided labels over the data and run what depends on them"),
                "fullcycle run",
            ),
            (words.gettext("Take the last import back"), "fullcycle label import --undo"),
        ]
    if evidence.handed_out is None:
        lines.append((words.gettext("Choose the rows whose labels would teach most"), "fullcycle label next"))
    if evidence.audit is None:
        lines.append((words.gettext("Rank the labels that are likely wrong"), "fullcycle label audit"))
    return lines
