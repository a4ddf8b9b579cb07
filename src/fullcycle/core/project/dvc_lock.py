"""Reading `dvc.lock`: what each stage read, wrote and obeyed, by DVC's own hashes. Imports no DVC."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

LOCK = "dvc.lock"


@lru_cache(maxsize=2)  # a lock of a hundred lines takes 50 ms to parse, and is asked of several times
def stages_of(lock: bytes) -> dict[str, dict[str, Any]]:
    """Every stage by name with `cmd`, `deps`, `params` and `outs`; empty for what is no lock."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        plain = YAML(typ="safe", pure=False).load(lock)
    except YAMLError:
        return {}
    stages = plain.get("stages") if isinstance(plain, dict) else None
    return stages if isinstance(stages, dict) else {}


def outputs_of(lock: bytes) -> list[dict[str, Any]]:
    """Every output that a `dvc.lock` names, in the order of its stages."""
    return [out for stage in stages_of(lock).values() for out in stage.get("outs", ())]


def inputs_of(lock: bytes, *, without: str = "") -> list[dict[str, Any]]:
    """Every file that stages of a `dvc.lock` read (but the stage `without`) and none of them wrote."""
    made = {out["path"] for out in outputs_of(lock)}
    stages = [stage for name, stage in stages_of(lock).items() if name != without]
    read = {dep["path"]: dep for stage in stages for dep in stage.get("deps", ())}
    return [dep for path, dep in read.items() if path not in made]


def settings_of(lock: bytes) -> dict[str, dict[str, Any]]:
    """The values of settings that stages of a `dvc.lock` ran with, by file and section."""
    found: dict[str, dict[str, Any]] = {}
    for stage in stages_of(lock).values():
        for file, values in (stage.get("params") or {}).items():
            found.setdefault(file, {}).update(values)
    return found


def md5_of(path: Path) -> str:
    """What DVC names a file's content by."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "md5").hexdigest()


def md5_of_folder(path: Path) -> str:
    """What DVC names a folder by: the hash of a list of its files."""
    files = [each for each in sorted(path.rglob("*")) if each.is_file()]
    listed = [{"md5": md5_of(each), "relpath": each.relative_to(path).as_posix()} for each in files]
    told = json.dumps(sorted(listed, key=lambda each: each["relpath"]), sort_keys=True)
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest() + ".dir"
