"""The form as YAML, for those who keep marks in git."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_text_atomically
from fullcycle.core.project.settings_yaml import scalar
from fullcycle.core.project.yaml_document import Document, read_document
from fullcycle.people.course.form import HINT, Known, Row
from fullcycle.people.course.works import Mark, Marks
from fullcycle.people.report.words import Words

FIELDS = ("mark", "comment")


def write_yaml(path: Path, rows: Sequence[Row], words: Words) -> None:
    """A mapping of learners, each with a mapping of parts; what a part is stands above it as a comment."""
    write_text_atomically(path, "\n".join(_lines(rows, words)) + "\n")


def _lines(rows: Sequence[Row], words: Words) -> Iterator[str]:
    yield "# " + words.gettext(
        "Fill in mark and comment; a part without a mark is judged by evidence or stays open."
    )
    for learner, of_learner in groupby(rows, key=lambda row: row.learner):
        listed = list(of_learner)
        yield f"{scalar(learner)}:  # {_one_line(listed[0].name)}"
        for row in listed:
            yield f"  # {_one_line('; '.join(_said(row, words)))}"
            mark = "null" if row.mark is None else f"{float(row.mark):g}"
            yield f"  {row.item}: {{mark: {mark}, comment: {_quoted(row.comment)}}}"


def _said(row: Row, words: Words) -> Iterator[str]:
    yield row.what
    yield words.gettext("at most %(points)s") % {"points": f"{float(row.at_most):g}"}
    if row.evidence:
        yield words.gettext("by evidence %(points)s") % {"points": row.evidence}
    if row.handed_in:
        yield row.handed_in


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)  # a JSON text is a double-quoted one of YAML


def read_yaml(path: Path, known: Known) -> Marks:
    """What is filled in. UserError names line and key."""
    document = read_document(path, hint=HINT)
    marks: dict[tuple[str, str], Mark] = {}
    for learner, parts in _mapping(document, document.data, ()).items():
        known.check_learner(learner, document.where((learner,)))
        for item, filled in _mapping(document, parts, (learner,)).items():
            mark = known.mark(learner, item, *_filled(document, filled, (learner, item)))
            if mark.points is not None or mark.comment:
                marks[learner, item] = mark
    return marks


def _filled(document: Document, filled: Any, key: tuple[str, ...]) -> tuple[tuple[Any, str], tuple[str, str]]:
    fields = _mapping(document, filled, key)
    for name in fields:
        if name not in FIELDS:
            raise UserError(
                where=document.where((*key, name)), found=f"the key {name!r}",
                expected=" or ".join(FIELDS), hint=HINT,
            )  # fmt: skip
    comment = fields.get("comment")
    given = fields.get("mark"), "" if comment is None else str(comment)
    return given, (document.where(key), document.where((*key, "mark")))


def _mapping(document: Document, value: Any, key: tuple[str, ...]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserError(
            where=document.where(key), found=repr(value),
            expected="keys with values: LEARNER, then a part, then mark and comment", hint=HINT,
        )  # fmt: skip
    return value
