"""Every bundle that a project has made: in git's history, in `bundle/` and in `deploy/`.

git keeps what each run decided (evidence) and what it made (`dvc.lock`), so a bundle is listed, with its
numbers, also where its files lie in no cache of this machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fullcycle.core.bundle.model import LINEAGE, MANIFEST, TESTS, Lineage, Manifest, Tests
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import UserError
from fullcycle.core.project.dvc_lock import LOCK
from fullcycle.core.project.git import blobs, git
from fullcycle.core.routes.store import Deploy, read_routes

if TYPE_CHECKING:
    from fullcycle.core.project.project import Project

VERDICT = "evidence/verify.json"
READ = (VERDICT, LOCK, "evidence/collect.json", "evidence/prepare.json")
BUNDLE, DEPLOY = "bundle/", "deploy/"
NAMED = 5  # versions that an error names


@dataclass(frozen=True)
class Past:
    """One bundle. `recorded` is the first commit that holds its evidence and `dvc.lock` together; `commit`
    and `dirty` are what its run saw. `role` is what routes do with it, `places` where it is known to lie.
    """

    version: str
    created: str
    commit: str | None
    dirty: bool | None
    recorded: str | None
    data_sha256: str
    model: str
    headline: str
    metrics: Mapping[str, float]
    passed: bool | None
    role: str = ""
    places: tuple[str, ...] = ()

    @property
    def value(self) -> float | None:
        """The headline metric on the sealed test rows."""
        return self.metrics.get(self.headline)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "value": self.value}


def past_bundles(project: Project) -> list[Past]:
    """The newest first. What can't be read is left out: this looks and judges nothing."""
    found: dict[str, Past] = {}
    deploy = Deploy(project.paths.deploy)
    placed = [(BUNDLE, project.paths.bundle), *((DEPLOY, deploy.bundle(each)) for each in deploy.versions())]
    for each in (*_recorded(project.root), *_lying(placed)):
        found[each.version] = _merged(found.get(each.version), each)
    routes = read_routes(deploy)
    roles = {} if routes is None else {version: role for role, version in routes.bundles.items()}
    told = [replace(each, role=roles.get(each.version, "")) for each in found.values()]
    return sorted(told, key=lambda each: (each.created, each.version), reverse=True)


def one_bundle(project: Project, name: str) -> Past:
    """The bundle whose version begins so, or a UserError that names those there are."""
    known = past_bundles(project)
    fitting = [each for each in known if name and each.version.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    shown = ", ".join(each.version for each in (fitting or known)[:NAMED]) or "no bundle was made yet"
    raise UserError(
        where=f"version {name}",
        found=f"{len(fitting)} bundles whose version begins so",
        expected=f"one of {shown}" if known else shown,
        hint="`fullcycle versions` lists them all" if known else "`fullcycle run` makes one",
    )


def _merged(before: Past | None, each: Past) -> Past:
    if before is None:
        return each
    return replace(
        before,
        recorded=before.recorded or each.recorded,
        places=tuple(dict.fromkeys((*before.places, *each.places))),
    )


def _recorded(root: Path) -> Iterator[Past]:
    """What commits hold, of all branches, tags and DVC's experiments; the oldest commit first."""
    told = git(root, "log", "--all", "--reverse", "--format=%H", "--", VERDICT, LOCK, check=False)
    commits = told.split()
    contents = list(blobs(root, [f"{commit}:./{name}" for commit in commits for name in READ]))
    for place, commit in enumerate(commits):
        verdict, lock, collected, prepared = contents[place * len(READ) : (place + 1) * len(READ)]
        past = _from_evidence(verdict, collected, prepared)
        if past is not None:
            # Looked for as text: to read each lock of a long history as YAML would take seconds.
            whole = verdict is not None and lock is not None and _md5(verdict).encode() in lock
            yield replace(past, recorded=commit if whole else None)


def _from_evidence(verdict: bytes | None, collected: bytes | None, prepared: bytes | None) -> Past | None:
    facts, run = _json(verdict), _json(verdict).get("run") or {}
    if not facts.get("bundle"):
        return None
    return Past(
        version=str(facts["bundle"]),
        created=str(run.get("created", "")),
        commit=run.get("commit"),
        dirty=run.get("dirty"),
        recorded=None,
        data_sha256=str(_json(collected).get("source_sha256", "")),
        model=str(_json(prepared).get("model", "")),
        headline=str(facts.get("headline", "")),
        metrics=_metrics(facts.get("metrics", ())),
        passed=facts.get("passed"),
        places=("git",),
    )


def _metrics(told: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    values = {each["metric"]: (each.get("model") or {}).get("value") for each in told}
    return {name: value for name, value in values.items() if value is not None}


def _lying(placed: Sequence[tuple[str, Path]]) -> Iterator[Past]:
    for place, folder in placed:
        try:
            manifest = read_piece(folder, MANIFEST, Manifest)
            tests, lineage = read_piece(folder, TESTS, Tests), read_piece(folder, LINEAGE, Lineage)
        except UserError:
            continue
        yield Past(
            version=manifest.bundle,
            created=manifest.created,
            commit=lineage.commit,
            dirty=lineage.dirty,
            recorded=None,
            data_sha256=lineage.source_sha256,
            model=lineage.model,
            headline=tests.headline,
            metrics=_metrics([each.model_dump() for each in tests.metrics]),
            passed=tests.passed,
            places=(place,),
        )


def _json(content: bytes | None) -> dict[str, Any]:
    try:
        plain = json.loads(content or b"{}")
    except ValueError:
        return {}
    return plain if isinstance(plain, dict) else {}


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()  # what DVC names contents by
