"""Whether the evidence of a stage may be believed: the file that DVC recorded, of what lies here now.

`dvc.lock` names the hash of everything that a stage read and wrote, and the settings that it obeyed. Evidence
that was edited by hand, or that another contract, table or setting has overtaken, proves nothing; neither
does what rests on it. What isn't here (a clone without its data) is compared by its recorded hashes alone.
Someone who writes the record as well is found where bundle, seal and openings tell otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from fullcycle.core.bundle.model import MANIFEST, TESTS, Manifest, Tests
from fullcycle.core.bundle.pieces import read_piece
from fullcycle.core.errors import UserError
from fullcycle.core.evidence.assess import Seen
from fullcycle.core.hypotheses.ledger import Event, read_ledger
from fullcycle.core.hypotheses.standing import fixed_hash
from fullcycle.core.hypotheses.text import digest
from fullcycle.core.project.append_only import read_lines
from fullcycle.core.project.dvc_lock import LOCK, md5_of, md5_of_folder, stages_of
from fullcycle.core.project.paths import Paths
from fullcycle.people.report.records import Records

STAGES = ("collect", "clean", "explore", "experiment", "prepare", "verify")


@dataclass(frozen=True)
class Recorded:
    """A stage as `dvc.lock` has it: hashes by path, and settings by file and section."""

    command: str
    reads: Mapping[str, str]
    writes: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Any]]


def doubts(paths: Paths, records: Records) -> dict[str, Seen]:
    """Why evidence isn't believed, by stage; a stage that isn't named is."""
    lock = paths.root / LOCK
    recorded = _recorded(lock.read_bytes()) if lock.is_file() else {}
    hash_of = cache(partial(_hash_of, paths.root.resolve()))
    settings = _settings(paths.settings)
    found: dict[str, Seen] = {}
    for stage in STAGES:
        if getattr(records, stage) is None:
            continue
        doubt = _of_record(stage, recorded, hash_of, settings)
        doubt = doubt or _rests_on(stage, recorded, found)
        if stage == "verify":
            doubt = doubt or next(_of_verdict(paths, records), None)
        if doubt is not None:
            found[stage] = doubt
    return found | _of_claims(paths, records) | _of_bundles(paths, records)


def _recorded(lock: bytes) -> dict[str, Recorded]:
    def hashes(parts: Any) -> dict[str, str]:
        return {str(each["path"]): str(each.get("md5", "")) for each in parts or ()}

    return {
        name: Recorded(
            str(stage.get("cmd", "")),
            hashes(stage.get("deps")),
            hashes(stage.get("outs")),
            stage.get("params") or {},
        )
        for name, stage in stages_of(lock).items()
    }


def _hash_of(root: Path, name: str) -> str | None:
    """What lies here as DVC would name it; None for nothing, or a folder elsewhere, which might be any."""
    path = root / name
    if path.is_dir():
        return md5_of_folder(path) if path.resolve().is_relative_to(root) else None
    return md5_of(path) if path.is_file() else None


def _settings(path: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        plain = YAML(typ="safe").load(path.read_bytes())
    except (OSError, YAMLError):
        return {}
    return plain if isinstance(plain, dict) else {}


def _of_record(
    stage: str,
    recorded: Mapping[str, Recorded],
    hash_of: Callable[[str], str | None],
    settings: Mapping[str, Any],
) -> Seen | None:
    own = recorded.get(stage)
    file = f"evidence/{stage}.json"
    if own is None or own.command.split()[:2] != ["fullcycle", stage]:
        return Seen(code="not_recorded", facts={"file": file})
    for path, then in own.writes.items():
        if hash_of(path) not in (None, then):
            return Seen(code="edited", facts={"file": path})
    if file not in own.writes:
        return Seen(code="not_recorded", facts={"file": file})
    made = {path: then for each in recorded.values() for path, then in each.writes.items()}
    for path, then in own.reads.items():
        now = hash_of(path) or made.get(path, then)
        if now != then:
            return Seen(code="overtaken", facts={"file": file, "by": path})
    for section, then in own.settings.get("fullcycle.yaml", {}).items():
        if settings.get(section) != then:
            return Seen(code="overtaken", facts={"file": file, "by": f"fullcycle.yaml, {section}"})
    return None


def _rests_on(stage: str, recorded: Mapping[str, Recorded], found: Mapping[str, Seen]) -> Seen | None:
    for before, doubt in found.items():
        if set(recorded[stage].reads) & set(recorded[before].writes if before in recorded else ()):
            return Seen(code="rests_on", facts={"file": f"evidence/{stage}.json", "on": _file(doubt)})
    return None


def _file(doubt: Seen) -> str:
    return str(doubt.facts["on" if doubt.code == "rests_on" else "file"])


def _of_verdict(paths: Paths, records: Records) -> Iterator[Seen]:
    """The verdict is of a test set that was opened, and stands in the bundle, too."""
    verify, clean = records.verify, records.clean
    seal = clean.split.test_sha256 if clean else None
    opened = {str(each.get("test")) for each in read_lines(paths.openings) if each}
    if seal and seal not in opened:
        yield Seen(code="not_opened", facts={"file": "evidence/verify.json", "by": "evidence/openings.jsonl"})
    if verify is None or not paths.bundle.is_dir():
        return
    try:
        manifest = read_piece(paths.bundle, MANIFEST, Manifest)
        tests = read_piece(paths.bundle, TESTS, Tests)
    except UserError:
        yield Seen(code="contradicted", facts={"file": "evidence/verify.json", "by": "bundle/"})
        return
    if (manifest.bundle, tests.passed, tests.gates) != (verify.bundle, verify.passed, verify.gates):
        yield Seen(code="contradicted", facts={"file": "evidence/verify.json", "by": f"bundle/{TESTS}"})


def _of_claims(paths: Paths, records: Records) -> dict[str, Seen]:
    """Hypotheses as the ledger has them, whose own hashes must be those of what it says."""
    if records.hypotheses is None:
        return {}
    told = {"file": "evidence/hypotheses.json", "by": "evidence/hypotheses.jsonl"}
    try:
        events = read_ledger(paths.evidence)
    except UserError:
        return {"hypotheses": Seen(code="contradicted", facts={**told})}
    fixed = {(each.id, each.hash, each.at) for each in events if each.event == "fixed" and _is_whole(each)}
    decided = {(each.id, each.hash) for each in events if each.event == "decided"}
    for claim in records.hypotheses.claims:
        on_record = claim.hash is None or (claim.id, claim.hash, claim.fixed) in fixed
        if not on_record or (claim.result is not None and (claim.id, claim.hash) not in decided):
            return {"hypotheses": Seen(code="contradicted", facts={**told})}
    return {}


def _is_whole(event: Event) -> bool:
    return event.text == digest(event.said) and event.hash == fixed_hash(
        event.text, dict(event.context), event.data
    )


def _of_bundles(paths: Paths, records: Records) -> dict[str, Seen]:
    """What was measured of a bundle that was neither verified nor released says nothing of this one."""
    known = {records.verify.bundle} if records.verify else set()
    known |= {path.parent.name for path in paths.deploy.glob(f"*/{MANIFEST}")}
    if records.monitor is None or records.monitor.bundle in known:
        return {}
    return {"monitor": Seen(code="other_bundle", facts={"file": "evidence/monitor.json"})}
