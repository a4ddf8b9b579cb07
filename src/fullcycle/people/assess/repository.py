"""What git and the folder tell of a project; nothing in it is run, and nothing is fetched.

What counts is what commits hold: a file that only lies here has no history and reaches no CI service.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from fullcycle.core.bundle.model import MANIFEST, Manifest
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.assess import Seen
from fullcycle.core.project.dvc_lock import LOCK, stages_of
from fullcycle.core.project.git import git
from fullcycle.core.project.lineage import MADE_BY_RUNS
from fullcycle.core.project.paths import Paths
from fullcycle.core.project.scaffold import README
from fullcycle.core.routes.store import Deploy, read_routes
from fullcycle.core.tracking import RELATIVE_SQLITE
from fullcycle.people.assess.ci_commands import (
    Command,
    commands_of_jenkinsfile,
    commands_of_workflow,
)
from fullcycle.people.assess.standing import doubts
from fullcycle.people.report.records import Records, read_records

# A folder's settings start no program and reach no network.
QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never")
READ_AT_MOST = 1_000_000  # bytes of a text
SQLITE_STEPS = 1_000_000  # of its machine: what counts some runs takes a few thousand
WORD = re.compile(r"[^\W\d_]{2,}")
NO_PROSE = re.compile(r"```.*?```|<!--.*?-->|^\s*#[^\n]*|`[^`\n]*`|https?://\S+", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Repository:
    """Facts beside the evidence. Words are those of prose: no headings, code, links or remarks of HTML.

    `commits` are those that change what people edit; `contract_changed` is None where no commit has a
    contract. `tracked_runs` is None where there is no store beside the project. `answering` is the released
    bundle, and `doubts` are reasons why evidence of a stage isn't believed.
    """

    commits: int = 0
    contract_changed: bool | None = None
    committed: frozenset[str] = frozenset()
    lock_committed: bool = False
    readme_words: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)
    ci: tuple[Command, ...] = ()
    answering: str | None = None
    tracked_runs: int | None = None
    doubts: Mapping[str, Seen] = field(default_factory=dict)


def read_repository(root: Path) -> Repository:
    """Everything that is there; a folder without git has no commits."""
    paths = Paths(root)
    records, unread = _records(paths)
    folder = git(root, *QUIET, "rev-parse", "--show-prefix", check=False).strip("/")
    everywhere = _lines(
        git(root, *QUIET, "ls-tree", "-r", "-z", "--full-tree", "--name-only", "HEAD", check=False)
    )
    inside = f"{folder}/" if folder else ""
    committed = frozenset(name.removeprefix(inside) for name in everywhere if name.startswith(inside))
    return Repository(
        commits=_commits(root),
        contract_changed=_contract_changed(root) if paths.contract.name in committed else None,
        committed=committed,
        lock_committed=LOCK in committed and _is_committed_lock(root),
        readme_words=_own_words(_blob(root, "HEAD:./README.md")) if "README.md" in committed else 0,
        notes=_notes(paths.notes),
        ci=tuple(_ci(root, folder, everywhere)),
        answering=_answering(paths),
        tracked_runs=_tracked_runs(root, records),
        doubts=doubts(paths, records) | unread,
    )


def _records(paths: Paths) -> tuple[Records, dict[str, Seen]]:
    """The evidence; where a file of it can't be read, none is believed."""
    try:
        return read_records(paths.evidence), {}
    except UserError as error:
        unread = Seen(code="unreadable", facts={"file": error.where.partition(",")[0]})
        return Records(), dict.fromkeys((field.name for field in fields(Records)), unread)


def _lines(told: str) -> list[str]:
    return [name for name in told.split("\0") if name]


def _commits(root: Path) -> int:
    made = [f":(exclude){name}" for name in MADE_BY_RUNS]
    return int(git(root, *QUIET, "rev-list", "--count", "HEAD", "--", ".", *made, check=False) or 0)


def _blob(root: Path, name: str) -> str:
    return git(root, *QUIET, "cat-file", "blob", name, check=False)[:READ_AT_MOST]


def _contract_changed(root: Path) -> bool:
    """Whether the contract says something else than when it was first committed; remarks say nothing."""
    told = git(root, *QUIET, "rev-list", "--reverse", "HEAD", "--", "contract.yaml", check=False).split()
    if len(told) < 2:
        return False
    first, last = (_blob(root, f"{commit}:./contract.yaml") for commit in (told[0], "HEAD"))
    return first != last and _said(first) != _said(last)


def _said(contract: str) -> Any:
    plain = _yaml(contract)
    return {**plain, "version": None} if isinstance(plain, dict) else plain


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(text)
    except YAMLError:
        return None


def _is_committed_lock(root: Path) -> bool:
    """Whether data and models of the last run are those that a commit names."""
    path = root / LOCK
    here = path.read_bytes() if path.is_file() else b""
    there = _blob(root, f"HEAD:./{LOCK}")
    return bool(stages_of(here)) and here.decode(errors="replace").strip() == there


def _notes(folder: Path) -> dict[str, int]:
    """Words by stage, in whatever language there are most."""
    found: dict[str, int] = {}
    for path in sorted(folder.glob("*.md")):
        if path.is_file() and path.stat().st_size <= READ_AT_MOST:
            stage = path.stem.split(".")[0]
            words = _words(path.read_text(encoding="utf-8", errors="replace"))
            found[stage] = max(found.get(stage, 0), words)
    return {stage: words for stage, words in found.items() if words}


def _words(text: str) -> int:
    """Different words of prose: one that is written over and over is one."""
    return len({word.casefold() for word in WORD.findall(NO_PROSE.sub(" ", text))})


def _own_words(readme: str) -> int:
    """Without the lines that init wrote."""
    ours = {line.partition("{")[0].strip() for line in README.splitlines()} - {"", "#"}
    kept = [line for line in readme.splitlines() if not any(line.strip().startswith(own) for own in ours)]
    return _words("\n".join(kept))


def _ci(root: Path, folder: str, everywhere: list[str]) -> Iterator[Command]:
    """What services read: files of the last commit."""
    for name in everywhere:
        if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", name):
            yield from commands_of_workflow(_yaml(_blob(root, f"HEAD:{name}")), folder)
        elif re.fullmatch(r"Jenkinsfile[^/]*", name.removeprefix(f"{folder}/" if folder else "")):
            yield from commands_of_jenkinsfile(_blob(root, f"HEAD:{name}"))


def _answering(paths: Paths) -> str | None:
    """The champion of the routes, if its bundle lies where a server reads it."""
    deploy = Deploy(paths.deploy)
    try:
        routes = read_routes(deploy)
        if routes is None:
            return None
        manifest = read_piece(deploy.bundle(routes.champion), MANIFEST, Manifest)
    except UserError:
        return None
    return manifest.bundle if manifest.bundle == routes.champion else None


def _tracked_runs(root: Path, records: Records) -> int | None:
    """Finished runs of the experiment in the store beside the project; None where there is none."""
    tracking = records.experiment.tracking if records.experiment else {}
    uri = tracking.get("uri", "")
    path = root / uri.removeprefix(RELATIVE_SQLITE)
    if not uri.startswith(RELATIVE_SQLITE) or not path.is_file():
        return None
    count = (
        "SELECT count(*) FROM runs JOIN experiments USING (experiment_id)"
        " WHERE experiments.name = ? AND runs.status = 'FINISHED' AND runs.lifecycle_stage = 'active'"
    )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            store.set_progress_handler(lambda: 1, SQLITE_STEPS)  # a view that never ends is none of ours
            [(number,)] = store.execute(count, (tracking.get("experiment", ""),)).fetchall()
            return int(number)
    except sqlite3.Error:
        return 0
