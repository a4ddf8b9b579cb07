"""The comment on a change: compared, told, drawn, written, and posted where that is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fullcycle.core.errors import UserError
from fullcycle.core.project.files import write_bytes_atomically, write_text_atomically

if TYPE_CHECKING:
    from fullcycle.automate.pipelines.post import PullRequest
    from fullcycle.core.project.project import Project
    from fullcycle.people.report.words import Words


@dataclass(frozen=True)
class Commented:
    """Files that were written, and the address of the comment where it was posted."""

    files: tuple[Path, ...]
    address: str | None


def write_comment(project: Project, against: str, language: str | None, *, post: bool) -> Commented:
    """Into `reports/comment/`: comment.md and its charts; with `post` also under the pull request.

    Where the evidence is not of this change, because its training did not finish, it says so and no more.
    """
    from fullcycle.automate.compare import compare, unfinished
    from fullcycle.automate.pipelines.jobs import COMMENT_FOLDER
    from fullcycle.automate.pipelines.post import pull_request
    from fullcycle.people.report.comment import charts, comment, not_judged
    from fullcycle.people.report.records import read_records

    request = pull_request() if post else None
    words, name, folder = _words(project, language), project.settings.name, project.root / COMMENT_FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    late = unfinished(project)
    if late:
        told = not_judged(words, name, late)
        return _written(folder, told, {}, _posted(request, name, told))
    comparison = compare(project, against)
    records, drawn = read_records(project.paths.evidence), charts(words, comparison)
    images = {} if request is None else _images(project, request, drawn)
    address = _posted(request, name, comment(words, name, records, comparison, images))
    beside = comment(words, name, records, comparison, {file: file for file in drawn})
    return _written(folder, beside, drawn, address)


def _words(project: Project, language: str | None) -> Words:
    from fullcycle.people.report.words import LANGUAGES, Words

    chosen = language or project.settings.languages[0]
    if chosen not in LANGUAGES:
        raise UserError(where="--lang", found=repr(chosen), expected=f"one of {', '.join(LANGUAGES)}")
    return Words(chosen)


def _images(project: Project, request: PullRequest, drawn: Mapping[str, bytes]) -> dict[str, str]:
    """Addresses of the charts; none where a fork's token may not push them: they lie in the artefact."""
    from fullcycle.automate.pipelines.post import push_charts

    try:
        return push_charts(project.root, request, drawn)
    except UserError:
        return {}


def _posted(request: PullRequest | None, name: str, told: str) -> str | None:
    from fullcycle.automate.pipelines.post import post, summarize
    from fullcycle.people.report.comment import MARK

    summarize(told)
    return None if request is None else post(request, MARK.format(name=name), told)


def _written(folder: Path, told: str, drawn: Mapping[str, bytes], address: str | None) -> Commented:
    for file, content in drawn.items():
        write_bytes_atomically(folder / file, content)
    write_text_atomically(folder / "comment.md", told)
    return Commented((folder / "comment.md", *(folder / file for file in drawn)), address)
